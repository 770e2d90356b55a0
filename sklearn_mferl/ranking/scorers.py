"""Scores of a block of the grid, as `predict_proba` gives them, with as little work as the model allows."""

from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sklearn_mferl.models import MFERLClassifier
from sklearn_mferl.models.base import PairClassifier
from sklearn_mferl.models.score_grid import ScoreGrid
from sklearn_mferl.pairs import PairFeatures
from sklearn_mferl.pairs.cells import pairs_of_cells
from sklearn_mferl.ranking.grid import Grid


class Scorer(Protocol):
    """What scores the pairs of a block of circRNAs."""

    chunk_size: int  # how many pairs to score at a time where nobody says it

    def score(self, block: slice, cells: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the score of each cell; all are of circRNAs of the block."""


class PairScorer:
    """Any model of pairs, asked by ids."""

    chunk_size = 200_000

    def __init__(self, model: Any, grid: Grid) -> None:
        self.model, self.grid = model, grid

    def score(self, block: slice, cells: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the score of each cell."""
        pairs = pairs_of_cells(cells, self.grid.circrnas, self.grid.mirnas)
        return np.asarray(self.model.predict_proba(pairs)[:, 1], dtype=np.float64)


class RowScorer(PairScorer):
    """`PairFeatures` before any classifier: what belongs to an RNA is read once, for all of its pairs."""

    def __init__(self, features: PairFeatures, classifier: Any, grid: Grid) -> None:
        super().__init__(classifier, grid)
        self.features = features
        # ids are checked before the work; where a sequence is its own id, it is normalised
        self._circrnas = features._canonical_ids("circrna", grid.circrnas)
        mirnas = features._canonical_ids("mirna", grid.mirnas)
        self._mirna = features._prepare("mirna", mirnas, for_many=True)

    def score(self, block: slice, cells: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the score of each cell."""
        circrna = self.features._prepare("circrna", self._circrnas[block])
        n_mirnas = len(self.grid.mirnas)
        rows = np.column_stack([cells // n_mirnas - block.start, cells % n_mirnas])
        table = self.features._describe_rows(circrna, self._mirna, rows)
        return np.asarray(self.model.predict_proba(table)[:, 1], dtype=np.float64)


class ProductScorer(RowScorer):
    """The network without evidence: the scores of a block are one matrix product."""

    chunk_size = 4_000_000

    def __init__(self, features: PairFeatures, classifier: MFERLClassifier, grid: Grid) -> None:
        super().__init__(features, classifier, grid)
        self._scores = ScoreGrid(classifier, self._mirna.table)

    def score(self, block: slice, cells: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the score of each cell."""
        circrna = self.features._prepare("circrna", self._circrnas[block]).table
        log_odds = self._scores.log_odds(circrna).ravel()
        if len(cells) < len(log_odds):
            log_odds = log_odds[cells - block.start * len(self.grid.mirnas)]
        return expit(log_odds, out=log_odds)


def make_scorer(model: Any, grid: Grid) -> Scorer:
    """Return the fastest way to score the pairs of a grid."""
    if hasattr(model, "make_scorer"):
        return cast(Scorer, model.make_scorer(grid))
    if isinstance(model, PairClassifier) and isinstance(getattr(model, "features_", None), PairFeatures):
        features, classifier = model.features_, model
    elif type(model) is Pipeline and len(model.steps) == 2 and type(model[0]) is PairFeatures:
        features, classifier = model[0], model[1]
    else:
        return PairScorer(model, grid)
    if features.output != "table":
        return PairScorer(model, grid)
    check_is_fitted(model)
    if not features.evidence_ and isinstance(classifier, MFERLClassifier) and ScoreGrid.fits(classifier):
        return ProductScorer(features, classifier, grid)
    return RowScorer(features, classifier, grid)
