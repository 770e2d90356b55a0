"""Columns of numbers as numbers of bins of equal weight, as histogram-based trees read them."""

from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

_HIGHEST_EDGE: Final = float(np.finfo(np.float64).max)


class QuantileBins:
    """Replace each number by that of its bin; NaN stays.

    scikit-learn's histogram-based boosting finds the same bins, but where rows have weights, it sorts each
    column once for each of 255 edges, which takes longer than the 300 trees. What is binned already has no
    more distinct numbers than bins, and is binned at once.
    """

    def __init__(self, max_bins: int) -> None:
        self.max_bins = max_bins

    def fit(self, table: NDArray[np.float32], weights: NDArray[np.float64]) -> Self:
        """Find the edges of each column: between all distinct numbers, or at quantiles of the weight."""
        # infinity is above every edge
        self.edges = [np.minimum(self._find_edges(column, weights), _HIGHEST_EDGE) for column in table.T]
        return self

    def transform(self, table: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the number of the bin, from 0, of each value."""
        codes = np.empty_like(table, dtype=np.float32)
        for number, (edges, column) in enumerate(zip(self.edges, table.T, strict=True)):
            codes[:, number] = np.searchsorted(edges, column)
        codes[np.isnan(table)] = np.nan
        return codes

    def _find_edges(self, column: NDArray[np.float32], weights: NDArray[np.float64]) -> NDArray[np.float64]:
        known = np.flatnonzero(~np.isnan(column))
        known = known[np.argsort(column[known])]
        values = column[known].astype(np.float64)
        distinct = np.unique(values)
        if len(distinct) <= self.max_bins:
            return (distinct[1:] + distinct[:-1]) / 2
        below = np.cumsum(weights[known])
        wanted = np.linspace(0, 100, self.max_bins + 1)[1:-1] / 100 * below[-1]
        last = len(values) - 1
        at = np.minimum(np.searchsorted(below, wanted), last)
        # an edge that leaves exactly the wanted weight below it lies half way to the next number
        exact = below[at] - wanted <= np.finfo(np.float64).eps
        return np.unique((values[at] + values[np.minimum(at + exact, last)]) / 2)
