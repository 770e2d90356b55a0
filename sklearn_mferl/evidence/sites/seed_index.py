"""One pass over the words of the targets finds the seed sites of all miRNAs.

A site is looked for in a window of eight target nucleotides, those opposite to nucleotides 8 to 1 of the
miRNA; the window's number is the place of the first, the one opposite to nucleotide 8::

    target 5'- 0 1 2 3 4 5 6 7 -3'
    miRNA  3'- 8 7 6 5 4 3 2 1 -5'

All words that a seed can pair with are listed beforehand, so a window is a look-up.
"""

import itertools
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from sklearn_mferl.evidence.sites.rna_pairs import RNAPairs
from sklearn_mferl.features.rna_codes import (
    FOREIGN,
    NUCLEOTIDES,
    WATSON_CRICK,
    WOBBLE,
    CodeArrays,
    RNACodes,
    letter_at,
    pairing,
)
from sklearn_mferl.utils.arrays import Ints, njit

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


# by word, the miRNAs that it pairs with, and the ways in which it does: where each word's begin, and both
Entries = tuple[Ints, Ints, Ints]


@dataclass(frozen=True)
class Sites:
    """Seed sites of pairs, by pair and along the target."""

    pair: Ints  # row of the pair, ascending
    target: Ints
    mirna: Ints
    window: Ints  # ascending within a pair; -1 is possible on a linear target
    type: Ints  # number in SITE_TYPES


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
        self._entries = np.concatenate([[0], counts.cumsum()]), mirna[order], ways[order]
        self._n_mirnas = len(listed)

    def find(self, pairs: RNAPairs) -> Sites:
        """Find the sites of pairs."""
        rows = np.full(self._n_mirnas, -1, dtype=np.int64)
        targets, joined = pairs.targets.arrays(), (pairs.target, pairs.mirna)
        arguments = targets, pairs.circular, self._entries, joined, rows
        n_sites = _scan(np.empty((3, 0), dtype=np.int64), *arguments)  # counts
        found = np.empty((3, n_sites), dtype=np.int64)
        _scan(found, *arguments)
        pair, window, site_type = found[:, np.argsort(found[0], kind="stable")]
        return Sites(pair, pairs.target[pair], pairs.mirna[pair], window, site_type)

    def count_mirnas(self, targets: RNACodes, circular: bool) -> Ints:
        """Count the miRNAs of this index that have a site in each target."""
        return self._scan_all(targets, circular, np.empty(0, dtype=np.int64))

    def find_mirnas(self, targets: RNACodes, circular: bool) -> Ints:
        """Find the miRNAs of this index that have a site in each target, as `count_mirnas` counts them."""
        cells = np.empty(self.count_mirnas(targets, circular).sum(), dtype=np.int64)
        self._scan_all(targets, circular, cells)
        return cells

    def _scan_all(self, targets: RNACodes, circular: bool, cells: Ints) -> Ints:
        counts = np.zeros(len(targets.lengths), dtype=np.int64)
        last_target = np.full(self._n_mirnas, -1, dtype=np.int64)
        _scan_all(counts, cells, targets.arrays(), circular, self._entries, last_target)
        return counts


def count_places(lengths: Ints, circular: bool) -> Ints:
    """Return how many places for a 6mer targets of these lengths have."""
    if circular:
        return np.where(lengths >= WINDOW, lengths, 0)
    return np.maximum(lengths - _SHORTEST_SITE + 1, 0)


@lru_cache(maxsize=4**_WORD)
def _pairing_words(seed: tuple[int, ...]) -> tuple[Ints, Ints]:
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
def _windows(length: int, circular: bool) -> tuple[int, int]:
    """Return the first window of a target, and the one after the last."""
    if circular:
        return 0, length if length >= WINDOW else 0
    # from nucleotide 7 opposite to the first letter to nucleotide 3 opposite to the last
    return -1, length - _SHORTEST_SITE + 1 if length >= _SHORTEST_SITE else -1


@njit(cache=True, nogil=True)
def _scan(
    found: Ints, targets: CodeArrays, circular: bool, entries: Entries, joined: tuple[Ints, Ints], rows: Ints
) -> int:
    """Write pair, window and type of each site as far as there is room, and return how many there are.

    `joined` are the targets and the miRNAs of the pairs. `rows` is working space, -1 for each miRNA: the row
    of the pair that it forms with the target at hand.
    """
    codes, starts, lengths = targets
    entry_starts, entry_mirnas, entry_ways = entries
    pair_targets, pair_mirnas = joined
    n_sites = 0
    first = 0
    while first < len(pair_targets):
        target = pair_targets[first]
        last = first
        while last < len(pair_targets) and pair_targets[last] == target:
            rows[pair_mirnas[last]] = last
            last += 1
        start, length = starts[target], lengths[target]
        first_window, end = _windows(length, circular)
        word = ahead = 0
        for window in range(first_window - _WORD, end):
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
    counts: Ints, cells: Ints, targets: CodeArrays, circular: bool, entries: Entries, last_target: Ints
) -> None:
    """Count the miRNAs with a word in each target, and write the cells as far as there is room.

    `last_target` is working space, -1 for each miRNA: the last target that a word of it was found in.
    """
    codes, starts, lengths = targets
    entry_starts, entry_mirnas, _ = entries
    n_mirnas, n_cells = len(last_target), 0
    for target in range(len(lengths)):
        start, length = starts[target], lengths[target]
        first_window, end = _windows(length, circular)
        word = n_found = 0
        for window in range(first_window - _WORD + 1, end):
            last_letter = letter_at(codes, start, length, window + _WORD - 1, circular)
            word = _N_LETTERS * (word % _N_LETTERS ** (_WORD - 1)) + last_letter
            if window < first_window:  # the word is not complete
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
