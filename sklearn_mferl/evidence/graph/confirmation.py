"""How often a seed match of an RNA turned out to be an interaction."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_PRIOR: Final = 1.0  # matches of average outcome that every RNA is given, so that one match decides little


def confirmation_rates(
    adjacency: sparse.csr_array, matches: sparse.csr_array, used: tuple[NDArray[Any], NDArray[Any]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the share of matches that are known interactions, by circRNA and by miRNA."""
    # in double precision, for single ones count no further than 2**24
    among = [
        np.isin(np.arange(n), rows).astype(np.float64) for n, rows in zip(matches.shape, used, strict=True)
    ]
    candidates = among[0] * (matches @ among[1]), among[1] * (matches.T @ among[0])
    confirmed = adjacency.multiply(matches)
    known = [np.asarray(confirmed.sum(axis=axis, dtype=np.float64)).ravel() for axis in (1, 0)]
    overall = (known[0].sum() + _PRIOR) / (candidates[0].sum() + 2 * _PRIOR)
    rates = [(k + _PRIOR * overall) / (n + _PRIOR) for k, n in zip(known, candidates, strict=True)]
    circrna, mirna = (np.log(rate / overall) for rate in rates)
    return circrna, mirna
