"""MDA without a map: pseudo-labels follow the manifold of the outputs, and nothing needs UMAP."""

import sys

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from sklearn.neighbors import kneighbors_graph

from sklearn_mferl.inspection import MDA
from sklearn_mferl.inspection.mda import _join_pieces, bin_distances, distances_from_end

PIECE = np.random.default_rng(0).normal(size=(300, 2))
ANGLE = np.linspace(0, 2 * np.pi, 60, endpoint=False)
RING = np.column_stack([np.cos(ANGLE), np.sin(ANGLE)])


def test_a_single_output_is_ordered_by_its_value():
    outputs = np.array([[0.3], [-1.0], [2.0]])
    np.testing.assert_allclose(distances_from_end(outputs, 2), [1.3, 0.0, 3.0])


def test_distances_follow_a_curve_and_do_not_cut_across_it():
    angle = np.linspace(0, 1.8 * np.pi, 200)
    distances = distances_from_end(np.column_stack([np.cos(angle), np.sin(angle)]), 4)
    along = distances if distances[0] < distances[-1] else distances[::-1]
    np.testing.assert_allclose(along, angle, atol=0.05)


@pytest.mark.parametrize(("other", "apart"), [(PIECE[:60] + np.array([0, 90]), 50), (50 * RING, 0)])
def test_pieces_of_a_manifold_are_joined_also_those_around_each_other(other, apart):
    distances = distances_from_end(np.concatenate([RING, other]), 3)
    assert np.isfinite(distances).all()
    assert abs(distances[:60].mean() - distances[60:].mean()) > apart


def test_joining_large_pieces_adds_few_links():
    outputs = np.concatenate([PIECE, PIECE + np.array([90, 0]), PIECE + np.array([0, 200])])
    graph = csr_array(kneighbors_graph(outputs, 5, mode="distance"))
    joined = _join_pieces(outputs, graph)
    assert connected_components(graph, directed=False)[0] >= 3
    assert connected_components(joined, directed=False)[0] == 1
    assert joined.nnz - graph.nnz < 20


def test_pieces_are_joined_where_they_are_closest():
    outputs = np.array([[0.0, 0], [1, 0], [2, 0], [10, 0], [11, 0], [12, 0]])
    np.testing.assert_allclose(distances_from_end(outputs, 1), abs(outputs[:, 0] - 12))


def test_equal_outputs_are_at_the_same_distance():
    distances = distances_from_end(np.repeat(PIECE[:20], 3, axis=0), 5).reshape(20, 3)
    assert (distances == distances[:, :1]).all()


@pytest.mark.parametrize("n_labels", [2, 5, 10])
def test_labels_are_quantiles_of_the_distance(n_labels):
    distances = np.random.default_rng(0).random(500)
    expected = pd.qcut(distances, n_labels, labels=False)
    np.testing.assert_array_equal(bin_distances(distances, n_labels), expected)


def test_equal_distances_have_equal_labels():
    labels = bin_distances(np.array([0.0] * 50 + [1.0] * 5), 10)
    assert labels.tolist() == [0] * 50 + [1] * 5


@pytest.mark.parametrize("share", [0.5, 0.9, 0.98])
def test_saturated_outputs_are_treated_alike_at_both_ends(share):
    n_saturated = int(200 * share)
    outputs = np.concatenate([np.linspace(0, 0.99, 200 - n_saturated), np.ones(n_saturated)])
    ascending, descending = bin_distances(outputs, 10), bin_distances(1 - outputs, 10)
    assert ascending.max() == descending.max() >= 1
    assert ((ascending == ascending[-1]) == (descending == descending[-1])).all()


@given(st.lists(st.integers(0, 5), min_size=2, max_size=60), st.integers(2, 12))
def test_distances_that_differ_give_two_labels_at_least(values, n_labels):
    labels = bin_distances(np.array(values, dtype=float), n_labels)
    assert (len(set(labels.tolist())) >= 2) == (len(set(values)) >= 2)


def test_latent_scores_need_no_umap_and_a_map_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)
    X = np.random.default_rng(0).normal(size=(60, 5))
    mda = MDA(n_components=None, n_latent=3, random_state=0)
    scores = mda.fit_transform(X, X[:, 0])
    assert scores.shape == (60, 3)
    np.testing.assert_array_equal(mda.transform(X), scores)
    np.testing.assert_array_equal(mda.reduction_.transform(X), scores)
    assert mda.get_feature_names_out().tolist() == ["mda0", "mda1", "mda2"]
    with pytest.raises(ImportError, match=r"sklearn-mferl\[manifold\]"):
        MDA().fit(X, X[:, 0])
