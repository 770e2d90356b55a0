"""The figure of an ablation: each variant's figures, fold by fold."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from sklearn_mferl.plotting.axes import COLOURS, finish, literal
from sklearn_mferl.plotting.experiments import MEASURES, METRIC_NAMES, new_grid

WHOLE: Final = "whole"
"""Name of the variant from which nothing is taken away."""
_GAP: Final = 0.6  # between the parts, in rows


def plot_ablation(figures: pd.DataFrame) -> Any:
    """Draw the six figures of each variant: dots, since no axis starts at zero."""
    variants = figures[["part", "variant"]].drop_duplicates().reset_index(drop=True)
    number_of_part = {part: number for number, part in enumerate(variants["part"].unique())}
    variants["place"] = [i + _GAP * number_of_part[part] for i, part in enumerate(variants["part"])]
    labels = [
        f"{part}: {WHOLE}" if variant == WHOLE else literal(variant)
        for part, variant in zip(variants["part"], variants["variant"], strict=True)
    ]
    panels = new_grid(2, 3, width=3.6, height=0.7 + 0.27 * len(variants))
    for ax, metric in zip(panels.flat, MEASURES, strict=True):
        for row in variants.itertuples():
            number = number_of_part[row.part]
            colour, marker = COLOURS[number], "os"[number]
            of_variant = (figures["part"] == row.part) & (figures["variant"] == row.variant)
            values = figures.loc[of_variant, metric]
            places = [row.place] * len(values)
            ax.scatter(values, places, s=22, facecolors="none", edgecolors=colour, alpha=0.6, linewidths=0.8)
            ax.scatter([values.mean()], [row.place], s=42, color=colour, marker=marker, zorder=3)
            if row.variant == WHOLE:
                of_part = variants.loc[variants["part"] == row.part, "place"]
                low, high = of_part.min() - 0.4, of_part.max() + 0.4
                ax.vlines(values.mean(), low, high, colors=colour, linestyles="--", lw=1)
        ax.set_title(METRIC_NAMES[metric], fontsize=11)
        ax.set_yticks(variants["place"], labels)
        ax.set_ylim(variants["place"].max() + 0.7, -0.7)  # the first variant on top
        ax.locator_params(axis="x", nbins=5)
        finish(ax, "x")
    for ax in panels[:, 1:].flat:
        ax.tick_params(labelleft=False)
    figure = panels[0, 0].figure
    figure.supxlabel("● or ■ mean of the folds, ○ a fold, - - mean of the whole model", fontsize=10)
    return figure
