from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.base import clone

from sklearn_mferl.inspection import BayesianSupervisedReduction


def classes_with_noise(seed: int, n_classes: int, n_samples: int = 200, n_features: int = 12):
    rng = np.random.default_rng(seed)
    y = rng.integers(n_classes, size=n_samples)
    centres = 2 * rng.normal(size=(n_classes, n_features)) * (rng.random(n_features) < 0.4)
    return rng.normal(size=(n_samples, n_features)) + centres[y], y


@pytest.mark.parametrize("n_classes", [2, 3, 6])
@pytest.mark.parametrize("n_components", [1, 3, 12])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_lower_bound_never_falls(n_classes, n_components, seed):
    X, y = classes_with_noise(seed, n_classes)
    fitted = BayesianSupervisedReduction(n_components, max_iter=60, tol=0, random_state=seed).fit(X, y)
    rises = np.diff(fitted.lower_bounds_)
    assert len(rises) > 5
    assert rises.min() >= -1e-9 * np.abs(fitted.lower_bounds_).max()


def test_the_lower_bound_never_falls_with_labels_that_mean_nothing():
    X, y = np.random.default_rng(0).normal(size=(60, 5)), np.arange(60) % 4
    fitted = BayesianSupervisedReduction(3, max_iter=80, tol=0, random_state=0).fit(X, y)
    assert np.diff(fitted.lower_bounds_).min() >= -1e-9 * np.abs(fitted.lower_bounds_).max()


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


def test_the_same_seed_gives_the_same_and_a_pickle_keeps_it():
    X, y = classes_with_noise(0, 3)
    reduction = BayesianSupervisedReduction(2, random_state=5, max_iter=20)
    first = reduction.fit(X, y).transform(X)
    np.testing.assert_array_equal(first, clone(reduction).fit(X, y).transform(X))
    np.testing.assert_array_equal(first, pickle.loads(pickle.dumps(reduction)).transform(X))
    assert reduction.get_feature_names_out().tolist() == [
        "bayesiansupervisedreduction0",
        "bayesiansupervisedreduction1",
    ]


def test_a_constant_feature_does_no_harm():
    X, y = classes_with_noise(0, 3)
    fitted = BayesianSupervisedReduction(2, random_state=0).fit(np.column_stack([X, np.ones(len(X))]), y)
    assert np.isfinite(fitted.components_).all()


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
    X, _ = classes_with_noise(0, 3)
    with pytest.raises(ValueError, match="All 200 samples are of the class 1; two are needed"):
        BayesianSupervisedReduction().fit(X, np.ones(len(X), dtype=int))
