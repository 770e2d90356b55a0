"""Nucleotides as small integers, for loops that count them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

NUCLEOTIDES: Final = "ACGU"
FOREIGN: Final = len(NUCLEOTIDES)

_CODE_OF_BYTE: Final = bytes(
    NUCLEOTIDES.index(letter) if letter in NUCLEOTIDES else FOREIGN for letter in map(chr, range(256))
)


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
    return np.frombuffer(bytearray(sequence, "ascii").translate(_CODE_OF_BYTE), dtype=np.uint8)
