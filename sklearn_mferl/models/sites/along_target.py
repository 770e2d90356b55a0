"""Sites along whole targets: the peaks of the score, and what they say of a pair."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d
from scipy.special import logsumexp

from sklearn_mferl.evidence.sites.rna_pairs import RNAPairs
from sklearn_mferl.models.sites.letters import window_starts
from sklearn_mferl.network.sites.site_network import STRIDE

_SCORES_AT_ONCE: Final = 2_000_000
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
    for rows, logits, _ in _scan_targets(model, pairs):
        peaks = np.where(find_peaks(logits, pairs.circular), logits, -np.inf)
        columns[rows, 0] = logits.max(axis=1)
        columns[rows, 1] = (peaks > 0).sum(axis=1)
        columns[rows, 2] = logsumexp(peaks, axis=1)
    return columns


def list_peaks(model: Any, pairs: RNAPairs, least: float) -> Peaks:
    """List the peaks of pairs that are not below a log-odds, along the target."""
    found = [Peaks(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))]
    for rows, logits, starts in _scan_targets(model, pairs):
        row, window = np.nonzero(find_peaks(logits, pairs.circular) & (logits >= least))
        order = np.lexsort([starts[window], row])
        row, window = row[order], window[order]
        found.append(Peaks(rows.start + row, starts[window], logits[row, window]))
    pair, start, logit = (np.concatenate(part) for part in zip(*found, strict=True))
    return Peaks(pair, start, logit)


def _scan_targets(
    model: Any, pairs: RNAPairs
) -> Iterator[tuple[slice, NDArray[np.float64], NDArray[np.int64]]]:
    """Yield rows of one target, the log-odds of its windows by pair, and where the windows begin."""
    mirnas = pairs.mirnas.first_letters(model.mirna_length)
    codes, starts, lengths = pairs.targets.arrays()
    for target in np.unique(pairs.target):
        first, end = np.searchsorted(pairs.target, [target, target + 1]).tolist()
        letters = codes[starts[target] : starts[target] + lengths[target]]
        begins = window_starts(len(letters), model.window, STRIDE, pairs.circular)
        n_at_once = max(_SCORES_AT_ONCE // len(begins), 1)
        for row in range(first, end, n_at_once):
            rows = slice(row, min(row + n_at_once, end))
            yield rows, model.scan(letters, mirnas[pairs.mirna[rows]], pairs.circular), begins
