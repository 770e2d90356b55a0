"""Models side by side on the same folds, with tests of their differences."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from sklearn_mferl.experiments.running.files import write_results
from sklearn_mferl.experiments.running.folds import cross_validate, make_repeats, test_share
from sklearn_mferl.experiments.settings import Settings, read_data
from sklearn_mferl.experiments.statistics import cohen_d, corrected_t_test, paired_t_test
from sklearn_mferl.metrics import METRIC_NAMES
from sklearn_mferl.plotting.experiments import plot_boxes, plot_effects


def compare(
    data: Any,
    *,
    models: Mapping[str, Any] | None = None,
    reference: str | None = None,
    metrics: Sequence[str] = ("auc", "aupr"),
    n_repeats: int = 1,
    split: str = "pair",
    n_splits: int | None = None,
    **settings: Any,
) -> pd.DataFrame:
    """Compare models with a reference on the same folds: t-tests and effect sizes.

    Writes ``compare.csv`` (the result), ``compare_folds.csv`` (the figures of each fold), and as PNG and SVG
    ``compare_boxes`` and, if there are two models or more, ``compare_effects`` (the publication's Fig. 2C-D).

    Parameters
    ----------
    data, split, n_splits, **settings
        As in `cv`.
    models : mapping of str to classifier, default=None
        As in `repeated_cv`, but None takes all baselines. One of them, gradient boosting, is slow.
    reference : str or None, default=None
        The model that the others are compared with; None takes the first of them.
    metrics : sequence of str, default=("auc", "aupr")
        Which figures of `cv` to compare.
    n_repeats : int, default=1
        Number of cross-validations, at least 1, as in `repeated_cv`; the publication has 10.

    Returns
    -------
    DataFrame, shape (n_models * n_metrics, 12)
        A row for each metric and model:

        - ``metric``, ``model``, ``n_folds`` (of all repeats), ``mean`` and ``sd`` of the folds;
        - ``difference``: the mean of the reference minus that of the model, above 0 where the metric is
          higher for the reference; the signs of all that follows are alike;
        - ``t`` and ``p`` of `paired_t_test`, which the publication reports;
        - ``t_corrected`` and ``p_corrected`` of `corrected_t_test`, which allows for training sets that
          overlap: read these;
        - ``d`` of `cohen_d`, the publication's effect size, and ``d_paired``.

    Raises
    ------
    ValueError
        As in `repeated_cv`, or if there is no model `reference` or no figure of a metric's name.

    Examples
    --------
    >>> from sklearn_mferl.baselines import DegreeProduct, PathCount
    >>> from sklearn_mferl.datasets import make_cmi
    >>> from sklearn_mferl.experiments import compare
    >>> models = {"paths": PathCount(), "degree": DegreeProduct()}
    >>> result = compare(make_cmi(60, 30, random_state=0), models=models, reference="paths", metrics=["auc"])
    >>> result[["metric", "model", "n_folds"]].values.tolist()
    [['auc', 'paths', 5], ['auc', 'degree', 5]]
    """
    common, data = Settings(**settings), read_data(data)
    unknown = [metric for metric in metrics if metric not in METRIC_NAMES]
    if unknown or not metrics:
        raise ValueError(f"metrics must be some of {list(METRIC_NAMES)}; got {list(metrics)}.")
    names = list(models if models is not None else common.make_models(data, boosting=True))
    reference = names[0] if reference is None and names else reference
    if reference not in names:
        raise ValueError(f"reference must be one of the models, {names}; got {reference!r}.")
    rounds = make_repeats(common, n_repeats, split)
    tables, labels_and_folds = cross_validate(
        "compare", data, common, models, rounds, n_splits, boosting=True, split=split
    )
    figures, share = tables["figures"], test_share([fold for _, folds in labels_and_folds for fold in folds])
    rows = []
    for metric in metrics:
        by_model = figures.pivot(index=["repeat", "fold"], columns="model", values=metric)
        for model in names:
            compared = _compare(by_model[reference], by_model[model], share)
            rows.append({"metric": metric, "model": model, **compared})
    result = pd.DataFrame(rows)
    pictures: dict[str, Callable[[], Any]] = {"compare_boxes": lambda: plot_boxes(figures, metrics)}
    if len(names) > 1:
        pictures["compare_effects"] = lambda: plot_effects(result, reference)
    write_results(common.folder, {"compare": result, "compare_folds": figures}, pictures)
    return result


def _compare(reference: pd.Series, model: pd.Series, share: float) -> dict[str, float]:
    plain = paired_t_test(reference, model)
    corrected = corrected_t_test(reference, model, test_share=share)
    return {
        "n_folds": len(model),
        "mean": model.mean(),
        "sd": model.std(),
        "difference": (reference - model).mean(),
        "t": plain.statistic,
        "p": plain.pvalue,
        "t_corrected": corrected.statistic,
        "p_corrected": corrected.pvalue,
        "d": cohen_d(reference, model),
        "d_paired": cohen_d(reference, model, paired=True),
    }
