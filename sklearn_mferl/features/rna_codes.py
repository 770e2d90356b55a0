"""RNAs as numbers, end to end in one array, as compiled loops read them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from sklearn_mferl.utils.arrays import Doubles, Ints, Letters, njit

NUCLEOTIDES: Final = "ACGU"
FOREIGN: Final = len(NUCLEOTIDES)
SEED: Final = slice(1, 8)  # nucleotides 2 to 8 of a miRNA, which decide what it binds

_CODE_OF_BYTE: Final = bytes(
    NUCLEOTIDES.index(letter) if letter in NUCLEOTIDES else FOREIGN for letter in map(chr, range(256))
)

CodeArrays = tuple[Letters, Ints, Ints]  # codes, starts, lengths

MISMATCH: Final = 0
WOBBLE: Final = 1
WATSON_CRICK: Final = 2


@dataclass(frozen=True)
class RNACodes:
    """RNAs as numbers, all in one array: A, C, G, U are 0 to 3, other letters 4 (`FOREIGN`)."""

    codes: Letters  # of all nucleotides
    starts: Ints  # of each RNA in `codes`
    lengths: Ints

    def arrays(self) -> CodeArrays:
        """Return what compiled loops take."""
        return self.codes, self.starts, self.lengths

    def first_letters(self, n_letters: int) -> Letters:
        """Return the first letters of each RNA, `FOREIGN` beyond its end; shape (n_rnas, n_letters)."""
        at = np.arange(n_letters)
        inside = at < self.lengths[:, None]
        places = np.where(inside, self.starts[:, None] + at, 0)
        return np.where(inside, self.codes[places], FOREIGN).astype(np.uint8)

    def stretches(self, rna: Ints, first: Ints, n_letters: int, circular: bool) -> Letters:
        """Return letters from given places on, round the circle or `FOREIGN` beyond the ends."""
        start, length = self.starts[rna, None], self.lengths[rna, None]
        letters = np.full((len(rna), n_letters), FOREIGN, dtype=np.uint8)
        inside = (first >= 0) & (first + n_letters <= length[:, 0])
        if inside.any():
            letters[inside] = sliding_window_view(self.codes, n_letters)[(start[:, 0] + first)[inside]]
        at = first[~inside, None] + np.arange(n_letters)
        start, length = start[~inside], length[~inside]
        read = self.codes[start + at % length]
        letters[~inside] = read if circular else np.where((at >= 0) & (at < length), read, FOREIGN)
        return letters

    def words(self, rna: Ints, first: Ints, n_letters: int) -> Ints:
        """Return the stretches from given places on as numbers in base 4, round the circle.

        One with a letter other than ACGU, or longer than the RNA, is -1.
        """
        start, length = self.starts[rna], self.lengths[rna]
        place, end = start + first % length, start + length
        words, foreign = np.zeros(len(rna), dtype=np.int64), length < n_letters
        for _ in range(n_letters):
            letters = self.codes[place]
            words = 4 * words + letters
            foreign |= letters == FOREIGN
            place += 1
            place = np.where(place == end, start, place)
        words[foreign] = -1
        return words

    def all_words(self, n_letters: int, circular: bool) -> tuple[Ints, Ints, Ints]:
        """Return every stretch of ACGU of each RNA, by RNA and place: RNA, place, and word as `words`."""
        n_starts = np.maximum(self.lengths if circular else self.lengths - n_letters + 1, 0)
        rna = np.repeat(np.arange(len(n_starts)), n_starts)
        first = np.arange(len(rna)) - np.repeat(n_starts.cumsum() - n_starts, n_starts)
        words = self.words(rna, first, n_letters)
        kept = words >= 0
        return rna[kept], first[kept], words[kept]

    @cached_property
    def shares(self) -> Doubles:
        """The share of A, C, G and U among the letters of each RNA; shape (n_rnas, 4)."""
        rna = np.repeat(np.arange(len(self.lengths)), self.lengths)
        n_letters = FOREIGN + 1
        counts = np.bincount(n_letters * rna + self.codes, minlength=n_letters * len(self.lengths))
        return counts.reshape(-1, n_letters)[:, :FOREIGN] / self.lengths[:, None]


def encode_rnas(sequences: Iterable[str]) -> RNACodes:
    """Encode validated sequences, at least one.

    Examples
    --------
    >>> from sklearn_mferl.features.rna_codes import encode_rnas
    >>> encode_rnas(["ACGU", "NA"])
    RNACodes(codes=array([0, 1, 2, 3, 4, 0], dtype=uint8), starts=array([0, 4]), lengths=array([4, 2]))
    """
    listed = list(sequences)
    lengths = np.fromiter(map(len, listed), dtype=np.int64, count=len(listed))
    letters = bytearray("".join(listed), "ascii").translate(_CODE_OF_BYTE)
    return RNACodes(np.frombuffer(letters, dtype=np.uint8), lengths.cumsum() - lengths, lengths)


@njit(cache=True, nogil=True)
def letter_at(codes: Letters, start: int, length: int, at: int, circular: bool) -> int:
    """Return a letter of one RNA: round the circle, or `FOREIGN` beyond the ends of a linear one."""
    if at < 0 or at >= length:
        if not circular:
            return FOREIGN
        at %= length
    return codes[start + at]


def pairing(one: int, other: int) -> int:
    """Say how two letters pair: 2 Watson-Crick, 1 G:U wobble, 0 not; a foreign letter pairs with none."""
    if one >= FOREIGN or other >= FOREIGN:
        return MISMATCH
    if one + other == 3:  # A:U is 0 + 3, C:G is 1 + 2
        return WATSON_CRICK
    if one + other == 5:  # G:U is 2 + 3
        return WOBBLE
    return MISMATCH
