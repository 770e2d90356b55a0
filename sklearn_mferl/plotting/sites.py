"""Drawings of target sites; they need matplotlib, the extra ``plots``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sklearn_mferl.evidence.sites.seed_index import SITE_TYPES
from sklearn_mferl.plotting.axes import COLOURS, literal, new_axes
from sklearn_mferl.utils.validation import cut

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SITE_COLOURS: Final = dict(
    zip(SITE_TYPES, (*(COLOURS[number] for number in (1, 0, 2, 3, 4, 5)), "#666666"), strict=True)
)
_NEEDED: Final = (
    *("type", "start", "end", "crosses_junction", "duplex_score"),
    *("target_3to5", "bars", "mirna_5to3"),
)
_LEAST_ARC: Final = 1 / 90  # of the target: a site of 7 nucleotides among thousands would not be seen
_LABELS_APART: Final = 1 / 22
_LANE, _THICKNESS, _FOR_LEGEND = 0.1, 0.08, 0.3  # radius of the circle is 1
_BLOCK: Final = 47  # points from one duplex to the next
_SMALL: Final = 7.5
NAME_LENGTH: Final = 24
_LETTER_COLOURS: Final = dict(
    zip("ACGUN", (COLOURS[2], COLOURS[0], COLOURS[4], COLOURS[1], "#666666"), strict=True)
)


def plot_site_circle(
    sites: pd.DataFrame,
    length: int,
    *,
    circular: bool = True,
    name: str = "",
    max_duplexes: int = 6,
    ax: Axes | None = None,
) -> Axes:
    """Draw the target sites of a pair on its circRNA, with their duplexes beside.

    The circle runs clockwise from 5' to 3', the back-splice junction is at the top. Short sites are drawn
    wider than they are, and overlapping ones side by side.

    Parameters
    ----------
    sites : DataFrame
        Sites of one pair, as `TargetSites.sites` lists them; it may have no rows.
    length : int
        Nucleotides of the circRNA.
    circular : bool, default=True
        Whether it is a circle; False draws a line, with the duplexes below.
    name : str, default=""
        What to write beside the length.
    max_duplexes : int, default=6
        How many duplexes to write out, the strongest, numbered along the target. Their places are counted
        from 1; one across the junction ends before it starts. Six need about 4.5 inches.
    ax : Axes, default=None
        Where to draw; None makes a new figure.

    Returns
    -------
    Axes
        Drawing and duplexes are its two ``child_axes``.

    Raises
    ------
    ValueError
        If the sites are of several pairs, lack a column, have an unknown type or start beyond the target.

    Examples
    --------
    >>> from sklearn_mferl import TargetSites
    >>> from sklearn_mferl.inspection import plot_site_circle
    >>> targets = TargetSites({"circ": "CCUCAGGGGCCAAGGCCUA"}, {"let-7": "UGAGGUAGUAGGUUGUAUAGUU"})
    >>> sites = targets.fit([("circ", "let-7")]).sites([("circ", "let-7")])
    >>> ax = plot_site_circle(sites, length=19, name="circ")
    >>> [text.get_text() for text in ax.child_axes[0].get_legend().get_texts()]
    ['8mer']
    """
    _check_sites(sites, length)
    ax = new_axes(width=8.6 if circular else 7.0, height=5.0) if ax is None else ax
    ax.set_axis_off()
    chosen = _strongest(sites, max_duplexes)
    if circular:
        drawing, writing = ax.inset_axes((0.0, 0.0, 0.56, 1.0)), ax.inset_axes((0.58, 0.0, 0.42, 1.0))
        _draw_circle(drawing, sites, chosen, length, name)
    else:
        drawing, writing = ax.inset_axes((0.0, 0.66, 1.0, 0.34)), ax.inset_axes((0.0, 0.0, 1.0, 0.52))
        _draw_line(drawing, sites, chosen, length, name)
    drawing.set_axis_off()
    writing.set_axis_off()
    _add_legend(drawing, sites, below=not circular)
    _write_duplexes(writing, sites, chosen, length, n_columns=1 if circular else 2)
    return ax


def _draw_circle(ax: Axes, sites: pd.DataFrame, chosen: list[int], length: int, name: str) -> None:
    from matplotlib.patches import Circle, Wedge

    ax.add_patch(Circle((0, 0), 1.0, fill=False, edgecolor="0.3", linewidth=2))
    middle, width = _marks(sites, length)
    lanes = stack_in_lanes(middle, width, 1.0)
    for i, (place, share, lane) in enumerate(zip(middle, width, lanes, strict=True)):
        outer = 1.04 + lane * _LANE + _THICKNESS
        angles = 90 - 360 * (place + share / 2), 90 - 360 * (place - share / 2)
        colour = SITE_COLOURS[sites["type"].iloc[i]]
        ax.add_patch(Wedge((0, 0), outer, *angles, width=_THICKNESS, facecolor=colour, edgecolor="none"))
    rim = 1.04 + _LANE * (max(lanes, default=0) + 1)
    labels = spread(middle[chosen], _LABELS_APART, 1.0)
    for number, (i, place) in enumerate(zip(chosen, labels, strict=True), start=1):
        site_rim = 1.04 + _LANE * lanes[i] + _THICKNESS
        ends = [_on_circle(middle[i], site_rim), _on_circle(place, rim + 0.1)]
        ax.plot(*zip(*ends, strict=True), color="0.5", linewidth=0.7, zorder=1)
        _badge(ax, number, sites["type"].iloc[i], _on_circle(place, rim + 0.16))
    ax.plot([0, 0], [0.93, rim], color="black", linewidth=1.5, linestyle=(0, (2, 1)))
    ax.text(0, rim + 0.32, "back-splice junction", ha="center", va="bottom", fontsize=8)
    for nucleotide in _ticks(length, closed=True):
        place = nucleotide / length
        ax.plot(*zip(_on_circle(place, 0.96), _on_circle(place, 1.0), strict=True), color="0.3", linewidth=1)
        x, y = _on_circle(place, 0.86 if abs(np.sin(2 * np.pi * place)) < 0.5 else 0.93)
        side = "center" if abs(x) < 0.5 else "right" if x > 0 else "left"  # away from the circle
        ax.text(x, y, f"{nucleotide:,}", ha=side, va="center", fontsize=_SMALL)
    for height, size, words in (
        (0.14, 9, literal(cut(name, NAME_LENGTH))),
        (-0.04, 8, f"{length:,} nt"),
        (-0.2, 8, "5′→3′ clockwise"),
    ):
        ax.text(0, height, words, ha="center", va="center", fontsize=size)
    reach = rim + 0.5
    # the legend goes below the circle
    ax.set(xlim=(-reach, reach), ylim=(-reach - _FOR_LEGEND, reach), aspect="equal", anchor="N")


def _draw_line(ax: Axes, sites: pd.DataFrame, chosen: list[int], length: int, name: str) -> None:
    from matplotlib.patches import Rectangle

    ax.plot([0, 1], [0, 0], color="0.3", linewidth=2)
    middle, width = _marks(sites, length)
    lanes = stack_in_lanes(middle, width, np.inf)
    for i, (place, share, lane) in enumerate(zip(middle, width, lanes, strict=True)):
        corner = place - share / 2, 0.15 + 0.5 * lane
        ax.add_patch(Rectangle(corner, share, 0.4, facecolor=SITE_COLOURS[sites["type"].iloc[i]]))
    rim = 0.15 + 0.5 * (max(lanes, default=0) + 1)
    labels = spread(middle[chosen], 0.035, np.inf)
    for number, (i, place) in enumerate(zip(chosen, labels, strict=True), start=1):
        ax.plot([middle[i], place], [0.55 + 0.5 * lanes[i], rim + 0.5], color="0.5", linewidth=0.7, zorder=1)
        _badge(ax, number, sites["type"].iloc[i], (place, rim + 0.9))
    for nucleotide in _ticks(length, closed=False):
        ax.plot([nucleotide / length] * 2, [-0.2, 0], color="0.3", linewidth=1)
        ax.text(nucleotide / length, -0.35, f"{nucleotide:,}", ha="center", va="top", fontsize=_SMALL)
    ax.text(-0.015, 0, "5′", ha="right", va="center", fontsize=9)
    ax.text(1.015, 0, "3′", ha="left", va="center", fontsize=9)
    title = f"{literal(cut(name, 40))}, {length:,} nt" if name else f"{length:,} nt"
    ax.text(0.5, rim + 1.9, title, ha="center", va="center", fontsize=9)
    ax.set(xlim=(-0.06, 1.06), ylim=(-1.3, max(rim + 2.3, 4)))


def _write_duplexes(ax: Axes, sites: pd.DataFrame, chosen: list[int], length: int, n_columns: int) -> None:
    """Write the alignments, each at a fixed distance from the one before, whatever the size of the axes."""
    at: Any = {"xycoords": "axes fraction", "textcoords": "offset points", "va": "top"}
    at["annotation_clip"] = False
    per_column = -(-len(chosen) // n_columns)
    for number, i in enumerate(chosen):
        site = sites.iloc[i]
        column, place = divmod(number, per_column)
        corner, down = (column / n_columns, 1.0), -_BLOCK * place - 4
        _badge(ax, number + 1, site["type"], corner, offset=(6, down - 4))
        ax.annotate(_headline(site, length), corner, (16, down), fontsize=_SMALL, **at)
        ax.annotate(_alignment(site), corner, (0, down - 13), fontsize=_SMALL - 1, family="monospace", **at)
    rest = len(sites) - len(chosen)
    words = "no site" if sites.empty else f"and {rest} more site{'s' * (rest != 1)}" if rest else ""
    if words:
        ax.annotate(words, (0, 1), (0, -_BLOCK * per_column - 6), fontsize=_SMALL, style="italic", **at)


def _headline(site: pd.Series[Any], length: int) -> str:
    junction = " across the junction" if site["crosses_junction"] else ""
    last = (site["end"] - 1) % length + 1
    return f"{site['type']}, nt {site['start'] + 1:,}–{last:,}{junction}, score {site['duplex_score']:g}"


def _alignment(site: pd.Series[Any]) -> str:
    return f"target 3′ {site['target_3to5']} 5′\n          {site['bars']}\nmiRNA  5′ {site['mirna_5to3']} 3′"


def _badge(ax: Axes, number: int, kind: str, place: Any, offset: tuple[float, float] | None = None) -> None:
    """Write the number of a site on the colour of its type."""
    dark = kind in ("7mer-m8", "seed-mismatch", "8mer")
    at: Any = {"xycoords": "axes fraction" if offset else "data", "textcoords": "offset points"}
    style: Any = {"ha": "center", "va": "center", "fontsize": _SMALL, "color": "white" if dark else "black"}
    style["bbox"] = {"boxstyle": "circle,pad=0.2", "facecolor": SITE_COLOURS[kind], "edgecolor": "none"}
    ax.annotate(str(number), place, offset or (0, 0), **at, **style, annotation_clip=False)


def _add_legend(ax: Axes, sites: pd.DataFrame, *, below: bool) -> None:
    from matplotlib.patches import Patch

    present = [kind for kind in SITE_TYPES if (sites["type"] == kind).any()]
    handles = [Patch(facecolor=SITE_COLOURS[kind], label=kind) for kind in present]
    if handles:
        place: Any = {"loc": "upper center" if below else "lower center", "bbox_to_anchor": (0.5, 0.0)}
        size: Any = {"ncols": min(4, len(handles)), "fontsize": 8, "handlelength": 1.2, "columnspacing": 1.2}
        ax.legend(handles=handles, frameon=False, **place, **size)


def _marks(sites: pd.DataFrame, length: int) -> Any:
    """Return middle and width of each site as shares of the target."""
    start, end = (sites[name].to_numpy(dtype=np.float64) / length for name in ("start", "end"))
    return (start + end) / 2, np.maximum(end - start, _LEAST_ARC)


def _strongest(sites: pd.DataFrame, n: int) -> list[int]:
    """Return the rows of the strongest sites, along the target."""
    numbered = sites.reset_index(drop=True)
    numbered["order"] = numbered["type"].map({kind: i for i, kind in enumerate(SITE_TYPES)})
    ranked = numbered.sort_values(["order", "duplex_score", "start"], ascending=[True, False, True])
    return ranked[:n].sort_values("start", kind="stable").index.tolist()


def _ticks(length: int, closed: bool) -> list[int]:
    """Return round numbers along the target; on a circle none so near to the end that it meets 0."""
    step = next(s * 10**e for e in range(12) for s in (1, 2, 5) if length / (s * 10**e) <= 8)
    end = length - step / 2 if closed else length + 1
    return [n for n in range(0, length + 1, step) if n < end]


def _on_circle(share: float, radius: float) -> tuple[float, float]:
    """Return the point at a share of the way around, clockwise from the top."""
    angle = 2 * np.pi * share
    return float(radius * np.sin(angle)), float(radius * np.cos(angle))


def stack_in_lanes(middle: NDArray[np.float64], width: NDArray[np.float64], around: float) -> list[int]:
    """Give each mark the lowest lane in which it overlaps with none before it."""
    lanes: list[int] = []
    for i in range(len(middle)):
        overlapping = {
            lanes[j] for j in range(i) if distance(middle[i], middle[j], around) < (width[i] + width[j]) / 2
        }
        lanes.append(next(lane for lane in range(i + 1) if lane not in overlapping))
    return lanes


def spread(places: NDArray[np.float64], least: float, around: float) -> NDArray[np.float64]:
    """Move labels apart until neighbours are at least so far from each other, as far as there is room."""
    places = places.astype(np.float64)
    n = len(places)
    if n < 2:
        return places
    least = min(least, around / n)
    pairs = [(i, i + 1) for i in range(n - 1)] + ([(n - 1, 0)] if np.isfinite(around) else [])
    for _ in range(200):
        for i, j in pairs:
            gap = places[j] - places[i] + (around if j < i else 0.0)
            if gap < least:
                places[i] -= (least - gap) / 2
                places[j] += (least - gap) / 2
    return places


def distance(first: float, second: float, around: float) -> float:
    """Return how far two places are apart, the shorter way around a circle."""
    apart = abs(first - second)
    return min(apart, around - apart)


def _check_sites(sites: pd.DataFrame, length: int) -> None:
    if not isinstance(length, (int, np.integer)) or length < 1:
        raise ValueError(f"length must be a whole number of nucleotides; got {length!r}.")
    missing = [name for name in _NEEDED if name not in sites.columns]
    if missing:
        raise ValueError(
            f"sites has no column {missing[0]!r}; give a table such as TargetSites.sites returns."
        )
    names = [name for name in ("circrna", "mirna") if name in sites.columns]
    if names and len(sites[names].drop_duplicates()) > 1:
        raise ValueError("sites holds several pairs; choose the rows of one.")
    unknown = set(sites["type"]) - set(SITE_TYPES)
    if unknown:
        raise ValueError(f"sites has the type {min(unknown)!r}; allowed are {', '.join(SITE_TYPES)}.")
    beyond = np.flatnonzero((sites["start"] < 0) | (sites["start"] >= length))
    if len(beyond):
        raise ValueError(
            f"The site of row {beyond[0]} starts at {sites['start'].iloc[beyond[0]]}, beyond a target of "
            f"{length} nucleotides."
        )


def plot_nucleotides(contributions: pd.DataFrame | Iterable[pd.DataFrame], *, axes: Any = None) -> Any:
    """Draw which nucleotides speak for binding, as letters of the height of their contributions.

    Parameters
    ----------
    contributions : DataFrame or iterable of DataFrame
        What `SiteClassifier.contributions` returned of one site; or of several, whose means show what the
        model looks for, such as the seed.
    axes : pair of Axes, default=None
        Where to draw target and miRNA; None makes a new figure.

    Returns
    -------
    ndarray of Axes, shape (2,)
        The target from 3' to 5', as it pairs, where all sites have it equally long, and the miRNA from 5' to
        3'; positions are counted from 1, letters below the line speak against binding.

    Raises
    ------
    ImportError
        If matplotlib or logomaker is missing.

    Examples
    --------
    >>> from sklearn_mferl import SiteClassifier
    >>> from sklearn_mferl.plotting import plot_nucleotides
    >>> model = SiteClassifier.pretrained()
    >>> rows = model.contributions("AACUAUACAACCUACUACCUCAGCAGCC", "UGAGGUAGUAGGUUGUAUAGUU")
    >>> [ax.get_title() for ax in plot_nucleotides(rows)]
    ["target, 3' to 5'", "miRNA, 5' to 3'"]
    """
    axes = new_axes(2, width=6.0, height=2.4) if axes is None else axes
    try:
        import logomaker
    except ImportError as error:
        raise ImportError(
            'plot_nucleotides needs logomaker; install it with: pip install "sklearn-mferl[plots]"'
        ) from error
    tables = [contributions] if isinstance(contributions, pd.DataFrame) else list(contributions)
    rows = pd.concat(tables)
    heights = [
        rows[rows["rna"] == rna].pivot_table("contribution", "position", "letter", "sum", fill_value=0.0)
        / len(tables)
        for rna in ("target", "mirna")
    ]
    heights[0] = heights[0][::-1]
    titles = ("target, 3' to 5'", "miRNA, 5' to 3'")
    for ax, table, title in zip(axes, heights, titles, strict=True):
        places = table.index + 1
        logomaker.Logo(table.reset_index(drop=True), ax=ax, color_scheme=_LETTER_COLOURS)
        shown = [place for place in range(len(places)) if places[place] % 5 == 0]
        ax.set_xticks(shown, [str(places[place]) for place in shown])
        ax.set(title=title, xlabel="nucleotide")
    axes[0].set_ylabel("log-odds")
    return axes
