"""One fold of a cross-validation as a part of an experiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from sklearn_mferl.evaluation import CrossValidation
from sklearn_mferl.experiments.running.runner import Cell
from sklearn_mferl.metrics import interaction_scores, probability_scores
from sklearn_mferl.utils.validation import SIDES

Folds = Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]]


def fold_cells(
    models: Mapping[str, Any], pairs: pd.DataFrame, y: NDArray[np.int64], folds: Folds, **keys: Any
) -> list[Cell]:
    """Make a part of an experiment of each model and fold, for `score_fold` or `score_fold_briefly`."""
    if not models:
        raise ValueError("models is empty; give a classifier by name, or None for the usual ones.")
    prefix = "".join(f"{name}={value}-" for name, value in keys.items())
    return [
        Cell(
            f"{prefix}{model}-fold={fold}",
            {
                "model": estimator,
                "train": train,
                "test": test,
                "pairs": pairs,
                "y": y,
                "keys": {**keys, "model": model, "fold": fold},
            },
        )
        for model, estimator in models.items()
        for fold, (train, test) in enumerate(folds, start=1)
    ]


def score_fold(
    model: Any,
    pairs: pd.DataFrame,
    y: NDArray[np.int64],
    train: NDArray[np.int64],
    test: NDArray[np.int64],
    keys: dict[str, Any],
) -> dict[str, pd.DataFrame]:
    """Fit a model on the training pairs of a fold, and score its test pairs."""
    fitted = clone(model).fit(pairs.iloc[train], y[train])
    return describe_fold(fitted.predict_proba(pairs.iloc[test])[:, 1], pairs, y, test, keys)


def score_fold_briefly(**arguments: Any) -> dict[str, pd.DataFrame]:
    """Do as `score_fold`, but return no scores: for experiments with many folds."""
    return {"figures": score_fold(**arguments)["figures"]}


def describe_fold(
    found: NDArray[np.float64],
    pairs: pd.DataFrame,
    y: NDArray[np.int64],
    test: NDArray[np.int64],
    keys: dict[str, Any],
) -> dict[str, pd.DataFrame]:
    """Put the scores of the test pairs of a fold into tables, with the figures they give."""
    figures = {**keys, **interaction_scores(y[test], found), **probability_scores(y[test], found)}
    scores = pairs.iloc[test][list(SIDES)].reset_index(drop=True)
    scores = scores.assign(row=test, label=y[test], score=found)
    for name, value in reversed(keys.items()):
        scores.insert(0, name, value)
    return {"figures": pd.DataFrame([figures]), "scores": scores}


def test_share(folds: Folds) -> float:
    """Return what `corrected_t_test` asks: the share of the pairs of a fold that are tested, of all folds."""
    per_train = float(np.mean([len(test) / len(train) for train, test in folds]))
    return per_train / (1 + per_train)


def join_folds(figures: pd.DataFrame, scores: pd.DataFrame) -> CrossValidation:
    """Join the folds of one cross-validation of several models."""
    of_pairs = ["row", *SIDES, "label", "fold"]
    wide = scores.pivot(index=of_pairs, columns="model", values="score").reset_index(of_pairs[1:])
    wide.columns.name = wide.index.name = None
    return CrossValidation(figures, wide[[*of_pairs[1:], *figures["model"].unique()]])
