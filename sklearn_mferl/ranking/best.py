"""The best pairs so far: of all, of each circRNA or of each miRNA, in bounded memory."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from typing import ClassVar, Final, NamedTuple

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


def keep_best(pairs: Scored, top_k: int) -> Scored:
    """Return the pairs with the highest scores, the first of those that tie, in ascending order."""
    if len(pairs.cells) <= top_k:
        return pairs
    limit = np.partition(pairs.scores, -top_k)[-top_k]
    above, tied = np.flatnonzero(pairs.scores > limit), np.flatnonzero(pairs.scores == limit)
    return pairs.take(np.sort(np.concatenate([above, tied[: top_k - len(above)]])))


class Best(metaclass=ABCMeta):
    """The best pairs of the chunks so far, `pairs`; chunks come in the order of their cells."""

    is_final: ClassVar = False  # whether no later chunk changes what one leaves

    def __init__(self, top_k: int, n_mirnas: int) -> None:
        self.top_k, self.n_mirnas = top_k, n_mirnas
        self.pairs = Scored.none()

    @abstractmethod
    def _groups(self, cells: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return what the pairs compete in, a number each."""

    @abstractmethod
    def _keep(self, pairs: Scored) -> Scored:
        """Return the best of these pairs."""

    def sift(self, pairs: Scored) -> Scored:
        """Leave out pairs of a chunk that are not among the best; changes nothing, so threads may call it.

        A pair that only ties with the last of the best is not among them: its cell is a later one.
        """
        return self._keep(pairs)

    def add(self, pairs: Scored) -> None:
        """Take in a chunk."""
        self.pairs = self._keep(self.pairs.join(pairs))

    def order(self, pairs: Scored) -> tuple[Scored, NDArray[np.int64]]:
        """Sort pairs by group, from the best to the worst, and return the rank of each from 1."""
        groups = self._groups(pairs.cells)
        order = np.lexsort((pairs.cells, -pairs.scores, groups))
        ordered = groups[order]
        starts = np.searchsorted(ordered, ordered, side="left")
        return pairs.take(order), np.arange(1, len(order) + 1) - starts


class BestOfAll(Best):
    """The best of all pairs."""

    def _groups(self, cells: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.zeros(len(cells), dtype=np.int64)

    def _keep(self, pairs: Scored) -> Scored:
        return keep_best(pairs, self.top_k)

    def sift(self, pairs: Scored) -> Scored:
        """Leave out pairs of a chunk that are not among the best."""
        if len(self.pairs.cells) == self.top_k:
            pairs = pairs.take(pairs.scores > self.pairs.scores.min())
        return self._keep(pairs)


class BestOfEachCircRNA(Best):
    """The best of each circRNA, of which a chunk holds all pairs."""

    is_final = True

    def _groups(self, cells: NDArray[np.int64]) -> NDArray[np.int64]:
        return cells // self.n_mirnas

    def _keep(self, pairs: Scored) -> Scored:
        cuts = np.flatnonzero(np.diff(self._groups(pairs.cells))) + 1
        split = zip(np.split(pairs.cells, cuts), np.split(pairs.scores, cuts), strict=True)
        cells, scores = zip(*(keep_best(Scored(*each), self.top_k) for each in split), strict=True)
        return Scored(np.concatenate(cells), np.concatenate(scores))


class BestOfEachMiRNA(Best):
    """The best of each miRNA."""

    def __init__(self, top_k: int, n_mirnas: int) -> None:
        super().__init__(top_k, n_mirnas)
        self._limits = np.full(n_mirnas, -np.inf)  # scores to exceed

    def _groups(self, cells: NDArray[np.int64]) -> NDArray[np.int64]:
        return cells % self.n_mirnas

    def _keep(self, pairs: Scored) -> Scored:
        ordered, rank = self.order(pairs)
        kept = ordered.take(rank <= self.top_k)
        return kept.take(np.argsort(kept.cells))

    def sift(self, pairs: Scored) -> Scored:
        """Leave out pairs of a chunk that are not among the best."""
        return self._keep(pairs.take(pairs.scores > self._limits[self._groups(pairs.cells)]))

    def add(self, pairs: Scored) -> None:
        """Take in a chunk."""
        super().add(pairs)
        mirnas = self._groups(self.pairs.cells)
        limits = np.full(self.n_mirnas, np.inf)
        np.minimum.at(limits, mirnas, self.pairs.scores)
        limits[np.bincount(mirnas, minlength=self.n_mirnas) < self.top_k] = -np.inf
        self._limits = limits


KEEPERS: Final[dict[str, type[Best]]] = {
    "all": BestOfAll,
    "circrna": BestOfEachCircRNA,
    "mirna": BestOfEachMiRNA,
}
