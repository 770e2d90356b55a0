"""What surrounds a seed site: pairing of the miRNA's 3' part, and A and U in the neighbourhood."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sklearn_mferl.features._compiled import njit
from sklearn_mferl.features._nucleotides import NUCLEOTIDES
from sklearn_mferl.features._rna_codes import WATSON_CRICK, letter_at, pairing
from sklearn_mferl.features._rna_pairs import RNAPairs
from sklearn_mferl.features._seed_index import SITE_LENGTHS, SITE_OFFSETS, WINDOW, Sites

LEAST_SUPPLEMENT: Final = 4  # pairs in a row

_FIRST_SUPPLEMENTARY, _LAST_SUPPLEMENTARY = 12, 17  # nucleotides of the miRNA, counted from 1
_LARGEST_OFFSET: Final = 2
_FLANK: Final = 30
_ADENINE, _URACIL = NUCLEOTIDES.index("A"), NUCLEOTIDES.index("U")


def supplementary_pairs(sites: Sites, pairs: RNAPairs) -> NDArray[np.int64]:
    """Count the pairs in a row that the miRNA's 3' part forms upstream of each site.

    Parameters
    ----------
    sites : Sites
    pairs : RNAPairs
        The pairs whose sites these are.

    Returns
    -------
    ndarray of int64, shape (n_sites,)
        The longest run of Watson-Crick pairs within nucleotides 12 to 17 of the miRNA, 0 to 6; the loop
        between it and the seed may have up to two nucleotides more on either strand. No nucleotide of a
        circle is met twice.
    """
    rnas = (*pairs.targets.arrays(), *pairs.mirnas.arrays())
    arguments = (*rnas, pairs.circular, sites.target, sites.mirna, sites.window)
    return _supplementary_pairs(*arguments)


def local_au(sites: Sites, pairs: RNAPairs) -> NDArray[np.float64]:
    """Return the share of A and U in the 30 nucleotides on either side of each site.

    Parameters
    ----------
    sites : Sites
    pairs : RNAPairs
        The pairs whose sites these are.

    Returns
    -------
    ndarray of float64, shape (n_sites,)
        0 to 1; the nucleotide at distance d from the site weighs 1 / (d + 1). A flank ends with a linear
        target, and goes at most once round a circle.
    """
    first, length = sites.window + SITE_OFFSETS[sites.type], SITE_LENGTHS[sites.type]
    arguments = (*pairs.targets.arrays(), pairs.circular, sites.target, first, length)
    return _local_au(*arguments)


@njit(cache=True, nogil=True)
def count_upstream(window: int, length: int, circular: bool) -> int:
    """Count the target's nucleotides from the one opposite to nucleotide 8 to its 5' end.

    On a circle there are as many as do not meet those opposite to nucleotides 7 to 1.
    """
    return length - WINDOW + 1 if circular else window + 1


@njit(cache=True, nogil=True)
def _supplementary_pairs(
    codes: NDArray[np.uint8],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    mirna_codes: NDArray[np.uint8],
    mirna_starts: NDArray[np.int64],
    mirna_lengths: NDArray[np.int64],
    circular: bool,
    site_targets: NDArray[np.int64],
    site_mirnas: NDArray[np.int64],
    windows: NDArray[np.int64],
) -> NDArray[np.int64]:
    longest = np.zeros(len(windows), dtype=np.int64)
    for site in range(len(windows)):
        target, mirna, window = site_targets[site], site_mirnas[site], windows[site]
        n_upstream = count_upstream(window, lengths[target], circular)
        for offset in range(-_LARGEST_OFFSET, _LARGEST_OFFSET + 1):
            run = 0
            for nucleotide in range(_FIRST_SUPPLEMENTARY, _LAST_SUPPLEMENTARY + 1):
                upstream = nucleotide - WINDOW + offset
                paired = False
                if nucleotide <= mirna_lengths[mirna] and upstream < n_upstream:
                    letter = mirna_codes[mirna_starts[mirna] + nucleotide - 1]
                    opposite = letter_at(codes, starts[target], lengths[target], window - upstream, circular)
                    paired = pairing(letter, opposite) == WATSON_CRICK
                run = run + 1 if paired else 0
                longest[site] = max(longest[site], run)
    return longest


@njit(cache=True, nogil=True)
def _local_au(
    codes: NDArray[np.uint8],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    circular: bool,
    site_targets: NDArray[np.int64],
    site_starts: NDArray[np.int64],
    site_lengths: NDArray[np.int64],
) -> NDArray[np.float64]:
    shares = np.zeros(len(site_starts), dtype=np.float64)
    for site in range(len(site_starts)):
        start, length = starts[site_targets[site]], lengths[site_targets[site]]
        first, last = site_starts[site], site_starts[site] + site_lengths[site] - 1
        flank = min(_FLANK, length - site_lengths[site]) if circular else _FLANK
        weight = total = 0.0
        for distance in range(1, flank + 1):
            for side in range(2):
                at = first - distance if side == 0 else last + distance
                if not circular and (at < 0 or at >= length):
                    continue
                letter = letter_at(codes, start, length, at, circular)
                total += 1.0 / (distance + 1)
                if letter in (_ADENINE, _URACIL):
                    weight += 1.0 / (distance + 1)
        if total > 0:
            shares[site] = weight / total
    return shares
