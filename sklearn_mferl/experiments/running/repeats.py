"""Cross-validation again and again, with other negatives, folds and seeds of the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from sklearn_mferl.datasets import CMIData
from sklearn_mferl.evaluation import pair_folds
from sklearn_mferl.experiments.running.folds import Folds, fold_cells, score_fold_briefly
from sklearn_mferl.experiments.running.identity import describe_models
from sklearn_mferl.experiments.running.runner import run_cells
from sklearn_mferl.experiments.settings import Settings
from sklearn_mferl.utils.parameters import check_whole
from sklearn_mferl.utils.random_state import spawn_seeds


def run_repeats(
    experiment: str,
    data: CMIData,
    common: Settings,
    models: Mapping[str, Any] | None,
    make_models: Callable[[Settings], Mapping[str, Any]],
    *,
    n_repeats: int,
    split: str,
    n_splits: int | None,
) -> tuple[pd.DataFrame, Folds]:
    """Cross-validate on `n_repeats` draws of negatives and folds.

    The first repeat has the seed of the settings, so that it is the same as `cv`; those of the others are
    spawned from it, so that a later run with more repeats goes on where this one ended.
    """
    check_whole("n_repeats", n_repeats)
    seeds = [common.random_state, *spawn_seeds(common.random_state, int(n_repeats))[1:]]
    cells, all_folds = [], []
    first: Mapping[str, Any] = {}
    for repeat, seed in enumerate(seeds, start=1):
        of_repeat = replace(common, random_state=seed)
        used = make_models(of_repeat) if models is None else models
        first = first or used
        pairs, y = of_repeat.draw_pairs(data)
        folds = pair_folds(pairs, y, split, n_splits, seed)
        cells += fold_cells(used, pairs, y, folds, repeat=repeat)
        all_folds += folds
    tables = run_cells(
        score_fold_briefly,
        cells,
        experiment=experiment,
        identity=common.identify(
            data, split=split, folds=len(all_folds) // len(seeds), models=describe_models(first)
        ),
        out=common.folder,
        n_jobs=common.n_jobs,
        progress=common.progress,
    )
    return tables["figures"], all_folds
