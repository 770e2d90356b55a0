"""RNAs and pairs of them, drawn at random or listed, that tests of several files start from."""

import numpy as np
import pandas as pd

from sklearn_mferl.evidence.sites.rna_pairs import RNAPairs
from sklearn_mferl.features.rna_codes import encode_rnas


def random_rna(length, seed, letters="ACGU"):
    """Draw letters; a generator for a seed is advanced."""
    return "".join(np.random.default_rng(seed).choice(list(letters), length))


def random_rnas(lengths, seed, letters="ACGU"):
    """Return an RNA of each length."""
    rng = np.random.default_rng(seed)
    return [random_rna(length, rng, letters) for length in lengths]


def every_pair(targets, mirnas, circular):
    """Return each target with each miRNA, as the search for sites takes them."""
    target, mirna = np.divmod(np.arange(len(targets) * len(mirnas)), len(mirnas))
    return RNAPairs(encode_rnas(targets), encode_rnas(mirnas), target, mirna, circular)


def varied_pairs(circular):
    """Return pairs of RNAs of very different lengths, a few letters of which are foreign."""
    rng = np.random.default_rng(0)
    letters = 12 * "ACGU" + "N"
    targets = random_rnas(rng.integers(6, 900, 30), rng, letters)
    mirnas = random_rnas(rng.integers(7, 50, 25), rng, letters)
    return every_pair(targets, mirnas, circular)


def hub_pairs(n_circrna, n_mirna, n_pairs):
    """Return at most so many pairs of ids, each once, whose RNAs have very different numbers of partners."""
    rng = np.random.default_rng(0)
    circrna, mirna = ((rng.random(n_pairs) ** 3 * n).astype(int) for n in (n_circrna, n_mirna))
    ends = {"circrna": [f"c{i}" for i in circrna], "mirna": [f"m{i}" for i in mirna]}
    return pd.DataFrame(ends).drop_duplicates(ignore_index=True)
