"""What MDA does where umap-learn is not installed."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from sklearn_mferl.inspection import MDA


@pytest.fixture
def no_umap(monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)


@pytest.fixture
def samples():
    X = np.random.default_rng(0).normal(size=(60, 5))
    return X, X[:, 0]


def test_a_map_without_umap_says_what_to_install(no_umap, samples):
    with pytest.raises(ImportError, match=r"sklearn-mferl\[manifold\]"):
        MDA().fit(*samples)


def test_latent_scores_need_no_umap(no_umap, samples):
    X, y = samples
    mda = MDA(n_components=None, n_latent=3, random_state=0)
    scores = mda.fit_transform(X, y)
    assert scores.shape == (60, 3)
    np.testing.assert_array_equal(mda.transform(X), scores)
    np.testing.assert_array_equal(mda.reduction_.transform(X), scores)
    assert mda.get_feature_names_out().tolist() == ["mda0", "mda1", "mda2"]
