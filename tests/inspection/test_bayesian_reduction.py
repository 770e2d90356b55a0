"""The reduction's lower bound is one, and its scores tell classes apart on data that were held out."""

import numpy as np
import pytest
from scipy.special import log_ndtr
from scipy.stats import gamma, multivariate_normal, norm
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_mferl.inspection import BayesianSupervisedReduction
from sklearn_mferl.inspection.bayesian_reduction import _Gamma, _Variational, truncate_scores


def classes_with_noise(seed: int, n_classes: int, n_samples: int = 200, n_features: int = 12):
    rng = np.random.default_rng(seed)
    y = rng.integers(n_classes, size=n_samples)
    centres = 2 * rng.normal(size=(n_classes, n_features)) * (rng.random(n_features) < 0.4)
    return rng.normal(size=(n_samples, n_features)) + centres[y], y


@pytest.mark.parametrize(
    ("n_components", "data"),
    [
        (1, classes_with_noise(0, 2)),
        (3, classes_with_noise(1, 3)),
        (12, classes_with_noise(0, 6)),
        (3, (np.random.default_rng(0).normal(size=(60, 5)), np.arange(60) % 4)),  # labels that mean nothing
    ],
)
def test_the_lower_bound_never_falls(n_components, data):
    fitted = BayesianSupervisedReduction(n_components, max_iter=80, tol=0, random_state=0).fit(*data)
    assert len(fitted.lower_bounds_) > 6
    assert np.diff(fitted.lower_bounds_).min() >= -1e-9 * np.abs(fitted.lower_bounds_).max()


def test_the_lower_bound_is_the_expectation_that_draws_give():
    """Draw from the approximate posterior; the mean of log p - log q is the bound, by its definition."""
    rng, n_draws, labels = np.random.default_rng(0), 20_000, np.array([0, 1, 2, 1])
    X = rng.normal(size=(4, 2))
    shape, scale = 1.3, 0.7
    state = _Variational(X, labels, 3, 2, _Gamma(shape, scale), np.random.default_rng(1))
    for _ in range(5):
        state.update()
    rates = [1 / scale + 0.5 * squares for squares in (state.projection_squares, state.weight_squares)]
    bound = state.update()

    moments = X.T @ X
    difference, projection = draw_weights(rng, n_draws, rates[0], state.projection, moments, shape, scale)
    inputs = np.column_stack([np.ones(4), state.scores])
    moments = inputs.T @ inputs + 4 * np.pad(state.score_covariance, ((1, 0), (1, 0)))
    more, weights = draw_weights(rng, n_draws, rates[1], state.weights, moments, shape, scale)
    difference += more
    noise = multivariate_normal(cov=state.score_covariance)
    drawn = noise.rvs((n_draws, 4), random_state=rng)
    scores = state.scores + drawn
    difference += (norm.logpdf(scores, X @ projection).sum(axis=2) - noise.logpdf(drawn)).sum(axis=1)
    expected = scores @ weights[:, 1:] + weights[:, :1]
    for row, label in enumerate(labels):
        drawn = state.location[row] + rng.normal(size=(40 * n_draws, 3))
        possible = drawn[drawn.argmax(axis=1) == label]
        targets = possible[:n_draws]
        assert len(targets) == n_draws
        difference += norm.logpdf(targets, expected[:, row]).sum(axis=1) + np.log(len(possible) / len(drawn))
        difference -= norm.logpdf(targets, state.location[row]).sum(axis=1)
    assert bound == pytest.approx(difference.mean(), abs=5 * difference.std() / np.sqrt(n_draws) + 0.02)


def draw_weights(rng, n_draws, rate, mean, moments, shape, scale):
    """Draw normal weights and their precisions; return log p - log q of both, and the weights."""
    precision = rng.gamma(shape + 0.5, 1 / rate, (n_draws, *rate.shape))
    difference = gamma.logpdf(precision, shape, scale=scale) - gamma.logpdf(
        precision, shape + 0.5, scale=1 / rate
    )
    difference = difference.sum(axis=(1, 2))
    weights = np.empty_like(precision)
    for column in range(mean.shape[1]):
        covariance = np.linalg.inv(moments + np.diag((shape + 0.5) / rate[:, column]))
        posterior = multivariate_normal(mean[:, column], covariance)
        weights[:, :, column] = posterior.rvs(n_draws, random_state=rng)
        difference -= posterior.logpdf(weights[:, :, column])
    return difference + norm.logpdf(weights, 0, precision**-0.5).sum(axis=(1, 2)), weights


def test_it_tells_the_classes_of_samples_that_were_held_out_and_features_without_meaning_fade():
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=600)
    X = np.column_stack([rng.normal(size=(600, 2)) + 4 * np.eye(3)[y][:, :2], rng.normal(size=(600, 20))])
    fitted = BayesianSupervisedReduction(2, max_iter=50, random_state=0).fit(X[:400], y[:400])
    assert (fitted.predict(X[400:]) == y[400:]).mean() > 0.9
    strength = np.abs(fitted.components_).sum(axis=0)
    assert strength[:2].min() > 4 * strength[2:].max()


def test_neither_the_unit_of_a_feature_matters_nor_a_constant_one():
    X, y = classes_with_noise(0, 3)
    other = np.column_stack([1000 * X + 7, np.ones(len(X))])
    first, second = (BayesianSupervisedReduction(2, random_state=0).fit(each, y) for each in (X, other))
    np.testing.assert_allclose(first.transform(X), second.transform(other), atol=1e-6)
    names = [f"bayesiansupervisedreduction{number}" for number in range(2)]
    assert first.get_feature_names_out().tolist() == names


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_components": 0}, "n_components must be a whole number of at least 1"),
        ({"max_iter": 1.5}, "max_iter must be a whole number of at least 1"),
        ({"tol": -1.0}, "tol must be at least 0"),
        ({"shape": 0.0}, "shape must be above 0"),
        ({"scale": -1.0}, "scale must be above 0"),
        ({}, "All 200 samples are of the class 0; two are needed"),
    ],
)
def test_one_class_and_a_parameter_out_of_range_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        BayesianSupervisedReduction(**parameters).fit(*classes_with_noise(0, 1))


@pytest.mark.filterwarnings("default")
@parametrize_with_checks([BayesianSupervisedReduction(2, max_iter=10)])
def test_scikit_learn_finds_nothing_wrong(estimator, check):
    check(estimator)


# Moments of the multinomial probit ----------------------------------------------------------------------


def test_the_log_probability_is_that_of_the_multivariate_normal_and_the_means_are_its_slope():
    rng, step = np.random.default_rng(1), 1e-5
    location, label = rng.normal(size=(6, 4)), rng.integers(4, size=6)
    mean, log_probability = truncate_scores(location, label)
    for row, own in enumerate(label):
        behind = np.delete(location[row], own) - location[row, own]
        expected = multivariate_normal(behind, np.eye(3) + 1).logcdf(np.zeros(3))
        assert log_probability[row] == pytest.approx(expected, abs=1e-3)
    for column in range(4):
        up, down = location.copy(), location.copy()
        up[:, column] += step
        down[:, column] -= step
        slope = truncate_scores(up, label)[1] - truncate_scores(down, label)[1]
        np.testing.assert_allclose(mean[:, column] - location[:, column], slope / (2 * step), atol=1e-6)


def test_two_classes_and_equal_scores_have_their_closed_forms_also_far_behind():
    lead = np.append(np.linspace(-6, 6, 25), -60.0)
    mean, log_probability = truncate_scores(
        np.column_stack([lead, np.zeros_like(lead)]), np.zeros(26, dtype=int)
    )
    below = log_ndtr(lead / np.sqrt(2))
    np.testing.assert_allclose(log_probability, below, atol=1e-8)
    shift = np.exp(norm.logpdf(lead / np.sqrt(2)) - below) / np.sqrt(2)
    np.testing.assert_allclose(mean, np.column_stack([lead + shift, -shift]), atol=1e-7)
    _, log_probability = truncate_scores(np.zeros((1, 7)), np.array([2]))
    assert log_probability[0] == pytest.approx(-np.log(7), abs=1e-9)
