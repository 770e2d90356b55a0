"""Moments of the multinomial probit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import log_ndtr
from scipy.stats import norm

from sklearn_mferl.inspection.bayesian_reduction import truncate_scores


def test_scores_agree_with_draws():
    rng = np.random.default_rng(0)
    location, label = 2 * rng.normal(size=(4, 5)), np.array([0, 1, 3, 4])
    mean, log_probability = truncate_scores(location, label)
    noise = rng.normal(size=(400_000, 5))
    for row in range(4):
        drawn = noise + location[row]
        drawn = drawn[drawn.argmax(axis=1) == label[row]]
        assert log_probability[row] == pytest.approx(np.log(len(drawn) / len(noise)), abs=0.03)
        np.testing.assert_allclose(mean[row], drawn.mean(axis=0), atol=0.03)


def test_two_classes_have_the_closed_form_of_the_probit():
    lead = np.linspace(-6, 6, 25)
    location = np.column_stack([lead, np.zeros_like(lead)])
    mean, log_probability = truncate_scores(location, np.zeros(25, dtype=int))
    np.testing.assert_allclose(log_probability, log_ndtr(lead / np.sqrt(2)), atol=1e-8)
    shift = np.exp(norm.logpdf(lead / np.sqrt(2)) - log_ndtr(lead / np.sqrt(2))) / np.sqrt(2)
    np.testing.assert_allclose(mean, np.column_stack([lead + shift, -shift]), atol=1e-7)


def test_equal_scores_are_equally_probable():
    _, log_probability = truncate_scores(np.zeros((1, 7)), np.array([2]))
    assert log_probability[0] == pytest.approx(-np.log(7), abs=1e-9)


def test_a_class_that_is_far_behind_gives_finite_numbers():
    mean, log_probability = truncate_scores(np.array([[0.0, 60.0, -60.0]]), np.array([0]))
    assert np.isfinite(mean).all()
    assert log_probability[0] == pytest.approx(log_ndtr(-60 / np.sqrt(2)), rel=1e-6)


def test_the_means_are_the_slope_of_the_log_probability():
    rng = np.random.default_rng(1)
    location, label, step = rng.normal(size=(6, 4)), rng.integers(4, size=6), 1e-5
    mean, _ = truncate_scores(location, label)
    for column in range(4):
        up, down = location.copy(), location.copy()
        up[:, column] += step
        down[:, column] -= step
        slope = truncate_scores(up, label)[1] - truncate_scores(down, label)[1]
        np.testing.assert_allclose(mean[:, column] - location[:, column], slope / (2 * step), atol=1e-6)
