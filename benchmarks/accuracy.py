#!/usr/bin/env python3
"""Measure all models on all data folders, splits, kinds of negatives and seeds.

    python benchmarks/accuracy.py --data FOLDER [FOLDER ...] --out docs/benchmarks --readme README.md

writes into the folder --out

    accuracy.csv      a row for each data folder, split, negatives, seed and model, with commit and versions
    reliability.csv   probabilities against shares of positives, in ten bins, for uniform negatives
    index.md, *.png   the page of the documentation, with its pictures

and the table of results into --readme. Finished rows are kept there and not measured again, so a run that
was stopped goes on with the same command; after a change of a model give --rerun with its name, once.
Without --data nothing is measured, and page and README are written from accuracy.csv.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import joblib
import pandas as pd
from cases import MODELS, NEGATIVES, RANKING, SPLITS, TOP, Cell, facts, plan, why_left_out
from measuring import exit_code, in_own_process, new_parser, peak_gb, provenance, read, save
from page import write_accuracy
from tqdm import tqdm

from sklearn_mferl.datasets import load_cmi
from sklearn_mferl.evaluation import cross_validate_pairs, rank_hidden_pairs
from sklearn_mferl.metrics import reliability_curve
from sklearn_mferl.model_selection import labelled_pairs

_KEY: Final = list(Cell._fields)
_AT_THRESHOLD: Final = ["f1", "accuracy", "recall", "precision"]
_THRESHOLDS: Final = (0.5, "train", "best_f1")
_OF_PROBABILITIES: Final = ["brier", "log_loss", "ece"]
_FACTS: Final = ["known_pairs", "circrnas", "mirnas", "sequences", "vectors"]
COLUMNS: Final = [
    *_KEY,
    *_FACTS,
    *("auc", "aupr"),
    *(f"{name}@{threshold}" for threshold in _THRESHOLDS for name in _AT_THRESHOLD),
    *_OF_PROBABILITIES,
    *("n_ranked", "n_hidden", "ap", *(f"p@{k}" for k in TOP)),
    *("seconds", "peak_gb", "cores", "commit", "versions"),
]
COLUMNS_OF_BINS: Final = [*_KEY, "lower", "upper", "n_pairs", "predicted", "observed"]


def measure(cell: Cell, folder: Path) -> tuple[dict[str, Any], pd.DataFrame]:
    """Train and test a model: return the row of the table, and its bins of reliability, if any."""
    data, bins = load_cmi(folder), pd.DataFrame()
    model = MODELS[cell.model].make(data, cell.linear, cell.seed)
    start = time.perf_counter()
    if cell.split == RANKING:
        found = rank_hidden_pairs(
            model, data.pairs, strategy=cell.negatives, ks=TOP, random_state=cell.seed
        ).drop(columns="model")
        figures = found.iloc[0].to_dict()
    else:
        pairs, y = labelled_pairs(data.pairs, random_state=cell.seed, strategy=cell.negatives)
        result = cross_validate_pairs(
            {"model": model}, pairs, y, split=cell.split, n_splits=cell.folds, random_state=cell.seed
        )
        figures = result.figures[["auc", "aupr", *_OF_PROBABILITIES]].mean().to_dict()
        for threshold in _THRESHOLDS:
            figures |= (
                result.figures_at(threshold)[_AT_THRESHOLD].mean().add_suffix(f"@{threshold}").to_dict()
            )
        if cell.negatives == "uniform":  # the page shows no others
            bins = reliability_curve(result.scores["label"], result.scores["model"])
    seconds = time.perf_counter() - start
    costs = {"seconds": round(seconds, 2), "peak_gb": round(peak_gb(), 3), "cores": joblib.cpu_count()}
    return {**cell._asdict(), **facts(data), **figures, **costs}, bins.assign(**cell._asdict())


def run(options: argparse.Namespace) -> int:
    """Measure what is not finished; return how many cells failed."""
    folders = {folder.resolve().name: folder.resolve() for folder in options.data}
    if len(folders) < len(options.data):
        raise ValueError("Two data folders have the same name; rename one: the table tells them by name.")
    if unknown := set(options.linear) - set(folders):
        raise ValueError(f"--linear {min(unknown)} is none of the data folders, {', '.join(folders)}.")
    paths = options.out / "accuracy.csv", options.out / "reliability.csv"
    rows, bins = read(paths[0], COLUMNS), read(paths[1], COLUMNS_OF_BINS)
    known = {name: facts(load_cmi(folder)) for name, folder in folders.items()}
    linear = {name: name in options.linear for name in folders}
    waiting = []
    for cell in plan(linear, options):
        if reason := why_left_out(cell.model, known[cell.data]):
            tqdm.write(f"{cell.data}: {cell.model} is left out: {reason}.", file=sys.stderr)
            continue
        _refuse_mixture(rows, cell, known[cell.data])
        is_finished = (rows[_KEY] == list(cell)).all(axis=1).any()
        if not is_finished or cell.model in options.rerun:
            waiting.append(cell)
    n_failed = 0
    try:
        for cell in (bar := tqdm(waiting, unit="cell", disable=None)):
            bar.set_description(name := ", ".join(map(str, cell)))
            origin = provenance(options.allow_dirty, [options.out, options.readme or options.out])
            try:
                row, its_bins = in_own_process(measure, cell, folders[cell.data])
            except Exception as error:  # whatever a model raises harms no other cell
                n_failed += 1
                tqdm.write(f"Failed: {name}: {type(error).__name__}: {error}", file=sys.stderr)
                continue
            rows, bins = _with(rows, cell, pd.DataFrame([row | origin])), _with(bins, cell, its_bins)
            save(bins, paths[1])  # the bins first: a cell with a row is finished
            save(rows, paths[0])
    finally:  # also where the run is stopped
        write_accuracy(rows, bins, options.out, options.readme)
    return n_failed


def _refuse_mixture(rows: pd.DataFrame, cell: Cell, known: dict[str, Any]) -> None:
    """Refuse to put a cell beside finished ones of other folds or data, with which it cannot be compared."""
    beside = rows[(rows["data"] == cell.data) & (rows["split"] == cell.split)]
    for what, value in {"folds": cell.folds, "linear": cell.linear, **known}.items():
        if len(other := beside[beside[what] != value]):
            raise ValueError(
                f"accuracy.csv has rows of {cell.data}, {cell.split}, with {what}={other[what].iloc[0]}, now "
                f"{value}; remove these rows, or give another folder as --out."
            )


def _with(table: pd.DataFrame, cell: Cell, new: pd.DataFrame) -> pd.DataFrame:
    """Put rows of a cell in place of those it had, in an order that does not tell which came first."""
    others = table[~(table[_KEY] == list(cell)).all(axis=1)]
    records = [*others.to_dict("records"), *new.round(6).to_dict("records")]
    ranks = {name: rank for rank, name in enumerate([*SPLITS, *NEGATIVES, *MODELS])}
    by = ["data", "split", "negatives", "seed", "model"]
    rank = lambda column: column.map(ranks) if column.name in ("split", "negatives", "model") else column  # noqa: E731
    return pd.DataFrame(records, columns=table.columns).sort_values(by, key=rank, kind="stable")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = new_parser(__doc__)
    parser.add_argument("--readme", type=Path, help="file with a table between <!-- results --> marks")
    parser.add_argument("--linear", nargs="+", default=[], help="names of data folders of linear RNAs")
    for name, choices in (("models", list(MODELS)), ("splits", SPLITS), ("negatives", NEGATIVES)):
        parser.add_argument(f"--{name}", nargs="+", choices=choices, default=choices)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2], help="0 1 2")
    parser.add_argument("--folds", type=int, help="5, and 3 for --splits both")
    parser.add_argument("--rerun", nargs="+", choices=MODELS, default=[], help="models to measure again")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write the page, and return the exit code."""
    return exit_code(run, parse(arguments))


if __name__ == "__main__":
    sys.exit(main())
