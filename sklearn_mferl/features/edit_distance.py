"""Edit distances of an RNA to many others at once, given up as soon as they are out of reach.

Myers' algorithm holds a column of the table of distances in machine words: one bit for each row where the
distance rises, one where it falls. Here the same word of 16 references is computed by the same instructions
of the processor, which takes a third of the time that one reference after the other would. A word is left
out while no path through it can stay within the limit of any of the 16.
"""

import math
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from sklearn_mferl.utils.arrays import Ints, Letters, Objects, njit
from sklearn_mferl.utils.scheduling import run_in_order

Words = NDArray[np.uint64]

LANES: Final = 16
TOO_FAR: Final = -1
_LETTERS: Final = "ACGUBDHKMNRSVWY"
_CODE_OF_BYTE: Final = bytes(max(_LETTERS.find(chr(byte)), 0) for byte in range(256))
_BITS: Final = 4  # of a letter's code
_MARGIN: Final = 1e-6  # letters
_PARTS_A_THREAD: Final = 8  # some parts take longer than others
_WORD: Final = 64  # rows, and columns between two looks at which words are within reach

_ZERO, _ONE, _ALL = np.uint64(0), np.uint64(1), np.uint64(2**64 - 1)
_LAST_BIT: Final = np.uint64(_WORD - 1)
# numba checks signed indices for negative ones, which would keep the loops over lanes from being vectorised
_N: Final = np.uint64(LANES)
_COLUMN: Final = np.uint64(LANES * (2 + _BITS))  # of a column: the two carries, then the bits of its letters
_BOTH: Final = np.uint64(2 * LANES)


def edit_distances(
    queries: Objects, references: Objects, least_similarity: float = 0.0, n_threads: int = 1
) -> NDArray[np.int32]:
    """Return the Levenshtein distances of queries to references, -1 (`TOO_FAR`) for what is too far.

    Too far is what is less similar than `least_similarity`, in 1 - distance / length of the longer; at the
    limit itself rounding decides. If queries and references are one object, half is computed. The bit
    vectors are Hyyrö's (Nordic Journal of Computing 10, 29, 2003), the bounds of what is within reach
    Ukkonen's (Information and Control 64, 100, 1985).

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_mferl.features.edit_distance import edit_distances
    >>> edit_distances(np.array(["ACGU", "AAAA"]), np.array(["ACU", "ACGU"]), 0.5)
    array([[ 1,  0],
           [-1, -1]], dtype=int32)
    """
    lanes = _Lanes.of(references)
    ranks = np.zeros(len(queries), dtype=np.int64)
    is_symmetric = queries is references
    if is_symmetric:  # what comes later by length is enough
        ranks[lanes.order] = np.arange(len(ranks))
    n_parts = min(_PARTS_A_THREAD * n_threads, len(queries)) if n_threads > 1 else 1
    shared = {"lanes": lanes, "least_similarity": least_similarity}
    parts = [
        {"queries": queries[part::n_parts], "ranks": ranks[part::n_parts], **shared}
        for part in range(n_parts)
    ]
    distances = np.empty((len(queries), len(references)), dtype=np.int32)
    for part, found in enumerate(run_in_order(_compare_queries, parts, n_jobs=n_threads, prefer="threads")):
        distances[part::n_parts] = found
    return np.maximum(distances, distances.T) if is_symmetric else distances


@dataclass(frozen=True)
class _Lanes:
    """References by length, in groups of 16 whose letters alternate."""

    order: Ints  # from the shortest to the longest
    lengths: Ints  # (n_groups, 16), the last group filled up with the longest
    letters: Letters  # group by group, position by position, those of the 16
    starts: Ints  # of each group in `letters`

    @classmethod
    def of(cls, references: Objects) -> Self:
        given = np.fromiter(map(len, references), dtype=np.int64, count=len(references))
        order = np.argsort(given, kind="stable")
        lengths = np.full((math.ceil(len(order) / LANES), LANES), given.max())
        lengths.ravel()[: len(order)] = given[order]
        ends = np.cumsum(lengths[:, -1] * LANES)
        starts = ends - lengths[:, -1] * LANES
        letters = np.zeros(ends[-1], dtype=np.uint8)
        for rank, reference in enumerate(order):
            group, lane = divmod(rank, LANES)
            first = starts[group] + lane
            letters[first : first + LANES * given[reference] : LANES] = _encode(references[reference])
        return cls(order, lengths, letters, starts)


def _compare_queries(
    queries: Objects, lanes: _Lanes, ranks: Ints, least_similarity: float
) -> NDArray[np.int32]:
    """Compare queries with the references of their rank by length and later."""
    n_references = len(lanes.order)
    lengths = lanes.lengths.ravel()
    distances = np.empty((len(queries), n_references), dtype=np.int32)
    found = np.empty(len(lengths), dtype=np.int64)
    for row, query in enumerate(queries):
        # a little more than the limit, which rounding must not lower
        limits = np.floor((1 - least_similarity) * np.maximum(lengths, len(query)) + _MARGIN)
        limits[abs(lengths - len(query)) > limits] = TOO_FAR
        limits[: ranks[row]] = limits[n_references:] = TOO_FAR
        limits = limits.astype(np.int64).reshape(lanes.lengths.shape)
        _compare(_encode(query), lanes.letters, lanes.starts, lanes.lengths, limits, found)
        distances[row, lanes.order] = found[:n_references]
    return distances


def _encode(sequence: str) -> Letters:
    return np.frombuffer(bytearray(sequence, "ascii").translate(_CODE_OF_BYTE), dtype=np.uint8)


@njit(cache=True, nogil=True)
def _compare(
    query: Letters, letters: Letters, starts: Ints, lengths: Ints, limits: Ints, found: Ints
) -> None:
    """Compare a query with all groups that have a lane with a limit; writes to `limits`."""
    found[:] = TOO_FAR
    planes = np.zeros((_BITS, (len(query) + _WORD - 1) // _WORD), dtype=np.uint64)
    for row in range(len(query)):
        for bit in range(_BITS):
            is_set = np.uint64(query[row] >> bit) & _ONE
            planes[bit, row // _WORD] |= is_set << np.uint64(row % _WORD)
    for group in range(len(starts)):
        if limits[group].max() >= 0:
            first = group * LANES
            _compare_group(
                len(query),
                planes,
                letters[starts[group] :],
                lengths[group],
                limits[group],
                found[first : first + LANES],
            )


@njit(cache=True, nogil=True)
def _compare_group(
    n_rows: int, planes: Words, letters: Letters, lengths: Ints, limits: Ints, found: Ints
) -> None:
    """Write the distances of 16 references; a lane that is done has a negative limit from then on."""
    n_words = planes.shape[1]
    words = np.empty(2 * LANES * n_words, dtype=np.uint64)  # of each word where it rises, where it falls
    columns = np.empty(_WORD * LANES * (2 + _BITS), dtype=np.uint64)
    top = np.zeros(LANES, dtype=np.int64)  # the distance above the first word
    first, last = 0, -1
    column, lane = 0, 0
    while True:
        while lane < LANES and limits[lane] < 0:
            lane += 1
        if lane == LANES:
            return
        first, last = _reach(words, top, n_rows, lengths, limits, column, first, last)
        if first > last:
            return
        stop = min(column + _WORD, lengths[lane])
        _load(columns, letters, column, stop)
        _advance(words, columns, planes, stop - column, first, last)
        top += stop - column  # an upper bound, once words above are left out
        column = stop
        while lane < LANES and lengths[lane] <= column:
            if limits[lane] >= 0 and last == n_words - 1:
                distance = top[lane]
                for word in range(first, n_words):
                    distance += _rise(words, word, lane, min(n_rows - _WORD * word, _WORD))
                if distance <= limits[lane]:
                    found[lane] = distance
            limits[lane] = TOO_FAR
            lane += 1


@njit(cache=True, nogil=True)
def _reach(
    words: Words, top: Ints, n_rows: int, lengths: Ints, limits: Ints, column: int, first: int, last: int
) -> tuple[int, int]:
    """Return the first and the last word that a path within the limit may visit in the next columns."""
    # The distance so far and the difference of the lengths that remain are a lower bound of the whole, which
    # never falls along a path. The row `goal` is the one from which what remains is of equal length.
    n_words = (n_rows + _WORD - 1) // _WORD
    first_alive, row = n_words, 0
    if last < 0:
        first_alive = 0
        for lane in range(LANES):
            if limits[lane] >= 0:
                row = max(row, (limits[lane] + n_rows - lengths[lane]) // 2 + _WORD)
    above = top.copy()
    for word in range(first, last + 1):
        start, end = _WORD * word, _WORD * (word + 1)
        for lane in range(LANES):
            below = above[lane] + _rise(words, word, lane, _WORD)
            goal = column + n_rows - lengths[lane]
            if goal >= end:
                bound = below + goal - end
            elif goal <= start:
                bound = above[lane] + start - goal
            else:
                bound = (above[lane] + below - _WORD) // 2
            above[lane] = below
            if bound <= limits[lane]:
                first_alive = min(first_alive, word)
                row = max(row, (limits[lane] - below + end + goal) // 2 + _WORD)
    for word in range(first, min(first_alive, last + 1)):
        for lane in range(LANES):
            top[lane] += _rise(words, word, lane, _WORD)
    last_alive = min((row - 1) // _WORD, n_words - 1)
    # words that come within reach: the distance rises by 1 a row at most
    for word in range(max(last + 1, first_alive), last_alive + 1):
        words[2 * LANES * word : 2 * LANES * word + LANES] = _ALL
        words[2 * LANES * word + LANES : 2 * LANES * (word + 1)] = _ZERO
    return first_alive, last_alive


@njit(cache=True, nogil=True)
def _load(columns: Words, letters: Letters, start: int, stop: int) -> None:
    """Write for each column what comes in from above, a rise by 1, and the bits of its letters as masks."""
    for column in range(stop - start):
        at = column * LANES * (2 + _BITS)
        columns[at : at + LANES] = _ONE
        columns[at + LANES : at + 2 * LANES] = _ZERO
        for bit in range(_BITS):
            for lane in range(LANES):
                letter = np.uint64(letters[(start + column) * LANES + lane])
                columns[at + (2 + bit) * LANES + lane] = _ZERO - ((letter >> np.uint64(bit)) & _ONE)


@njit(cache=True, nogil=True)
def _advance(words: Words, columns: Words, planes: Words, n_columns: int, first: int, last: int) -> None:
    """Compute columns of the words from `first` to `last`, the names as in Hyyrö's paper."""
    for word in range(np.uint64(first), np.uint64(last + 1)):
        p = _BOTH * word
        m = p + _N
        plane0, plane1, plane2, plane3 = planes[0, word], planes[1, word], planes[2, word], planes[3, word]
        for column in range(np.uint64(n_columns)):
            carry_p = _COLUMN * column
            carry_m = carry_p + _N
            bit0 = carry_m + _N
            bit1 = bit0 + _N
            bit2 = bit1 + _N
            bit3 = bit2 + _N
            for lane in range(_N):
                vp, vm = words[p + lane], words[m + lane]
                hp_in, hm_in = columns[carry_p + lane], columns[carry_m + lane]
                differs = (plane0 ^ columns[bit0 + lane]) | (plane1 ^ columns[bit1 + lane])
                differs |= (plane2 ^ columns[bit2 + lane]) | (plane3 ^ columns[bit3 + lane])
                x = ~differs | hm_in
                d0 = (((x & vp) + vp) ^ vp) | x | vm
                hp = vm | ~(d0 | vp)
                hm = d0 & vp
                columns[carry_p + lane] = hp >> _LAST_BIT
                columns[carry_m + lane] = hm >> _LAST_BIT
                hp = (hp << _ONE) | hp_in
                hm = (hm << _ONE) | hm_in
                words[p + lane] = hm | ~(d0 | hp)
                words[m + lane] = hp & d0


@njit(cache=True, nogil=True)
def _rise(words: Words, word: int, lane: int, n_rows: int) -> int:
    """Return by how much the distance rises over the first rows of a word."""
    at = 2 * LANES * word + lane
    kept = _ALL >> np.uint64(_WORD - n_rows)
    return _count_bits(words[at] & kept) - _count_bits(words[at + LANES] & kept)


@njit(cache=True, nogil=True)
def _count_bits(word: Any) -> Any:
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))
