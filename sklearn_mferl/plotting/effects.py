"""The figure of a comparison's effect sizes."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from sklearn_mferl.plotting.axes import COLOURS, MARKERS, finish, literal
from sklearn_mferl.plotting.experiments import METRIC_NAMES, new_grid

_LARGE: Final = 0.8  # Cohen's convention


def plot_effects(comparison: pd.DataFrame, reference: str) -> Any:
    """Draw Cohen's d of a reference against each other model, as the publication's Fig. 2C."""
    others = comparison[comparison["model"] != reference]
    models, metrics = others["model"].unique(), others["metric"].unique()
    ax = new_grid(1, 1, width=6.4, height=1.5 + 0.22 * len(models) * max(2, len(metrics)))[0, 0]
    effects = others["d"]
    finite = effects[np.isfinite(effects)].abs()
    edge = 2 * max(finite.max() if len(finite) else 0.0, 5 * _LARGE)
    shift = 0.5 / len(metrics)
    for number, metric in enumerate(metrics):
        of_metric = others[others["metric"] == metric].set_index("model")["d"].loc[models]
        ax.plot(
            of_metric.clip(-edge, edge),
            np.arange(len(models)) + (number - (len(metrics) - 1) / 2) * shift,
            MARKERS[number % len(MARKERS)],
            color=COLOURS[number % len(COLOURS)],
            label=METRIC_NAMES.get(metric, metric),
            clip_on=False,
            zorder=3,
        )
    ax.axvspan(-_LARGE, _LARGE, color="0.92", zorder=0)
    ax.axvline(0, color="0.4", linewidth=0.8)
    ax.set_xscale("symlog", linthresh=1)
    ax.set_xlim(-edge if effects.min() < -_LARGE else -1, edge)
    ax.set_ylim(len(models) - 0.5, -0.5)  # the first model on top
    ax.set_yticks(range(len(models)), map(literal, models))
    ax.xaxis.set_major_formatter("{x:g}")
    ax.set_xlabel(f"Cohen's d: above 0, the mean of {literal(reference)} is higher")
    finish(ax, "x", "0.85")
    ax.figure.legend(loc="outside upper center", ncols=min(4, len(metrics)), frameon=False)
    return ax.figure
