"""The graph of similar RNAs, shared by the transformers that compare RNAs with fitted references."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils.validation import check_is_fitted

from sklearn_mferl.utils.arrays import Doubles, Ints, Objects, Singles
from sklearn_mferl.utils.parameters import is_number
from sklearn_mferl.utils.scheduling import run_in_order

# Similarities are compared in double precision, where 1 - 9/10 is a little less than 0.1: what is nearer
# to the threshold than this is meant to be equal to it.
_TOLERANCE: Final = 1e-12
# A block of rows is small enough to hold in memory, and for the graph of the references small against
# their number, so that little of the lower triangle is computed.
_BLOCK_ROWS: Final = 64
_BLOCK_CELLS: Final = 2**22


class SimilarityGraphMixin:
    """Give a transformer that has a ``threshold`` and distinct ``references_`` its `graph`."""

    threshold: float
    references_: Objects
    _check_input: Callable[[Any], Objects]

    def graph(self, X: Any = None) -> sparse.csr_matrix:
        """Return the neighbours among the references: similarities of at least ``threshold``.

        Parameters
        ----------
        X : 1-D collection of str, default=None
            What to find neighbours of, as in `transform`. None means the references themselves.

        Returns
        -------
        CSR matrix of float32, shape (n, n_references)
            Similarities from ``threshold`` to 1, with sorted indices; what is below the threshold, or 0, is
            not stored. Nothing is its own neighbour: the graph of the references has an empty diagonal.

        Raises
        ------
        ValueError
            If `X` is not what `transform` takes, or ``threshold`` is not from 0 to 1.
        """
        check_is_fitted(self)
        check_threshold(self.threshold)
        symmetric = X is None
        names = self.references_ if symmetric else self._check_input(X)
        references = self._represent(self.references_)
        represented = references if symmetric else self._represent(names)
        own = pd.Index(self.references_).get_indexer(pd.Index(names))
        cutoff = max(self.threshold - _TOLERANCE, _TOLERANCE)
        # one object of each for all blocks, which goes to a cluster once
        shared = {
            "compare": self._compare,
            "references": references,
            "symmetric": symmetric,
            "cutoff": cutoff,
        }
        blocks = [
            {"queries": represented[block], "own": own[block], "first_row": block.start, **shared}
            for block in row_blocks(len(names), len(references))
        ]
        # one block at a time on this machine: what compares has threads of its own
        found = run_in_order(_find_neighbours, blocks, n_jobs=1)
        rows, columns, values = (np.concatenate(parts) for parts in zip(*found, strict=True))
        graph = sparse.csr_matrix((values, (rows, columns)), shape=(len(names), len(references)))
        if symmetric:
            graph = (graph + graph.T).tocsr()
        graph.sort_indices()
        return graph

    def _represent(self, names: Objects) -> NDArray[Any]:
        """Return what is compared, a row for each sequence or id."""
        raise NotImplementedError

    def _compare(self, rows: NDArray[Any], references: NDArray[Any], cutoff: float) -> Doubles:
        """Return similarities, symmetric, of rows to references; those below the cutoff may be 0."""
        raise NotImplementedError

    def _feature_names(self) -> list[str]:
        return [f"similarity_{number}" for number in range(len(self.references_))]


def _find_neighbours(
    compare: Callable[[NDArray[Any], NDArray[Any], float], Doubles],
    queries: NDArray[Any],
    references: NDArray[Any],
    own: Ints,
    first_row: int,
    symmetric: bool,
    cutoff: float,
) -> tuple[Ints, Ints, Singles]:
    """Return rows, columns and similarities of a block; `own` are the columns of the queries themselves."""
    first = first_row if symmetric else 0
    similarity = compare(queries, references[first:], cutoff)
    if symmetric:  # the part above the diagonal tells all
        similarity = np.triu(similarity, k=1)
    else:
        known = np.flatnonzero(own >= 0)
        similarity[known, own[known]] = 0.0
    row, column = np.nonzero(similarity >= cutoff)
    return row + first_row, column + first, similarity[row, column].astype(np.float32)


def row_blocks(n_rows: int, n_columns: int) -> Iterator[slice]:
    """Cut rows into slices such that a float64 block of `n_columns` columns takes at most about 32 MB."""
    step = max(min(_BLOCK_ROWS, _BLOCK_CELLS // n_columns), 1)
    for start in range(0, n_rows, step):
        yield slice(start, min(start + step, n_rows))


def check_threshold(threshold: Any) -> None:
    """Refuse a threshold that is not a number from 0 to 1."""
    if not is_number(threshold, 0, 1, "both"):
        raise ValueError(f"threshold must be a number from 0 to 1; got {threshold!r}.")
