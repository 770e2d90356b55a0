"""Local alignment of a miRNA with the target around a seed site, in the manner of miRanda.

The alignment keeps the seed in its register: nucleotides 2 to 7 lie on the site without a gap. From there it
extends by dynamic programming with affine gaps towards the miRNA's 3' end, and stops where the score is
highest; at the 5' end it starts where the score is highest. So each site has an alignment of its own.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sklearn_mferl.evidence.sites.context import count_upstream
from sklearn_mferl.evidence.sites.rna_pairs import RNAPairs
from sklearn_mferl.evidence.sites.seed_index import WINDOW, Sites
from sklearn_mferl.features.rna_codes import FOREIGN, pairing
from sklearn_mferl.utils.arrays import Ints, Letters, Singles, njit

SCORE_THRESHOLD: Final = 140  # miRanda's default; exactly that of a bare match of nucleotides 2 to 8
LONGEST_MIRNA: Final = 40  # nucleotides that are aligned; a mature miRNA has 17 to 27
LONGEST_BULGE: Final = 8  # nucleotides that the target may have more than the miRNA

_SCORES: Final = np.array([-3, 1, 5])  # mismatch, G:U, Watson-Crick
_SEED_SCALE: Final = 4  # for nucleotides 2 to 8
GAP_OPEN: Final = 9  # the first nucleotide of a gap
GAP_EXTEND: Final = 4  # each further one
_ANCHORED: Final = WINDOW - 1  # nucleotides 1 to 7 are on the diagonal of the site
_N_ROWS: Final = LONGEST_MIRNA - _ANCHORED + 1
_N_COLUMNS: Final = _N_ROWS + LONGEST_BULGE
_WIDTH: Final = _ANCHORED + _N_ROWS + _N_COLUMNS  # more than the longest alignment has
_IMPOSSIBLE: Final = -1_000_000
# for many sites at once, in single precision
_LANES: Final = 64
_SITES_AT_ONCE: Final = 64 * _LANES
_OPEN, _EXTEND = np.float32(GAP_OPEN), np.float32(GAP_EXTEND)
_MISMATCH_SCORE, _WOBBLE_SCORE, _PAIR_SCORE = (np.float32(score) for score in _SCORES)
_PAIR_SUM, _WOBBLE_SUM = np.float32(3), np.float32(5)  # of two letters, as `pairing` adds them
_NO_TARGET, _NO_MIRNA = 8, 16  # foreign letters and the ends of RNAs: no sum with them is 3 or 5
_NEVER: Final = np.float32(-100_000)
_LETTERS: Final = np.frombuffer(b"ACGUN", dtype=np.uint8)
_BARS: Final = np.frombuffer(b" :|", dtype=np.uint8)
_GAP, _NO_BAR = ord("-"), ord(" ")
NO_GAP, GAP_IN_TARGET, GAP_IN_MIRNA = 0, 1, 2
_pairing = njit(cache=True, nogil=True)(pairing)


@dataclass(frozen=True)
class Alignments:
    """Alignments written out, a row a site; ``-`` is a gap, and a letter other than A, C, G, U is N."""

    target: list[str]  # from 3' to 5'
    bars: list[str]  # | for a Watson-Crick pair and : for G:U
    mirna: list[str]  # from 5' to 3'
    mirna_start: Ints  # first aligned nucleotide of the miRNA, counted from 1


def score_duplexes(sites: Sites, pairs: RNAPairs) -> Ints:
    """Score the best alignment at each site."""
    mirna_letters = pairs.mirnas.first_letters(LONGEST_MIRNA)
    scores = np.empty(len(sites.window), dtype=np.int64)
    for first in range(0, len(scores), _SITES_AT_ONCE):
        some = slice(first, first + _SITES_AT_ONCE)
        letters, n_target, n_mirna = _read_targets(sites, pairs, some)
        no_letter = (letters == FOREIGN) | (np.arange(letters.shape[1]) >= n_target[:, None])
        targets = _in_lanes(np.where(no_letter, np.uint8(_NO_TARGET), letters))
        letters = mirna_letters[sites.mirna[some], : n_mirna.max()]
        mirnas = _in_lanes(np.where(letters == FOREIGN, np.uint8(_NO_MIRNA), letters))
        lanes = _score_anchors(targets, mirnas)
        blocks, width = np.arange(0, len(n_target), _LANES), targets.shape[1]
        more: tuple[Any, ...] = (
            *(np.maximum.reduceat(n, blocks) - _ANCHORED for n in (n_target, n_mirna)),
            *(np.empty((n, _LANES), dtype=np.float32) for n in (1 + width, 1 + width, 1, 1, 1)),
            lanes,
        )
        _align_lanes(targets, mirnas, *more)
        scores[some] = lanes.ravel()[: len(n_target)]
    return scores


def write_duplexes(sites: Sites, pairs: RNAPairs) -> Alignments:
    """Write out the best alignment at each site, the first that the search meets of equally good ones."""
    targets, n_target, n_mirna = _read_targets(sites, pairs, slice(None))
    mirnas = pairs.mirnas.first_letters(LONGEST_MIRNA)[sites.mirna]
    text, widths, mirna_start = _write_sites(targets, n_target, mirnas, n_mirna)
    return Alignments(*read_lines(text, widths), mirna_start)


def read_lines(text: Letters, widths: Ints) -> tuple[list[str], list[str], list[str]]:
    """Return target, bars and miRNA of alignments that `write_column` wrote, flush right."""
    target, bars, mirna = (
        [bytes(row[len(row) - n :]).decode("ascii") for row, n in zip(text[:, line], widths, strict=True)]
        for line in range(3)
    )
    return target, bars, mirna


def _read_targets(sites: Sites, pairs: RNAPairs, some: slice) -> tuple[Letters, Ints, Ints]:
    """Read targets from 3' to 5' as far as they are aligned; return how many letters, and of the miRNA."""
    target, window = sites.target[some], sites.window[some]
    n_mirna = np.minimum(pairs.mirnas.lengths[sites.mirna[some]], LONGEST_MIRNA)
    n_upstream = count_upstream(window, pairs.targets.lengths[target], pairs.circular)
    n_target = _ANCHORED + np.minimum(n_upstream, n_mirna - _ANCHORED + LONGEST_BULGE)
    width = int(n_target.max(initial=1))
    letters = pairs.targets.stretches(target, window + _ANCHORED - width + 1, width, pairs.circular)
    return np.ascontiguousarray(letters[:, ::-1]), n_target, n_mirna


def _in_lanes(letters: Letters) -> Singles:
    """Turn letters, a row a site, into blocks of rows with a site in each lane."""
    n_blocks, width = -(-len(letters) // _LANES), letters.shape[1]
    lanes = np.full((n_blocks * _LANES, width), _NO_TARGET, dtype=np.uint8)
    lanes[: len(letters)] = letters
    return lanes.reshape(n_blocks, _LANES, width).swapaxes(1, 2).astype(np.float32, order="C")


def _score_anchors(targets: Singles, mirnas: Singles) -> Singles:
    """Score nucleotides up to 7 as `_anchor` does."""
    sums = targets[:, :_ANCHORED] + mirnas[:, :_ANCHORED]
    pair = np.where(sums == _PAIR_SUM, _PAIR_SCORE, _MISMATCH_SCORE)
    pair = np.where(sums == _WOBBLE_SUM, _WOBBLE_SCORE, pair)
    score = pair[:, 0]
    for i in range(1, _ANCHORED):
        score = np.maximum(score, 0) + _SEED_SCALE * pair[:, i]
    return score


@njit(cache=True, nogil=True)
def _write_sites(
    targets: Letters, n_target: Ints, mirnas: Letters, n_mirna: Ints
) -> tuple[Letters, Ints, Ints]:
    rows = np.empty((len(targets), 3, _WIDTH), dtype=np.uint8)
    widths, first = np.empty(len(targets), dtype=np.int64), np.empty(len(targets), dtype=np.int64)
    table = np.empty((3, _N_ROWS, _N_COLUMNS), dtype=np.int32)
    for site in range(len(targets)):
        target, mirna = targets[site], mirnas[site]
        row, column = _align(target, n_target[site], mirna, n_mirna[site], table)
        widths[site] = _trace(target, mirna, table, row, column, rows[site])
        first[site] = _anchor(target, mirna)[1] + 1
    return rows, widths, first


@njit(cache=True, nogil=True)
def pair_score(target_letter: int, mirna_letter: int, at: int) -> int:
    """Score one pair; `at` is the place in the miRNA, counted from 0."""
    score = _SCORES[_pairing(target_letter, mirna_letter)]
    return score * _SEED_SCALE if 1 <= at <= _ANCHORED else score


@njit(cache=True, nogil=True)
def _anchor(target: Letters, mirna: Letters) -> tuple[int, int]:
    """Align nucleotides up to 7 without a gap: the score, and the place of the first that improves it."""
    score, first = 0, 0
    for i in range(_ANCHORED):
        if score <= 0:
            score, first = 0, i
        score += pair_score(target[i], mirna[i], i)
    return score, first


@njit(cache=True, nogil=True)
def _align(
    target: Letters, n_target: int, mirna: Letters, n_mirna: int, table: NDArray[np.int32]
) -> tuple[int, int]:
    """Fill the table of the alignment (Gotoh's recursion), and find its best cell."""
    best, target_gap, mirna_gap = table[0], table[1], table[2]
    score, row, column = _anchor(target, mirna)[0], 0, 0
    for i in range(n_mirna - _ANCHORED + 1):
        for j in range(n_target - _ANCHORED + 1):
            target_gap[i, j] = mirna_gap[i, j] = cell = _IMPOSSIBLE
            if i == 0 and j == 0:
                cell = score
            if i > 0 and j > 0:
                a, b = _ANCHORED + j - 1, _ANCHORED + i - 1
                cell = best[i - 1, j - 1] + pair_score(target[a], mirna[b], b)
            if i > 0:
                target_gap[i, j] = max(best[i - 1, j] - GAP_OPEN, target_gap[i - 1, j] - GAP_EXTEND)
            if j > 0:
                mirna_gap[i, j] = max(best[i, j - 1] - GAP_OPEN, mirna_gap[i, j - 1] - GAP_EXTEND)
            cell = max(cell, target_gap[i, j], mirna_gap[i, j])
            best[i, j] = cell
            if cell > score:
                score, row, column = cell, i, j
    return row, column


# working space comes from outside, and arrays are filled by loops: either takes numba long to compile
@njit(cache=True, nogil=True)
def _align_lanes(
    targets: Singles,
    mirnas: Singles,
    n_columns: Ints,
    n_rows: Ints,
    best: Singles,
    target_gap: Singles,
    diagonal: Singles,
    left: Singles,
    mirna_gap: Singles,
    scores: Singles,
) -> None:
    """Find the scores that `_align` finds, for as many sites as there are lanes, one row at a time.

    The innermost loops run over the lanes, so that the compiler makes vectors of them; all numbers are whole
    and exact in single precision. It does so only if no array is read at one column and written at another,
    so `left` repeats the cells of the last column. `scores` are those of the anchors, and are raised. Nothing
    pairs beyond the end of a lane's RNA, so no cell there is worth more than one before it.
    """
    for block in range(len(scores)):
        cost = np.float32(0)
        for j in range(n_columns[block] + 1):  # the target's nucleotides are in a gap of the miRNA
            for lane in range(_LANES):
                best[j, lane], target_gap[j, lane] = scores[block, lane] - cost, _NEVER
            cost = _OPEN if j == 0 else cost + _EXTEND
        for i in range(n_rows[block]):
            scale = np.float32(_SEED_SCALE) if i == 0 else np.float32(1)
            mismatch, wobble, paired = scale * _MISMATCH_SCORE, scale * _WOBBLE_SCORE, scale * _PAIR_SCORE
            for lane in range(_LANES):
                opened, extended = best[0, lane] - _OPEN, target_gap[0, lane] - _EXTEND
                diagonal[0, lane], mirna_gap[0, lane] = best[0, lane], _NEVER
                left[0, lane] = opened if opened > extended else extended
                target_gap[0, lane] = best[0, lane] = left[0, lane]
            for j in range(1, n_columns[block] + 1):
                for lane in range(_LANES):
                    letters = targets[block, _ANCHORED + j - 1, lane] + mirnas[block, _ANCHORED + i, lane]
                    pair = paired if letters == _PAIR_SUM else mismatch
                    pair = wobble if letters == _WOBBLE_SUM else pair
                    cell = diagonal[0, lane] + pair
                    opened, extended = left[0, lane] - _OPEN, mirna_gap[0, lane] - _EXTEND
                    in_mirna = opened if opened > extended else extended
                    opened, extended = best[j, lane] - _OPEN, target_gap[j, lane] - _EXTEND
                    in_target = opened if opened > extended else extended
                    cell = in_mirna if in_mirna > cell else cell
                    cell = in_target if in_target > cell else cell
                    diagonal[0, lane] = best[j, lane]
                    mirna_gap[0, lane], target_gap[j, lane] = in_mirna, in_target
                    best[j, lane] = left[0, lane] = cell
                    scores[block, lane] = cell if cell > scores[block, lane] else scores[block, lane]


@njit(cache=True, nogil=True)
def _trace(
    target: Letters, mirna: Letters, table: NDArray[np.int32], row: int, column: int, rows: Letters
) -> int:
    """Write the alignment that ends in a cell, flush right, and return its width."""
    best, target_gap, mirna_gap = table[0], table[1], table[2]
    at = _WIDTH  # from the alignment's end back to its start
    i, j = row, column
    gap = NO_GAP
    while i > 0 or j > 0:
        at -= 1
        a, b = _ANCHORED + j - 1, _ANCHORED + i - 1
        if gap == NO_GAP and not (
            i > 0 and j > 0 and best[i, j] == best[i - 1, j - 1] + pair_score(target[a], mirna[b], b)
        ):
            gap = GAP_IN_TARGET if best[i, j] == target_gap[i, j] else GAP_IN_MIRNA
        write_column(rows, at, target[a], mirna[b], gap)
        if gap == NO_GAP:
            i, j = i - 1, j - 1
        elif gap == GAP_IN_TARGET:
            gap = NO_GAP if target_gap[i, j] == best[i - 1, j] - GAP_OPEN else gap
            i -= 1
        else:
            gap = NO_GAP if mirna_gap[i, j] == best[i, j - 1] - GAP_OPEN else gap
            j -= 1
    for i in range(_ANCHORED - 1, _anchor(target, mirna)[1] - 1, -1):
        at -= 1
        write_column(rows, at, target[i], mirna[i], NO_GAP)
    return _WIDTH - at


@njit(cache=True, nogil=True)
def write_column(text: Letters, at: int, target_letter: int, mirna_letter: int, gap: int) -> None:
    """Write a column of an alignment: two letters, or one beside a gap."""
    text[0, at] = _GAP if gap == GAP_IN_TARGET else _LETTERS[target_letter]
    text[1, at] = _BARS[_pairing(target_letter, mirna_letter)] if gap == NO_GAP else _NO_BAR
    text[2, at] = _GAP if gap == GAP_IN_MIRNA else _LETTERS[mirna_letter]
