"""The page of the documentation and the table beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd
from _speed_figure import curves, draw_growth
from _speed_rows import FIGURE, LIMIT, WHOLE, Row, Settings, extrapolate, fit_power
from _speed_words import aims, gigabytes, ratio, seconds, table, threads

PAGE: Final = "speed.md"
TABLE: Final = "speed.csv"
PICTURE: Final = "speed-growth.png"
_INTRODUCTION: Final = Path(__file__).with_name("speed_introduction.md")
_PLAN: Final = Path(__file__).with_name("speed_plan.md")
_MILLION: Final = 1_000_000

# names in the plan of growth curves: how they start
_IN_PLAN: Final = {
    "kmers": "k-mers",
    "ctd": "CTD",
    "sites": "target sites",
    "similarity": "similarity graph",
    "role2vec": "Role2Vec",
    "ranking": "ranking by target sites",
    "network": "ranking by the network",
}


def write_page(rows: list[Row], settings: Settings, facts: dict[str, str], folder: Path) -> None:
    """Write table, picture and page; the folder exists."""
    pd.DataFrame([{**row.as_dict(), "version": facts["sklearn_mferl"]} for row in rows]).to_csv(
        folder / TABLE, index=False, lineterminator="\n", float_format="%.6g"
    )
    parts = [
        _INTRODUCTION.read_text(encoding="utf-8").format(
            table=TABLE,
            threads=threads(settings.threads),
            warning="\n**Small sizes (`--quick`): a test of the command, not a measurement.**\n"
            if settings.quick
            else "",
            facts=table(["machine", ""], [[name, fact] for name, fact in facts.items()]),
        ),
        _section("Against their peers", figures(rows)),
        _notes(rows, FIGURE),
        _missed(rows),
        _section("How it grows", growth(rows)),
    ]
    if draw_growth(rows, folder / PICTURE):
        parts.append(f"\n![Seconds over the number of RNAs, with fitted power laws](<{PICTURE}>)\n")
    parts += [
        _section("Large inputs", whole(rows)),
        _notes(rows, WHOLE),
        _section("Against the physical limit", limits(rows)),
        plan(rows),
    ]
    (folder / PAGE).write_text("".join(parts), encoding="utf-8")


def figures(rows: list[Row]) -> str:
    """Write ours against the peers."""
    header = ["what", "data", "ours", "peer", "peer's", "ratio", "peak", "aim", ""]
    lines = [
        [
            row.what,
            row.data,
            seconds(row.seconds),
            row.peer or "–",
            seconds(row.peer_seconds),
            ratio(row.ratio),
            gigabytes(row.peak_gb),
            aims(row),
            row.verdict,
        ]
        for row in rows
        if row.kind == FIGURE
    ]
    return table(header, lines) if lines else ""


def growth(rows: list[Row]) -> str:
    """Write the points of the growth curves and their exponents."""
    lines = [
        [
            what,
            points[0].data,
            ", ".join(f"{point.n:,}" for point in points),
            ", ".join(seconds(point.seconds) for point in points),
            ", ".join(gigabytes(point.peak_gb) for point in points) if points[0].peak_gb > 0 else "–",
            f"{fit_power(*_sizes_and_seconds(points)).exponent:.2f}",
            f"{extrapolate(*_sizes_and_seconds(points)).exponent:.2f}",
        ]
        for what, points in curves(rows).items()
    ]
    return table(["what", "data", "N", "time", "peak", "exponent", "at the end"], lines) if lines else ""


def whole(rows: list[Row]) -> str:
    """Write what was measured or extrapolated for the largest inputs."""
    lines = [
        [row.what, row.data, seconds(row.seconds), gigabytes(row.peak_gb), aims(row), _judged(row)]
        for row in rows
        if row.kind == WHOLE
    ]
    return table(["what", "data", "time", "peak", "aim", ""], lines) if lines else ""


def limits(rows: list[Row]) -> str:
    """Write ours against what the machine could do."""
    lines = [
        [row.what, row.data, seconds(row.seconds), row.peer, seconds(row.peer_seconds), f"{row.ratio:.1%}"]
        for row in rows
        if row.kind == LIMIT
    ]
    return table(["what", "data", "ours", "work", "at the limit", "limit / ours"], lines) if lines else ""


def plan(rows: list[Row]) -> str:
    """Write the plan for a million RNAs, with what the growth curves say."""
    words = {}
    for name, start in _IN_PLAN.items():
        points = next((points for what, points in curves(rows).items() if what.startswith(start)), None)
        if points is None:
            words[name] = "not measured in this run"
        else:
            law = extrapolate(*_sizes_and_seconds(points))
            words[name] = (
                f"about {seconds(law.at(_MILLION))} for a million, if it goes on from {points[-1].n:,} "
                f"as N^{law.exponent:.2f}"
            )
    return _PLAN.read_text(encoding="utf-8").format(**words)


def _sizes_and_seconds(points: list[Row]) -> tuple[list[int], list[float]]:
    return [point.n for point in points], [point.seconds for point in points]


def _judged(row: Row) -> str:
    if not row.verdict:
        return ""
    return row.verdict + (" (extrapolated)" if row.note.startswith("EXTRAPOLATED") else "")


def _section(title: str, text: str) -> str:
    return f"\n## {title}\n\n{text or 'Nothing of this was measured in this run.' + chr(10)}"


def _notes(rows: list[Row], kind: str) -> str:
    lines = [f"- {row.what}: {row.note}\n" for row in rows if row.kind == kind and row.note]
    return "\n" + "".join(lines) if lines else ""


def _missed(rows: list[Row]) -> str:
    missed = [row for row in rows if row.verdict == "not reached"]
    if not missed:
        return ""
    lines = [
        f"- **Not reached:** {row.what}: {aims(row)}; found {ratio(row.ratio)}, {seconds(row.seconds)}, "
        f"{gigabytes(row.peak_gb)}.\n"
        for row in missed
    ]
    return "\n" + "".join(lines)
