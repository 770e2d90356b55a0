"""Cross-validation on RNAs that training has not seen, beside that on pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from sklearn_mferl.evaluation.folds import SPLITS, pair_folds
from sklearn_mferl.experiments.running.files import write_figure, write_table
from sklearn_mferl.experiments.running.folds import fold_cells, join_folds, score_fold
from sklearn_mferl.experiments.running.identity import describe_models
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
    (the result), ``cold_scores.csv`` (each tested pair) and ``cold_curves`` as PNG and SVG.

    Parameters
    ----------
    data : CMIData, str or Path
        Data, or a folder as `load_cmi` reads it.
    models : mapping of str to classifier, default=None
        Classifiers of pairs; None takes the model of the settings, as ``MFERL``, and the baselines.
    splits : sequence of {"pair", "circrna", "mirna", "both"}, default=all of them
        What a test fold has that training has not seen.
    n_splits : int, default=None
        Number of folds; None is 5, and 3 for ``"both"``.
    **settings
        As in `Settings`.

    Returns
    -------
    DataFrame, shape (n_rows, 12)
        A row for each split, model and fold: ``split``, ``model``, ``fold`` and the figures, as in `cv`.

    Raises
    ------
    ValueError
        As in `cv`, or if a split is not known, or given twice.

    References
    ----------
    Peng L, Wang W, Yang Z, et al. Leveraging explainable multi-scale features for fine-grained
    circRNA-miRNA interaction prediction. BMC Biology 23, 121 (2025), Additional file 1, Table S2 and
    Fig. S1-S2: 5-fold cross-validation on circRNAs and on miRNAs.

    Examples
    --------
    >>> from sklearn_mferl.baselines import PathCount
    >>> from sklearn_mferl.datasets import make_cmi
    >>> from sklearn_mferl.experiments import cold
    >>> figures = cold(make_cmi(60, 30, random_state=0), models={"paths": PathCount()})
    >>> figures.groupby("split", sort=False).size().to_dict()
    {'pair': 5, 'circrna': 5, 'mirna': 5, 'both': 3}
    """
    common = Settings(**settings)
    data = read_data(data)
    splits = list(splits)
    if not splits or len(set(splits)) < len(splits) or set(splits) - set(SPLITS):
        raise ValueError(f"splits must be some of {list(SPLITS)}, each once; got {splits}.")
    pairs, y = common.draw_pairs(data)
    models = common.make_models(data) if models is None else models
    folds = {split: pair_folds(pairs, y, split, n_splits, common.random_state) for split in splits}
    tables = run_cells(
        score_fold,
        [cell for split in splits for cell in fold_cells(models, pairs, y, folds[split], split=split)],
        experiment="cold",
        identity=common.identify(data, n_splits=n_splits, models=describe_models(models)),
        out=common.folder,
        n_jobs=common.n_jobs,
        progress=common.progress,
    )
    write_table(tables["figures"], common.folder, "cold")
    write_table(tables["scores"], common.folder, "cold_scores")
    if common.folder is not None:
        write_figure(_draw(tables["figures"], tables["scores"]), common.folder, "cold_curves")
    return tables["figures"]


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
