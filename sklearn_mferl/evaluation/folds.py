"""Which pairs are tested in which fold."""

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sklearn_mferl.model_selection import ColdStartKFold, PairKFold
from sklearn_mferl.model_selection.pair_kfold import number_pairs
from sklearn_mferl.utils.labels import check_labels
from sklearn_mferl.utils.random_state import spawn_seeds
from sklearn_mferl.utils.validation import SIDES, check_pairs

SPLITS: Final = ("pair", *SIDES, "both")


def pair_folds(
    pairs: Any, y: Any, split: Any = "pair", n_splits: int | None = None, random_state: Any = None
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return the folds on which `cross_validate_pairs` would test.

    Parameters
    ----------
    pairs, y, split, n_splits, random_state
        As there.

    Returns
    -------
    list of (train, test)
        Rows of the training and of the test pairs of each fold.

    Examples
    --------
    >>> from sklearn_mferl.evaluation import pair_folds
    >>> pairs = [("a", "x"), ("b", "x"), ("a", "y"), ("b", "y")]
    >>> [len(test) for train, test in pair_folds(pairs, [1, 0, 0, 1], n_splits=2, random_state=1)]
    [2, 2]
    """
    ids = check_pairs(pairs)
    labels = check_labels(y, len(ids))
    seed = spawn_seeds(random_state, 1)[0]
    if not isinstance(split, str) and hasattr(split, "split"):
        splitter = split
    elif split == "pair":
        splitter = PairKFold(5 if n_splits is None else n_splits, random_state=seed)
    elif split in SPLITS:
        splitter = ColdStartKFold(n_splits, on=split, random_state=seed)
    else:
        raise ValueError(f"split must be one of {SPLITS}, or a splitter; got {split!r}.")
    table, pair_of = rows_of(ids, np.arange(len(ids))), number_pairs(ids)
    folds = [(np.asarray(train), np.asarray(test)) for train, test in splitter.split(table, labels)]
    for fold, parts in enumerate(folds, start=1):
        for rows, part in zip(parts, ("training", "test"), strict=True):
            if len(np.unique(labels[rows])) < 2:
                raise ValueError(
                    f"The {part} pairs of fold {fold} have the label {labels[rows][0]} only; give more pairs "
                    f"or lower n_splits={len(folds)}."
                )
        train, test = parts
        seen = test[np.isin(pair_of[test], pair_of[train])]
        if len(seen):
            raise ValueError(
                f"Row {seen[0]}, the pair {', '.join(map(repr, ids[seen[0]]))}, is tested in fold {fold} and "
                "in its training set too; drop repeated pairs, or give a splitter that keeps them together, "
                "such as PairKFold."
            )
    n_tests = np.bincount(np.concatenate([test for _, test in folds]), minlength=len(ids))
    if n_tests.max() > 1:
        raise ValueError(
            f"Row {n_tests.argmax()} is tested in {n_tests.max()} folds; give a splitter that tests no pair "
            "twice."
        )
    return folds


def rows_of(ids: NDArray[np.object_], rows: NDArray[np.int64]) -> pd.DataFrame:
    """Return some of the pairs as a frame."""
    return pd.DataFrame(ids[rows], columns=list(SIDES))
