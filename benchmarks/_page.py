"""The page of the documentation, read off the tables of finished cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import pandas as pd
from _cells import DRAWN, FACTS, FIGURES_OF_RANKING, NEGATIVES, RANKING, SPLITS
from _figures import FIGURES
from _models import MODELS, why_left_out
from _results import BINS, CELLS, Results

PAGE: Final = "index.md"
_OF_PROBABILITIES: Final = ("brier", "log_loss", "ece")
_AT_TRAIN: Final = tuple(f"{name}@train" for name in ("f1", "accuracy", "recall", "precision"))
_AT_OTHERS: Final = tuple(
    f"{name}@{threshold}" for name in ("f1", "accuracy") for threshold in ("0.5", "best_f1")
)

_INTRODUCTION: Final = Path(__file__).with_name("introduction.md")

_DATA: Final = """
## The data

| data | known pairs | circRNAs | miRNAs | sequences | vectors |
|---|---|---|---|---|---|
"""


def write_page(results: Results) -> None:
    """Write the page and its figures beside the tables; nothing where no cell is finished."""
    cells = results.cells
    if cells.empty:
        return
    parts = [
        _INTRODUCTION.read_text(encoding="utf-8").format(
            cells=CELLS,
            bins=BINS,
            seeds=_seeds(cells),
            version=_versions(cells),
            models="\n".join(
                f"| `{name}` | {MODELS[name].reads} |" for name in _present(cells, "model", MODELS)
            ),
        ),
        _DATA,
    ]
    data_sets = [(str(name), of_data) for name, of_data in cells.groupby("data")]
    parts += [_data_row(name, of_data) for name, of_data in data_sets]
    for name, of_data in data_sets:
        parts.append(f"\n## {name}\n\n{_remarks(name, of_data)}")
        parts.append(_tables(of_data))
        of_bins = results.bins[results.bins["data"] == name]
        for file, title, draw in FIGURES:
            picture = f"{name}-{file}.png"
            if draw(of_bins if file == "reliability" else of_data, results.folder / picture):
                parts.append(f"\n![{title} on {name}](<{picture}>)\n")
    (results.folder / PAGE).write_text("".join(parts), encoding="utf-8")


def _data_row(name: str, cells: pd.DataFrame) -> str:
    first = cells.iloc[0]
    known = [
        f"{first[fact]:,}" if fact[-1] == "s" and not isinstance(first[fact], str) else first[fact]
        for fact in FACTS
    ]
    linear = ", linear RNAs" if first["linear"] else ""
    return f"| [{name}](#{_anchor(name)}){linear} | {' | '.join(known)} |\n"


def _remarks(name: str, cells: pd.DataFrame) -> str:
    """Say which models are missing and why, and how far a simple score comes."""
    lines = []
    sequences, vectors = (set(cells.iloc[0][what].split("+")) for what in ("sequences", "vectors"))
    for model in MODELS:
        reason = why_left_out(model, sequences, vectors)
        if reason is not None:
            lines.append(f"- `{model}` is left out: {reason}.")
    on_pairs = cells[(cells["split"] == "pair") & (cells["negatives"] == DRAWN)]
    simple = on_pairs[[MODELS[model].is_simple and model != "boosting" for model in on_pairs["model"]]]
    if len(simple):
        means = simple.groupby("model")["auc"].mean()
        lines.append(
            f"- A simple score to begin with: `{means.idxmax()}` alone has an AUC of {means.max():.3f} on "
            f"the pair split with {DRAWN} negatives."
        )
    return "\n".join(lines) + "\n"


def _tables(cells: pd.DataFrame) -> str:
    parts = []
    cross_validated = cells[cells["split"] != RANKING]
    for kind in _present(cross_validated, "negatives", NEGATIVES):
        of_kind = cross_validated[cross_validated["negatives"] == kind]
        by_split = [
            (split, of_kind[of_kind["split"] == split]) for split in _present(of_kind, "split", SPLITS)
        ]
        for name in ("auc", "aupr"):
            columns = {split: _column(of_split, name) for split, of_split in by_split}
            parts.append(_table(f"{name.upper()}, {kind} negatives", columns))
    for split in _present(cross_validated, "split", ("pair", "both")):
        drawn = cross_validated[(cross_validated["split"] == split) & (cross_validated["negatives"] == DRAWN)]
        if drawn.empty:
            continue
        where = f"split {split}, {DRAWN} negatives"
        columns = {name.split("@")[0]: _column(drawn, name) for name in _AT_TRAIN}
        columns |= {_at(name): _column(drawn, name) for name in _AT_OTHERS}
        parts.append(
            _table(f"Calls, {where}", columns)
            + "\nThe first four at the threshold of the best F1 on the other folds. That of the best F1 on "
            "the test fold itself, as published figures often have it, flatters.\n"
        )
        columns = {name: _column(drawn, name, lower_is_better=True) for name in _OF_PROBABILITIES}
        parts.append(_table(f"Scores as probabilities (the lower, the better), {where}", columns))
    ranking = cells[cells["split"] == RANKING]
    if len(ranking):
        names = [name for name in FIGURES_OF_RANKING[2:] if ranking[name].notna().any()]
        title = (
            f"Ranking of {ranking['n_ranked'].iloc[0]:,} unknown pairs, {ranking['n_hidden'].iloc[0]:,} of "
            "them hidden interactions"
        )
        parts.append(_table(title, {name.upper(): _column(ranking, name) for name in names}))
    return "".join([*parts, _table("Seconds and memory", _costs(cells))])


def _costs(cells: pd.DataFrame) -> dict[str, dict[str, str]]:
    columns = {}
    for split in _present(cells, "split", SPLITS):
        seconds = cells[cells["split"] == split].groupby("model")["seconds"].mean()
        columns[f"{split}, s"] = {str(model): f"{value:,.1f}" for model, value in seconds.items()}
    peaks = cells.groupby("model")["peak_gb"].max()
    return columns | {"peak, GB": {str(model): f"{value:.2f}" for model, value in peaks.items()}}


def _column(cells: pd.DataFrame, name: str, *, lower_is_better: bool = False) -> dict[str, str]:
    """Return mean ± standard deviation over the seeds for each model, the best mean bold."""
    seeds = cells.groupby("model")[name].agg(["mean", "std", "count"]).dropna(subset=["mean"]).round(3)
    best = seeds["mean"].min() if lower_is_better else seeds["mean"].max()
    found = {}
    for model, row in seeds.iterrows():
        text = f"{row['mean']:.3f}" + (f" ± {row['std']:.3f}" if row["count"] > 1 else "")
        found[str(model)] = f"**{text}**" if row["mean"] == best else text
    return found


def _table(title: str, columns: dict[str, dict[str, str]]) -> str:
    models = [name for name in MODELS if any(name in column for column in columns.values())]
    lines = [f"| model | {' | '.join(columns)} |", "|---" * (1 + len(columns)) + "|"]
    for model in models:
        lines.append(
            f"| `{model}` | " + " | ".join(column.get(model, "") for column in columns.values()) + " |"
        )
    return f"\n**{title}**\n\n" + "\n".join(lines) + "\n"


def _present(cells: pd.DataFrame, column: str, order: Iterable[str]) -> list[str]:
    found = set(cells[column])
    return [name for name in order if name in found]


def _at(name: str) -> str:
    figure, threshold = name.split("@")
    return f"{figure} at {'best F1' if threshold == 'best_f1' else threshold}"


def _anchor(name: str) -> str:
    return "".join(letter for letter in name.lower().replace(" ", "-") if letter.isalnum() or letter in "-_")


def _seeds(cells: pd.DataFrame) -> str:
    seeds = sorted(set(cells["seed"]))
    listed = _listed([str(seed) for seed in seeds])
    if len(seeds) == 1:
        return f"seeds, of which there is one here, {listed}, and so no deviation"
    return f"the seeds {listed}"


def _versions(cells: pd.DataFrame) -> str:
    cores = _listed([str(count) for count in sorted(set(cells["cores"]))])
    return f"Measured with sklearn_mferl {_listed(sorted(set(cells['version'])))} on {cores} CPU cores."


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
