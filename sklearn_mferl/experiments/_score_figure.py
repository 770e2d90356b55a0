"""How the scores of known and of unknown pairs are distributed."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sklearn_mferl.plotting import COLOURS, new_axes
from sklearn_mferl.ranking._grid import Grid
from sklearn_mferl.ranking._scorers import Scorer, make_scorer

N_BINS: Final = 50
"""Number of bins from 0 to 1."""


class ScoreCounter:
    """Pass on a model's probabilities, and count them by bin: all pairs of a ranking are too many to keep.

    Attributes
    ----------
    counts : ndarray of int64, shape (N_BINS,)
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self.counts: NDArray[np.int64] = np.zeros(N_BINS, dtype=np.int64)

    def predict_proba(self, pairs: Any) -> NDArray[np.float64]:
        """Return the model's probabilities."""
        found = np.asarray(self.model.predict_proba(pairs))
        self.count(found[:, 1])
        return found

    def count(self, scores: NDArray[np.float64]) -> None:
        """Add scores to the counts."""
        self.counts += np.histogram(scores, N_BINS, (0.0, 1.0))[0]

    def make_scorer(self, grid: Grid) -> Scorer:
        """Count what the fastest scorer of the model says; `rank_interactions` asks for it."""
        return _CountedScorer(make_scorer(self.model, grid), self)


class _CountedScorer:
    """A scorer whose scores are counted."""

    def __init__(self, scorer: Scorer, counter: ScoreCounter) -> None:
        self.scorer, self.counter, self.chunk_size = scorer, counter, scorer.chunk_size

    def score(self, block: slice, cells: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the score of each cell."""
        found = self.scorer.score(block, cells)
        self.counter.count(found)
        return found


def plot_score_counts(scores: pd.DataFrame, ranking: pd.DataFrame) -> Any:
    """Draw how many known and unknown pairs have which score, on a logarithmic axis."""
    ax = new_axes(width=7.2)
    edges = [*scores["lower"], scores["upper"].iloc[-1]]
    for name, colour, hatch in (("unknown", COLOURS[1], "//"), ("known", COLOURS[0], "")):
        ax.stairs(
            scores[name],
            edges,
            baseline=0.5,  # below one pair, which a logarithmic axis could not show from 0
            fill=True,
            facecolor=(colour, 0.25),
            edgecolor=colour,
            hatch=hatch,
            linewidth=1.5,
            label=f"{name} pairs (n = {scores[name].sum():,})",
        )
    last = ranking.iloc[-1]
    ax.axvline(
        last["score"], color="black", linestyle=":", label=f"rank {last['rank']} ({last['score']:.3f})"
    )
    ax.set_yscale("log")
    ax.set(xlim=(0, 1), xlabel="Score (predicted probability)", ylabel="Pairs in a bin of 0.02")
    ax.set_ylim(bottom=0.5)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False, ncols=3, fontsize=9)
    ax.spines[["top", "right"]].set_visible(False)
    return ax.figure
