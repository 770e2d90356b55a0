"""MDA finds the order of a continuum, also of samples that were held out."""

from importlib.util import find_spec

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr
from sklearn.base import clone
from sklearn.manifold import TSNE
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_mferl.inspection import MDA

# not imported before a test needs it, which takes a second of every run
pytestmark = pytest.mark.skipif(find_spec("umap") is None, reason="needs the extra 'manifold'")

N_TRAINING = 400


def continuum(n_samples: int, seed: int):
    """Draw positions on a curve that 36 noisy features hide."""
    rng = np.random.default_rng(seed)
    position = rng.random(n_samples)
    curve = np.column_stack([np.sin(3 * position), np.cos(2 * position), position**2, position])
    rotation = np.linalg.qr(np.random.default_rng(99).normal(size=(40, 40)))[0]
    return np.column_stack([curve, 2.5 * rng.normal(size=(n_samples, 36))]) @ rotation, position


def order_found(plane, position) -> float:
    """Return the best rank correlation of the positions with any direction of the plane."""
    angles = np.linspace(0, np.pi, 90, endpoint=False)
    return max(abs(spearmanr(plane @ [np.cos(a), np.sin(a)], position).statistic) for a in angles)


@pytest.fixture(scope="module")
def training():
    X, position = continuum(N_TRAINING, 0)
    outputs = 2 * position - 1 + 0.02 * np.random.default_rng(1).normal(size=N_TRAINING)
    return X, position, outputs


@pytest.fixture(scope="module")
def fitted(training):
    X, _, outputs = training
    return MDA(max_iter=60, random_state=0).fit(X, outputs)


def test_the_order_of_a_continuum_is_found_where_tsne_does_not_find_it(fitted, training):
    X, position, _ = training
    by_tsne = order_found(TSNE(init="pca", random_state=0).fit_transform(X), position)
    assert order_found(fitted.embedding_, position) >= 0.95 > by_tsne


def test_the_order_of_samples_that_were_held_out_is_found(fitted):
    X, position = continuum(200, 7)
    assert order_found(fitted.transform(X), position) >= 0.95


def test_labels_are_in_the_order_of_the_outputs_and_told_of_samples_that_were_held_out(fitted, training):
    X, position = continuum(500, 8)
    _, position_of_training, outputs = training
    assert (np.diff(fitted.pseudo_labels_[np.argsort(outputs)]) >= 0).all()
    assert fitted.pseudo_labels_.max() == 9
    edges = np.quantile(position_of_training, np.arange(1, 10) / 10)
    off = np.abs(fitted.reduction_.predict(X) - np.digitize(position, edges))
    assert (off <= 1).mean() > 0.8  # 0.28 by chance


def test_training_samples_are_put_where_they_were_by_any_fit_of_the_same_seed(fitted, training):
    X, _, outputs = training
    np.testing.assert_allclose(fitted.transform(X), fitted.embedding_, atol=1e-3)
    np.testing.assert_array_equal(clone(fitted).fit_transform(X, outputs), fitted.embedding_)


def test_a_single_latent_dimension_can_be_mapped_and_torch_keeps_its_threads(training):
    X, _, outputs = training
    torch.set_num_threads(3)
    mda = MDA(n_latent=1, max_iter=5, random_state=0).fit(X[:40], outputs[:40])
    assert torch.get_num_threads() == 3
    assert mda.transform(X[:40]).shape == (40, 2)
    assert torch.get_num_threads() == 3


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_labels": 1}, "n_labels must be a whole number of at least 2"),
        ({"n_latent": 0}, "n_latent must be a whole number of at least 1"),
        ({"n_neighbors": 1}, "n_neighbors must be a whole number of at least 2"),
        ({"n_components": 1.5}, "n_components must be a whole number of at least 1"),
        ({"min_dist": -0.1}, r"min_dist must be in \[0, 1\]"),
        ({"min_dist": 1.5}, r"min_dist must be in \[0, 1\]"),
        ({"n_labels": 500}, "n_labels=500 pseudo-labels need as many samples; got 400"),
    ],
)
def test_a_parameter_out_of_range_is_refused(parameters, message, training):
    with pytest.raises(ValueError, match=message):
        MDA(**parameters).fit(training[0], training[2])


def test_features_or_outputs_that_are_all_equal_are_refused(training):
    X, _, outputs = training
    with pytest.raises(ValueError, match=r"All outputs \(y\) are equal"):
        MDA().fit(X, np.ones(N_TRAINING))
    with pytest.raises(ValueError, match="All samples have the same features"):
        MDA().fit(np.ones((N_TRAINING, 3)), outputs)


BY_CHANCE = dict.fromkeys(
    ["check_methods_sample_order_invariance", "check_methods_subset_invariance"],
    "UMAP places new samples by chance steps that depend on the samples given with them",
)


@pytest.mark.filterwarnings("default")
@parametrize_with_checks(
    [MDA(n_labels=3, n_latent=4, max_iter=5, n_neighbors=5)], expected_failed_checks=lambda _: BY_CHANCE
)
def test_scikit_learn_finds_nothing_else_wrong(estimator, check):
    check(estimator)
