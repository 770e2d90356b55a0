"""Checks shared by every estimator; each error names the row, the id or the letter at fault."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SIDES: Final = ("circrna", "mirna")
IUPAC: Final = frozenset("ACGURYSWKMBDHVN")
_NOT_IUPAC: Final = str.maketrans(dict.fromkeys(IUPAC))


def normalize_sequence(sequence: Any, name: str) -> str:
    """Return an RNA sequence in upper case with U for T.

    Parameters
    ----------
    sequence : str
        Letters of the IUPAC nucleotide code, either case, T or U.
    name : str
        What the sequence is called in an error, such as ``"row 3"`` or ``"circRNA 'hsa_circ_0000002'"``.

    Returns
    -------
    str
        The normalised sequence, never empty.

    Raises
    ------
    ValueError
        If the sequence is not a string, is empty, or holds a letter outside IUPAC.
    """
    if not isinstance(sequence, str):
        kind = "missing (NaN)" if _is_missing(sequence) else f"a {type(sequence).__name__}"
        raise ValueError(f"The sequence of {name} is {kind}; give a string of nucleotides such as 'ACGU'.")
    normalized = sequence.strip().upper().replace("T", "U")
    if not normalized:
        raise ValueError(f"The sequence of {name} is empty; remove it or supply its nucleotides.")
    foreign = normalized.translate(_NOT_IUPAC)
    if foreign:
        position = normalized.index(foreign[0]) + 1
        raise ValueError(
            f"The sequence of {name} has the letter {foreign[0]!r} at position {position}, which is not an "
            f"IUPAC nucleotide; allowed are {''.join(sorted(IUPAC))} and T."
        )
    return normalized


def check_sequences(X: Any) -> NDArray[np.object_]:
    """Validate a 1-D collection of RNA sequences.

    Parameters
    ----------
    X : list, tuple, array, Series or one-column DataFrame of str
        Sequences; a (n, 1) array is taken as its only column.

    Returns
    -------
    ndarray of object, shape (n,)
        Normalised sequences: upper case, U for T.

    Raises
    ------
    ValueError
        If `X` is a single string, empty, not one column, or holds a sequence that is not RNA.
    """
    values = _as_column(X, "sequence")
    sequences = np.empty(len(values), dtype=object)
    sequences[:] = [normalize_sequence(value, f"row {row}") for row, value in enumerate(values)]
    return sequences


def check_ids(X: Any) -> NDArray[np.object_]:
    """Validate a 1-D collection of ids.

    Parameters
    ----------
    X : list, tuple, array, Series or one-column DataFrame of str
        Ids; a (n, 1) array is taken as its only column.

    Returns
    -------
    ndarray of object, shape (n,)
        The ids, unchanged.

    Raises
    ------
    ValueError
        If `X` is a single string, empty, not one column, or holds anything but strings.
    """
    ids = _as_column(X, "id")
    for row, name in enumerate(ids):
        if not isinstance(name, str):
            raise ValueError(f"The id of row {row} is {name!r}, not a string; ids must be strings.")
    return ids


def unique_sequences(items: Iterable[tuple[Any, Any]], side: str) -> dict[str, str]:
    """Normalise (id, sequence) items and refuse an id with two different sequences."""
    found: dict[str, str] = {}
    for name, sequence in items:
        normalized = normalize_sequence(sequence, f"{side} {name!r}")
        if found.setdefault(name, normalized) != normalized:
            raise ValueError(f"The {side} id {name!r} stands twice with two different sequences; keep one.")
    return found


def check_pairs(pairs: Any) -> NDArray[np.object_]:
    """Validate circRNA–miRNA pairs.

    Parameters
    ----------
    pairs : DataFrame, list of tuples or array of str, shape (n, 2)
        A DataFrame is read by its columns ``circrna`` and ``mirna`` (others are ignored), or, where it
        has neither name, by its two columns in this order. Anything else is (circRNA, miRNA) by row.

    Returns
    -------
    ndarray of object, shape (n, 2)
        Ids; the first column holds the circRNAs.

    Raises
    ------
    ValueError
        If there are not two columns, no row, or an id is missing or not a string.
    """
    if isinstance(pairs, pd.DataFrame) and set(SIDES) & set(pairs.columns):
        missing = [side for side in SIDES if side not in pairs.columns]
        if missing:
            raise ValueError(f"The pairs have no column {missing[0]!r}; they have {list(pairs.columns)}.")
        pairs = pairs.loc[:, list(SIDES)]
    values = _as_object_array(pairs, "pairs")
    if values.ndim == 1:
        for row, pair in enumerate(values):
            if isinstance(pair, (tuple, list)) and len(pair) != 2:
                raise ValueError(f"Row {row} of the pairs has {len(pair)} columns; a pair has two.")
    if values.ndim != 2 or values.shape[1] != 2:
        raise ValueError(
            f"Pairs must have two columns, circrna and mirna; got shape {values.shape}. "
            "A single pair is a list of one tuple: [(circrna, mirna)]."
        )
    if len(values) == 0:
        raise ValueError("Found 0 pairs (shape=(0, 2)) while a minimum of 1 is required.")
    for column, side in enumerate(SIDES):
        for row, name in enumerate(values[:, column]):
            if not isinstance(name, str):
                kind = "missing (NaN)" if _is_missing(name) else f"{name!r}, a {type(name).__name__}"
                raise ValueError(f"Row {row}, column {side!r} is {kind}; ids and sequences must be strings.")
    return values


def _as_column(X: Any, what: str) -> NDArray[np.object_]:
    if isinstance(X, str):
        raise ValueError(f"Expected a collection of {what}s, got one string; wrap it in a list: [{what}].")
    values = _as_object_array(X, f"{what}s")
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise ValueError(
            f"Expected a 1-D collection of {what}s, got shape {values.shape}; select a single column."
        )
    if len(values) == 0:
        raise ValueError(f"Found 0 {what}s (shape=(0,)) while a minimum of 1 is required.")
    return values


def _as_object_array(X: Any, what: str) -> NDArray[np.object_]:
    if X is None:
        raise ValueError(f"Expected {what}, got None.")
    if isinstance(X, (pd.DataFrame, pd.Series)):
        return X.to_numpy(dtype=object)
    if not hasattr(X, "__len__"):
        X = list(X) if isinstance(X, Iterable) else [X]
    return np.asarray(X, dtype=object)


def _is_missing(value: Any) -> bool:
    return (
        value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value))
    )
