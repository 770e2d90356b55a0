"""What all pictures share: axes, colours and names as they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito's colours are told apart with any colour vision; styles and markers tell without colours.
COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
LINE_STYLES: Final = ("-", "--", "-.", ":")
MARKERS: Final = "osD^vP*X<"


def new_axes(n_columns: int = 1, *, width: float = 5.0, height: float = 4.6) -> Any:
    """Make axes in a figure of their own, outside pyplot and its global state.

    Parameters
    ----------
    n_columns : int, default=1
        How many, side by side.
    width, height : float, default=5.0, 4.6
        Size of each in inches.

    Returns
    -------
    Axes, or ndarray of Axes of shape (n_columns,)
        ``axes.figure.savefig(path)`` writes the picture.

    Raises
    ------
    ImportError
        If matplotlib is missing.

    Examples
    --------
    >>> from sklearn_mferl.plotting import new_axes
    >>> left, right = new_axes(2)
    >>> left.figure is right.figure
    True
    """
    return new_figure(n_columns * width, height).subplots(1, n_columns)


def new_grid(n_rows: int, n_columns: int, *, width: float = 4.2, height: float = 4.2) -> NDArray[Any]:
    """Make rows and columns of axes in one figure."""
    figure = new_figure(n_columns * width, n_rows * height)
    return np.asarray(figure.subplots(n_rows, n_columns, squeeze=False))


def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure of so many inches."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            'Figures need matplotlib; install it with: pip install "sklearn-mferl[plots]"'
        ) from error
    return Figure((width, height), dpi=150, layout="constrained")


def line_style(number: int) -> dict[str, Any]:
    """Return colour and style of a line by its number."""
    return {"color": COLOURS[number % len(COLOURS)], "linestyle": LINE_STYLES[number % len(LINE_STYLES)]}


def filled(is_positive: bool) -> dict[str, Any]:
    """Return colours and hatch of the distribution of a class."""
    colour = COLOURS[0 if is_positive else 1]
    hatch = "" if is_positive else "//"
    return {"facecolor": (colour, 0.25), "edgecolor": colour, "hatch": hatch, "linewidth": 1.5}


def finish(ax: Any, grid: Literal["x", "y"] | None = None, shade: str = "0.9") -> Any:
    """Take the frame away but for the two axes, and draw a grid behind all else."""
    if grid is not None:
        ax.grid(axis=grid, color=shade, linewidth=0.8)
        ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def literal(text: Any) -> str:
    """Write a name so that matplotlib draws it as it is: a dollar sign begins no formula."""
    return str(text).replace("$", r"\$")
