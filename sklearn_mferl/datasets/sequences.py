"""Sequences from wherever the user keeps them."""

import os
from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from sklearn_mferl.datasets.fasta import read_fasta
from sklearn_mferl.utils.validation import SIDES, unique_sequences


def load_sequences(sequences: Any, side: str, ids: Collection[str] = ()) -> dict[str, str] | None:
    """Turn any accepted form of sequences into a dict of id to sequence.

    Parameters
    ----------
    sequences : mapping, Series, str, path or None
        Id to sequence, or the path of a FASTA file; None says that no sequences are known.
    side : {"circrna", "mirna"}
        Which RNAs these are; it stands in the messages.
    ids : collection of str, default=()
        As in `read_fasta`.

    Returns
    -------
    dict of str to str, or None
        Id to sequence in upper case with U for T; None where `sequences` is None. Always a new dict.

    Raises
    ------
    FileNotFoundError
        If a path leads to no file.
    ValueError
        If `sequences` is of another kind or empty, an id is not a string, one id has two different
        sequences, or a sequence is not RNA; the message names the id.

    Examples
    --------
    >>> from sklearn_mferl.datasets import load_sequences
    >>> load_sequences({"hsa-miR-7-5p": "tggaagactagtgattttgttgtt"}, "mirna")
    {'hsa-miR-7-5p': 'UGGAAGACUAGUGAUUUUGUUGUU'}
    """
    if side not in SIDES:
        raise ValueError(f"side must be one of {SIDES}; got {side!r}.")
    if sequences is None:
        return None
    if isinstance(sequences, (str, os.PathLike)):
        return read_fasta(sequences, set(ids))
    if not isinstance(sequences, (Mapping, pd.Series)):
        raise ValueError(
            f"The {side} sequences are a {type(sequences).__name__}; give a mapping or Series of id to "
            "sequence, the path of a FASTA file, or None."
        )
    for name in sequences.keys():  # noqa: SIM118, a Series iterates over its values
        if not isinstance(name, str):
            raise ValueError(
                f"The {side} id {name!r} is a {type(name).__name__}; ids must be strings. "
                "A Series of sequences needs the ids as its index."
            )
    if len(sequences) == 0:
        raise ValueError(f"There are no {side} sequences; give None where none are known.")
    return unique_sequences(sequences.items(), side)
