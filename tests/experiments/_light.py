"""Models and data that are fitted in a moment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

NETWORK = {
    "features__doc2vec": "drop",
    "features__role2vec": "drop",
    "features__kmer__k": 2,
    "mferl__embedding_dim": 4,
    "mferl__batch_size": 64,  # a step an epoch
    "mferl__max_epochs": 2,
}
TREES = HistGradientBoostingClassifier(max_iter=5, min_samples_leaf=5, early_stopping=False)
EVIDENCE = {
    "mferl__boosting__estimator": TREES,
    "features__neighborhood__n_splits": 2,
    "features__background": 1,
}


def embedded_only(data):
    """Return the data with vectors in place of the circRNAs' sequences."""
    vectors = np.random.default_rng(0).normal(size=(len(data.circrna), 8))
    return replace(
        data, circrna=None, embeddings={"circrna": pd.DataFrame(vectors, index=list(data.circrna))}
    )


def contents(folder):
    """Return all files of a folder but for the finished cells."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
