"""The best pairs so far: of all, of each circRNA or of each miRNA, in bounded memory."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

PER: Final = ("all", "circrna", "mirna")


class Scored(NamedTuple):
    """Pairs with their scores.

    Attributes
    ----------
    cells : ndarray of int64, shape (n,)
        In ascending order.
    scores : ndarray of float64, shape (n,)
    """

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


def keep_best(pairs: Scored, top_k: int) -> Scored:
    """Return the pairs with the highest scores, the first of those that tie, in ascending order."""
    if len(pairs.cells) <= top_k:
        return pairs
    limit = np.partition(pairs.scores, -top_k)[-top_k]
    above, tied = np.flatnonzero(pairs.scores > limit), np.flatnonzero(pairs.scores == limit)
    return pairs.take(np.sort(np.concatenate([above, tied[: top_k - len(above)]])))


class Best(metaclass=ABCMeta):
    """The best pairs of the chunks so far; chunks come in the order of their cells.

    Attributes
    ----------
    pairs : Scored
        The best so far.
    """

    def __init__(self, top_k: int, n_mirnas: int) -> None:
        self.top_k, self.n_mirnas = top_k, n_mirnas
        self.pairs = Scored.none()

    @abstractmethod
    def sift(self, pairs: Scored) -> Scored:
        """Leave out pairs of a chunk that are not among the best; changes nothing, so threads may call it.

        A pair that only ties with the last of the best is not among them: its cell is a later one.
        """

    @abstractmethod
    def add(self, pairs: Scored) -> None:
        """Take in a chunk."""

    @abstractmethod
    def groups(self, cells: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return what the pairs compete in, a number each."""

    def order(self, pairs: Scored) -> tuple[Scored, NDArray[np.int64]]:
        """Sort pairs by group, from the best to the worst, and return the rank of each from 1."""
        groups = self.groups(pairs.cells)
        order = np.lexsort((pairs.cells, -pairs.scores, groups))
        ordered = groups[order]
        starts = np.searchsorted(ordered, ordered, side="left")
        return pairs.take(order), np.arange(1, len(order) + 1) - starts


class BestOfAll(Best):
    """The best of all pairs."""

    def sift(self, pairs: Scored) -> Scored:
        """Leave out pairs of a chunk that are not among the best."""
        best = self.pairs
        if len(best.cells) == self.top_k:
            pairs = pairs.take(pairs.scores > best.scores.min())
        return keep_best(pairs, self.top_k)

    def add(self, pairs: Scored) -> None:
        """Take in a chunk."""
        self.pairs = keep_best(self.pairs.join(pairs), self.top_k)

    def groups(self, cells: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return 0 for each pair."""
        return np.zeros(len(cells), dtype=np.int64)


class BestOfEachCircRNA(Best):
    """The best of each circRNA. A chunk holds all pairs of its circRNAs, so no later one changes them."""

    def sift(self, pairs: Scored) -> Scored:
        """Leave out pairs of a chunk that are not among the best."""
        circrnas = self.groups(pairs.cells)
        cuts = np.flatnonzero(np.diff(circrnas)) + 1
        cells, scores = np.split(pairs.cells, cuts), np.split(pairs.scores, cuts)
        best = [keep_best(Scored(*each), self.top_k) for each in zip(cells, scores, strict=True)]
        return Scored(np.concatenate([b.cells for b in best]), np.concatenate([b.scores for b in best]))

    def add(self, pairs: Scored) -> None:
        """Take in a chunk."""
        self.pairs = self.pairs.join(pairs)

    def groups(self, cells: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the circRNA of each pair."""
        return cells // self.n_mirnas


class BestOfEachMiRNA(Best):
    """The best of each miRNA."""

    def __init__(self, top_k: int, n_mirnas: int) -> None:
        super().__init__(top_k, n_mirnas)
        self._limits = np.full(n_mirnas, -np.inf)  # scores to exceed

    def sift(self, pairs: Scored) -> Scored:
        """Leave out pairs of a chunk that are not among the best."""
        return self._keep(pairs.take(pairs.scores > self._limits[self.groups(pairs.cells)]))

    def add(self, pairs: Scored) -> None:
        """Take in a chunk."""
        self.pairs = self._keep(self.pairs.join(pairs))
        mirnas = self.groups(self.pairs.cells)
        limits = np.full(self.n_mirnas, np.inf)
        np.minimum.at(limits, mirnas, self.pairs.scores)
        limits[np.bincount(mirnas, minlength=self.n_mirnas) < self.top_k] = -np.inf
        self._limits = limits

    def groups(self, cells: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the miRNA of each pair."""
        return cells % self.n_mirnas

    def _keep(self, pairs: Scored) -> Scored:
        ordered, rank = self.order(pairs)
        kept = ordered.take(rank <= self.top_k)
        return kept.take(np.argsort(kept.cells))


KEEPERS: Final[dict[str, type[Best]]] = dict(
    zip(PER, (BestOfAll, BestOfEachCircRNA, BestOfEachMiRNA), strict=True)
)
