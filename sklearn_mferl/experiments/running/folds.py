"""Cross-validations as cells of an experiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from sklearn_mferl.datasets import CMIData
from sklearn_mferl.evaluation import CrossValidation, pair_folds
from sklearn_mferl.evaluation.cross_validation import figures_of
from sklearn_mferl.experiments.running.runner import run_cells
from sklearn_mferl.experiments.settings import Settings
from sklearn_mferl.utils.parameters import check_whole
from sklearn_mferl.utils.random_state import spawn_seeds
from sklearn_mferl.utils.validation import SIDES

Folds = Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]]


def fold_cells(
    models: Mapping[str, Any], pairs: pd.DataFrame, y: NDArray[np.int64], folds: Folds, **keys: Any
) -> dict[str, dict[str, Any]]:
    """Make a cell of each model and fold, for `score_fold` or `score_fold_briefly`."""
    if not models:
        raise ValueError("models is empty; give a classifier by name, or None for the usual ones.")
    prefix = "".join(f"{name}={value}-" for name, value in keys.items())
    return {
        f"{prefix}{name}-fold={fold}": {
            "model": model,
            "train": train,
            "test": test,
            "pairs": pairs,
            "y": y,
            "keys": {**keys, "model": name, "fold": fold},
        }
        for name, model in models.items()
        for fold, (train, test) in enumerate(folds, start=1)
    }


def score_fold(
    model: Any,
    pairs: pd.DataFrame,
    y: NDArray[np.int64],
    train: NDArray[np.int64],
    test: NDArray[np.int64],
    keys: dict[str, Any],
) -> dict[str, pd.DataFrame]:
    """Fit a model on the training pairs of a fold, and tabulate scores and figures of its test pairs."""
    fitted = clone(model).fit(pairs.iloc[train], y[train])
    probabilities = fitted.predict_proba(pairs.iloc[test])[:, 1]
    scores = pairs.iloc[test][list(SIDES)].reset_index(drop=True)
    scores = scores.assign(row=test, label=y[test], score=probabilities)
    for name, value in reversed(keys.items()):
        scores.insert(0, name, value)
    return {"figures": pd.DataFrame([{**keys, **figures_of(y[test], probabilities)}]), "scores": scores}


def score_fold_briefly(**arguments: Any) -> dict[str, pd.DataFrame]:
    """Do as `score_fold`, but return no scores: for experiments with many folds."""
    return {"figures": score_fold(**arguments)["figures"]}


def run_repeats(
    experiment: str,
    data: CMIData,
    common: Settings,
    models: Mapping[str, Any] | None,
    *,
    n_repeats: int,
    split: str,
    n_splits: int | None,
    boosting: bool = False,
) -> tuple[pd.DataFrame, Folds]:
    """Cross-validate again and again, with other negatives, folds and seeds of the usual models."""
    cells: dict[str, Any] = {}
    all_folds: list[Any] = []
    repeats = repeat_settings(common, n_repeats)
    of_repeats = [each.make_models(data, boosting=boosting) if models is None else models for each in repeats]
    for repeat, (each, used) in enumerate(zip(repeats, of_repeats, strict=True), start=1):
        pairs, y = each.draw_pairs(data)
        folds = pair_folds(pairs, y, split, n_splits, each.random_state)
        cells |= fold_cells(used, pairs, y, folds, repeat=repeat)
        all_folds += folds
    options = {"split": split, "folds": len(folds), "models": of_repeats[0]}
    tables = run_cells(score_fold_briefly, cells, experiment, common, data, **options)
    return tables["figures"], all_folds


def repeat_settings(common: Settings, n_repeats: int) -> list[Settings]:
    """Return the settings with another seed for each repeat.

    The first repeat has the seed of the settings, so that it is the same as `cv`; those of the others are
    spawned from it, so that a later run with more repeats goes on where this one ended.
    """
    check_whole("n_repeats", n_repeats)
    seeds = [common.random_state, *spawn_seeds(common.random_state, int(n_repeats))[1:]]
    return [replace(common, random_state=seed) for seed in seeds]


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
