"""What MDA does where umap-learn is not installed."""

import sys

import numpy as np
import pytest

from sklearn_mferl.inspection import MDA

X = np.random.default_rng(0).normal(size=(60, 5))


@pytest.fixture(autouse=True)
def no_umap(monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)


def test_a_map_says_what_to_install():
    with pytest.raises(ImportError, match=r"sklearn-mferl\[manifold\]"):
        MDA().fit(X, X[:, 0])


def test_latent_scores_need_no_umap():
    mda = MDA(n_components=None, n_latent=3, random_state=0)
    scores = mda.fit_transform(X, X[:, 0])
    assert scores.shape == (60, 3)
    np.testing.assert_array_equal(mda.transform(X), scores)
    np.testing.assert_array_equal(mda.reduction_.transform(X), scores)
    assert mda.get_feature_names_out().tolist() == ["mda0", "mda1", "mda2"]
