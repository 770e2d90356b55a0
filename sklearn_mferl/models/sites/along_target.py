"""Sites along whole targets: the peaks of the score, and what they say of a pair."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d
from scipy.special import logsumexp

from sklearn_mferl.evidence.sites.rna_pairs import RNAPairs
from sklearn_mferl.models.sites.letters import window_starts
from sklearn_mferl.models.sites.scan import scan_targets
from sklearn_mferl.network.sites.site_network import STRIDE

_SCORES_AT_ONCE: Final = 2_000_000
_DIGITS: Final = 5  # of log-odds; the last ones differ by machine, and must not choose a window
_APART: Final = 24  # nucleotides, more than a miRNA covers: windows less far apart show the same site


class Peaks(NamedTuple):
    """The best windows of pairs, none less than 24 nucleotides from a better one."""

    pair: NDArray[np.int64]  # row of the pair, ascending
    start: NDArray[np.int64]  # first nucleotide of the window in the target
    logit: NDArray[np.float64]


def find_peaks(logits: NDArray[np.float64], circular: bool) -> NDArray[np.bool_]:
    """Tell which windows are peaks: not below any within 24 nucleotides; of equal ones the first counts.

    Parameters
    ----------
    logits : ndarray, shape (n_mirnas, n_windows)
    """
    reach = _APART // STRIDE - 1
    # so that no two windows are equal, by the least that there is
    places = np.arange(logits.shape[1])
    order = np.empty(logits.shape, dtype=np.int64)
    by_score = np.lexsort([np.broadcast_to(-places, logits.shape), logits], axis=1)
    np.put_along_axis(order, by_score, np.broadcast_to(places, logits.shape), axis=1)
    mode = "wrap" if circular else "nearest"
    return np.asarray(maximum_filter1d(order, 2 * reach + 1, axis=1, mode=mode) == order)


def describe_binding(model: Any, pairs: RNAPairs) -> NDArray[np.float32]:
    """Return of each pair the best log-odds, the number of peaks that are above 0, and log of summed odds."""
    columns = np.empty((len(pairs), 3), dtype=np.float32)
    for rows, logits, _ in _scan_targets(model, pairs, together=False):
        peaks = np.where(find_peaks(logits, pairs.circular), logits, -np.inf)
        columns[rows, 0] = logits.max(axis=1)
        columns[rows, 1] = (peaks > 0).sum(axis=1)
        columns[rows, 2] = logsumexp(peaks, axis=1)
    return columns


def list_peaks(model: Any, pairs: RNAPairs, least: float) -> Peaks:
    """List the peaks of pairs that are not below a log-odds, along the target."""
    found = [Peaks(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))]
    for rows, logits, starts in _scan_targets(model, pairs, together=True):
        row, window = np.nonzero(find_peaks(logits.round(_DIGITS), pairs.circular) & (logits >= least))
        found.append(Peaks(rows.start + row, starts[window], logits[row, window]))
    pair, start, logit = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.lexsort([start, pair])
    return Peaks(pair[order], start[order], logit[order])


def refine_peaks(model: Any, pairs: RNAPairs, peaks: Peaks) -> Peaks:
    """Move peaks to the best of all windows within 8 nucleotides, and give them the score of a site.

    A scan reads every eighth window, at one place; the score of a site is the mean of three places. Of what
    then stands less than 24 nucleotides from a better peak of its pair nothing is left. Of targets no longer
    than a window the scan has read each place: their peaks stay as they are.

    Returns
    -------
    Peaks
        Pair by pair, the best first.
    """
    target, length = pairs.target[peaks.pair], pairs.targets.lengths[pairs.target[peaks.pair]]
    start, logit = peaks.start.copy(), peaks.logit.copy()
    some = np.flatnonzero(length > model.window)
    # from the middle on: of equal windows the first counts
    begin = start[some, None] + np.array(sorted(range(-STRIDE, STRIDE + 1), key=abs))
    if not pairs.circular:
        begin = begin.clip(0, length[some, None] - model.window)
    first = begin.min(axis=1, keepdims=True) + min(model.places)
    n_places = 2 * STRIDE + 1 + max(model.places) - min(model.places)
    mirnas = pairs.mirnas.first_letters(model.mirna_length)[pairs.mirna[peaks.pair[some]]]
    read = first + np.arange(n_places)
    scores = model.score_windows(pairs.targets, target[some], read, mirnas, pairs.circular)
    of_places = (begin - first)[:, :, None] + np.array(model.places)
    scores = np.take_along_axis(scores[:, None], of_places, axis=2).mean(axis=2)
    best = scores.round(_DIGITS).argmax(axis=1)[:, None]
    start[some] = np.take_along_axis(begin, best, axis=1)[:, 0]
    logit[some] = np.take_along_axis(scores, best, axis=1)[:, 0]
    if pairs.circular:
        start %= length
    order = np.lexsort([start, -logit, peaks.pair])
    kept, starts = [], defaultdict[int, list[int]](list)
    for row, pair in zip(order.tolist(), peaks.pair[order].tolist(), strict=True):
        distances = (abs(int(start[row]) - other) for other in starts[pair])
        around = int(length[row]) if pairs.circular else 2 * int(length[row])
        if all(min(distance, around - distance) >= _APART for distance in distances):
            kept.append(row)
            starts[pair].append(int(start[row]))
    return Peaks(peaks.pair[kept], start[kept], logit[kept])


def _scan_targets(
    model: Any, pairs: RNAPairs, together: bool
) -> Iterator[tuple[slice, NDArray[np.float64], NDArray[np.int64]]]:
    """Yield rows of one target, the log-odds of its windows by pair, and where the windows begin.

    Targets that follow each other and have the same miRNAs may be scanned together.
    """
    mirnas = pairs.mirnas.first_letters(model.mirna_length)
    codes, starts, lengths = pairs.targets.arrays()
    targets, first = np.unique(pairs.target, return_index=True)
    of_target = np.split(pairs.mirna, first[1:])
    rows = range(len(targets))
    runs = groupby(rows, key=lambda row: of_target[row].tobytes() if together else row)
    for run in [list(some) for _, some in runs]:
        letters = [codes[starts[target] : starts[target] + lengths[target]] for target in targets[run]]
        begins = [window_starts(len(each), model.window, STRIDE, pairs.circular) for each in letters]
        n_at_once = max(_SCORES_AT_ONCE // sum(map(len, begins)), 1)
        for start in range(0, len(of_target[run[0]]), n_at_once):
            some = of_target[run[0]][start : start + n_at_once]
            scores = scan_targets(model, letters, mirnas[some], pairs.circular)
            for row, logits, windows in zip(first[run] + start, scores, begins, strict=True):
                yield slice(row, row + len(some)), logits, windows
