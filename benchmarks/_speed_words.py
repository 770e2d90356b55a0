"""Figures as words, the same on the screen and on the page."""

from __future__ import annotations

import math

from _speed_rows import Row


def seconds(value: float) -> str:
    """Write a time in the unit that it is read in."""
    if math.isnan(value):
        return "–"
    if value < 1:
        return f"{value * 1000:.3g} ms"
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if value >= 2 * size:
            return f"{value / size:,.1f} {unit}"
    return f"{value:.1f} s"


def ratio(value: float) -> str:
    """Write how many times faster."""
    if math.isnan(value):
        return "–"
    return f"{value:,.0f} ×" if value >= 10 else f"{value:.2g} ×"


def gigabytes(value: float) -> str:
    """Write a memory."""
    return "–" if math.isnan(value) else f"{value:.2f} GB"


def threads(n: int) -> str:
    """Write how many threads."""
    return f"{n} thread{'s' if n > 1 else ''}"


def aims(row: Row) -> str:
    """Write what a row should reach."""
    words = [
        text
        for value, text in (
            (row.aim_ratio, f"≥ {row.aim_ratio:.0f} ×"),
            (row.aim_seconds, f"≤ {seconds(row.aim_seconds)}"),
            (row.aim_gb, f"≤ {row.aim_gb:.0f} GB"),
        )
        if not math.isnan(value)
    ]
    return ", ".join(words) or "–"


def table(header: list[str], rows: list[list[str]]) -> str:
    """Write a table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)
