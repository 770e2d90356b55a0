"""Models and data that are fitted in a moment, and what is in a folder of results."""

from dataclasses import replace

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from sklearn_mferl.baselines import DegreeProduct, PathCount

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
    "mferl__network__max_epochs": 1,
    "mferl__evidence__max_epochs": 1,
    "mferl__boosting__estimator": TREES,
    "features__neighborhood__n_splits": 2,
    "features__background": 1,
}
FAST = {
    "features__scales": [],
    "mferl__network": "drop",
    "mferl__evidence": "drop",
    "mferl__boosting__estimator": TREES,
    "features__background": 0,
    "mferl__calibrate": False,
}
MODELS = {"paths": PathCount(), "degree": DegreeProduct()}
SIX = ["auc", "aupr", "f1", "accuracy", "recall", "precision"]


def embedded_only(data):
    """Return the data with vectors in place of the circRNAs' sequences."""
    vectors = np.random.default_rng(0).normal(size=(len(data.circrna), 8))
    return replace(
        data, circrna=None, embeddings={"circrna": pd.DataFrame(vectors, index=list(data.circrna))}
    )


def pairs_of(table):
    return set(zip(table["circrna"], table["mirna"], strict=True))


def contents(folder):
    """Return all files of a folder but for the finished cells."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def times(folder, pattern="*"):
    """Return when each finished cell was written."""
    return {path: path.stat().st_mtime_ns for path in folder.glob(f"cells/*/{pattern}")}


def assert_goes_on(run, folder, written, n_missing=1, cells="[!s]*.json"):
    """Take finished cells away, run again, and find the same result and files."""
    result, before = written, contents(folder)
    missing = sorted(times(folder, cells))[:n_missing]
    assert len(missing) == n_missing
    for cell in missing:
        cell.unlink()
    pd.testing.assert_frame_equal(run(out=folder), result, check_exact=True)
    assert contents(folder) == before


def written_names(name, *tables, figure):
    """Return the names of the files of an experiment."""
    return {f"{name}{table}.csv" for table in ("", *tables)} | {f"{figure}.png", f"{figure}.svg"}
