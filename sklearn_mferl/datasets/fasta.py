"""FASTA files in and out."""

import gzip
import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from sklearn_mferl.datasets.text import read_lines
from sklearn_mferl.utils.atomic import replacing
from sklearn_mferl.utils.validation import cut, normalize_sequence, unique_sequences

_AFTER_ID: Final = re.compile(r"[|\s]")


def read_fasta(path: str | os.PathLike[str], ids: Collection[str] = ()) -> dict[str, str]:
    r"""Read the RNA sequences of a FASTA file.

    The id of a record is the first word of its header up to the first ``|``, which is what circBase
    (``>hsa_circ_0000002|chr1:...|NM_...|GENE``) and miRBase (``>hsa-let-7a-5p MIMAT0000062 ...``) mean by
    it; or the whole word, such as ``chr1:1000|1400`` of CIRI, where `ids` have it or two records differ
    behind the ``|`` alone. A sequence may run over several lines, in either case, with T or U.

    Parameters
    ----------
    path : str or path
        A FASTA file, plain or gzipped, in UTF-8, or in UTF-16 with a byte order mark; its first bytes tell
        which, not its name.
    ids : collection of str, default=()
        Ids that the sequences are for: they decide which of its two names a record goes by. The records
        that they do not name go by whole words if most of `ids` hold a ``|``.

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
        a sequence or with two different ones, a letter outside IUPAC, or one record that `ids` name in both
        ways; the message names the file, the line and the id.

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
    for line, name, sequence in _named(list(_records(read_lines(path), path)), ids, path):
        if sequences.setdefault(name, sequence) != sequence:
            raise ValueError(
                f"{path}: the id {name!r} stands on lines {first_line[name]} and {line} with two different "
                "sequences; keep one (an id ends at the first space of its header)."
            )
        first_line.setdefault(name, line)
    if not sequences:
        raise ValueError(f"{path} is empty; a FASTA file holds lines '>id', each followed by a sequence.")
    return sequences


def read_headers(path: str | os.PathLike[str]) -> dict[str, str]:
    """Return the first word of the header of each record, by either id that `read_fasta` may give it."""
    words = [word for _, word, _ in _records(read_lines(path), path)]
    return {**{_before_bar(word): word for word in reversed(words)}, **{word: word for word in words}}


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
    with replacing(Path(path)) as temporary:
        temporary.write_bytes(packed)


def _named(
    records: list[tuple[int, str, str]], ids: Collection[str], path: Any
) -> Iterator[tuple[int, str, str]]:
    """Yield the records by their ids: the first words of their headers, or what stands before the bar."""
    words = dict.fromkeys(word for _, word, _ in records)
    shared = Counter(_before_bar(word) for word in words).most_common(1)
    whole = 2 * sum("|" in name for name in ids) > len(ids) or (bool(shared) and shared[0][1] > 1)
    for line, word, sequence in records:
        short = _before_bar(word)
        if word != short and word in ids and short in ids:
            raise ValueError(
                f"{path}, line {line}: {word!r} and {short!r} are two ids in use, and both mean this record; "
                "keep one of them."
            )
        known = next((name for name in (word, short) if name in ids), None)
        yield line, known or (word if whole else short), sequence


def _before_bar(word: str) -> str:
    return word.partition("|")[0]


def _records(lines: Iterable[tuple[int, str]], path: Any) -> Iterator[tuple[int, str, str]]:
    """Yield the line of the header, its first word and the sequence of each record."""
    records: list[tuple[int, str, list[str]]] = []
    for line_number, raw_line in lines:
        line = raw_line.strip()
        if line.startswith(">"):
            name = (line[1:].split(maxsplit=1) or [""])[0]
            records.append((line_number, name, []))
            if not _before_bar(name):
                raise ValueError(f"{path}, line {line_number}: the header {cut(line)!r} has no id after '>'.")
        elif line:
            if not records:
                raise ValueError(
                    f"{path}, line {line_number}: {cut(line, 30)!r} stands before the first header; a FASTA "
                    "file begins with a line '>id'."
                )
            # Line by line, so that the message names the line of a foreign letter.
            records[-1][2].append(normalize_sequence(line, f"{name!r} ({path}, line {line_number})"))
    for header_line, name, parts in records:
        if not parts:
            raise ValueError(
                f"{path}, line {header_line}: the id {name!r} has an empty sequence; remove it or supply its "
                "nucleotides."
            )
        yield header_line, name, "".join(parts)
