"""The multinomial probit: a class is the largest of its latent scores, which have unit variance."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, logsumexp

_N_NODES: Final = 24
_N_STEPS: Final = 12  # of Newton's method towards the largest value of a strictly concave function
_LOG_ROOT_2PI: Final = 0.5 * np.log(2 * np.pi)


class TruncatedScores(NamedTuple):
    """Latent scores of samples, given that the score of the sample's class is the largest."""

    mean: NDArray[np.float64]  # (n_samples, n_classes)
    log_probability: NDArray[np.float64]  # of the class, (n_samples,)


def truncate_scores(location: NDArray[np.float64], label: NDArray[np.int64]) -> TruncatedScores:
    r"""Condition normal scores on which of them is the largest.

    With u the noise of the largest score, the probability is :math:`E_u \prod_{j \ne y} \Phi(u + m_y - m_j)`;
    the integral is taken by Gauss-Hermite quadrature around its largest value.
    """
    rows = np.arange(len(location))
    lead = location[rows, label][:, None] - location
    lead[rows, label] = np.inf  # a score is not compared with itself
    mode, width = _find_mode(lead)
    nodes, weights = np.polynomial.hermite_e.hermegauss(_N_NODES)
    u = mode[:, None] + width[:, None] * nodes
    margins = u[:, :, None] + lead[:, None, :]
    log_below = log_ndtr(margins)
    log_terms = np.log(weights) + 0.5 * nodes**2 - 0.5 * u**2 + log_below.sum(axis=2)
    log_total = logsumexp(log_terms, axis=1)
    share = np.exp(log_terms - log_total[:, None])
    shift = np.einsum("ig,igc->ic", share, _ratio(margins, log_below))
    mean = location - shift
    mean[rows, label] += shift.sum(axis=1)
    return TruncatedScores(mean, log_total + np.log(width) - _LOG_ROOT_2PI)


def _find_mode(lead: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where the integrand is largest, and the width of the normal curve that fits it there."""
    mode, slope_change = np.zeros(len(lead)), np.ones(len(lead))
    for _ in range(_N_STEPS):
        margin = mode[:, None] + lead
        ratio = _ratio(margin, log_ndtr(margin))
        slope = -mode + ratio.sum(axis=1)
        finite = np.where(np.isinf(margin), 0.0, margin)
        slope_change = 1.0 + (ratio * (ratio + finite)).sum(axis=1)
        mode += slope / slope_change
    return mode, slope_change**-0.5


def _ratio(margin: NDArray[np.float64], log_below: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the normal density over the distribution function."""
    return np.exp(-0.5 * margin**2 - _LOG_ROOT_2PI - log_below)
