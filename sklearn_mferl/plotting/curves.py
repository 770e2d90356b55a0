"""Figures of an evaluation; they need matplotlib, the extra ``plots``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

from sklearn_mferl.metrics import expected_calibration_error, reliability_curve
from sklearn_mferl.plotting.axes import COLOURS, filled, finish, line_style, literal, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    Curves = Mapping[str, Sequence[tuple[Any, Any]]]

_GRID: Final = np.linspace(0, 1, 201)
GUIDE: Final[Any] = {"color": "0.6", "linewidth": 1, "linestyle": (0, (1, 2))}


def plot_roc(curves: Curves, *, ax: Axes | None = None) -> Axes:
    """Plot ROC curves: each fold, their mean, and a band of one standard deviation.

    Parameters
    ----------
    curves : mapping of str to list of (labels, scores)
        By model, for each fold labels of {0, 1} and scores, as `CrossValidation.by_fold` gives them.
    ax : Axes, default=None
        Where to draw; None makes a new figure.

    Returns
    -------
    Axes
        The legend has mean ± standard deviation of the folds' AUC.

    Examples
    --------
    >>> from sklearn_mferl.plotting import plot_roc
    >>> ax = plot_roc({"model": [([0, 1, 0, 1], [0.1, 0.8, 0.3, 0.6]), ([0, 1, 1], [0.2, 0.1, 0.9])]})
    >>> ax.get_legend().get_texts()[0].get_text()
    'model (AUC 0.750 ± 0.354)'
    """
    ax = new_axes() if ax is None else ax
    ax.plot([0, 1], [0, 1], **GUIDE)
    _plot_folds(ax, curves, _roc_on_grid, roc_auc_score, "AUC")
    ax.set(xlabel="False positive rate", ylabel="True positive rate")
    return _finish_curves(ax, "lower right")


def plot_precision_recall(curves: Curves, *, ax: Axes | None = None) -> Axes:
    """Plot precision over recall, in the same way as `plot_roc`.

    Parameters
    ----------
    curves, ax
        As for `plot_roc`.

    Returns
    -------
    Axes
        The legend has mean ± standard deviation of the folds' average precision. The dotted line is the
        share of positives, the precision of a blind guess.

    Examples
    --------
    >>> from sklearn_mferl.plotting import plot_precision_recall
    >>> ax = plot_precision_recall({"model": [([0, 1, 0, 1], [0.1, 0.8, 0.3, 0.6]), ([0, 1], [0.2, 0.1])]})
    >>> ax.get_legend().get_texts()[0].get_text()
    'model (AUPR 0.750 ± 0.354)'
    """
    ax = new_axes() if ax is None else ax
    labels = np.concatenate([fold[0] for folds in curves.values() for fold in folds])
    ax.axhline(labels.mean(), **GUIDE)
    _plot_folds(ax, curves, _precision_on_grid, average_precision_score, "AUPR")
    ax.set(xlabel="Recall", ylabel="Precision")
    return _finish_curves(ax, "lower left")


def plot_score_distribution(y: Any, score: Any, *, ax: Axes | None = None) -> Axes:
    """Plot how the scores of positives and of negatives are distributed.

    Parameters
    ----------
    y : array-like of {0, 1}, shape (n_pairs,)
        Labels.
    score : array-like, shape (n_pairs,)
        Probabilities, in [0, 1]; best those of pairs that were not in training.
    ax : Axes, default=None
        Where to draw; None makes a new figure.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from sklearn_mferl.plotting import plot_score_distribution
    >>> plot_score_distribution([0, 1, 1], [0.2, 0.7, 0.9]).get_xlabel()
    'Score (predicted probability)'
    """
    ax = new_axes() if ax is None else ax
    y, score = np.asarray(y), np.asarray(score)
    for label, name in enumerate(("negatives", "positives")):
        chosen = score[y == label]
        ax.hist(
            chosen,
            bins=np.linspace(0, 1, 26).tolist(),
            weights=np.full(len(chosen), 100 / max(len(chosen), 1)),
            histtype="stepfilled",
            **filled(label == 1),
            label=f"{name} (n = {len(chosen):,})",
        )
    ax.set(xlim=(0, 1), xlabel="Score (predicted probability)", ylabel="Share of each class (%)")
    ax.set_ylim(top=1.2 * ax.get_ylim()[1])  # room for the legend
    ax.legend(loc="upper center", frameon=False)
    return finish(ax)


def plot_reliability(
    y: Any, score: Any, *, n_bins: int = 10, strategy: str = "uniform", ax: Axes | None = None
) -> Axes:
    """Plot the share of positives over the predicted probability, and beneath how many pairs each bin has.

    Parameters
    ----------
    y, score, n_bins, strategy
        As for `reliability_curve`; the pairs are best those that were not in training.
    ax : Axes, default=None
        Where to draw; None makes a new figure.

    Returns
    -------
    Axes
        The diagram; the histogram is its ``child_axes[0]``. Bars of one standard error say how far chance
        may take a point from the dotted line, on which a calibrated model lies. The legend has the
        `expected_calibration_error` in the same bins.

    Raises
    ------
    ValueError
        As `reliability_curve`.

    Examples
    --------
    >>> from sklearn_mferl.plotting import plot_reliability
    >>> ax = plot_reliability([0, 0, 1, 1], [0.1, 0.3, 0.8, 1.0], n_bins=2)
    >>> ax.get_legend().get_texts()[0].get_text()
    'n = 4 (ECE 0.150)'
    """
    bins = reliability_curve(y, score, n_bins, strategy)
    error = expected_calibration_error(y, score, n_bins, strategy)
    ax = new_axes() if ax is None else ax
    ax.plot([0, 1], [0, 1], **GUIDE)
    ax.errorbar(
        bins["predicted"],
        bins["observed"],
        yerr=np.sqrt(bins["observed"] * (1 - bins["observed"]) / bins["n_pairs"]),
        color=COLOURS[0],
        linewidth=2,
        elinewidth=1,
        marker="o",
        label=f"n = {bins['n_pairs'].sum():,} (ECE {error:.3f})",
    )
    ax.set(xlabel="Predicted probability", ylabel="Share of positives")
    _finish_curves(ax, "upper left")
    # The lower quarter of the axes is the histogram's: it goes with the layout of the figure.
    ax.set(ylim=(-0.4, 1.02), yticks=np.linspace(0, 1, 6), aspect="auto")
    histogram = ax.inset_axes((0.0, 0.0, 1.0, 0.22), sharex=ax, ylabel="Pairs")
    fill: Any = {"facecolor": (COLOURS[0], 0.25), "edgecolor": COLOURS[0], "align": "edge"}
    histogram.bar(bins["lower"], bins["n_pairs"], width=bins["upper"] - bins["lower"], **fill)
    histogram.locator_params(axis="y", nbins=3, integer=True)
    histogram.tick_params(labelbottom=False)
    finish(histogram)
    return ax


def plot_precision_at_k(figures: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Plot how many of the best ranked pairs are hidden interactions, over the length of the list.

    Parameters
    ----------
    figures : DataFrame
        What `rank_hidden_pairs` returned: ``model``, ``ap`` and columns such as ``p@20``.
    ax : Axes, default=None
        Where to draw; None makes a new figure.

    Returns
    -------
    Axes
        The legend has the average precision.

    Raises
    ------
    ValueError
        If there is no column such as ``p@20``.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_mferl.plotting import plot_precision_at_k
    >>> figures = pd.DataFrame({"model": ["paths"], "ap": [0.31], "p@20": [0.6], "p@50": [0.5]})
    >>> plot_precision_at_k(figures).get_legend().get_texts()[0].get_text()
    'paths (AP 0.310)'
    """
    ax = new_axes() if ax is None else ax
    ks = sorted(int(column[2:]) for column in figures.columns if column.startswith("p@"))
    if not ks:
        raise ValueError(f"figures has no column such as 'p@20'; it has {list(figures.columns)}.")
    for number, row in enumerate(figures.to_dict("records")):
        shares, label = [row[f"p@{k}"] for k in ks], f"{literal(row['model'])} (AP {row['ap']:.3f})"
        ax.plot(ks, shares, **line_style(number), linewidth=2, marker="o", label=label)
    ax.set(xlabel="Length of the list (pairs)", ylabel="Share of hidden interactions", ylim=(-0.01, 1.01))
    ax.set_xscale("log")
    ax.set_xticks(ks, [f"{k:,}" for k in ks])
    ax.minorticks_off()
    ax.legend(frameon=False)
    return finish(ax)


def plot_history(history: Sequence[Mapping[str, Any]], *, ax: Axes | None = None) -> Axes:
    """Plot the loss by epoch.

    Parameters
    ----------
    history : list of mapping
        ``MFERLClassifier.history_``: ``epoch``, ``train_loss`` and, with early stopping, ``valid_loss``.
    ax : Axes, default=None
        Where to draw; None makes a new figure.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from sklearn_mferl.plotting import plot_history
    >>> history = [{"epoch": 1, "train_loss": 0.7}, {"epoch": 2, "train_loss": 0.5}]
    >>> plot_history(history).get_xlabel()
    'Epoch'
    """
    ax = new_axes() if ax is None else ax
    from matplotlib.ticker import MaxNLocator

    epochs = [row["epoch"] for row in history]
    for number, (key, name) in enumerate((("train_loss", "training"), ("valid_loss", "validation"))):
        if all(key in row for row in history):
            ax.plot(epochs, [row[key] for row in history], **line_style(number), marker="o", label=name)
    ax.set(xlabel="Epoch", ylabel="Mean loss of a pair (nats)")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(frameon=False)
    return finish(ax)


def _roc_on_grid(labels: Any, scores: Any) -> NDArray[np.float64]:
    false_positive, true_positive, _ = roc_curve(labels, scores)
    on_grid = np.interp(_GRID, false_positive, true_positive)
    on_grid[0] = 0.0
    return on_grid


def _precision_on_grid(labels: Any, scores: Any) -> NDArray[np.float64]:
    """Return the precision at the first threshold that reaches each recall: straight lines would flatter."""
    precision, recall, _ = precision_recall_curve(labels, scores)
    # from the last but one: recall ascends, without its artificial first point
    return precision[-2::-1][np.searchsorted(recall[-2::-1], _GRID)]


def _plot_folds(ax: Axes, curves: Curves, on_grid: Any, area: Any, area_name: str) -> None:
    """Draw each fold of each model, their mean and its band; the legend has the area."""
    for number, (name, folds) in enumerate(curves.items()):
        lines = [on_grid(*fold) for fold in folds]
        areas = [float(area(*fold)) for fold in folds]
        style = line_style(number)
        colour = style["color"]
        ax.plot(_GRID, np.transpose(lines), color=colour, alpha=0.3, linewidth=0.8)
        mean, deviation, spread = np.mean(lines, axis=0), np.zeros(len(_GRID)), ""
        if len(folds) > 1:
            deviation, spread = np.std(lines, axis=0, ddof=1), f" ± {np.std(areas, ddof=1):.3f}"
        low, high = np.clip([mean - deviation, mean + deviation], 0, 1)
        ax.fill_between(_GRID, low, high, color=colour, alpha=0.15, linewidth=0)
        label = f"{literal(name)} ({area_name} {np.mean(areas):.3f}{spread})"
        ax.plot(_GRID, mean, **style, linewidth=2, label=label)


def _finish_curves(ax: Axes, legend: Any) -> Axes:
    ax.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
    ax.legend(loc=legend, frameon=True, framealpha=0.9, edgecolor="none", fontsize=9)
    return finish(ax)
