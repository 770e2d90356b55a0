"""Cross-validation with curves, once (`cv`) and many times (`repeated_cv`)."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sklearn_mferl.experiments.running.files import write_results
from sklearn_mferl.experiments.running.folds import Round, cross_validate, join_folds, make_repeats
from sklearn_mferl.experiments.settings import Settings, read_data
from sklearn_mferl.plotting import new_axes, plot_precision_recall, plot_roc
from sklearn_mferl.plotting.experiments import plot_boxes


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
        Classifiers of pairs; None takes the model of the settings and the baselines.
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

    Raises
    ------
    ValueError
        If `out` holds finished parts of another run, or a parameter is not among those above.

    See Also
    --------
    sklearn_mferl.evaluation.cross_validate_pairs : The same figures, without files.

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
    common, data = Settings(**settings), read_data(data)
    rounds = [Round({}, common, split)]
    tables, _ = cross_validate("cv", data, common, models, rounds, n_splits, with_scores=True, split=split)
    figures, scores = tables["figures"], tables["scores"]
    write_results(
        common.folder, {"cv": figures, "cv_scores": scores}, {"cv_curves": lambda: _draw(figures, scores)}
    )
    return figures


def _draw(figures: pd.DataFrame, scores: pd.DataFrame) -> Any:
    curves, axes = join_folds(figures, scores).by_fold(), new_axes(2)
    plot_roc(curves, ax=axes[0])
    plot_precision_recall(curves, ax=axes[1])
    return axes[0].figure


def repeated_cv(
    data: Any,
    *,
    models: Mapping[str, Any] | None = None,
    n_repeats: int = 10,
    split: str = "pair",
    n_splits: int | None = None,
    **settings: Any,
) -> pd.DataFrame:
    """Cross-validate many times, each time with other negatives, folds and seeds.

    One cross-validation says how much the figures vary with the fold; this says how much they vary with
    the draw of the negatives and the seed as well. Writes ``repeated_cv.csv`` (the result) and
    ``repeated_cv_boxes`` as PNG and SVG. The publication's Fig. 2D has ten 5-fold cross-validations.

    Parameters
    ----------
    data, split, n_splits, **settings
        As in `cv`.
    models : mapping of str to classifier, default=None
        As in `cv`; those that are given keep their own seeds, the others have another in each repeat.
    n_repeats : int, default=10
        Number of cross-validations, at least 1. The first is `cv` with the same settings. More repeats
        than before go on where the last run ended.

    Returns
    -------
    DataFrame, shape (n_repeats * n_models * n_splits, 12)
        A row for each repeat, model and fold: ``repeat``, ``model``, ``fold`` and the figures, as in `cv`.

    Raises
    ------
    ValueError
        As in `cv`, or if `n_repeats` is not an int of at least 1.

    See Also
    --------
    compare : Tests whether the models differ.

    Examples
    --------
    >>> from sklearn_mferl.baselines import PathCount
    >>> from sklearn_mferl.datasets import make_cmi
    >>> from sklearn_mferl.experiments import repeated_cv
    >>> data = make_cmi(60, 30, random_state=0)
    >>> len(repeated_cv(data, models={"paths": PathCount()}, n_repeats=4, n_splits=3))
    12
    """
    common, data = Settings(**settings), read_data(data)
    rounds = make_repeats(common, n_repeats, split)
    tables, _ = cross_validate("repeated-cv", data, common, models, rounds, n_splits, split=split)
    figures = tables["figures"]
    write_results(
        common.folder,
        {"repeated_cv": figures},
        {"repeated_cv_boxes": lambda: plot_boxes(figures, ["auc", "aupr"])},
    )
    return figures
