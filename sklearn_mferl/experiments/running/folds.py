"""Cross-validations as cells of an experiment."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

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


class Round(NamedTuple):
    """One cross-validation of an experiment; its rows have the `keys`."""

    keys: dict[str, Any]
    settings: Settings
    split: str


def cross_validate(
    experiment: str,
    data: CMIData,
    common: Settings,
    models: Mapping[str, Any] | None,
    rounds: Sequence[Round],
    n_splits: int | None,
    *,
    with_scores: bool = False,
    boosting: bool = False,
    **options: Any,
) -> tuple[dict[str, pd.DataFrame], list[tuple[NDArray[np.int64], Folds]]]:
    """Score the models, or the usual ones, in each fold of each round; return labels and folds, too."""
    if models is not None and not models:
        raise ValueError("models is empty; give a classifier by name, or None for the usual ones.")
    cells: dict[str, Any] = {}
    labels_and_folds: list[tuple[NDArray[np.int64], Folds]] = []
    for keys, settings, split in rounds:
        used = settings.make_models(data, boosting=boosting) if models is None else models
        pairs, y = settings.draw_pairs(data)
        folds = pair_folds(pairs, y, split, n_splits, settings.random_state)
        prefix = "".join(f"{name}={value}-" for name, value in keys.items())
        for name, model in used.items():
            arguments = {"model": model, "with_scores": with_scores}
            cells |= cells_of_folds(f"{prefix}{name}", pairs, y, folds, {**keys, "model": name}, **arguments)
        options.setdefault("models", used)
        labels_and_folds.append((y, folds))
    # without a split of the experiment, the number of folds may differ from round to round
    options["folds"] = len(labels_and_folds[0][1]) if "split" in options else n_splits
    return run_cells(score_fold, cells, experiment, common, data, **options), labels_and_folds


def cells_of_folds(
    name: str, pairs: pd.DataFrame, y: NDArray[np.int64], folds: Folds, keys: dict[str, Any], **arguments: Any
) -> dict[str, Any]:
    """Return a cell for each fold, whose rows have the `keys` and the number of the fold."""
    arguments |= {"pairs": pairs, "y": y}
    return {
        f"{name}-fold={fold}": {**arguments, "train": train, "test": test, "keys": {**keys, "fold": fold}}
        for fold, (train, test) in enumerate(folds, start=1)
    }


def score_fold(
    model: Any,
    pairs: pd.DataFrame,
    y: NDArray[np.int64],
    train: NDArray[np.int64],
    test: NDArray[np.int64],
    keys: dict[str, Any],
    with_scores: bool = True,
) -> dict[str, pd.DataFrame]:
    """Fit a model on the training pairs of a fold, and tabulate figures and scores of its test pairs.

    An experiment of many folds is better without the scores.
    """
    fitted = clone(model).fit(pairs.iloc[train], y[train])
    probabilities = fitted.predict_proba(pairs.iloc[test])[:, 1]
    figures = pd.DataFrame([{**keys, **figures_of(y[test], probabilities)}])
    if not with_scores:
        return {"figures": figures}
    scores = pairs.iloc[test][list(SIDES)].reset_index(drop=True)
    scores = scores.assign(row=test, label=y[test], score=probabilities, **keys)
    scores = scores[[*keys, *scores.columns.drop(list(keys))]]
    return {"figures": figures, "scores": scores}


def make_repeats(common: Settings, n_repeats: int, split: str) -> list[Round]:
    """Return a round for each repeat, with a seed of its own.

    The first repeat has the seed of the settings, so that it is the same as `cv`; those of the others are
    spawned from it, so that a later run with more repeats goes on where this one ended.
    """
    check_whole("n_repeats", n_repeats)
    seeds = [common.random_state, *spawn_seeds(common.random_state, int(n_repeats))[1:]]
    return [
        Round({"repeat": repeat}, replace(common, random_state=seed), split)
        for repeat, seed in enumerate(seeds, start=1)
    ]


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
