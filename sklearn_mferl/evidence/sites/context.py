"""What surrounds a seed site: pairing of the miRNA's 3' part, and A and U in the neighbourhood."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sklearn_mferl.evidence.sites.rna_pairs import RNAPairs
from sklearn_mferl.evidence.sites.seed_index import SITE_LENGTHS, SITE_OFFSETS, WINDOW, Sites
from sklearn_mferl.features.rna_codes import FOREIGN, NUCLEOTIDES
from sklearn_mferl.utils.arrays import Doubles, Ints

LEAST_SUPPLEMENT: Final = 4  # pairs in a row

_FIRST_SUPPLEMENTARY, _LAST_SUPPLEMENTARY = 12, 17  # nucleotides of the miRNA, counted from 1
_LARGEST_OFFSET: Final = 2
_FLANK: Final = 30
_ADENINE, _URACIL = NUCLEOTIDES.index("A"), NUCLEOTIDES.index("U")
_WATSON_CRICK_SUM: Final = 3  # of two letters as numbers; with a foreign one it is larger
_SITES_AT_ONCE: Final = 2048


def supplementary_pairs(sites: Sites, pairs: RNAPairs) -> Ints:
    """Count the pairs in a row that the miRNA's 3' part forms upstream of each site."""
    return _by_chunks(_supplementary_pairs, pairs, sites.target, sites.mirna, sites.window)


def local_au(sites: Sites, pairs: RNAPairs) -> Doubles:
    """Return the share of A and U in the 30 nucleotides on either side of each site."""
    first, length = sites.window + SITE_OFFSETS[sites.type], SITE_LENGTHS[sites.type]
    return _by_chunks(_local_au, pairs, sites.target, first, length)


def count_upstream(window: Any, length: Any, circular: bool) -> Any:
    """Count the target's nucleotides from the one opposite to nucleotide 8 to its 5' end.

    On a circle there are as many as do not meet those opposite to nucleotides 7 to 1.
    """
    return length - WINDOW + 1 if circular else window + 1


def _by_chunks(work: Callable[..., NDArray[Any]], pairs: RNAPairs, *sites: Ints) -> NDArray[Any]:
    """Do some work on arrays of sites, a few at a time, so that what it needs of memory is bounded."""
    starts = range(0, max(len(sites[0]), 1), _SITES_AT_ONCE)
    return np.concatenate([work(pairs, *(x[i : i + _SITES_AT_ONCE] for x in sites)) for i in starts])


def _supplementary_pairs(pairs: RNAPairs, target: Ints, mirna: Ints, window: Ints) -> Ints:
    """Find the longest runs, of all sites at once."""
    nearest = _FIRST_SUPPLEMENTARY - WINDOW - _LARGEST_OFFSET
    farthest = _LAST_SUPPLEMENTARY - WINDOW + _LARGEST_OFFSET
    upstream = np.arange(nearest, farthest + 1)[:, None]
    width = len(upstream)
    opposite = pairs.targets.stretches(target, window - farthest, width, pairs.circular).T[::-1]
    n_upstream = count_upstream(window, pairs.targets.lengths[target], pairs.circular)
    opposite = np.where(upstream < n_upstream, opposite, FOREIGN)
    start, n_letters = np.full_like(mirna, _FIRST_SUPPLEMENTARY - 1), width - 2 * _LARGEST_OFFSET
    letters = pairs.mirnas.stretches(mirna, start, n_letters, circular=False).T
    longest = np.zeros(len(window), dtype=np.uint8)
    for shift in range(width - n_letters + 1):
        run = np.zeros_like(longest)
        for i, letter in enumerate(letters):
            run = (run + 1) * (letter + opposite[shift + i] == _WATSON_CRICK_SUM)
            longest = np.maximum(longest, run)
    return longest.astype(np.int64)


def _local_au(pairs: RNAPairs, target: Ints, first: Ints, length: Ints) -> Doubles:
    """Add up the weights from the nearest nucleotides to the farthest, of all sites at once."""
    rnas, end = pairs.targets, first + length
    sides = [
        rnas.stretches(target, first - _FLANK, _FLANK, pairs.circular).T[::-1],
        rnas.stretches(target, end, _FLANK, pairs.circular).T,
    ]
    before, after = first, rnas.lengths[target] - end
    if pairs.circular:
        before = after = before + after
    distance = np.repeat(np.arange(1, _FLANK + 1), 2)  # the sides take turns
    counts = distance[:, None] <= np.tile(np.stack([before, after]), (_FLANK, 1))
    letters = np.stack(sides, axis=1).reshape(counts.shape)
    rich = counts & ((letters == _ADENINE) | (letters == _URACIL))
    weight, total = (np.einsum("ds,d->s", x.astype(float), 1.0 / (distance + 1)) for x in (rich, counts))
    return np.divide(weight, total, out=np.zeros(len(total)), where=total > 0)
