"""The folder format: known interactions with sequences or precomputed vectors."""

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sklearn_mferl.datasets.fasta import read_fasta, write_fasta
from sklearn_mferl.datasets.pairs_file import read_known, read_labels
from sklearn_mferl.datasets.text import numbers, read_rows
from sklearn_mferl.utils.arrays import Ints
from sklearn_mferl.utils.atomic import check_folder, replacing
from sklearn_mferl.utils.validation import SIDES, cut, refuse_missing, refuse_swapped


@dataclass(frozen=True, eq=False, repr=False)
class CMIData:
    """Known circRNA–miRNA interactions and what is known about the RNAs.

    Attributes
    ----------
    name : str
        What the data set is called.
    pairs : DataFrame, shape (n_pairs, 2)
        Known interactions: columns ``circrna`` and ``mirna`` of ids, no pair twice.
    circrna : dict of str to str, or None
        circRNA id to sequence (5' to 3', cut open at the back-splice junction); None if unknown.
    mirna : dict of str to str, or None
        miRNA id to sequence (5' to 3'); None if unknown.
    embeddings : dict of str to DataFrame
        ``"circrna"`` or ``"mirna"`` to precomputed vectors, one row an id; empty if there are none.

    Examples
    --------
    >>> from sklearn_mferl.datasets import make_cmi
    >>> make_cmi(n_circrna=50, n_mirna=20, n_interactions=60, random_state=0)
    CMIData(name='simulated', pairs=60, circrna=50 sequences, mirna=20 sequences)
    """

    name: str
    pairs: pd.DataFrame
    circrna: dict[str, str] | None = None
    mirna: dict[str, str] | None = None
    embeddings: dict[str, pd.DataFrame] = field(default_factory=dict)

    def __repr__(self) -> str:
        parts = [f"name={self.name!r}", f"pairs={len(self.pairs)}"]
        for side, sequences in zip(SIDES, (self.circrna, self.mirna), strict=True):
            known = [] if sequences is None else [f"{len(sequences)} sequences"]
            if side in self.embeddings:
                count, size = self.embeddings[side].shape
                known.append(f"{count} vectors of {size}")
            parts.append(f"{side}={' and '.join(known) or None}")
        return f"CMIData({', '.join(parts)})"


def load_cmi(folder: str | os.PathLike[str]) -> CMIData:
    """Read a folder of interactions, sequences and precomputed vectors.

    ========================== =========================================================================
    file                       what
    ========================== =========================================================================
    ``interactions.csv``       known interactions: columns ``circrna`` and ``mirna``, a pair of ids a line
    ``circrna.fasta``          sequences by id (optional), likewise ``mirna.fasta``
    ``circrna_embeddings.csv`` precomputed vectors (optional), likewise ``mirna_embeddings.csv``: a header,
                               then an id and its numbers a line
    ========================== =========================================================================

    Any of them may be gzipped and then end in ``.gz``; where both stand there, the plain one is read.

    Parameters
    ----------
    folder : str or path
        The folder; its name becomes the name of the data.

    Returns
    -------
    CMIData
        An interaction that stands there more than once is kept once, where it came first; other columns
        of ``interactions.csv`` are dropped. Sequences and vectors of RNAs without an interaction are kept.
        An id of a FASTA file is what the interactions have, where `read_fasta` leaves a choice.

    Raises
    ------
    FileNotFoundError
        If the folder or ``interactions.csv`` is missing.
    ValueError
        If a column, an id or a number is missing or malformed, an RNA with an interaction has neither
        sequence nor vector although other RNAs of its side do, or a column of 0 and 1 says that some pairs
        are no interactions; the message names the file, the line and the id.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn_mferl.datasets import load_cmi, make_cmi, save_cmi
    >>> with TemporaryDirectory(suffix="_cmi") as folder:
    ...     save_cmi(make_cmi(n_circrna=50, n_mirna=20, random_state=0), folder)
    ...     load_cmi(folder)
    CMIData(name='..._cmi', pairs=100, circrna=50 sequences, mirna=20 sequences)
    """
    return read_cmi(find_files(folder))[0]


class CMIFiles(NamedTuple):
    """The files of a data set."""

    name: str
    interactions: Path
    sequences: Mapping[str, Path | None]  # by side
    vectors: Mapping[str, Path | None]
    options: bool = False  # given by the options ``--circrna`` and the like, which messages then name

    def call(self, path: Path, option: str) -> str:
        """Return what a message calls a file."""
        return f"{path} (--{option})" if self.options else str(path)


def find_files(folder: str | os.PathLike[str]) -> CMIFiles:
    """Find the files of a folder by their names."""
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder}.")
    interactions = find_file(folder, "interactions.csv")
    if interactions is None:
        raise FileNotFoundError(f"The folder {folder} has no interactions.csv (nor interactions.csv.gz).")
    sequences = {side: find_file(folder, f"{side}.fasta") for side in SIDES}
    vectors = {side: find_file(folder, f"{side}_embeddings.csv") for side in SIDES}
    return CMIFiles(folder.resolve().name, interactions, sequences, vectors)


def read_cmi(files: CMIFiles, labels: str | None = None, strict: bool = False) -> tuple[CMIData, Ints | None]:
    """Read a data set, each file once."""
    path, y = files.interactions, None
    if labels is None:
        table = read_known(path).drop_duplicates()
    else:
        table, column = read_labels(path, labels)
        y = column.to_numpy()
    sequences: dict[str, dict[str, str] | None] = {}
    embeddings: dict[str, pd.DataFrame] = {}
    for side in SIDES:
        fasta = files.sequences[side]
        sequences[side] = None if fasta is None else read_fasta(fasta, set(table[side]))
    refuse_swapped(table, {side: known or {} for side, known in sequences.items()}, path)
    for side in SIDES:
        fasta, vectors = files.sequences[side], files.vectors[side]
        sources: list[tuple[Collection[str], str]] = []
        if fasta is not None:
            sources.append((sequences[side] or {}, f"sequence in {files.call(fasta, side)}"))
        if vectors is not None:
            embeddings[side] = read_embeddings(vectors, side)
            place = files.call(vectors, f"{side}-embeddings")
            sources.append((embeddings[side].index, f"vector in {place}"))
        if len(sources) == 2 and not strict:
            known = set().union(*(ids for ids, _ in sources))
            sources = [(known, " nor a ".join(what for _, what in sources))]
        for ids, what in sources:  # none: the sequences are for the caller to supply
            lacks = f"neither a {what}" if " nor a " in what else f"no {what}"
            advice = "add it there or leave its pairs out"
            refuse_missing(table[side].tolist(), ids, side, lacks, advice, (path, table.index))
    pairs = pd.DataFrame(table.to_numpy().tolist(), columns=list(SIDES))
    return CMIData(files.name, pairs, sequences["circrna"], sequences["mirna"], embeddings), y


def save_cmi(data: CMIData, folder: str | os.PathLike[str]) -> None:
    """Write data as a folder that `load_cmi` reads.

    Parameters
    ----------
    data : CMIData
        What to write.
    folder : str or path
        Where to; it is made if need be. Files of the format's names in it are replaced, and removed where
        `data` does not hold what they do, so that `load_cmi` reads back what was saved.

    Raises
    ------
    ValueError
        If `folder` is a file.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn_mferl.datasets import make_cmi, save_cmi
    >>> with TemporaryDirectory() as folder:
    ...     save_cmi(make_cmi(n_circrna=50, n_mirna=20, random_state=0), folder)
    ...     sorted(path.name for path in Path(folder).iterdir())
    ['circrna.fasta', 'interactions.csv', 'mirna.fasta']
    """
    folder = check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    pairs = partial(data.pairs.to_csv, columns=list(SIDES), index=False, lineterminator="\n")
    writers: dict[str, Callable[[Path], Any] | None] = {"interactions.csv": pairs}
    for side, sequences in zip(SIDES, (data.circrna, data.mirna), strict=True):
        fasta = None if sequences is None else partial(write_fasta, sequences=sequences)
        vectors = data.embeddings.get(side)
        table = None if vectors is None else partial(vectors.to_csv, index_label=side, lineterminator="\n")
        writers |= {f"{side}.fasta": fasta, f"{side}_embeddings.csv": table}
    for name, write in writers.items():
        if write is None:
            (folder / name).unlink(missing_ok=True)
        else:
            with replacing(folder / name) as temporary:
                write(temporary)
        (folder / f"{name}.gz").unlink(missing_ok=True)


def find_file(folder: Path, name: str) -> Path | None:
    """Return the file, or its gzipped form, or None."""
    for path in (folder / name, folder / f"{name}.gz"):
        if path.exists() and not path.is_dir():  # a pipe does as well
            return path
    return None


def read_embeddings(path: Path, side: str) -> pd.DataFrame:
    """Read vectors by id: a header, then an id and its numbers a line."""
    rows = read_rows(path)
    _, header = next(rows, (0, list[str]()))
    if len(header) < 2:
        raise ValueError(
            f"{path} needs a header of two columns or more, ids first; it is {cut(str(header))}."
        )
    found: dict[str, list[float]] = {}
    for line, cells in rows:
        vector = numbers(cells, len(header), f"{path}, line {line}")
        if found.setdefault(cells[0], vector) != vector:
            raise ValueError(f"{path}, line {line}: the {side} {cells[0]!r} stands twice with two vectors.")
    if not found:
        raise ValueError(f"{path} lists no vector.")
    return frame_vectors(found, side, header[1:])


def frame_vectors(vectors: Mapping[str, list[float]], side: str, columns: list[str]) -> pd.DataFrame:
    """Put vectors by id into a table."""
    index = pd.Index(list(vectors), name=side)
    return pd.DataFrame(np.array(list(vectors.values())), index=index, columns=columns)
