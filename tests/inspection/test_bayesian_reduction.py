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


def assert_never_falls(fitted):
    bounds = fitted.lower_bounds_
    assert np.diff(bounds).min() >= -1e-9 * np.abs(bounds).max()


@pytest.mark.parametrize("n_classes", [2, 3, 6])
@pytest.mark.parametrize("n_components", [1, 3, 12])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_lower_bound_never_falls(n_classes, n_components, seed):
    X, y = classes_with_noise(seed, n_classes)
    fitted = BayesianSupervisedReduction(n_components, max_iter=60, tol=0, random_state=seed).fit(X, y)
    assert len(fitted.lower_bounds_) > 6
    assert_never_falls(fitted)


def test_the_lower_bound_never_falls_with_labels_that_mean_nothing():
    X, y = np.random.default_rng(0).normal(size=(60, 5)), np.arange(60) % 4
    assert_never_falls(BayesianSupervisedReduction(3, max_iter=80, tol=0, random_state=0).fit(X, y))


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
    for row in range(4):
        posterior = multivariate_normal(state.scores[row], state.score_covariance)
        scores = posterior.rvs(n_draws, random_state=rng)
        difference += norm.logpdf(scores, X[row] @ projection).sum(axis=1) - posterior.logpdf(scores)
        drawn = state.location[row] + rng.normal(size=(40 * n_draws, 3))
        possible = drawn[drawn.argmax(axis=1) == labels[row]]
        targets = possible[:n_draws]
        assert len(targets) == n_draws
        expected = np.einsum("sr,src->sc", scores, weights[:, 1:]) + weights[:, 0]
        difference += norm.logpdf(targets, expected).sum(axis=1)
        difference -= norm.logpdf(targets, state.location[row]).sum(axis=1) - np.log(
            len(possible) / len(drawn)
        )
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


def test_it_tells_the_classes_of_samples_that_were_held_out():
    X, y = classes_with_noise(3, 4, n_samples=600)
    fitted = BayesianSupervisedReduction(4, random_state=0).fit(X[:400], y[:400])
    assert (fitted.predict(X[400:]) == y[400:]).mean() > 0.9


def test_features_without_meaning_fade():
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=400)
    X = np.column_stack([rng.normal(size=(400, 2)) + 4 * np.eye(3)[y][:, :2], rng.normal(size=(400, 20))])
    fitted = BayesianSupervisedReduction(2, random_state=0).fit(X, y)
    strength = np.abs(fitted.components_).sum(axis=0)
    assert strength[:2].min() > 4 * strength[2:].max()


def test_the_unit_of_a_feature_does_not_matter():
    X, y = classes_with_noise(0, 3)
    first = BayesianSupervisedReduction(2, random_state=0).fit(X, y)
    second = BayesianSupervisedReduction(2, random_state=0).fit(1000 * X + 7, y)
    np.testing.assert_allclose(first.transform(X), second.transform(1000 * X + 7), atol=1e-6)


def test_a_constant_feature_does_no_harm():
    X, y = classes_with_noise(0, 3)
    fitted = BayesianSupervisedReduction(2, random_state=0).fit(np.column_stack([X, np.ones(len(X))]), y)
    assert np.isfinite(fitted.components_).all()
    names = [f"bayesiansupervisedreduction{number}" for number in range(2)]
    assert fitted.get_feature_names_out().tolist() == names


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_components": 0}, "n_components must be a whole number of at least 1"),
        ({"max_iter": 1.5}, "max_iter must be a whole number of at least 1"),
        ({"tol": -1.0}, "tol must be at least 0"),
        ({"shape": 0.0}, "shape must be above 0"),
        ({"scale": -1.0}, "scale must be above 0"),
    ],
)
def test_a_parameter_out_of_range_is_refused(parameters, message):
    X, y = classes_with_noise(0, 3)
    with pytest.raises(ValueError, match=message):
        BayesianSupervisedReduction(**parameters).fit(X, y)


def test_one_class_is_refused():
    with pytest.raises(ValueError, match="All 200 samples are of the class 0; two are needed"):
        BayesianSupervisedReduction().fit(*classes_with_noise(0, 1))


@pytest.mark.filterwarnings("default")
@parametrize_with_checks([BayesianSupervisedReduction(2, max_iter=10)])
def test_scikit_learn_finds_nothing_wrong(estimator, check):
    check(estimator)


# Moments of the multinomial probit ----------------------------------------------------------------------


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
    mean, log_probability = truncate_scores(
        np.column_stack([lead, np.zeros_like(lead)]), np.zeros(25, dtype=int)
    )
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
