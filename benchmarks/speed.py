#!/usr/bin/env python3
"""Measure the speed of all parts against their peers, and how they grow with the number of RNAs.

    python benchmarks/speed.py --data FOLDER [FOLDER ...] --out docs/benchmarks

writes into the folder --out

    speed.csv         a row for each figure, with commit, versions and machine
    speed.md, *.png   the page of the documentation, with its growth curves

The first folder serves Role2Vec and the cross-validation, the first with sequences of both sides trains the
models that rank, and the target RNAs of all folders are compared. Without --data all is simulated. Nothing
else should run on the machine meanwhile. Parts that this commit has measured with the same settings are kept,
so a run that was stopped goes on with the same command; --only measures its parts again.
"""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import joblib
import pandas as pd
from measuring import exit_code, in_own_process, new_parser, provenance, read, save
from page import write_speed
from speed_cases import Row, Settings, parts
from tqdm import tqdm

# of the libraries with threads of their own; read when they are loaded
_THREADS: Final = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
    *("NUMBA_NUM_THREADS", "LOKY_MAX_CPU_COUNT"),
)
COLUMNS: Final = [
    *("benchmark", "kind", "what", "data", "n", "seconds", "peer", "peer_seconds", "ratio"),
    *("peak_gb", "aim", "note", "commit", "versions", "machine", "settings"),
]


def collect(part: Callable[[Settings], Iterable[Row]], settings: Settings) -> list[Row]:
    """Return the rows of a part; they are made in the process that calls."""
    return list(part(settings))


def run(options: argparse.Namespace, scratch: str) -> int:
    """Measure what is not finished; return how many parts failed."""
    settings = Settings(tuple(options.data), options.threads, options.quick, options.full, scratch)
    path, every = options.out / "speed.csv", parts(settings)
    if unknown := set(options.only) - set(every):
        raise ValueError(f"--only {min(unknown)} is none of {', '.join(every)}.")
    mode = "quick" if options.quick else "full" if options.full else "usual"
    names = " + ".join(folder.resolve().name for folder in options.data) or "simulated data"
    about = {"settings": f"{mode} sizes, {options.threads} threads, {names}"}
    cores, load = joblib.cpu_count(), os.getloadavg()[0]  # before the first figure: afterwards it is our own
    about["machine"] = f"{_processor()}, {cores} cores, {platform.platform()}, load before {load:.1f}"
    rows, n_failed = read(path, COLUMNS), 0
    os.environ.update(dict.fromkeys(_THREADS, str(options.threads)))
    try:
        for name in (bar := tqdm(options.only or list(every), unit="part", disable=None)):
            bar.set_description(name)
            origin = provenance(options.allow_dirty, [options.out])
            of_part = rows["benchmark"] == name
            same = (rows["commit"] == origin["commit"]) & (rows["settings"] == about["settings"])
            if (of_part & same).any() and not options.only:
                continue
            try:
                found = [row for each in every[name] for row in in_own_process(collect, each, settings)]
            except Exception as error:  # whatever a part raises harms no other
                n_failed += 1
                tqdm.write(f"Failed: {name}: {type(error).__name__}: {error}", file=sys.stderr)
                continue
            new = [{"benchmark": name, **row, **origin, **about} for row in found]
            rows = pd.DataFrame([*rows[~of_part].to_dict("records"), *new], columns=COLUMNS).round(8)
            rows["ratio"] = rows["peer_seconds"] / rows["seconds"]
            rows = rows.sort_values("benchmark", key=lambda each: each.map(list(every).index), kind="stable")
            save(rows, path)
    finally:  # also where the run is stopped
        write_speed(rows, options.out)
    return n_failed


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):  # no Linux
        return platform.processor() or "unknown"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write the page, and return the exit code."""
    parser = new_parser(__doc__)
    parser.add_argument("--only", nargs="+", default=[], help=", ".join(parts(Settings())))
    parser.add_argument("--threads", type=int, default=2, help="of every library; 2")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that the command works")
    parser.add_argument(
        "--full", action="store_true", help="also 140,000 circRNAs, or 20,000 with each other"
    )
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as scratch:
        return exit_code(partial(run, scratch=scratch), options)


if __name__ == "__main__":
    sys.exit(main())
