"""Text files, line by line, with messages that name the file and the line."""

from __future__ import annotations

import csv
import gzip
import io
import math
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO, cast

_GZIP_MAGIC: Final = b"\x1f\x8b"


@contextmanager
def open_text(path: str | os.PathLike[str]) -> Iterator[TextIO]:
    """Open a text file that may be gzipped; a missing file and a broken archive are named.

    Parameters
    ----------
    path : str or path
        The file. Line ends may be those of any system; a byte order mark is skipped.

    Yields
    ------
    TextIO
        Decoded from UTF-8; what is not UTF-8 becomes U+FFFD, for the reader to refuse with its line.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is gzipped and damaged.
    """
    try:
        raw = open(path, "rb")  # noqa: SIM115, closed below
    except FileNotFoundError:
        raise FileNotFoundError(f"There is no file {path}.") from None
    with raw:
        is_gzip = raw.peek(2)[:2] == _GZIP_MAGIC
        content = cast("io.BufferedReader", gzip.GzipFile(fileobj=raw)) if is_gzip else raw
        try:
            with io.TextIOWrapper(content, encoding="utf-8-sig", errors="replace", newline=None) as text:
                yield text
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(f"{path} is a damaged gzip file: {error}") from error


def read_rows(path: Path, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Yield the line number and the stripped cells of every line of a table that is not blank.

    Parameters
    ----------
    path : Path
        A delimited text file, plain or gzipped.
    delimiter : str, default=","
        What stands between two cells.

    Yields
    ------
    tuple of int and list of str
        Line number, counted from 1, and cells.
    """
    with open_text(path) as text:
        reader = csv.reader(text, delimiter=delimiter)
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield reader.line_num, [cell.strip() for cell in cells]
        except csv.Error as error:
            raise ValueError(f"{path}, line {reader.line_num}: {error}") from error


def numbers(cells: list[str], width: int, where: str) -> list[float]:
    """Return the numbers behind an id, or raise a ValueError that names the place, the id and the cell.

    Parameters
    ----------
    cells : list of str
        An id and its numbers.
    width : int
        How many cells there must be.
    where : str
        The file and line, for the message.

    Returns
    -------
    list of float
        All finite.
    """
    if not cells[0]:
        raise ValueError(f"{where}: the id is missing.")
    if len(cells) != width:
        raise ValueError(f"{where}: {cells[0]!r} has {len(cells) - 1} numbers instead of {width - 1}.")
    vector = []
    for cell in cells[1:]:
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise ValueError(f"{where}: {cell!r} of {cells[0]!r} is not a finite number.")
        vector.append(value)
    return vector
