"""One pass over the words of the targets finds the seed sites of all miRNAs.

A site is looked for in a window of eight target nucleotides, those opposite to nucleotides 8 to 1 of the
miRNA; the window's number is the place of the first, the one opposite to nucleotide 8::

    target 5'- 0 1 2 3 4 5 6 7 -3'
    miRNA  3'- 8 7 6 5 4 3 2 1 -5'

All words that a seed can pair with are listed beforehand, so a window is a look-up.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sklearn_mferl.evidence.sites.rna_pairs import RNAPairs
from sklearn_mferl.features.rna_codes import (
    FOREIGN,
    NUCLEOTIDES,
    WATSON_CRICK,
    WOBBLE,
    RNACodes,
    letter_at,
    pairing,
)
from sklearn_mferl.utils.compiled import njit

SITE_TYPES: Final = (
    "8mer",
    "7mer-m8",
    "7mer-A1",
    "6mer",
    "offset-6mer",
    "seed-GU",
    "seed-mismatch",
)  # from the strongest to the weakest
N_SEED_TYPES: Final = 2  # the first of them match nucleotides 2 to 8,
N_7MER_TYPES: Final = 3  # are 7mers or better,
N_6MER_TYPES: Final = 4  # 6mers or better,
N_CANONICAL_TYPES: Final = 5  # and perfect matches of at least six nucleotides
SITE_OFFSETS: Final = np.array([0, 0, 1, 1, 0, 0, 0])  # first nucleotide of the site in its window
SITE_LENGTHS: Final = np.array([8, 7, 7, 6, 6, 7, 7])
WINDOW: Final = 8

_WORD: Final = 7  # nucleotides of the target opposite to 8 … 2 of the miRNA
_SHORTEST_SITE: Final = 6
_N_LETTERS: Final = FOREIGN + 1
_ADENINE: Final = NUCLEOTIDES.index("A")
# how a word pairs with nucleotides 2 to 8, before the nucleotide opposite to 1 is looked at
_MATCH_2_TO_8, _MATCH_2_TO_7, _MATCH_3_TO_8, _WITH_WOBBLE, _WITH_MISMATCH = range(5)
# site type by the way of pairing, without and with an A opposite to nucleotide 1
_TYPE_WITHOUT_A: Final = np.array([1, 3, 4, 5, 6])
_TYPE_WITH_A: Final = np.array([0, 2, 4, 5, 6])


@dataclass(frozen=True)
class Sites:
    """Seed sites of pairs, by pair and along the target."""

    pair: NDArray[np.int64]  # row of the pair, ascending
    target: NDArray[np.int64]
    mirna: NDArray[np.int64]
    window: NDArray[np.int64]  # ascending within a pair; -1 is possible on a linear target
    type: NDArray[np.int64]  # number in SITE_TYPES


class SeedIndex:
    """The words of seven nucleotides that the seeds of some miRNAs pair with."""

    def __init__(self, mirnas: RNACodes, *, seed_only: bool = False) -> None:
        seeds = mirnas.first_letters(WINDOW)[:, 1:].tolist()
        listed = [_pairing_words(tuple(seed)) for seed in seeds]
        words = np.concatenate([words for words, _ in listed])
        ways = np.concatenate([ways for _, ways in listed])
        mirna = np.repeat(np.arange(len(listed)), [len(words) for words, _ in listed])
        if seed_only:
            kept = ways == _MATCH_2_TO_8
            words, ways, mirna = words[kept], ways[kept], mirna[kept]
        order = np.argsort(words, kind="stable")
        counts = np.bincount(words, minlength=_N_LETTERS**_WORD)
        self._entry_starts = np.concatenate([[0], counts.cumsum()])
        self._entry_mirnas, self._entry_ways = mirna[order], ways[order]
        self._n_mirnas = len(listed)

    def find(self, pairs: RNAPairs) -> Sites:
        """Find the sites of pairs."""
        rows = np.full(self._n_mirnas, -1, dtype=np.int64)
        arguments = (
            *pairs.targets.arrays(),
            pairs.circular,
            *(self._entry_starts, self._entry_mirnas, self._entry_ways),
            *(pairs.target, pairs.mirna, rows),
        )
        n_sites = _scan(np.empty((3, 0), dtype=np.int64), *arguments)  # counts
        found = np.empty((3, n_sites), dtype=np.int64)
        _scan(found, *arguments)
        pair, window, site_type = found[:, np.argsort(found[0], kind="stable")]
        return Sites(pair, pairs.target[pair], pairs.mirna[pair], window, site_type)

    def count_mirnas(self, targets: RNACodes, circular: bool) -> NDArray[np.int64]:
        """Count the miRNAs of this index that have a site in each target.

        Only for an index with ``seed_only``: a match of nucleotides 2 to 8 lies within a linear target.
        """
        counts = np.zeros(len(targets.lengths), dtype=np.int64)
        _scan_all(counts, np.empty(0, dtype=np.int64), *self._scan_arguments(targets, circular))
        return counts

    def find_mirnas(self, targets: RNACodes, circular: bool) -> NDArray[np.int64]:
        """Find the miRNAs of this index that have a site in each target, as `count_mirnas` counts them."""
        counts = self.count_mirnas(targets, circular)
        cells = np.empty(counts.sum(), dtype=np.int64)
        _scan_all(counts, cells, *self._scan_arguments(targets, circular))
        return cells

    def _scan_arguments(self, targets: RNACodes, circular: bool) -> tuple[Any, ...]:
        last_target = np.full(self._n_mirnas, -1, dtype=np.int64)
        return (*targets.arrays(), circular, self._entry_starts, self._entry_mirnas, last_target)


def count_places(lengths: NDArray[np.int64], circular: bool) -> NDArray[np.int64]:
    """Return how many places for a 6mer targets of these lengths have."""
    if circular:
        return np.where(lengths >= WINDOW, lengths, 0)
    return np.maximum(lengths - _SHORTEST_SITE + 1, 0)


@lru_cache(maxsize=4**_WORD)
def _pairing_words(seed: tuple[int, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """List the words that pair with nucleotides 2 to 8 of a miRNA, and the best way in which each does."""
    anything = tuple(range(_N_LETTERS))
    exact = [tuple(x for x in anything if pairing(x, letter) == WATSON_CRICK) for letter in seed]
    wobbling = [tuple(x for x in anything if pairing(x, letter) >= WOBBLE) for letter in seed]
    patterns = [
        (_MATCH_2_TO_8, exact),
        (_MATCH_2_TO_7, [*exact[:6], anything]),
        (_MATCH_3_TO_8, [anything, *exact[1:]]),
        (_WITH_WOBBLE, wobbling),
        *((_WITH_MISMATCH, [*exact[:i], anything, *exact[i + 1 :]]) for i in range(1, 6)),
    ]
    ways: dict[int, int] = {}
    for way, letters in patterns:
        for word in itertools.product(*letters):
            number = 0
            for letter in reversed(word):  # the target's first letter is opposite to nucleotide 8
                number = _N_LETTERS * number + letter
            ways.setdefault(number, way)
    return np.array(list(ways), dtype=np.int64), np.array(list(ways.values()), dtype=np.int64)


@njit(cache=True, nogil=True)
def _scan(
    found: NDArray[np.int64],
    codes: NDArray[np.uint8],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    circular: bool,
    entry_starts: NDArray[np.int64],
    entry_mirnas: NDArray[np.int64],
    entry_ways: NDArray[np.int64],
    pair_targets: NDArray[np.int64],
    pair_mirnas: NDArray[np.int64],
    rows: NDArray[np.int64],
) -> int:
    """Write pair, window and type of each site as far as there is room, and return how many there are.

    `rows` is working space, -1 for each miRNA: the row of the pair that it forms with the target at hand.
    """
    n_sites = 0
    first = 0
    while first < len(pair_targets):
        target = pair_targets[first]
        last = first
        while last < len(pair_targets) and pair_targets[last] == target:
            rows[pair_mirnas[last]] = last
            last += 1
        start, length = starts[target], lengths[target]
        if circular:
            first_window, n_windows = 0, length if length >= WINDOW else 0
        else:  # from nucleotide 7 opposite to the first letter to nucleotide 3 opposite to the last
            first_window, n_windows = -1, max(length - _SHORTEST_SITE + 2, 0)
            n_windows = n_windows if length >= _SHORTEST_SITE else 0
        word = ahead = 0
        for window in range(first_window - _WORD, first_window + n_windows):
            word = _N_LETTERS * (word % _N_LETTERS ** (_WORD - 1)) + ahead
            ahead = letter_at(codes, start, length, window + _WORD, circular)
            if window < first_window:  # the word is not complete
                continue
            for entry in range(entry_starts[word], entry_starts[word + 1]):
                row = rows[entry_mirnas[entry]]
                if row < 0:
                    continue
                if n_sites < found.shape[1]:
                    way = entry_ways[entry]
                    found[0, n_sites] = row
                    found[1, n_sites] = window
                    found[2, n_sites] = _TYPE_WITH_A[way] if ahead == _ADENINE else _TYPE_WITHOUT_A[way]
                n_sites += 1
        for pair in range(first, last):
            rows[pair_mirnas[pair]] = -1
        first = last
    return n_sites


@njit(cache=True, nogil=True)
def _scan_all(
    counts: NDArray[np.int64],
    cells: NDArray[np.int64],
    codes: NDArray[np.uint8],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    circular: bool,
    entry_starts: NDArray[np.int64],
    entry_mirnas: NDArray[np.int64],
    last_target: NDArray[np.int64],
) -> None:
    """Count the miRNAs with a word in each target, and write the cells as far as there is room.

    `last_target` is working space, -1 for each miRNA: the last target that a word of it was found in.
    """
    n_mirnas, n_cells = len(last_target), 0
    for target in range(len(lengths)):
        start, length = starts[target], lengths[target]
        n_windows = max(length - _WORD + 1, 0)
        if circular and n_windows > 0:
            n_windows = length if length >= WINDOW else 0
        word = n_found = 0
        for window in range(1 - _WORD, n_windows):
            last_letter = letter_at(codes, start, length, window + _WORD - 1, circular)
            word = _N_LETTERS * (word % _N_LETTERS ** (_WORD - 1)) + last_letter
            if window < 0:  # the word is not complete
                continue
            for entry in range(entry_starts[word], entry_starts[word + 1]):
                mirna = entry_mirnas[entry]
                if last_target[mirna] != target:
                    last_target[mirna] = target
                    n_found += 1
        counts[target] = n_found
        if n_found > 0 and n_cells + n_found <= len(cells):
            for mirna in range(n_mirnas):
                if last_target[mirna] == target:
                    cells[n_cells] = target * n_mirnas + mirna
                    n_cells += 1
