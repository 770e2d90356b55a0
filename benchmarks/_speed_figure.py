"""Growth curves on logarithmic axes."""

from __future__ import annotations

from pathlib import Path

from _speed_rows import GROWTH, Row, fit_power

from sklearn_mferl.plotting import COLOURS, LINE_STYLES, MARKERS, new_axes


def curves(rows: list[Row]) -> dict[str, list[Row]]:
    """Return the points of each growth curve, by what was measured."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.kind == GROWTH:
            found.setdefault(row.what, []).append(row)
    return found


def draw_growth(rows: list[Row], path: Path) -> bool:
    """Draw seconds over N: the points, the fitted power law, and its exponent in the legend."""
    all_curves = curves(rows)
    if not all_curves:
        return False
    ax = new_axes(width=8.5, height=4.8)
    for number, (what, points) in enumerate(all_curves.items()):
        ns, seconds = [point.n for point in points], [point.seconds for point in points]
        law = fit_power(ns, seconds)
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
        ax.plot(
            ns,
            [law.at(n) for n in ns],
            color=colour,
            linestyle=LINE_STYLES[number % len(LINE_STYLES)],
            linewidth=1.2,
        )
        ax.plot(ns, seconds, color=colour, marker=marker, markersize=6, linestyle="none")
        ax.plot(
            [],
            [],
            color=colour,
            marker=marker,
            linestyle=LINE_STYLES[number % len(LINE_STYLES)],
            label=f"{what}: $N^{{{law.exponent:.2f}}}$",
        )
    ax.set(xscale="log", yscale="log", xlabel="N, RNAs", ylabel="Seconds")
    ax.grid(color="0.9", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    ax.figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=9)
    ax.figure.savefig(path)
    return True
