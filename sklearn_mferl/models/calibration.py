"""From scores to probabilities, by what held-out training pairs say."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit

from sklearn_mferl.pairs import PairTable
from sklearn_mferl.pairs.novelty import Novelty

_NEW_SHARE: Final = 0.25  # of the RNAs of a side, held out with all their pairs
_PAIR_SHARE: Final = 0.15  # of the pairs between the others
_FEWEST: Final = 10  # held-out pairs of a class below which a calibration would be noise
# The least slope, for scores of standard deviation 1. A few pairs of chance decide whether a slope is below
# 0: it must not turn a ranking round. With 0 itself all pairs of a level would tie; this keeps their order,
# and moves their probabilities by less than .01.
_FLATTEST: Final = 0.01
# How far the slopes of parts that tell the same are drawn together within a level. Which of two scores of
# the same evidence the held-out pairs of a level prefer is chance: on first folds of cmi-9589 and starbase it
# brought new RNAs .0005 to .003 of AUC, and more of it (to 1,000) no more. A part that tells something else,
# as a network on the RNAs does beside evidence, is left to what the pairs say.
_ALIKE: Final = 10.0
# How far the slopes are drawn to those of the mean score, which is nearly calibrated as it is: the parts are
# fitted by their log loss. With 0 in place of these slopes a model of a small list was less calibrated than
# without a calibration.
_USUAL: Final = 3.0
# Of a pair of the background, where a held-out negative weighs 1. Unknown pairs outnumber interactions by far
# more: 10 ranked hidden interactions of cmi-9589 as early as 3, and earlier than 1.
_BACKGROUND_WEIGHT: Final = 3.0
_SURE: Final = 1e-12  # probabilities of 0 and 1 have no logit


def hold_out(table: PairTable, seed: int) -> NDArray[np.bool_]:
    """Choose pairs to hold out, so that of some the miRNA, the circRNA or both are in none of the others."""
    rng = np.random.default_rng(seed)
    new = rng.random(len(table.circrna)) < _NEW_SHARE, rng.random(len(table.mirna)) < _NEW_SHARE
    has_new = new[0][table.rows[:, 0]] | new[1][table.rows[:, 1]]
    pair_of = table.distinct_pairs()  # so that both rows of a pair with two labels go to one part
    return has_new | (rng.random(len(table))[pair_of] < _PAIR_SHARE)


class Calibrator:
    """Weigh the scores of the parts of a model, and turn them into log-odds.

    Log-odds are linear in the scores (Platt), with slopes and offset that may differ by how much of the
    pair is new, as far as the held-out pairs ask for it: a penalty draws them together. No slope is
    negative, so that a higher score is never less probable.

    Attributes
    ----------
    slopes : ndarray, shape (4, n_parts)
        By `Novelty`.
    offsets : ndarray, shape (4,)
    """

    def __init__(self, n_parts: int) -> None:
        self.slopes = np.full((len(Novelty), n_parts), 1.0 / n_parts)
        self.offsets = np.zeros(len(Novelty))

    def fit(
        self,
        scores: NDArray[np.float64],
        novelty: NDArray[np.int64],
        labels: NDArray[np.int64],
        weights: NDArray[np.float64],
        background: tuple[NDArray[np.float64], NDArray[np.int64]] | None = None,
    ) -> Calibrator:
        """Fit on held-out pairs; too few of a class leave the scores as they are.

        The scores and the novelty of a background, as further negatives, say which parts tell apart the best
        of very many pairs. How probable a score is, the held-out pairs say alone.
        """
        if np.bincount(labels, minlength=2).min() < _FEWEST:
            return self
        if background is not None:
            n = len(background[1])
            joined = np.vstack([scores, background[0]]), np.append(novelty, background[1])
            as_negatives = np.full(n, _BACKGROUND_WEIGHT * weights[labels == 0].mean())
            self.fit(*joined, np.pad(labels, (0, n)), np.append(weights, as_negatives))
            level = Calibrator(1).fit(self.log_odds(scores, novelty)[:, None], novelty, labels, weights)
            self.offsets = level.slopes[:, 0] * self.offsets + level.offsets
            self.slopes = level.slopes * self.slopes
            return self
        spread = scores.std(axis=0)
        spread[spread == 0] = 1.0
        slopes, self.offsets = _fit_slopes(
            scores / spread, novelty, labels, weights, spread / scores.shape[1]
        )
        self.slopes = slopes / spread
        return self

    def log_odds(self, scores: NDArray[np.float64], novelty: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the log-odds of the positive class."""
        return (self.slopes[novelty] * scores).sum(axis=1) + self.offsets[novelty]


def _fit_slopes(
    scores: NDArray[np.float64],
    level: NDArray[np.int64],
    labels: NDArray[np.int64],
    weights: NDArray[np.float64],
    usual: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Minimise the log loss plus a penalty on how far slopes and offsets of the levels lie apart.

    It is an L2 penalty on how far the slopes of all levels are from the usual ones, those of the mean score,
    and those of each level from these, on the offsets of each, and none on an intercept. For given sums
    t_1 .. t_n the best common slope is sum(t) / (n + 1) and the best intercept mean(t), so both drop out, and
    the bound on each sum is a box. A second penalty draws together those parts of a level that correlate.
    """
    n_levels, n_parts = len(Novelty), scores.shape[1]
    state = np.eye(n_levels)[level]
    total = weights.sum()
    likeness = _likeness(scores)

    def objective(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        slopes, offsets = np.split(flat.reshape(n_levels, n_parts + 1), [n_parts], axis=1)
        log_odds = (slopes[level] * scores).sum(axis=1) + offsets[level, 0]
        unusual = slopes - usual
        unlike = _ALIKE * unusual @ likeness
        common = unusual.sum(axis=0) / (n_levels + 1)
        # as many times as there are parts: the sum of their slopes is held as that of one part would be
        apart = np.hstack([_USUAL * n_parts * (unusual - common) + unlike, offsets - offsets.mean()])
        penalty = (apart * np.hstack([unusual, offsets])).sum() / 2
        loss = weights @ (np.logaddexp(0, log_odds) - labels * log_odds)
        residual = weights * (expit(log_odds) - labels)
        gradient = state.T @ (residual[:, None] * np.column_stack([scores, np.ones(len(scores))])) + apart
        return (loss + penalty) / total, gradient.ravel() / total

    bounds = ([(_FLATTEST, None)] * n_parts + [(None, None)]) * n_levels
    start = np.tile(np.append(usual, 0.0), n_levels)
    options = {"maxiter": 10_000, "ftol": 1e-15, "gtol": 1e-9}
    found = minimize(objective, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    slopes, offsets = np.split(found.x.reshape(n_levels, n_parts + 1), [n_parts], axis=1)
    return slopes, offsets[:, 0]


def _likeness(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Laplacian of the parts, joined by the fourth power of the correlation of their scores."""
    n_parts = scores.shape[1]
    centred = scores - scores.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    correlation = centred.T @ centred / np.maximum(np.outer(length, length), np.finfo(float).tiny)
    joined = correlation**4
    return np.asarray(np.diag(joined.sum(axis=1)) - joined) / n_parts


def log_odds_of(classifier: Any, X: Any) -> NDArray[np.float64]:
    """Return the log-odds of any fitted classifier."""
    if hasattr(classifier, "decision_function"):
        return np.asarray(classifier.decision_function(X), dtype=np.float64)
    positive = classifier.predict_proba(X)[:, 1].astype(np.float64)
    return logit(np.clip(positive, _SURE, 1 - _SURE))


def shift_prevalence(
    log_odds: NDArray[np.float64], found: float, stated: float | None
) -> NDArray[np.float64]:
    """Move log-odds from the share of positives in training to a stated one."""
    return log_odds if stated is None else log_odds + float(logit(stated) - logit(found))
