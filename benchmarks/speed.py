#!/usr/bin/env python3
"""Measure the speed of all parts against their peers, and how they grow with the number of RNAs.

    python benchmarks/speed.py --data FOLDER [FOLDER ...] --out docs/benchmarks

prints the table, and writes into the folder --out

    speed.csv               a row for each figure
    speed.md, *.png         the page of the documentation, with its growth curves

The first folder serves Role2Vec and the cross-validation, the first with sequences of both sides trains the
models that rank, and the target RNAs of all folders are compared. Without --data all is simulated. Nothing
else should run on the machine meanwhile.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from _isolated import call
from _speed_extractors import doc2vec, kmers, sites
from _speed_graphs import role2vec, similarity
from _speed_machine import facts, limit_threads, load
from _speed_page import figures, growth, limits, whole, write_page
from _speed_ranking import ranking
from _speed_rows import Call, Row, Settings
from _speed_training import folds
from tqdm import tqdm

FAILED, BAD_INPUT = 1, 2
BENCHMARKS: Final[dict[str, Callable[[Settings, Call], list[Row]]]] = {
    "kmers": kmers,
    "similarity": similarity,
    "role2vec": role2vec,
    "doc2vec": doc2vec,
    "sites": sites,
    "folds": folds,
    "ranking": ranking,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write; return the exit code."""
    options = _parse(arguments)
    for folder in options.data:
        if not folder.is_dir():
            _say(f"Error: --data {folder} is no folder.")
            return BAD_INPUT
    settings = Settings(
        tuple(folder.resolve() for folder in options.data), options.threads, options.quick, options.full
    )
    # the load before the first figure: afterwards it is our own
    about = {**facts(), "threads": str(settings.threads), "load before": load()}
    limit_threads(settings)
    rows: list[Row] = []
    n_failed = 0
    bar = tqdm(dict.fromkeys(options.only), unit="part", disable=None)
    for name in bar:
        bar.set_description(name)
        try:
            rows += BENCHMARKS[name](settings, call)
        except RuntimeError as error:
            n_failed += 1
            _say(f"Failed: {name}: {error}")
    for title, text in (
        ("Against their peers", figures(rows)),
        ("How it grows", growth(rows)),
        ("Large inputs", whole(rows)),
        ("Against the physical limit", limits(rows)),
    ):
        if text:
            print(f"\n{title}\n\n{text}", end="")
    if options.out is not None and rows:
        options.out.mkdir(parents=True, exist_ok=True)
        write_page(rows, settings, about, options.out)
    return FAILED if n_failed else 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = list(BENCHMARKS)
    parser.add_argument(
        "--data", nargs="+", type=Path, default=[], metavar="FOLDER", help="as load_cmi reads it"
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="made if need be; nothing without it")
    parser.add_argument(
        "--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names)
    )
    parser.add_argument("--threads", type=_positive, default=2, metavar="N", help="of every library; 2")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that the command works")
    parser.add_argument(
        "--full",
        action="store_true",
        help="rank 140,000 circRNAs and compare 20,000 with each other, in place of extrapolations",
    )
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more; got {text}")
    return int(text)


def _say(line: str) -> None:
    tqdm.write(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
