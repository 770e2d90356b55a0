"""What the figures of several experiments share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sklearn_mferl.plotting.axes import COLOURS, finish, literal, new_axes

METRIC_NAMES: Final = {
    "auc": "AUC",
    "aupr": "AUPR",
    "f1": "F1",
    "accuracy": "Accuracy",
    "recall": "Recall",
    "precision": "Precision",
    "brier": "Brier score",
    "log_loss": "Log loss",
    "ece": "Calibration error",
}
MEASURES: Final = [*METRIC_NAMES][:6]  # of how well labels are told


def new_grid(n_rows: int, n_columns: int, *, width: float = 4.2, height: float = 4.2) -> NDArray[Any]:
    """Make rows and columns of axes in one figure."""
    figure = new_axes().figure
    figure.clear()
    figure.set_size_inches(n_columns * width, n_rows * height)
    return figure.subplots(n_rows, n_columns, squeeze=False)


def plot_boxes(figures: pd.DataFrame, metrics: Sequence[str]) -> Any:
    """Draw a box for each model with a point for each fold, a panel for each metric."""
    by_model = dict(list(figures.groupby("model", sort=False)))
    panels = new_grid(1, len(metrics), width=max(4.0, 0.9 * len(by_model) + 1.2))[0]
    for ax, metric in zip(panels, metrics, strict=True):
        for number, rows in enumerate(by_model.values()):
            values, colour = rows[metric].to_numpy(), COLOURS[number % len(COLOURS)]
            style: Any = {key: {"color": colour} for key in ("boxprops", "whiskerprops", "capprops")}
            style["medianprops"] = {"color": colour, "linewidth": 2}
            # no outliers: all folds are drawn below
            ax.boxplot(values, positions=[number], widths=0.6, showfliers=False, **style)
            # spread evenly in the order of the folds, so that the picture is the same each time
            place = number + np.linspace(-0.2, 0.2, len(values)) if len(values) > 1 else [number]
            ax.plot(place, values, "o", color=colour, markersize=3.5, alpha=0.5, markeredgewidth=0)
        slanted: Any = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"}
        ax.set_xticks(range(len(by_model)), map(literal, by_model), **slanted)
        ax.set(xlim=(-0.6, len(by_model) - 0.4), ylabel=METRIC_NAMES.get(metric, metric))
        finish(ax, "y")
    lows, highs = zip(*(ax.get_ylim() for ax in panels), strict=True)
    for ax in panels:
        ax.set_ylim(min(lows), max(highs))
    return panels[0].figure
