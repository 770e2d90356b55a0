"""Sites whose rule is known, and a small model of them."""

from functools import lru_cache

import numpy as np
import pandas as pd
from _builders import random_rna
from _rna_strings import reverse_complement

from sklearn_mferl import SiteClassifier

SMALL = {"channels": (8, 8, 8), "hidden": 16, "max_epochs": 6, "batch_size": 32, "random_state": 0}


def planted_sites(n_sites, seed=0, n_mirnas=12):
    """Return sites of 50 nucleotides; those of label 1 hold the complement of nucleotides 2 to 8."""
    rng = np.random.default_rng(seed)
    mirnas = [random_rna(22, rng) for _ in range(n_mirnas)]
    rows = []
    for number in range(n_sites):
        target, mirna = random_rna(50, rng), mirnas[rng.integers(n_mirnas)]
        if number % 2:
            place = rng.integers(5, 35)
            target = target[:place] + reverse_complement(mirna[1:8]) + target[place + 7 :]
        rows.append((target, mirna))
    return pd.DataFrame(rows, columns=["target", "mirna"]), np.arange(n_sites) % 2


@lru_cache(maxsize=1)
def small_model():
    """Return a fitted model; do not change it."""
    sites, labels = planted_sites(400)
    model = SiteClassifier(**SMALL).fit(sites, labels)
    # a net that has died gives all sites one score, with which any claim holds
    assert model.decision_function(sites).std() > 0.05
    return model
