"""Cross-validation with curves, once (`cv`) and many times (`repeated_cv`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sklearn_mferl.evaluation import pair_folds
from sklearn_mferl.experiments._files import write_figure, write_table
from sklearn_mferl.experiments._folds import join_folds, score_fold
from sklearn_mferl.experiments._runner import Cell, run_cells
from sklearn_mferl.experiments.settings import Settings, read_data
from sklearn_mferl.plotting import new_axes, plot_precision_recall, plot_roc


def cv(
    data: Any,
    *,
    models: Mapping[str, Any] | None = None,
    split: str = "pair",
    n_splits: int | None = None,
    **settings: Any,
) -> pd.DataFrame:
    """Cross-validate the model beside simple scores, and draw ROC and PR curves.

    Writes ``cv.csv`` (the result), ``cv_scores.csv`` (each tested pair) and ``cv_curves`` as PNG and SVG.

    Parameters
    ----------
    data : CMIData, str or Path
        Data, or a folder as `load_cmi` reads it.
    models : mapping of str to classifier, default=None
        Classifiers of pairs; None takes the model of the settings, as ``MFERL``, and the baselines.
    split : {"pair", "circrna", "mirna", "both"}, default="pair"
        What a test fold has that training has not seen.
    n_splits : int, default=None
        Number of folds; None is 5, and 3 for ``split="both"``.
    **settings
        As in `Settings`.

    Returns
    -------
    DataFrame, shape (n_models * n_splits, 11)
        A row for each model and fold: ``model``, ``fold``, the six figures of `interaction_scores` at the
        threshold 0.5, and those of `probability_scores`.

    References
    ----------
    Peng L, Wang W, Yang Z, et al. Leveraging explainable multi-scale features for fine-grained
    circRNA-miRNA interaction prediction. BMC Biology 23, 121 (2025), Fig. 2A-B and Table 1.

    Examples
    --------
    >>> from sklearn_mferl.baselines import PathCount
    >>> from sklearn_mferl.datasets import make_cmi
    >>> from sklearn_mferl.experiments import cv
    >>> figures = cv(make_cmi(60, 30, random_state=0), models={"paths": PathCount()}, n_splits=3)
    >>> figures[["model", "fold"]].values.tolist()
    [['paths', 1], ['paths', 2], ['paths', 3]]
    """
    common = Settings(**settings)
    data = read_data(data)
    pairs, y = common.draw_pairs(data)
    if models is None:
        models = {"MFERL": common.make_model(data), **common.make_baselines(data)}
    folds = pair_folds(pairs, y, split, n_splits, common.random_state)
    cells = [
        Cell(
            f"{model}-fold={fold}",
            {
                "model": estimator,
                "train": train,
                "test": test,
                "pairs": pairs,
                "y": y,
                "keys": {"model": model, "fold": fold},
            },
        )
        for model, estimator in models.items()
        for fold, (train, test) in enumerate(folds, start=1)
    ]
    tables = run_cells(
        score_fold,
        cells,
        experiment="cv",
        identity=common.identify(data, split=split, folds=len(folds), models=describe_models(models)),
        out=common.folder,
        n_jobs=common.n_jobs,
        progress=common.progress,
    )
    write_table(tables["figures"], common.folder, "cv")
    write_table(tables["scores"], common.folder, "cv_scores")
    if common.folder is not None:
        curves = join_folds(**tables).by_fold()
        axes = new_axes(2)
        plot_roc(curves, ax=axes[0])
        plot_precision_recall(curves, ax=axes[1])
        write_figure(axes[0].figure, common.folder, "cv_curves")
    return tables["figures"]


def describe_models(models: Mapping[str, Any]) -> dict[str, str]:
    """Return the class of each model: enough to tell a resumed experiment from another.

    Parameters
    ----------
    models : mapping of str to classifier

    Returns
    -------
    dict of str to str
    """
    return {name: type(model).__name__ for name, model in models.items()}
