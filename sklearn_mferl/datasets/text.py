"""Text files, line by line, with messages that name the file and the line."""

import csv
import gzip
import io
import math
import os
import re
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sklearn_mferl.utils.validation import SIDES, cut, fold_name

_GZIP: Final = b"\x1f\x8b"
_FORMATS: Final = (
    (b"PK\x03\x04", "a zip archive, as Excel workbooks (.xlsx) are"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"),
    (b"BZh", "compressed by bzip2"),
    (b"\xfd7zXZ", "compressed by xz"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd"),
    (b"\x04\x22\x4d\x18", "compressed by lz4"),
    (b"\x1f\x9d", "compressed by compress"),
    (_GZIP, "compressed by gzip twice"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a rar archive"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"FEA1", "a Feather file"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"SQLite", "an SQLite database"),
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"BAM\x01", "a BAM file"),
    (b"version https://git-lfs", "a pointer of Git LFS, not the file itself"),
)
_PICKLE: Final = re.compile(rb"\x80[\x02-\x05]")
_MARKUP: Final = re.compile(rb"\s*<(!doctype|html|\?xml)", re.IGNORECASE)
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f]")
_BYTE_ORDER_MARKS: Final = (  # that of UTF-32 begins with that of UTF-16
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_SEPARATORS: Final = ",\t;"
_LAST_SEPARATORS: Final = "| "  # stand in names as well
_SEPARATOR_LINE: Final = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)  # Excel writes and obeys it


def read_lines(path: str | os.PathLike[str]) -> Iterator[tuple[int, str]]:
    """Yield each line of a text file with its number, counted from 1."""
    content = _read_bytes(path)
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if content.startswith(mark)), "utf-8-sig")
    if encoding == "utf-8-sig":
        _refuse_formats(content, path)
    with io.TextIOWrapper(io.BytesIO(content), encoding, errors="replace", newline=None) as text:
        for number, line in enumerate(text, start=1):
            if "\ufffd" in line or "\0" in line:
                raise ValueError(
                    f"{path}, line {number}: {cut(line.strip())!r} is not text in UTF-8; save the file as "
                    "UTF-8."
                )
            yield number, line


def read_rows(path: str | os.PathLike[str], delimiter: str | None = None) -> Iterator[tuple[int, list[str]]]:
    """Yield the line number and the stripped cells of every line of a table that is not blank."""
    for number, line in read_lines(path):
        if delimiter is None:
            if stated := _SEPARATOR_LINE.fullmatch(line):
                delimiter = stated[1]
                continue
            if not line.strip():
                continue
            delimiter = _separator_of(line)
        text = line.strip() if delimiter == " " else line
        try:
            cells = next(csv.reader([text], delimiter=delimiter, strict=True, skipinitialspace=True), [])
        except csv.Error as error:
            hint = "; a cell that begins with a quote ends with one on the same line" if '"' in line else ""
            raise ValueError(f"{path}, line {number}: {error}{hint}.") from error
        cells = [cell.strip() for cell in cells]
        if any(cells):
            yield number, cells


def numbers(cells: list[str], width: int, where: str) -> list[float]:
    """Return the numbers behind an id, or raise a ValueError that names the place, the id and the cell."""
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
            raise ValueError(f"{where}: {cut(cell)!r} of {cells[0]!r} is not a finite number.")
        vector.append(value)
    return vector


def _read_bytes(path: str | os.PathLike[str]) -> bytes:
    """Read a file, pipe or the standard input to its end, and unpack it where it is gzipped."""
    try:
        content = sys.stdin.buffer.read() if os.fspath(path) == "-" else Path(path).read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"There is no file {path}.") from None
    except IsADirectoryError:
        raise IsADirectoryError(f"{path} is a folder; name a file.") from None
    if not content.startswith(_GZIP):
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path} is a damaged gzip file: {error}") from error


def _refuse_formats(content: bytes, path: object) -> None:
    """Name what is no text by its first bytes."""
    start = content[:4096]
    found = next((name for magic, name in _FORMATS if start.startswith(magic)), None)
    if start[257:262] == b"ustar":
        found = "a tar archive"
    elif _PICKLE.match(start):
        found = "a pickle, such as a saved model"
    elif _MARKUP.match(start):
        found = "a page of HTML or XML"
    elif len(start) > 1 and (not any(start[::2]) or not any(start[1::2])):
        found = "UTF-16 without a byte order mark"
    elif found is None and _CONTROL.search(start):
        found = "a binary file"
    if found is not None:
        advice = "save its sheet as CSV" if "Excel" in found else "give its content as text"
        raise ValueError(f"{path} is {found}, not a text file; {advice} in UTF-8.")


def _separator_of(header: str) -> str:
    """Return what gives a header the most cells that are named as expected, and then the most cells."""

    def quality(separator: str) -> tuple[int, int]:
        cells = [fold_name(cell.strip().strip('"')) for cell in header.split(separator)]
        return len(set(cells).intersection(SIDES)), len(cells)

    best = max(_SEPARATORS, key=quality)
    if quality(best)[0] == len(SIDES):
        return best
    return next((last for last in _LAST_SEPARATORS if quality(last)[0] == len(SIDES)), best)
