"""Cross-validation on RNAs that training has not seen, beside that on pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from sklearn_mferl.evaluation.folds import SPLITS, pair_folds
from sklearn_mferl.experiments.running.files import write_results
from sklearn_mferl.experiments.running.folds import fold_cells, join_folds, score_fold
from sklearn_mferl.experiments.running.runner import run_cells
from sklearn_mferl.experiments.settings import Settings, read_data
from sklearn_mferl.plotting import plot_precision_recall, plot_roc
from sklearn_mferl.plotting.experiments import new_grid

TITLES: Final = {
    "pair": "New pairs of known RNAs",
    "circrna": "New circRNAs",
    "mirna": "New miRNAs",
    "both": "Both new",
}


def cold(
    data: Any,
    *,
    models: Mapping[str, Any] | None = None,
    splits: Sequence[str] = SPLITS,
    n_splits: int | None = None,
    **settings: Any,
) -> pd.DataFrame:
    """Cross-validate on pairs, on new circRNAs, on new miRNAs and on pairs with both ends new.

    Pairs and negatives are the same; what differs is what training has seen of them. Writes ``cold.csv``
    (the result), ``cold_scores.csv`` (each tested pair) and ``cold_curves`` as PNG and SVG. The publication's
    Table S2 and Fig. S1-S2 have circRNAs and miRNAs.

    Parameters
    ----------
    data, models, n_splits, **settings
        As in `cv`.
    splits : sequence of {"pair", "circrna", "mirna", "both"}, default=all of them
        What a test fold has that training has not seen.

    Returns
    -------
    DataFrame, shape (n_rows, 12)
        A row for each split, model and fold: ``split``, ``model``, ``fold`` and the figures, as in `cv`.

    Raises
    ------
    ValueError
        As in `cv`, or if a split is not known, or given twice.

    Examples
    --------
    >>> from sklearn_mferl.baselines import PathCount
    >>> from sklearn_mferl.datasets import make_cmi
    >>> from sklearn_mferl.experiments import cold
    >>> figures = cold(make_cmi(60, 30, random_state=0), models={"paths": PathCount()})
    >>> figures.groupby("split", sort=False).size().to_dict()
    {'pair': 5, 'circrna': 5, 'mirna': 5, 'both': 3}
    """
    common, data = Settings(**settings), read_data(data)
    splits = list(splits)
    if not splits or len(set(splits)) < len(splits) or set(splits) - set(SPLITS):
        raise ValueError(f"splits must be some of {list(SPLITS)}, each once; got {splits}.")
    pairs, y = common.draw_pairs(data)
    models = common.make_models(data) if models is None else models
    cells: dict[str, Any] = {}
    for split in splits:
        folds = pair_folds(pairs, y, split, n_splits, common.random_state)
        cells |= fold_cells(models, pairs, y, folds, split=split)
    tables = run_cells(score_fold, cells, "cold", common, data, n_splits=n_splits, models=models)
    figures, scores = tables["figures"], tables["scores"]
    write_results(
        common.folder,
        {"cold": figures, "cold_scores": scores},
        {"cold_curves": lambda: _draw(figures, scores)},
    )
    return figures


def _draw(figures: pd.DataFrame, scores: pd.DataFrame) -> Any:
    """Draw a column of curves for each split, all on the same scale."""
    splits = figures["split"].unique()
    panels = new_grid(2, len(splits))
    for split, (upper, lower) in zip(splits, panels.T, strict=True):
        of_split = join_folds(figures[figures["split"] == split], scores[scores["split"] == split])
        plot_roc(of_split.by_fold(), ax=upper)
        plot_precision_recall(of_split.by_fold(), ax=lower)
        upper.set_title(TITLES[split])
    return panels[0, 0].figure
