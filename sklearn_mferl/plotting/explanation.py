"""The figures of an explanation: contributions, and all of it on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from sklearn_mferl.plotting.axes import COLOURS, finish, literal, new_axes, new_figure
from sklearn_mferl.plotting.sites import NAME_LENGTH, plot_site_circle
from sklearn_mferl.utils.validation import SIDES, cut

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sklearn_mferl.inspection.explain import Explanation

_FOR, _AGAINST = COLOURS[0], COLOURS[1]
_WIDTH, _HEIGHT = 13.5, 7.2  # inches
_LINE: Final = 14  # points


def plot_contributions(explanation: Explanation, row: int = 0, *, ax: Axes | None = None) -> Axes:
    """Plot how the contributions lead from the base value to the logit of a pair.

    Parameters
    ----------
    explanation : Explanation
        What `explain` returned.
    row : int, default=0
        Which row of its summary.
    ax : Axes, default=None
        Where to draw; None makes a new figure.

    Returns
    -------
    Axes
        From the top: a bar for each contribution, the largest first, which begins where the last ended;
        those that speak for an interaction point to the right, those against to the left.

    Raises
    ------
    ValueError
        If there is no such row.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_mferl.inspection import Explanation, plot_contributions
    >>> summary = pd.DataFrame(
    ...     {"circrna": ["c"], "mirna": ["m"], "score": [0.82], "logit": [1.5], "base": [0.0], "sites": [1.5]}
    ... )
    >>> nothing = pd.DataFrame()
    >>> explanation = Explanation(summary, ("sites",), nothing, nothing, nothing, pd.Series(dtype=int), True)
    >>> [label.get_text() for label in plot_contributions(explanation).get_yticklabels()]
    ['base value', 'sites', 'logit']
    """
    pair = explanation.pair(row)
    base, logit = float(pair["base"]), float(pair["logit"])
    ax = new_axes() if ax is None else ax
    shares = pair[list(explanation.players)].astype(float)
    shares = shares.iloc[np.argsort(-shares.abs().to_numpy(), kind="stable")]
    edges = np.concatenate([[base], base + shares.cumsum().to_numpy()])
    last = len(edges)
    colours = np.where(shares >= 0, _FOR, _AGAINST).tolist()
    ax.barh(range(1, last), shares, left=edges[:-1], height=0.62, color=colours)
    for level, end in enumerate(edges):
        ax.plot([end, end], [level, level + 1], color="0.5", linewidth=0.8, zorder=0)
    for level, value in ((0, base), (last, logit)):
        ax.plot(value, level, marker="D", markersize=5, color="black")
    _write_value(ax, 0, base, f"{base:.2f}")
    for level, share in enumerate(shares.tolist(), start=1):
        _write_value(ax, level, edges[level], f"{share:+.2f}", to_the_left=share < 0)
    _write_value(ax, last, logit, f"{logit:.2f} (score {pair['score']:.3f})")
    span = max(float(np.ptp(edges)), 0.5)
    ax.set(
        xlim=(edges.min() - 0.25 * span, edges.max() + 0.6 * span),
        ylim=(last + 0.6, -0.6),
        yticks=range(last + 1),
        xlabel="Log-odds of an interaction",
    )
    ax.set_yticklabels(["base value", *map(literal, shares.index), "logit"])
    return finish(ax)


def _write_value(ax: Axes, level: int, place: float, text: str, *, to_the_left: bool = False) -> None:
    """Write a number beside the end of its bar, with the minus that the ticks have."""
    offset, side = ((-6, 0), "right") if to_the_left else ((6, 0), "left")
    style: Any = {"textcoords": "offset points", "ha": side, "va": "center", "fontsize": 8}
    ax.annotate(text.replace("-", "−"), (place, level), offset, **style)


def plot_explanation(explanation: Explanation, row: int) -> Figure:
    """Draw contributions, voters and target sites of a pair on one page."""
    pair = explanation.pair(row)
    figure = new_figure(_WIDTH, _HEIGHT)
    figure.set_layout_engine("none")
    n_rows = len(explanation.players) + 2
    n_lines = 5 + max(len(_voters_for(explanation, row, side)) for side in SIDES)
    height: Any = {"top": 0.9, "bottom": 0.03}
    heights = [max(n_rows, 4), n_lines]
    grid = figure.add_gridspec(2, 1, left=0.115, right=0.4, **height, hspace=0.28, height_ratios=heights)
    plot_contributions(explanation, row, ax=figure.add_subplot(grid[0]))
    _list_voters(figure.add_subplot(grid[1]), explanation, row)
    ax = figure.add_subplot(figure.add_gridspec(1, 1, left=0.43, right=0.99, **height)[0])
    circrna = str(pair["circrna"])
    if circrna in explanation.lengths.index and "bars" in explanation.sites.columns:
        plot_site_circle(
            explanation.sites_of(row),
            int(explanation.lengths[circrna]),
            circular=explanation.circular,
            name=circrna,
            max_duplexes=9 if explanation.circular else 8,  # as many as there is room for
            ax=ax,
        )
    else:
        ax.set_axis_off()
        ax.text(0.5, 0.5, "no sequences, no target sites", ha="center", style="italic")
    figure.suptitle(f"{_name(circrna)} and {_name(pair['mirna'])}: score {pair['score']:.3f}")
    return figure


def _name(rna: Any) -> str:
    return literal(cut(str(rna), NAME_LENGTH))


def _list_voters(ax: Axes, explanation: Explanation, row: int) -> None:
    """List the known interactions that vote, those of similar circRNAs above those of similar miRNAs."""
    ax.set_axis_off()
    line = 0

    def write(text: str, indent: int = 8, **style: Any) -> None:
        at: Any = {"xycoords": "axes fraction", "textcoords": "offset points", "va": "top", "fontsize": 8}
        ax.annotate(text, (-0.3, 1), (indent, -_LINE * line), **at, **style)

    for side, words, other in zip(SIDES, ("circRNAs", "miRNAs"), SIDES[::-1], strict=True):
        name = _name(explanation.pair(row)[other])
        write(f"Similar {words} known to interact with {name}, by weight", 0, weight="bold")
        line += 1
        voters = _voters_for(explanation, row, side).to_dict("records")
        for voter in voters:
            write(f"{voter['similarity']:.2f}")
            write(f"{_name(voter['voter'])}  (by {literal(voter['kind'])})", 40)
            line += 1
        if not voters:
            write("none among the nearest", style="italic")
            line += 1
        line += 1


def _voters_for(explanation: Explanation, row: int, side: str) -> pd.DataFrame:
    voters = explanation.voters_of(row)
    return voters[(voters["side"] == side) & voters["interacts"].astype(bool)]
