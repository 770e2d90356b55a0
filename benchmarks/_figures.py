"""Figures of one data folder, read off the tables; every model looks the same in all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from _cells import DRAWN, FIGURES_OF_RANKING, NEGATIVES, RANKING, SPLITS
from _models import MODELS

from sklearn_mferl.plotting import COLOURS, LINE_STYLES, MARKERS, new_axes, plot_precision_at_k

_MORE_COLOURS: Final = (*COLOURS, "#882255", "#777777")
_STYLES: Final = {
    name: {
        "color": _MORE_COLOURS[number % len(_MORE_COLOURS)],
        "marker": MARKERS[number % len(MARKERS)],
        "markerfacecolor": "white" if model.is_simple else _MORE_COLOURS[number % len(_MORE_COLOURS)],
        "linestyle": LINE_STYLES[number % len(LINE_STYLES)],
    }
    for number, (name, model) in enumerate(MODELS.items())
}


def draw_splits(cells: pd.DataFrame, path: Path) -> bool:
    """Draw AUC and AUPR of all models, grouped by split, a row for each kind of negatives."""
    cells = cells[cells["split"] != RANKING]
    if cells.empty:
        return False
    splits, kinds, models = (
        [name for name in names if name in set(cells[column])]
        for column, names in (("split", SPLITS), ("negatives", NEGATIVES), ("model", tuple(MODELS)))
    )
    # new_axes makes one row; rows of negatives stand side by side in it, AUC beside AUPR
    figure = new_axes(width=10.5, height=2.6 * len(kinds) + 0.7).figure
    figure.clear()
    grid = figure.subplots(len(kinds), 2, sharex=True, sharey="row", squeeze=False)
    offsets = np.linspace(-0.36, 0.36, len(models)) if len(models) > 1 else [0.0]
    for axes, kind in zip(grid, kinds, strict=True):
        for ax, figure_name in zip(axes, ("auc", "aupr"), strict=True):
            for model, offset in zip(models, offsets, strict=True):
                chosen = cells[(cells["negatives"] == kind) & (cells["model"] == model)]
                by_split = chosen.groupby("split")[figure_name].agg(["mean", "std"]).reindex(splits)
                ax.errorbar(
                    np.arange(len(splits)) + offset,
                    by_split["mean"],
                    yerr=by_split["std"].fillna(0),
                    label=model,
                    **{**_STYLES[model], "linestyle": "none"},
                    markersize=6,
                )
            ax.set_title(f"{figure_name.upper()}, {kind} negatives", fontsize=10)
            ax.set_xticks(range(len(splits)), splits)
            for boundary in np.arange(len(splits) - 1) + 0.5:
                ax.axvline(boundary, color="0.85", linewidth=0.8)
            ax.axhline(0.5, color="0.6", linewidth=1, linestyle=(0, (1, 2)))
            ax.grid(axis="y", color="0.9", linewidth=0.6)
            ax.set_axisbelow(True)
            ax.spines[["top", "right"]].set_visible(False)
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right center", frameon=False)
    figure.savefig(path)
    return True


def draw_reliability(bins: pd.DataFrame, path: Path) -> bool:
    """Draw the share of positives over the predicted probability, split by split, all seeds together."""
    splits = [name for name in SPLITS if name in set(bins["split"])]
    if not splits:
        return False
    panels = np.atleast_1d(new_axes(len(splits), width=3.4, height=4.2))
    for ax, split in zip(panels, splits, strict=True):
        ax.plot([0, 1], [0, 1], color="0.6", linewidth=1, linestyle=(0, (1, 2)))
        for model in (name for name in MODELS if name in set(bins["model"])):
            curve = _pooled(bins[(bins["split"] == split) & (bins["model"] == model)])
            ax.plot(curve["predicted"], curve["observed"], label=model, markersize=5, **_STYLES[model])
        ax.set(
            title=split,
            xlabel="Predicted probability",
            xlim=(-0.02, 1.02),
            ylim=(-0.02, 1.02),
            aspect="equal",
        )
        ax.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("Share of positives")
    figure = panels[0].figure
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 5), frameon=False)
    figure.savefig(path)
    return True


def draw_ranking(cells: pd.DataFrame, path: Path) -> bool:
    """Draw the share of hidden interactions among the best ranked pairs, as mean over the seeds."""
    cells = cells[cells["split"] == RANKING]
    if cells.empty:
        return False
    means = cells.groupby("model")[list(FIGURES_OF_RANKING)].mean().astype(float)
    means = means.reindex([name for name in MODELS if name in means.index]).dropna(axis="columns", how="all")
    ax = new_axes(width=6.5, height=4.2)
    plot_precision_at_k(means.reset_index(), ax=ax)
    for line, model in zip(ax.lines, means.index, strict=True):
        line.set(**_STYLES[model])
    ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))  # again, with these styles
    ax.figure.savefig(path)
    return True


FIGURES: Final[tuple[tuple[str, str, Any], ...]] = (
    ("splits", "AUC and AUPR by split and negatives", draw_splits),
    ("reliability", f"Reliability by split, {DRAWN} negatives", draw_reliability),
    ("ranking", "Precision among the best ranked pairs", draw_ranking),
)


def _pooled(bins: pd.DataFrame) -> pd.DataFrame:
    """Put the bins of all seeds together, each weighted by its pairs."""
    weighted = bins.assign(
        predicted=bins["predicted"] * bins["n_pairs"], observed=bins["observed"] * bins["n_pairs"]
    )
    sums = weighted.groupby("lower")[["predicted", "observed", "n_pairs"]].sum().astype(float)
    return sums[["predicted", "observed"]].div(sums["n_pairs"], axis="index")
