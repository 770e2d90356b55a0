"""How many of the pairs of a ranking have which score."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sklearn_mferl.ranking.grid import Grid
from sklearn_mferl.ranking.scorers import Scorer, make_scorer

N_BINS: Final = 50  # from 0 to 1


class ScoreCounter:
    """Pass on a model's probabilities, and count them by bin: all pairs of a ranking are too many to keep."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.counts: NDArray[np.int64] = np.zeros(N_BINS, dtype=np.int64)

    def predict_proba(self, pairs: Any) -> NDArray[np.float64]:
        """Return the model's probabilities."""
        probabilities = np.asarray(self.model.predict_proba(pairs))
        self.count(probabilities[:, 1])
        return probabilities

    def count(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add scores to the counts, and return them."""
        self.counts += np.histogram(scores, N_BINS, (0.0, 1.0))[0]
        return scores

    def make_scorer(self, grid: Grid) -> Scorer:
        """Count what the fastest scorer of the model says; `rank_interactions` asks for it."""
        return _CountedScorer(make_scorer(self.model, grid), self)


class _CountedScorer:
    """A scorer whose scores are counted."""

    def __init__(self, scorer: Scorer, counter: ScoreCounter) -> None:
        self.scorer, self.counter, self.chunk_size = scorer, counter, scorer.chunk_size

    def score(self, block: slice, cells: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the score of each cell."""
        return self.counter.count(self.scorer.score(block, cells))
