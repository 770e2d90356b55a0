"""Local alignment of a miRNA with a stretch of target, wherever its seed may lie.

Scores are those of `duplex`, four times as large at nucleotides 2 to 8. There the seed is held in the
register of a site; here nothing is, so that a site without a seed has an alignment, too.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sklearn_mferl.evidence.sites.duplex import (
    GAP_EXTEND,
    GAP_IN_MIRNA,
    GAP_IN_TARGET,
    GAP_OPEN,
    pair_score,
    read_lines,
    write_column,
)
from sklearn_mferl.utils.arrays import Ints, Letters, njit

_NEVER: Final = -1_000_000
_NONE, _DIAGONAL = 0, 1  # what came before a cell: nothing, a pair, or with 2 and 3 a gap in either RNA


class FreeAlignments(NamedTuple):
    """Alignments written out, a row a pair; ``-`` is a gap."""

    target: list[str]  # from 3' to 5'
    bars: list[str]  # | for a Watson-Crick pair and : for G:U
    mirna: list[str]  # from 5' to 3'
    first: Ints  # first aligned letter of the stretch, from its 3' end, counted from 0
    end: Ints  # the one after the last


def align_freely(targets: Letters, mirnas: Letters) -> FreeAlignments:
    """Align stretches of targets, from 3' to 5', with miRNAs: of each the best, of equal ones the first."""
    n_rows, width = len(targets), targets.shape[1] + mirnas.shape[1]
    text = np.empty((n_rows, 3, width), dtype=np.uint8)
    place = np.empty((n_rows, 3), dtype=np.int64)
    _align_all(targets, mirnas, text, place)
    return FreeAlignments(*read_lines(text, place[:, 2]), place[:, 0], place[:, 1])


@njit(cache=True, nogil=True)
def _align_all(targets: Letters, mirnas: Letters, text: Letters, place: Ints) -> None:
    shape = (mirnas.shape[1] + 1, targets.shape[1] + 1)
    # of alignments that end in a pair, in a gap of the target, in one of the miRNA: NO_GAP and so on
    best = np.zeros((3, *shape), dtype=np.int32)
    came = np.zeros((3, *shape), dtype=np.uint8)  # which of the three stood before
    for row in range(len(targets)):
        i, j = _fill(targets[row], mirnas[row], best, came)
        place[row, 1] = j
        place[row, 0], place[row, 2] = _write(targets[row], mirnas[row], i, j, came, text[row])


@njit(cache=True, nogil=True)
def _fill(target: Letters, mirna: Letters, best: NDArray[np.int32], came: Letters) -> tuple[int, int]:
    """Fill the tables (Gotoh's recursion), and return where the best alignment ends."""
    highest, row, column = 0, 0, 0
    best[:, 0, :] = best[:, :, 0] = _NEVER
    for i in range(1, len(mirna) + 1):
        for j in range(1, len(target) + 1):
            score, way = 0, _NONE
            for table in range(3):
                if best[table, i - 1, j - 1] > score:
                    score, way = best[table, i - 1, j - 1], table + 1
            score += pair_score(target[j - 1], mirna[i - 1], i - 1)
            best[0, i, j], came[0, i, j] = score, way
            if score > highest:
                highest, row, column = score, i, j
            for table, above, left in ((1, i - 1, j), (2, i, j - 1)):  # the miRNA, or the target, goes on
                opened, extended = best[0, above, left] - GAP_OPEN, best[table, above, left] - GAP_EXTEND
                best[table, i, j] = max(opened, extended)
                came[table, i, j] = _DIAGONAL if opened >= extended else table + 1
    return row, column


@njit(cache=True, nogil=True)
def _write(target: Letters, mirna: Letters, i: int, j: int, came: Letters, text: Letters) -> tuple[int, int]:
    """Write the alignment that ends in a cell, flush right; return its first letter and its width."""
    at, table = text.shape[1], 0
    while i > 0:
        at -= 1
        way = came[table, i, j]
        write_column(text, at, target[j - 1], mirna[i - 1], table)
        if table != GAP_IN_TARGET:
            j -= 1
        if table != GAP_IN_MIRNA:
            i -= 1
        if way == _NONE:
            break
        table = way - 1
    return j, text.shape[1] - at
