"""Stretches of RNA that experiments found held by Argonaute: how they are read, and where they lie."""

import os
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from sklearn_mferl.datasets.fasta import read_fasta
from sklearn_mferl.datasets.text import read_lines, read_rows
from sklearn_mferl.features.rna_codes import encode_rnas
from sklearn_mferl.utils.arrays import Bools, Letters
from sklearn_mferl.utils.validation import cut, fold_name, nearest_id, normalize_sequence

SHORTEST: Final = 12  # nucleotides; a shorter stretch stands in many RNAs by chance
_PLACES: Final = ("circrna", "start", "end")
_NO_RECORD: Final = ("track", "browser", "#")


def read_regions(given: Any, circrna: Mapping[str, str] | None, circular: bool) -> list[str]:
    """Return stretches as sequences, from any form that `KnownRegions` takes; each stands once."""
    if isinstance(given, (str, os.PathLike)):
        stretches = _of_file(given, circrna, circular)
    elif isinstance(given, pd.DataFrame):
        header = [fold_name(str(name)) for name in given.columns]
        rows = ((f"row {row} of the regions", list(cells)) for row, cells in enumerate(given.to_numpy()))
        stretches = _of_table(header, rows, "the regions", circrna, circular)
    elif isinstance(given, Iterable):
        stretches = ((f"region {row}", rna) for row, rna in enumerate(given))
    else:
        raise ValueError(
            f"regions must be a path, a DataFrame, sequences or None; got a {type(given).__name__}."
        )
    found: dict[str, None] = {}
    for where, stretch in stretches:
        rna = normalize_sequence(stretch, where)
        if len(rna) < SHORTEST:
            raise ValueError(
                f"{where}: {cut(rna)!r} has {len(rna)} nucleotides; a stretch of less than {SHORTEST} stands "
                "in many RNAs by chance, so leave it out."
            )
        found[rna] = None
    if not found:
        raise ValueError("There are no regions; give regions=None where none are known.")
    return list(found)


class RegionIndex:
    """Stretches by their first letters, to be found in targets."""

    def __init__(self, stretches: Iterable[str]) -> None:
        self._by_start = defaultdict[bytes, list[bytes]](list)
        self._longest = 0
        for stretch in stretches:
            letters = encode_rnas([stretch]).codes.tobytes()
            self._by_start[letters[:SHORTEST]].append(letters)
            self._longest = max(self._longest, len(letters))

    def cover(self, target: Letters, circular: bool) -> Bools:
        """Tell which nucleotides of a target lie in a stretch that it holds as a whole."""
        length, covered = len(target), np.zeros(len(target), dtype=bool)
        text = target.tobytes()
        if circular:
            text += text[: min(self._longest, length) - 1]
        for start in range(length):
            for stretch in self._by_start.get(text[start : start + SHORTEST], ()):
                if len(stretch) <= length and text.startswith(stretch, start):
                    covered[np.arange(start, start + len(stretch)) % length] = True
        return covered


def _of_file(path: Any, circrna: Mapping[str, str] | None, circular: bool) -> Iterator[tuple[str, str]]:
    """Yield where a stretch stands and its letters, from FASTA, BED or a table."""
    name = str(path).removesuffix(".gz")
    if next((line for _, line in read_lines(path) if line.strip()), "").startswith(">"):
        return ((f"{path}, {rna!r}", stretch) for rna, stretch in read_fasta(path).items())
    if name.endswith(".bed"):
        lines = (
            (f"{path}, line {line}", cells)
            for line, cells in read_rows(path, delimiter="\t")
            if not cells[0].startswith(_NO_RECORD)
        )
        return _of_table(_PLACES, lines, path, circrna, circular)
    rows = read_rows(path)
    _, header = next(rows, (0, list[str]()))
    folded = [fold_name(cell) for cell in header]
    return _of_table(
        folded, ((f"{path}, line {line}", cells) for line, cells in rows), path, circrna, circular
    )


def _of_table(
    header: Iterable[str], rows: Iterable[tuple[str, list[Any]]], source: Any, circrna: Any, circular: bool
) -> Iterator[tuple[str, str]]:
    """Yield stretches of a table that has a column of sequences, or columns of places in circRNAs."""
    header = list(header)
    if "sequence" in header:
        column = header.index("sequence")
        for where, cells in rows:
            if len(cells) <= column:
                raise ValueError(f"{where}: the sequence is missing.")
            yield where, str(cells[column])
        return
    if not set(_PLACES) <= set(header):
        raise ValueError(
            f"{source} needs a column sequence, or the columns circrna, start and end; it has "
            f"{cut(', '.join(header))!r}. The name of a BED file ends in .bed or .bed.gz."
        )
    if circrna is None:
        raise ValueError(
            f"{source} has places in circRNAs, and there are no circRNA sequences by id to read them from; "
            "give the regions as sequences."
        )
    columns = [header.index(name) for name in _PLACES]
    unknown, n_unknown, n_known = "", 0, 0
    for where, cells in rows:
        if len(cells) <= max(columns):
            raise ValueError(f"{where}: {len(cells)} cells; a region has circRNA, start and end.")
        name, *ends = (cells[column] for column in columns)
        if name not in circrna:
            unknown = unknown or f"{where}: the circRNA {name!r} has no sequence{nearest_id(name, circrna)}"
            n_unknown += 1
            continue
        n_known += 1
        yield where, _cut_out(circrna[name], name, ends, circular, where)
    if unknown and not n_known:
        raise ValueError(f"{unknown}; no region is of a circRNA with a sequence.")
    if unknown:
        warnings.warn(
            f"{n_unknown} of {n_unknown + n_known} regions are left out, as their circRNAs have no sequence; "
            f"the first: {unknown}.",
            UserWarning,
            stacklevel=5,
        )


def _cut_out(rna: str, name: str, ends: list[Any], circular: bool, where: str) -> str:
    """Return the letters of a stretch; on a circle it may run across the junction."""
    try:
        start, end = (int(str(number)) for number in ends)
    except ValueError:
        raise ValueError(
            f"{where}: start and end must be whole numbers; got {ends[0]!r}, {ends[1]!r}."
        ) from None
    last = start + len(rna) if circular else len(rna)
    if not (0 <= start < len(rna) and start < end <= last):
        raise ValueError(
            f"{where}: {start} to {end} is no stretch of {name!r}, which has {len(rna)} nucleotides, counted "
            "from 0; where places count in the unspliced circle, give the regions as sequences."
        )
    return (rna + rna)[start:end]
