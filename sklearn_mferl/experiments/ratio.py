"""More negatives than positives: what each figure makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from sklearn_mferl.experiments.running.files import write_results
from sklearn_mferl.experiments.running.folds import Round, cross_validate
from sklearn_mferl.experiments.settings import Settings, read_data
from sklearn_mferl.plotting.experiments import plot_ratios


def ratio(
    data: Any,
    *,
    ratios: Sequence[float] = (1, 2, 5, 10),
    models: Mapping[str, Any] | None = None,
    split: str = "pair",
    n_splits: int | None = None,
    **settings: Any,
) -> pd.DataFrame:
    """Cross-validate with more and more negatives for each known pair, in training and in the test.

    Compare models at one ratio: the AUPR of a blind guess is the share of positives, and who never calls a
    pair an interaction has the accuracy of the share of negatives, 0.909 at 1:10. What can be had without
    looking at the pair stands in the figure as a grey line of dots. Writes ``ratio.csv`` (the result) and
    ``ratio_figures`` as PNG and SVG. This is the publication's Table 2.

    Parameters
    ----------
    data, models, split, n_splits, **settings
        As in `cv`.
    ratios : sequence of float, default=(1, 2, 5, 10)
        Negatives for each known pair, above 0, each once. The setting `ratio` is not taken beside it.

    Returns
    -------
    DataFrame, shape (n_ratios * n_models * n_splits, 13)
        A row for each ratio, model and fold: ``ratio``, ``positives`` (their share of all pairs),
        ``model``, ``fold`` and the figures, as in `cv`.

    Raises
    ------
    ValueError
        As in `cv`, or if there are fewer unknown pairs than the highest ratio needs.

    Examples
    --------
    >>> from sklearn_mferl.baselines import PathCount
    >>> from sklearn_mferl.datasets import make_cmi
    >>> from sklearn_mferl.experiments import ratio
    >>> figures = ratio(make_cmi(60, 30, random_state=0), ratios=(1, 3), models={"paths": PathCount()})
    >>> figures.groupby("ratio")["positives"].first().to_dict()
    {1.0: 0.5, 3.0: 0.25}
    """
    if "ratio" in settings:
        raise ValueError("Give ratios, a sequence of numbers, in place of ratio.")
    ratios = [float(value) for value in ratios]
    if not ratios or len(set(ratios)) < len(ratios):
        raise ValueError(f"ratios must be numbers above 0, each once; got {ratios}.")
    common, data = Settings(**settings), read_data(data)
    rounds = [Round({"ratio": value}, replace(common, ratio=value), split) for value in ratios]
    tables, labels_and_folds = cross_validate("ratio", data, common, models, rounds, n_splits, split=split)
    figures = tables["figures"]
    positives = {value: float(y.mean()) for value, (y, _) in zip(ratios, labels_and_folds, strict=True)}
    figures.insert(1, "positives", figures["ratio"].map(positives))
    write_results(common.folder, {"ratio": figures}, {"ratio_figures": lambda: plot_ratios(figures)})
    return figures
