"""From scores to probabilities, by what held-out training pairs say."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit
from sklearn.linear_model import LogisticRegression

from sklearn_mferl._validation import SIDES
from sklearn_mferl.features import PairTable
from sklearn_mferl.features.neighborhood import NOVELTIES

_NEW_SHARE: Final = 0.25  # of the RNAs of a side, held out with all their pairs
_PAIR_SHARE: Final = 0.15  # of the pairs between the others
_FEWEST: Final = 10  # held-out pairs of a class below which a calibration would be noise


class HeldOut(NamedTuple):
    """A part of the training pairs to fit on, and others to calibrate with.

    Attributes
    ----------
    fit : ndarray of int
        Rows to fit on.
    novelty : dict of int to ndarray of int
        Rows to calibrate with, by what of them is new: -1 the pair alone, else a number into `NOVELTIES`.
    new : (ndarray of bool, ndarray of bool)
        Which circRNAs and which miRNAs are held out with all their pairs.
    """

    fit: NDArray[np.int64]
    novelty: dict[int, NDArray[np.int64]]
    new: tuple[NDArray[np.bool_], NDArray[np.bool_]]

    def keep(self, table: PairTable) -> PairTable | None:
        """Return the background between RNAs that are not held out."""
        background = table.background
        if background is None:
            return None
        kept = np.ones(len(background), dtype=bool)
        for column, (side, new) in enumerate(zip(SIDES, self.new, strict=True)):
            held_out = np.isin(getattr(background, side).ids, getattr(table, side).ids[new])
            kept &= ~held_out[background.rows[:, column]]
        return background[kept]


def hold_out(table: PairTable, seed: int) -> HeldOut:
    """Hold out pairs whose miRNA, circRNA, both or neither the fit will not have seen.

    Parameters
    ----------
    table : PairTable
    seed : int
    """
    rng = np.random.default_rng(seed)
    new = rng.random(len(table.circrna)) < _NEW_SHARE, rng.random(len(table.mirna)) < _NEW_SHARE
    new_circrna, new_mirna = (is_new[side] for is_new, side in zip(new, table.rows.T, strict=True))
    known = ~new_circrna & ~new_mirna
    apart = known & (rng.random(len(table)) < _PAIR_SHARE)
    masks = [new_mirna & ~new_circrna, new_circrna & ~new_mirna, new_mirna & new_circrna]
    novelty = {-1: np.flatnonzero(apart)}
    novelty |= {
        NOVELTIES.index(name): np.flatnonzero(mask) for name, mask in zip(NOVELTIES, masks, strict=True)
    }
    return HeldOut(np.flatnonzero(known & ~apart), novelty, new)


class Calibrator:
    """Weigh the scores of the parts of a model, and turn them into log-odds.

    Log-odds are linear in the scores (Platt), with slopes and offset that may differ by how much of the
    pair is new, as far as the held-out pairs ask for it: a penalty draws them together.

    Attributes
    ----------
    slopes : ndarray, shape (4, n_parts)
        By novelty: the pair alone, the miRNA, the circRNA, both.
    offsets : ndarray, shape (4,)
    """

    def __init__(self, n_parts: int) -> None:
        self.slopes = np.full((1 + len(NOVELTIES), n_parts), 1.0 / n_parts)
        self.offsets = np.zeros(1 + len(NOVELTIES))

    def fit(
        self,
        scores: NDArray[np.float64],
        novelty: NDArray[np.int64],
        labels: NDArray[np.int64],
        weights: NDArray[np.float64],
    ) -> Calibrator:
        """Fit on held-out pairs; too few of a class leave the scores as they are.

        Parameters
        ----------
        scores : ndarray, shape (n_pairs, n_parts)
        novelty : ndarray of int, shape (n_pairs,)
            From -1 to 2, as in `HeldOut`.
        labels, weights : ndarray, shape (n_pairs,)
        """
        if np.bincount(labels, minlength=2).min() < _FEWEST:
            return self
        spread = scores.std(axis=0)
        spread[spread == 0] = 1.0
        scaled = scores / spread
        state = np.eye(1 + len(NOVELTIES))[novelty + 1]
        own_slopes = (state[:, :, None] * scaled[:, None, :]).reshape(len(scores), -1)
        design = np.hstack([scaled, state, own_slopes])
        found = LogisticRegression(C=1.0, max_iter=1000).fit(design, labels, sample_weight=weights)
        coefficients = np.split(found.coef_[0], [scores.shape[1], scores.shape[1] + state.shape[1]])
        shared, offsets, own = coefficients
        self.slopes = (shared + own.reshape(state.shape[1], -1)) / spread
        self.offsets = offsets + found.intercept_[0]
        return self

    def log_odds(self, scores: NDArray[np.float64], novelty: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the log-odds of the positive class.

        Parameters
        ----------
        scores : ndarray, shape (n_pairs, n_parts)
        novelty : ndarray of int, shape (n_pairs,)
        """
        return (self.slopes[novelty + 1] * scores).sum(axis=1) + self.offsets[novelty + 1]


def shift_prevalence(
    log_odds: NDArray[np.float64], found: float, stated: float | None
) -> NDArray[np.float64]:
    """Move log-odds from the share of positives in training to a stated one.

    Parameters
    ----------
    log_odds : ndarray
    found : float
        Share of positives among the training pairs, in (0, 1).
    stated : float or None
        Share where the model is used; None leaves the log-odds as they are.
    """
    return log_odds if stated is None else log_odds + float(logit(stated) - logit(found))
