"""FASTA files in and out."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TextIO

import pandas as pd

from sklearn_mferl._validation import normalize_sequence, unique_sequences
from sklearn_mferl.datasets._text import open_text

_AFTER_ID: Final = re.compile(r"[|\s]")


def read_fasta(path: str | os.PathLike[str]) -> dict[str, str]:
    r"""Read the RNA sequences of a FASTA file.

    The id of a record is its header up to the first ``|`` or white space, which is what circBase
    (``>hsa_circ_0000002|chr1:...|NM_...|GENE``) and miRBase (``>hsa-let-7a-5p MIMAT0000062 ...``) mean by
    it. A sequence may run over several lines, in either case, with T or U.

    Parameters
    ----------
    path : str or path
        A FASTA file, plain or gzipped; its first bytes tell which, not its name.

    Returns
    -------
    dict of str to str
        Id to sequence in upper case with U for T, in the order of the file.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file holds no record, text before the first header, a header without an id, an id without
        a sequence, a letter outside IUPAC, or one id with two different sequences; the message names the
        file, the line and the id. An id that is repeated with the same sequence is no error.

    See Also
    --------
    write_fasta : The way back.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn_mferl.datasets import read_fasta
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "mirna.fa"
    ...     with path.open("w") as file:
    ...         print(">hsa-let-7a-5p MIMAT0000062", "tgaggtagtagg", "ttgtatagtt", sep="\n", file=file)
    ...     read_fasta(path)
    {'hsa-let-7a-5p': 'UGAGGUAGUAGGUUGUAUAGUU'}
    """
    sequences: dict[str, str] = {}
    first_line: dict[str, int] = {}
    with open_text(path) as lines:
        for line_number, name, sequence in _records(lines, path):
            if sequences.setdefault(name, sequence) != sequence:
                raise ValueError(
                    f"{path}: the id {name!r} stands on lines {first_line[name]} and {line_number} with two "
                    "different sequences; keep one."
                )
            first_line.setdefault(name, line_number)
    if not sequences:
        raise ValueError(f"{path} is empty; a FASTA file holds lines '>id', each followed by a sequence.")
    return sequences


def write_fasta(path: str | os.PathLike[str], sequences: Mapping[str, str] | pd.Series) -> None:
    """Write RNA sequences to a FASTA file, one line a sequence.

    Parameters
    ----------
    path : str or path
        Where to write; a file of this name is replaced. A name that ends in ``.gz`` is gzipped.
    sequences : mapping or Series of str
        Id to sequence. They are written in upper case with U for T.

    Raises
    ------
    ValueError
        If there is no sequence, a sequence is not RNA, or an id would not come back from `read_fasta`
        because it is empty or holds ``|`` or white space.

    See Also
    --------
    read_fasta : The way back.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn_mferl.datasets import read_fasta, write_fasta
    >>> with TemporaryDirectory() as folder:
    ...     write_fasta(Path(folder) / "mirna.fasta.gz", {"hsa-let-7a-5p": "TGAGGTAGTAGGTTGTATAGTT"})
    ...     read_fasta(Path(folder) / "mirna.fasta.gz")
    {'hsa-let-7a-5p': 'UGAGGUAGUAGGUUGUAUAGUU'}
    """
    records = unique_sequences(sequences.items(), "FASTA")
    if not records:
        raise ValueError(f"There are no sequences to write to {path}.")
    for name in records:
        if not isinstance(name, str) or not name or _AFTER_ID.search(name):
            raise ValueError(
                f"The id {name!r} cannot be written to {path}: an id is a string without '|' and white space."
            )
    content = "".join(f">{name}\n{sequence}\n" for name, sequence in records.items()).encode()
    # A fixed time stamp, so that the same sequences give the same file.
    packed = gzip.compress(content, mtime=0) if str(path).endswith(".gz") else content
    Path(path).write_bytes(packed)


def _records(lines: TextIO, path: Any) -> Iterator[tuple[int, str, str]]:
    """Yield the line of the header, the id and the sequence of each record."""
    header_line, name, parts = 0, "", list[str]()
    for line_number, raw_line in enumerate(lines, start=1):
        line = raw_line.strip()
        if line.startswith(">"):
            if name:
                yield header_line, name, _joined(parts, path, header_line, name)
            header_line, parts = line_number, []
            name = _AFTER_ID.split(line[1:].strip(), maxsplit=1)[0]
            if not name:
                raise ValueError(f"{path}, line {line_number}: the header {line!r} has no id after '>'.")
        elif line:
            if not name:
                raise ValueError(
                    f"{path}, line {line_number}: {line[:30]!r} stands before the first header; a FASTA file "
                    "begins with a line '>id'."
                )
            # Line by line, so that the message names the line of a foreign letter.
            parts.append(normalize_sequence(line, f"{name!r} ({path}, line {line_number})"))
    if name:
        yield header_line, name, _joined(parts, path, header_line, name)


def _joined(parts: list[str], path: Any, header_line: int, name: str) -> str:
    if not parts:
        raise ValueError(
            f"{path}, line {header_line}: the id {name!r} has an empty sequence; remove it or supply its "
            "nucleotides."
        )
    return "".join(parts)
