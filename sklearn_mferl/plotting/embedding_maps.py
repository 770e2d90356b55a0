"""The picture of embedding maps: small multiples, rows of layers and columns of epochs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from sklearn_mferl.plotting.axes import COLOURS, literal, new_grid

if TYPE_CHECKING:
    from sklearn_mferl.inspection.embedding_maps import EmbeddingMaps, Panel

_LAYER_NAMES: Final = {
    "initial": "before attention\n(initial)",
    "attention": "after attention",
    "final": "final",
}
_PANEL: Final = 2.5  # inches


def plot_embedding_maps(
    maps: EmbeddingMaps, *, colour: Literal["label", "output"] = "label", class_names: Any = None
) -> NDArray[Any]:
    """Plot embedding maps, a row a layer and a column an epoch, all on one scale.

    Parameters
    ----------
    maps : EmbeddingMaps
        What `embedding_maps` made.
    colour : {"label", "output"}, default="label"
        What the colour of a pair tells: its class, or the probability that the network gives it at that
        epoch, before calibration.
    class_names : list of str, default=None
        Names of the classes, sorted by label; None takes ``negatives`` and ``positives`` for 0 and 1, the
        labels themselves otherwise.

    Returns
    -------
    ndarray of Axes, shape (n_layers, n_epochs)
        Maps without epochs stand in one row. The titles have the silhouette and the accuracy of the nearest
        neighbours, on the embeddings / on the map. Each map is scaled to the same mean square distance from
        its centre, and all axes are alike; directions mean nothing.

    Raises
    ------
    ValueError
        If the outputs are to be drawn and are not known, or there are more classes than colours.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.decomposition import PCA
    >>> from sklearn_mferl.inspection import embedding_maps, plot_embedding_maps
    >>> X, y = np.random.default_rng(0).normal(size=(30, 4)), np.arange(30) % 2
    >>> axes = plot_embedding_maps(embedding_maps({"noise": X, "half": X / 2}, y, method=PCA(2)))
    >>> axes.shape
    (1, 2)
    """
    if colour not in ("label", "output"):
        raise ValueError(f"colour must be 'label' or 'output'; got {colour!r}.")
    if colour == "output" and not {epoch for epoch, _ in maps.maps} <= set(maps.outputs):
        raise ValueError("The outputs of these maps are not known; give outputs to embedding_maps.")
    grid = _lay_out(list(maps.maps))
    axes = new_grid(len(grid), len(grid[0]))
    figure = axes[0, 0].figure
    figure.set_layout_engine("compressed", h_pad=0.08)
    margin = 0.6 if colour == "label" else 1.5  # for the labels at the sides
    figure.set_size_inches(_PANEL * len(grid[0]) + margin, (_PANEL + 0.6) * len(grid) + 0.6)
    standardized = {panel: _standardize(points) for panel, points in maps.maps.items()}
    reach = 1.05 * max(float(np.abs(points).max()) for points in standardized.values()) or 1.0
    order = np.random.default_rng(0).permutation(len(maps.labels))  # so that no class hides the other
    shades, names = _class_colours(maps.labels, class_names)
    for ax, panel in zip(axes.flat, [panel for row in grid for panel in row], strict=True):
        if panel is None:
            ax.set_axis_off()
            continue
        values = expit(maps.outputs[panel[0]]) if colour == "output" else shades
        style = {"cmap": "cividis", "vmin": 0, "vmax": 1} if colour == "output" else {}
        points = standardized[panel][order]
        size = float(np.clip(4000 / len(points), 3, 20))
        drawn = ax.scatter(*points.T, c=values[order], s=size, alpha=0.8, linewidths=0, **style)
        ax.set(xlim=(-reach, reach), ylim=(-reach, reach), xticks=[], yticks=[], aspect="equal")
        ax.set_title(_title(maps.scores, panel), fontsize=8)
    for ax, row in zip(axes[:, 0], grid, strict=True):
        epoch, layer = next(panel for panel in row if panel is not None)
        if epoch is not None:  # else the titles have the names
            ax.set_ylabel(literal(_LAYER_NAMES.get(layer, layer)))
    if colour == "output":
        figure.colorbar(drawn, ax=axes, label="Predicted probability", shrink=0.6, aspect=30)
    else:
        from matplotlib.lines import Line2D

        handles = [
            Line2D([], [], linestyle="", marker="o", color=shade, label=literal(name))
            for name, shade in names.items()
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False)
    return axes


def _lay_out(panels: list[Panel]) -> list[list[Panel | None]]:
    """Return the panels of each row, None in a place where there is none."""
    epochs = list(dict.fromkeys(epoch for epoch, _ in panels))
    layers = list(dict.fromkeys(layer for _, layer in panels))
    if epochs == [None]:
        return [list(panels)]
    order = list(_LAYER_NAMES)
    layers.sort(key=lambda layer: order.index(layer) if layer in order else len(order))
    return [[(epoch, layer) if (epoch, layer) in panels else None for epoch in epochs] for layer in layers]


def _standardize(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move a map to its centre and scale it to a root mean square distance of 1 from there."""
    centred = points - points.mean(axis=0)
    distance = float(np.sqrt((centred**2).sum(axis=1).mean()))
    return centred / distance if distance else centred


def _class_colours(labels: NDArray[Any], class_names: Any) -> tuple[NDArray[Any], dict[str, str]]:
    """Return the colour of each pair, and the colours by the name of the class."""
    classes, codes = np.unique(labels, return_inverse=True)
    # of two classes one is dark and one light, which is told apart without colours
    colours = (COLOURS[4], COLOURS[0]) if len(classes) == 2 else COLOURS
    if class_names is None:
        class_names = ["negatives", "positives"] if classes.tolist() == [0, 1] else classes.tolist()
    if not len(classes) == len(class_names) <= len(colours):
        raise ValueError(
            f"class_names must name the {len(classes)} classes {classes.tolist()}, of which there may be at "
            f"most {len(COLOURS)}; got {class_names!r}."
        )
    named = {str(name): colour for name, colour in zip(class_names, colours, strict=False)}
    return np.array(colours)[codes], named


def _title(scores: pd.DataFrame, panel: Panel) -> str:
    """Return the figures of a panel: on the embeddings / on the map."""
    epoch, layer = panel
    of_epoch = scores["epoch"].isna() if epoch is None else scores["epoch"] == epoch
    found = scores[of_epoch & (scores["layer"] == layer)].set_index("space")
    lines = [literal(layer) if epoch is None else f"epoch {epoch}"]
    for column, name in (("silhouette", "silhouette"), ("knn_accuracy", "kNN accuracy")):
        values = [f"{float(found[column][space]):.2f}".replace("-", "−") for space in ("embedding", "map")]
        lines.append(f"{name} {values[0]} / {values[1]}")
    return "\n".join(lines)
