"""Cross-validation on RNAs that training has not seen, beside that on pairs."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from sklearn_mferl.evaluation.folds import SPLITS
from sklearn_mferl.experiments.running.files import write_results
from sklearn_mferl.experiments.running.folds import Round, cross_validate, join_folds
from sklearn_mferl.experiments.settings import Settings, read_data
from sklearn_mferl.plotting import plot_precision_recall, plot_roc
from sklearn_mferl.plotting.axes import new_grid

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
    rounds = [Round({"split": split}, common, split) for split in splits]
    tables, _ = cross_validate("cold", data, common, models, rounds, n_splits, with_scores=True)
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
