"""Similarities and the graph are those of scikit-learn's cosine."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics.pairwise import cosine_similarity

from sklearn_mferl.features import similarity as graphs
from sklearn_mferl.features.cosine import CosineSimilarity

VECTORS = {"a": [3.0, 4.0], "b": [1.0, 0.0], "c": [0.0, -2.0], "zero": [0.0, 0.0], "b2": [5.0, 0.0]}


def random_table(n: int, seed: int = 0) -> pd.DataFrame:
    vectors = np.random.default_rng(seed).normal(size=(n, 5)).astype(np.float32)
    return pd.DataFrame(vectors, index=[f"circ_{number}" for number in range(n)])


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 12))
def test_similarities_equal_those_of_scikit_learn(seed, n):
    table = random_table(n, seed)
    references = list(table.index[: max(n // 2, 1)])
    found = CosineSimilarity(table).fit(references).transform(table.index)
    assert found.dtype == np.float32
    assert np.abs(found).max() <= 1.0
    expected = cosine_similarity(table.to_numpy(np.float64), table.loc[references].to_numpy(np.float64))
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.9])
def test_the_graph_holds_the_pairs_at_or_above_the_threshold(threshold):
    table = random_table(30)
    similarity = CosineSimilarity(table, threshold=threshold).fit(table.index[:20])
    dense = similarity.transform(table.index)
    expected = np.where((dense >= threshold) & (dense > 0), dense, 0)
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(similarity.graph(table.index).toarray(), expected, rtol=1e-6)
    np.testing.assert_allclose(similarity.graph().toarray(), expected[:20], rtol=1e-6)


def test_a_zero_vector_is_similar_to_nothing():
    similarity = CosineSimilarity(VECTORS, threshold=0.0).fit(list(VECTORS))
    assert not similarity.transform(["zero"]).any()
    assert not similarity.transform(["a", "b"])[:, 3].any()
    assert not similarity.graph().toarray()[3].any()


def test_an_id_is_not_its_own_neighbour_but_another_with_the_same_direction_is():
    similarity = CosineSimilarity(VECTORS).fit(["a", "b", "b2"])
    expected = np.array([[0, 0.6, 0.6], [0.6, 0, 1], [0.6, 1, 0]], dtype=np.float32)
    np.testing.assert_array_equal(similarity.graph().toarray(), expected)
    np.testing.assert_array_equal(similarity.graph(["b2", "a"]).toarray(), expected[[2, 0]])


def test_neither_the_blocks_nor_the_other_rows_change_a_similarity(monkeypatch):
    table = random_table(20)
    similarity = CosineSimilarity(table, threshold=0.2).fit(table.index)
    whole, graph = similarity.transform(table.index), similarity.graph().toarray()
    np.testing.assert_allclose(similarity.transform(table.index[7:8]), whole[7:8], rtol=1e-6)
    monkeypatch.setattr(graphs, "_BLOCK_ROWS", 3)
    np.testing.assert_allclose(similarity.transform(table.index), whole, rtol=1e-6)
    np.testing.assert_allclose(similarity.graph().toarray(), graph, rtol=1e-6)


def test_the_size_of_a_vector_does_not_matter_up_to_the_range_of_float32():
    vectors = {"large": [3e38, 3e38], "small": [1e-40, 1e-40], "other": [1.0, 1.0]}
    np.testing.assert_allclose(CosineSimilarity(vectors).fit_transform(list(vectors)), 1.0, rtol=1e-5)


def test_a_wrong_threshold_missing_embeddings_and_missing_ids_are_refused():
    with pytest.raises(ValueError, match=r"threshold must be a number from 0 to 1; got"):
        CosineSimilarity(VECTORS, threshold=1.1).fit(["a"])
    with pytest.raises(ValueError, match="embeddings= is required"):
        CosineSimilarity().fit(["a"])
    with pytest.raises(ValueError, match=r"The id 'x' of row 1 is not in embeddings="):
        CosineSimilarity(VECTORS).fit(["a", "x"])
    with pytest.raises(ValueError, match=r"The id 'x' of row 0 is not in embeddings="):
        CosineSimilarity(VECTORS).fit(["a"]).graph(["x"])


def test_the_references_are_the_distinct_ids_in_order_of_first_appearance():
    similarity = CosineSimilarity(VECTORS).fit(["c", "a", "c", "b"])
    assert similarity.references_.tolist() == ["c", "a", "b"]
    assert similarity.get_feature_names_out().tolist() == ["similarity_0", "similarity_1", "similarity_2"]
