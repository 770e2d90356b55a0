"""The best pairs so far: of all, of each circRNA or of each miRNA, in bounded memory."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Scored(NamedTuple):
    """Pairs, in ascending order of their cells, with their scores."""

    cells: NDArray[np.int64]
    scores: NDArray[np.float64]

    @staticmethod
    def none() -> Scored:
        """Return no pair."""
        return Scored(np.empty(0, dtype=np.int64), np.empty(0))

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Scored:
        """Return some of the pairs."""
        return Scored(self.cells[rows], self.scores[rows])

    def join(self, other: Scored) -> Scored:
        """Put pairs of later cells behind."""
        return Scored(np.concatenate([self.cells, other.cells]), np.concatenate([self.scores, other.scores]))


class Best:
    """The best pairs of the chunks so far, `pairs`; chunks come in the order of their cells."""

    def __init__(self, per: str, top_k: int, n_mirnas: int) -> None:
        self.per, self.top_k, self.n_mirnas = per, top_k, n_mirnas
        self.pairs = Scored.none()
        # a chunk holds all pairs of its circRNAs, so no later one changes what it leaves of each
        self.is_final = per == "circrna"
        self._limits = np.full(n_mirnas if per == "mirna" else 1, -np.inf)  # scores to exceed

    def sift(self, pairs: Scored) -> Scored:
        """Leave out pairs of a chunk that are not among the best; changes nothing, so threads may call it.

        A pair that only ties with the last of the best is not among them: its cell is a later one.
        """
        if not self.is_final:
            limits = self._limits if self.per == "all" else self._limits[self._groups(pairs.cells)]
            pairs = pairs.take(pairs.scores > limits)
        return self._keep(pairs)

    def add(self, pairs: Scored) -> None:
        """Take in a chunk."""
        self.pairs = self._keep(self.pairs.join(pairs))
        groups = self._groups(self.pairs.cells)
        limits = np.full(len(self._limits), np.inf)
        np.minimum.at(limits, groups, self.pairs.scores)
        limits[np.bincount(groups, minlength=len(limits)) < self.top_k] = -np.inf
        self._limits = limits

    def order(self, pairs: Scored) -> tuple[Scored, NDArray[np.int64]]:
        """Sort pairs by group, from the best to the worst, and return the rank of each from 1."""
        groups = self._groups(pairs.cells)
        order = np.lexsort((pairs.cells, -pairs.scores, groups))
        ordered = groups[order]
        starts = np.searchsorted(ordered, ordered, side="left")
        return pairs.take(order), np.arange(1, len(order) + 1) - starts

    def _groups(self, cells: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return what the pairs compete in, a number each."""
        if self.per == "all":
            return np.zeros(len(cells), dtype=np.int64)
        return cells // self.n_mirnas if self.per == "circrna" else cells % self.n_mirnas

    def _keep(self, pairs: Scored) -> Scored:
        """Return the best of these pairs."""
        groups = self._groups(pairs.cells)
        order = np.argsort(groups, kind="stable")
        cuts = np.flatnonzero(np.diff(groups[order])) + 1
        kept = [rows[best_rows(pairs.scores[rows], self.top_k)] for rows in np.split(order, cuts)]
        return pairs.take(np.sort(np.concatenate(kept)))


def best_rows(scores: NDArray[np.float64], top_k: int) -> NDArray[np.int64]:
    """Return the rows of the highest scores, the first of those that tie."""
    if len(scores) <= top_k:
        return np.arange(len(scores))
    limit = np.partition(scores, -top_k)[-top_k]
    above, tied = np.flatnonzero(scores > limit), np.flatnonzero(scores == limit)
    return np.concatenate([above, tied[: top_k - len(above)]])
