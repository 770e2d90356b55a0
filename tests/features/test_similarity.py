"""Similarities and graphs are those of dynamic programming in fractions, and of scikit-learn's cosine."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError
from sklearn.metrics.pairwise import cosine_similarity

from sklearn_mferl.features import CosineSimilarity, LevenshteinSimilarity
from sklearn_mferl.features import similarity as graphs

metrics = pytest.mark.parametrize("metric", ["levenshtein", "indel"])
some_rnas = st.lists(st.text("ACGU", min_size=1, max_size=12), min_size=1, max_size=8)
SEQUENCES = ["ACGUACGU", "ACGUACGA", "GGGUUU", "CCCCAAAA", "UGUGUGUG", "ACGU"]
VECTORS = {"a": [3.0, 4.0], "b": [1.0, 0.0], "c": [0.0, -2.0], "zero": [0.0, 0.0], "b2": [5.0, 0.0]}


def edit_distance(left, right, replacement_cost):
    previous = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        current = [i]
        for j, b in enumerate(right, start=1):
            replaced = previous[j - 1] + (0 if a == b else replacement_cost)
            current.append(min(previous[j] + 1, current[j - 1] + 1, replaced))
        previous = current
    return previous[-1]


def exact_similarity(left, right, metric):
    if metric == "levenshtein":
        return 1 - Fraction(edit_distance(left, right, 1), max(len(left), len(right)))
    return 1 - Fraction(edit_distance(left, right, 2), len(left) + len(right))


def exact_graph(rows, references, metric, threshold):
    edges = {}
    for i, row in enumerate(rows):
        for j, reference in enumerate(references):
            similarity = exact_similarity(row, reference, metric)
            if row != reference and 0 < similarity >= threshold:
                edges[i, j] = float(np.float32(float(similarity)))
    return edges


def edges_of(graph):
    return {key: float(value) for key, value in graph.todok().items()}


def random_table(n, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(n, 5)).astype(np.float32)
    return pd.DataFrame(vectors, index=[f"circ_{number}" for number in range(n)])


# Either similarity ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("similarity", "rnas", "references"),
    [
        (LevenshteinSimilarity(), ["UUU", "AAA", "ttt", "CCC", "AAA"], ["UUU", "AAA", "CCC"]),
        (CosineSimilarity(VECTORS), ["c", "a", "c", "b"], ["c", "a", "b"]),
    ],
)
def test_the_references_are_the_distinct_rnas_in_order_of_first_appearance(similarity, rnas, references):
    similarity.fit(rnas)
    assert similarity.references_.tolist() == references
    assert similarity.references_.dtype == object
    assert similarity.n_features_out_ == 3
    assert similarity.get_feature_names_out().tolist() == [f"similarity_{i}" for i in range(3)]


def test_a_graph_before_fit_of_an_unknown_id_or_with_a_threshold_outside_zero_to_one_is_refused():
    with pytest.raises(NotFittedError):
        LevenshteinSimilarity().graph()
    similarity = LevenshteinSimilarity().fit(["ACGU"])
    for threshold in (-0.1, 1.1, float("nan"), "0.5", None):
        with pytest.raises(ValueError, match=r"threshold must be a number from 0 to 1; got"):
            similarity.set_params(threshold=threshold).graph()
    with pytest.raises(ValueError, match=r"The id 'x' of row 0 is not in embeddings="):
        CosineSimilarity(VECTORS).fit(["a"]).graph(["x"])


# Edit distances -------------------------------------------------------------------------------------------


@metrics
@given(fitted=some_rnas, queries=some_rnas, threshold=st.integers(0, 20))
def test_similarities_and_neighbours_are_exactly_those_of_dynamic_programming(
    metric, fitted, queries, threshold
):
    similarity = LevenshteinSimilarity(metric=metric, threshold=threshold / 20).fit(fitted)
    references = similarity.references_
    for rows in (queries, references):
        found = similarity.transform(rows)
        assert found.dtype == np.float32
        exact = [[float(exact_similarity(row, r, metric)) for r in references] for row in rows]
        np.testing.assert_array_equal(found, np.float32(exact))
    for asked, rows in ((queries, queries), (references, references), (None, references)):
        graph = similarity.graph(asked)
        assert edges_of(graph) == exact_graph(rows, references, metric, Fraction(threshold, 20))
        assert (graph.format, graph.dtype, graph.indices.dtype) == ("csr", np.float32, np.int32)
        assert graph.has_canonical_format


@pytest.mark.parametrize("n_different", range(1, 10))
def test_a_similarity_equal_to_the_threshold_is_kept(n_different):
    # In binary, 1 - 9/10 is less than 0.1; and RapidFuzz drops what is too near to its own cutoff.
    pair = ["A" * 10, "C" * n_different + "A" * (10 - n_different)]
    threshold = (10 - n_different) / 10
    assert LevenshteinSimilarity(threshold=threshold).fit(pair).graph().nnz == 2
    assert LevenshteinSimilarity(threshold=threshold + 1e-9).fit(pair).graph().nnz == 0


def test_a_reference_is_not_its_own_neighbour_however_it_is_spelled():
    similarity = LevenshteinSimilarity().fit(SEQUENCES)
    row = similarity.graph()[[0]].toarray()
    np.testing.assert_array_equal(similarity.graph(["acgtacgt"]).toarray(), row)
    assert row.any()


def test_landmarks_are_columns_of_the_full_matrix_and_leave_the_graph_as_it_is():
    full = LevenshteinSimilarity().fit(SEQUENCES)
    for n_landmarks in (3, len(SEQUENCES)):
        few = LevenshteinSimilarity(n_landmarks=n_landmarks, random_state=0).fit(SEQUENCES)
        columns = [full.references_.tolist().index(landmark) for landmark in few.landmarks_]
        assert few.n_features_out_ == len(set(columns)) == len(few.get_feature_names_out()) == n_landmarks
        np.testing.assert_array_equal(few.transform(SEQUENCES), full.transform(SEQUENCES)[:, columns])
        assert edges_of(few.graph()) == edges_of(full.graph())
    np.testing.assert_array_equal(few.landmarks_, few.references_)


def test_landmarks_depend_on_neither_the_order_nor_the_repetition_of_the_sequences():
    few = LevenshteinSimilarity(n_landmarks=3, random_state=0).fit(SEQUENCES)
    other = LevenshteinSimilarity(n_landmarks=3, random_state=0).fit(SEQUENCES[::-1] + SEQUENCES)
    np.testing.assert_array_equal(few.landmarks_, other.landmarks_)


# Cosines --------------------------------------------------------------------------------------------------


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 12), threshold=st.sampled_from([0.0, 0.3, 0.9]))
def test_cosines_are_those_of_scikit_learn_and_the_graph_holds_those_from_the_threshold_on(
    seed, n, threshold
):
    table = random_table(n, seed)
    references = table.index[: max(n // 2, 1)]
    similarity = CosineSimilarity(table, threshold=threshold).fit(references)
    found = similarity.transform(table.index)
    assert found.dtype == np.float32
    assert np.abs(found).max() <= 1.0
    expected = cosine_similarity(table.to_numpy(np.float64), table.loc[references].to_numpy(np.float64))
    np.testing.assert_allclose(found, expected, atol=1e-6)
    expected = np.where((found >= threshold) & (found > 0), found, 0)
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(similarity.graph(table.index).toarray(), expected, rtol=1e-6)
    np.testing.assert_allclose(similarity.graph().toarray(), expected[: len(references)], rtol=1e-6)


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


def test_neither_the_blocks_nor_the_other_rows_change_a_cosine(monkeypatch):
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
