"""Heat maps: figures by the value of a parameter."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from sklearn_mferl.plotting.axes import literal
from sklearn_mferl.plotting.experiments import MEASURES, METRIC_NAMES, new_grid

_TITLES: Final = {
    "embedding_dim": "Embedding dimension $d$",
    "lr": "Learning rate",
    "temperature": "Temperature τ",
    "threshold": "Threshold of the similarity graph",
}
_COLOURS: Final = "cividis"  # reads the same with any colour vision, and in grey
_N_COLUMNS: Final = 2
_EQUAL_CONTRAST: Final = 0.179  # luminance at which black and white are read equally well (WCAG 2)


def plot_heat_maps(figures: pd.DataFrame) -> Any:
    """Draw a heat map for each parameter: figures by value, the mean of the folds."""
    means = figures.groupby(["parameter", "value", "is_default"], sort=False, dropna=False)[MEASURES]
    table = means.mean().reset_index()
    low, high = np.nanmin(table[MEASURES]), np.nanmax(table[MEASURES])
    parameters = table["parameter"].unique()
    n_columns = min(_N_COLUMNS, len(parameters))
    panels = new_grid(-(-len(parameters) // n_columns), n_columns, width=4.6, height=3.4)
    for ax in panels.flat[len(parameters) :]:
        ax.set_visible(False)
    for ax, parameter in zip(panels.flat, parameters, strict=False):
        rows = table[table["parameter"] == parameter]
        image = ax.imshow(rows[MEASURES].to_numpy().T, cmap=_COLOURS, vmin=low, vmax=high, aspect="auto")
        _print_values(ax, image)
        ax.set_xticks(range(len(rows)), [_label(row.value, row.is_default) for row in rows.itertuples()])
        ax.set_yticks(range(len(MEASURES)), [METRIC_NAMES[metric] for metric in MEASURES])
        ax.set_title(_TITLES.get(parameter, literal(parameter)), fontsize=11)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
    figure = panels[0, 0].figure
    figure.colorbar(image, ax=panels, label="Mean of the folds", shrink=0.8)
    figure.supxlabel("* default", fontsize=10)
    return figure


def _print_values(ax: Any, image: Any) -> None:
    """Print the number in each cell, black or white as it is read better."""
    values = np.ma.filled(image.get_array(), np.nan)
    for (row, column), value in np.ndenumerate(values):
        if np.isnan(value):
            text, colour = "–", "black"
        else:
            is_light = _luminance(image.cmap(image.norm(value))) > _EQUAL_CONTRAST
            text, colour = f"{value:.3f}", "black" if is_light else "white"
        ax.text(column, row, text, ha="center", va="center", color=colour, fontsize=9)


def _luminance(colour: Any) -> float:
    """Return the relative luminance of an sRGB colour, from 0 to 1."""
    channels = np.asarray(colour[:3])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def _label(value: Any, is_default: bool) -> str:
    text = f"{value:g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)
    return literal(f"{text} *" if is_default else text)
