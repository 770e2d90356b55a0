#!/usr/bin/env python3
"""Measure all models on all data folders, splits, kinds of negatives and seeds.

    python benchmarks/accuracy.py --data FOLDER [FOLDER ...] --out docs/benchmarks

writes into the folder --out

    accuracy.csv      a row for each cell: data, split, negatives, seed and model
    reliability.csv   probabilities against shares of positives, in ten bins, for uniform negatives
    index.md, *.png   the page of the documentation, with its figures

Finished cells are kept there and not measured again, so a run that was stopped goes on with the same
command. After a change of a model give --rerun with its name, once.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from _cells import NEGATIVES, SPLITS, Cell, facts, measure, plan
from _isolated import call
from _models import MODELS, why_left_out
from _page import write_page
from _results import CELLS, Results
from tqdm import tqdm

import sklearn_mferl
from sklearn_mferl.datasets import load_cmi

STOPPED, FAILED, BAD_INPUT = 130, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is missing, draw the page, and return the exit code."""
    options = _parse(arguments)
    try:
        return _run(options)
    except (ValueError, OSError) as error:
        _say(f"Error: {error}")
        return BAD_INPUT


def _run(options: argparse.Namespace) -> int:
    folders = _by_name(options.data)
    unknown = [name for name in options.linear if name not in folders]
    if unknown:
        raise ValueError(f"--linear {unknown[0]} is none of the data folders, {', '.join(folders)}.")
    not_run = [name for name in options.rerun if name not in options.models]
    if not_run:
        raise ValueError(f"--rerun {not_run[0]} is none of --models, {', '.join(options.models)}.")
    known = {name: facts(load_cmi(folder)) for name, folder in folders.items()}
    served = {name: _served(name, known[name], options.models) for name in folders}
    cells = [
        cell
        for cell in plan(
            [(name, name in options.linear) for name in folders],
            options.splits,
            options.negatives,
            options.seeds,
            options.folds,
            options.models,
        )
        if cell.model in served[cell.data]
    ]
    options.out.mkdir(parents=True, exist_ok=True)
    results = Results(options.out)
    results.refuse_mixture(cells, known)
    results.forget([cell for cell in cells if cell.model in options.rerun])
    try:
        n_failed = _measure(cells, folders, results)
    except KeyboardInterrupt:
        write_page(results)
        _say(
            f"Stopped. Finished cells are in {options.out / CELLS}; the same command goes on with the others."
        )
        return STOPPED
    write_page(results)
    return FAILED if n_failed else 0


def _measure(cells: list[Cell], folders: dict[str, Path], results: Results) -> int:
    """Measure the cells that are not finished; return how many failed."""
    finished, version, n_failed = results.finished(), _version(), 0
    waiting = [cell for cell in cells if cell not in finished]
    with tqdm(total=len(cells), initial=len(cells) - len(waiting), unit="cell", disable=None) as bar:
        for cell in waiting:
            name = f"{cell.data}, {cell.split}, {cell.negatives}, seed {cell.seed}, {cell.model}"
            bar.set_description(name)
            try:
                row, bins = call(measure, cell, folders[cell.data], version)
            except RuntimeError as error:
                n_failed += 1
                _say(f"Failed: {name}: {error}")
            else:
                results.add(row, bins)
            bar.update()
    if n_failed:
        _say(f"{n_failed} of {len(cells)} cells failed; the same command tries them again.")
    return n_failed


def _by_name(paths: list[Path]) -> dict[str, Path]:
    folders: dict[str, Path] = {}
    for path in paths:
        name = path.resolve().name
        if name in folders:
            raise ValueError(f"Two data folders are called {name}; rename one: the table tells them by name.")
        folders[name] = path.resolve()
    return folders


def _served(name: str, known: dict[str, Any], models: list[str]) -> list[str]:
    """Return the models that the folder can serve, and say of each other one why not."""
    sequences, vectors = (set(known[what].split("+")) for what in ("sequences", "vectors"))
    reasons = {model: why_left_out(model, sequences, vectors) for model in models}
    for model, reason in reasons.items():
        if reason is not None:
            _say(f"{name}: {model} is left out: {reason}.")
    return [model for model, reason in reasons.items() if reason is None]


def _version() -> str:
    """Return the version, and the commit where there is one."""
    describe = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--exclude=*"]
    try:
        commit = subprocess.run(describe, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return sklearn_mferl.__version__
    return f"{sklearn_mferl.__version__} ({commit})"


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = list(MODELS)
    parser.add_argument(
        "--data", nargs="+", type=Path, required=True, metavar="FOLDER", help="as load_cmi reads it"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="made if need be")
    parser.add_argument(
        "--linear",
        nargs="+",
        default=[],
        metavar="NAME",
        help="data folders whose circrna are linear RNAs, such as lncRNAs",
    )
    parser.add_argument(
        "--models", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names)
    )
    parser.add_argument(
        "--splits",
        nargs="+",
        choices=SPLITS,
        default=list(SPLITS),
        metavar="NAME",
        help=f"{', '.join(SPLITS)}; the last hides known pairs and ranks all unknown ones",
    )
    parser.add_argument(
        "--negatives",
        nargs="+",
        choices=NEGATIVES,
        default=list(NEGATIVES),
        metavar="NAME",
        help=", ".join(NEGATIVES),
    )
    parser.add_argument("--seeds", nargs="+", type=_at_least(0), default=[0, 1, 2], metavar="N", help="0 1 2")
    parser.add_argument("--folds", type=_at_least(2), metavar="N", help="5, and 3 for --splits both")
    parser.add_argument(
        "--rerun",
        nargs="+",
        choices=names,
        default=[],
        metavar="NAME",
        help="forget what is finished of these models, within the data, splits, negatives and seeds given",
    )
    return parser.parse_args(arguments)


def _at_least(least: int) -> Callable[[str], int]:
    def integer(text: str) -> int:
        if int(text) < least:
            raise argparse.ArgumentTypeError(f"must be {least} or more; got {text}")
        return int(text)

    return integer


def _say(line: str) -> None:
    tqdm.write(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
