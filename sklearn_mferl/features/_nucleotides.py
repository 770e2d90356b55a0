"""Nucleotides as small integers, for loops that count them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

NUCLEOTIDES: Final = "ACGU"
FOREIGN: Final = len(NUCLEOTIDES)

_CODE_OF_BYTE: Final = np.full(256, FOREIGN, dtype=np.uint8)
_CODE_OF_BYTE[np.frombuffer(NUCLEOTIDES.encode("ascii"), dtype=np.uint8)] = np.arange(len(NUCLEOTIDES))


def encode_nucleotides(sequence: str) -> NDArray[np.uint8]:
    """Return the letters of a validated sequence as numbers.

    Parameters
    ----------
    sequence : str
        Upper case IUPAC letters with U for T.

    Returns
    -------
    ndarray of uint8, shape (len(sequence),)
        0, 1, 2, 3 for A, C, G, U, and 4 (`FOREIGN`) for any other letter.

    Examples
    --------
    >>> encode_nucleotides("ACGUN")
    array([0, 1, 2, 3, 4], dtype=uint8)
    """
    return _CODE_OF_BYTE[np.frombuffer(sequence.encode("ascii"), dtype=np.uint8)]
