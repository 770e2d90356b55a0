"""Which edge a graph lacks, by what the other partners of one end say."""

from typing import Final

import numpy as np
from scipy import sparse

from sklearn_mferl.evidence.graph.inverse import invert_definite
from sklearn_mferl.utils.arrays import Doubles, Ints, Singles, njit

_PENALTY: Final = 10.0  # 3 and 30 put hidden interactions of cmi-9589 later


class Autoencoders:
    """Linear autoencoders of the rows of a graph, and of its columns, in which nothing predicts itself.

    With X the edges, P = (X'X + λI)^-1 and H = XP, that of the rows scores a pair (i, j) without an edge by
    -H_ij / P_jj (Steck, Embarrassingly shallow autoencoders for sparse data, WWW 2019). H = (XX' + λI)^-1 X,
    too, so that one inverse, that of the side with fewer RNAs, serves both.
    """

    def __init__(self, edges: sparse.csr_array) -> None:
        self._is_transposed = edges.shape[0] < edges.shape[1]
        if self._is_transposed:
            edges = sparse.csr_array(edges.T)
        self._start, self._partner = edges.indptr, edges.indices
        gram = (edges.T @ edges).toarray().astype(np.float64)
        self._inverse = invert_definite(gram + _PENALTY * np.eye(len(gram))).astype(np.float32)
        rows, columns = edges.nonzero()
        own = self._sum(rows, columns)
        # λ P_jj = 1 - (X'H)_jj, and likewise of the rows
        self._of_row, self._of_column = (
            1 - np.bincount(end, own, n) for end, n in zip((rows, columns), edges.shape, strict=True)
        )

    def score(self, rows: Ints, columns: Ints) -> tuple[Doubles, Doubles]:
        """Return what the other partners of the row say of pairs without an edge, and those of the column."""
        if self._is_transposed:
            rows, columns = columns, rows
        products = -_PENALTY * self._sum(rows, columns)
        by_row, by_column = products / self._of_column[columns], products / self._of_row[rows]
        return (by_column, by_row) if self._is_transposed else (by_row, by_column)

    def _sum(self, rows: Ints, columns: Ints) -> Doubles:
        """Return H of pairs."""
        products = np.empty(len(rows))
        _sum_partners(self._start, self._partner, self._inverse, rows, columns, products)
        return products


@njit(cache=True, nogil=True)
def _sum_partners(
    start: Ints, partner: Ints, inverse: Singles, rows: Ints, columns: Ints, products: Doubles
) -> None:
    for pair in range(len(rows)):
        total = 0.0
        for place in range(start[rows[pair]], start[rows[pair] + 1]):
            total += inverse[partner[place], columns[pair]]
        products[pair] = total
