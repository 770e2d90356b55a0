"""The folder format: known interactions with sequences or precomputed vectors."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from sklearn_mferl._atomic import check_folder, replacing
from sklearn_mferl._validation import SIDES
from sklearn_mferl.datasets._text import numbers, read_rows
from sklearn_mferl.datasets.fasta import read_fasta, write_fasta

_OF_A_SIDE: Final = (".fasta", "_embeddings.csv")


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

    See Also
    --------
    load_cmi : Reads a folder.
    make_cmi : Simulates.
    fetch_cmi : Downloads.

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

    Raises
    ------
    FileNotFoundError
        If the folder or ``interactions.csv`` is missing.
    ValueError
        If a column, an id or a number is missing or malformed, or an RNA with an interaction has neither
        sequence nor vector although other RNAs of its side do; the message names the file, the line and
        the id.

    See Also
    --------
    save_cmi : The way back.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn_mferl.datasets import load_cmi, make_cmi, save_cmi
    >>> simulated = make_cmi(n_circrna=50, n_mirna=20, n_interactions=60, random_state=0)
    >>> with TemporaryDirectory() as folder:
    ...     save_cmi(simulated, folder)
    ...     data = load_cmi(folder)
    >>> data.pairs.equals(simulated.pairs) and data.circrna == simulated.circrna
    True
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder}.")
    interactions = find_file(folder, "interactions.csv")
    if interactions is None:
        raise FileNotFoundError(f"The folder {folder} has no interactions.csv (nor interactions.csv.gz).")
    known = _read_interactions(interactions)
    sequences: dict[str, dict[str, str] | None] = {}
    embeddings: dict[str, pd.DataFrame] = {}
    for side in SIDES:
        fasta = find_file(folder, f"{side}.fasta")
        sequences[side] = None if fasta is None else read_fasta(fasta)
        vectors = find_file(folder, f"{side}_embeddings.csv")
        if vectors is not None:
            embeddings[side] = read_embeddings(vectors, side)
    for column, side in enumerate(SIDES):
        described = set(sequences[side] or ()).union(embeddings[side].index if side in embeddings else ())
        if not described:  # a list of pairs alone: the sequences are for the caller to supply
            continue
        for pair, line in known.items():
            if pair[column] not in described:
                raise ValueError(
                    f"{interactions}, line {line}: the {side} {pair[column]!r} has neither a sequence in "
                    f"{side}.fasta nor a row in {side}_embeddings.csv; add one or remove its interactions."
                )
    pairs = pd.DataFrame(list(known), columns=list(SIDES))
    return CMIData(folder.resolve().name, pairs, sequences["circrna"], sequences["mirna"], embeddings)


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

    See Also
    --------
    load_cmi : The way back.

    Examples
    --------
    >>> from pathlib import Path
    from typing import Final
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn_mferl.datasets import make_cmi, save_cmi
    >>> with TemporaryDirectory() as folder:
    ...     save_cmi(make_cmi(n_circrna=50, n_mirna=20, random_state=0), folder)
    ...     sorted(path.name for path in Path(folder).iterdir())
    ['circrna.fasta', 'interactions.csv', 'mirna.fasta']
    """
    folder = check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(folder / "interactions.csv") as temporary:
        data.pairs.to_csv(temporary, columns=list(SIDES), index=False, lineterminator="\n")
    written = {"interactions.csv"}
    sequences: Mapping[str, dict[str, str] | None] = {"circrna": data.circrna, "mirna": data.mirna}
    for side in SIDES:
        known = sequences[side]
        if known is not None:
            with replacing(folder / f"{side}.fasta") as temporary:
                write_fasta(temporary, known)
            written.add(f"{side}.fasta")
        if side in data.embeddings:
            with replacing(folder / f"{side}_embeddings.csv") as temporary:
                data.embeddings[side].to_csv(temporary, index_label=side, lineterminator="\n")
            written.add(f"{side}_embeddings.csv")
    for name in ("interactions.csv", *(f"{side}{kind}" for side in SIDES for kind in _OF_A_SIDE)):
        for earlier in {name, f"{name}.gz"} - written:
            (folder / earlier).unlink(missing_ok=True)


def find_file(folder: Path, name: str) -> Path | None:
    """Return the file, or its gzipped form, or None."""
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    return None


def _read_interactions(path: Path) -> dict[tuple[str, str], int]:
    """Return each known pair with the line where it stands first."""
    rows = read_rows(path)
    _, header = next(rows, (0, list[str]()))
    missing = [side for side in SIDES if side not in header]
    if missing:
        raise ValueError(
            f"{path} has no column {missing[0]!r}; its first line must name the columns circrna and mirna, "
            f"and is {','.join(header)!r}."
        )
    columns = [header.index(side) for side in SIDES]
    known: dict[tuple[str, str], int] = {}
    for line, cells in rows:
        if len(cells) != len(header):
            raise ValueError(f"{path}, line {line}: {len(cells)} cells under {len(header)} columns.")
        circrna, mirna = (cells[column] for column in columns)
        if not circrna or not mirna:
            raise ValueError(f"{path}, line {line}: the {'mirna' if circrna else 'circrna'} id is missing.")
        known.setdefault((circrna, mirna), line)
    if not known:
        raise ValueError(f"{path} lists no interaction.")
    return known


def read_embeddings(path: Path, side: str) -> pd.DataFrame:
    """Read vectors by id: a header, then an id and its numbers a line."""
    rows = read_rows(path)
    _, header = next(rows, (0, list[str]()))
    if len(header) < 2:
        raise ValueError(f"{path} needs a header of two columns or more, ids first; it is {header}.")
    found: dict[str, list[float]] = {}
    for line, cells in rows:
        vector = numbers(cells, len(header), f"{path}, line {line}")
        if found.setdefault(cells[0], vector) != vector:
            raise ValueError(f"{path}, line {line}: the {side} {cells[0]!r} stands twice with two vectors.")
    if not found:
        raise ValueError(f"{path} lists no vector.")
    index = pd.Index(list(found), name=side)
    return pd.DataFrame(np.array(list(found.values())), index=index, columns=header[1:])
