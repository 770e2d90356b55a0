"""Similarities and the graph are those of dynamic programming in fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError

from sklearn_mferl.features.levenshtein import LevenshteinSimilarity

METRICS = ["levenshtein", "indel"]
sequences_of_rna = st.lists(st.text("ACGU", min_size=1, max_size=12), min_size=1, max_size=8)


def edit_distance(left: str, right: str, replacement_cost: int) -> int:
    previous = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        current = [i]
        for j, b in enumerate(right, start=1):
            replaced = previous[j - 1] + (0 if a == b else replacement_cost)
            current.append(min(previous[j] + 1, current[j - 1] + 1, replaced))
        previous = current
    return previous[-1]


def exact_similarity(left: str, right: str, metric: str) -> Fraction:
    if metric == "levenshtein":
        return 1 - Fraction(edit_distance(left, right, 1), max(len(left), len(right)))
    return 1 - Fraction(edit_distance(left, right, 2), len(left) + len(right))


def exact_graph(rows, references, metric, threshold) -> dict[tuple[int, int], float]:
    edges = {}
    for i, row in enumerate(rows):
        for j, reference in enumerate(references):
            similarity = exact_similarity(row, reference, metric)
            if row != reference and 0 < similarity >= threshold:
                edges[i, j] = float(np.float32(float(similarity)))
    return edges


def edges_of(graph) -> dict[tuple[int, int], float]:
    coo = graph.tocoo()
    return {(int(i), int(j)): float(value) for i, j, value in zip(coo.row, coo.col, coo.data, strict=True)}


@pytest.mark.parametrize("metric", METRICS)
@given(fitted=sequences_of_rna, queries=sequences_of_rna)
def test_similarities_equal_those_of_dynamic_programming(metric, fitted, queries):
    similarity = LevenshteinSimilarity(metric=metric).fit(fitted)
    expected = [[float(exact_similarity(q, r, metric)) for r in similarity.references_] for q in queries]
    found = similarity.transform(queries)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("metric", METRICS)
@given(fitted=sequences_of_rna, queries=sequences_of_rna, threshold=st.integers(0, 20))
def test_the_graph_holds_exactly_the_pairs_at_or_above_the_threshold(metric, fitted, queries, threshold):
    exact_threshold = Fraction(threshold, 20)
    similarity = LevenshteinSimilarity(metric=metric, threshold=threshold / 20).fit(fitted)
    references = similarity.references_
    expected = exact_graph(queries, references, metric, exact_threshold)
    assert edges_of(similarity.graph(queries)) == expected
    expected = exact_graph(references, references, metric, exact_threshold)
    assert edges_of(similarity.graph()) == expected


@pytest.mark.parametrize("n_different", range(1, 10))
def test_a_similarity_equal_to_the_threshold_is_kept(n_different):
    # In binary, 1 - 9/10 is less than 0.1; and RapidFuzz drops what is too near to its own cutoff.
    pair = ["A" * 10, "C" * n_different + "A" * (10 - n_different)]
    threshold = (10 - n_different) / 10
    assert LevenshteinSimilarity(threshold=threshold).fit(pair).graph().nnz == 2
    assert LevenshteinSimilarity(threshold=threshold + 1e-9).fit(pair).graph().nnz == 0


def test_the_references_are_the_distinct_sequences_in_order_of_first_appearance():
    similarity = LevenshteinSimilarity().fit(["UUU", "AAA", "ttt", "CCC", "AAA"])
    assert similarity.references_.tolist() == ["UUU", "AAA", "CCC"]
    assert similarity.references_.dtype == object
    assert similarity.n_features_out_ == 3
    assert similarity.get_feature_names_out().tolist() == [f"similarity_{i}" for i in range(3)]


@pytest.mark.parametrize("metric", METRICS)
def test_references_in_their_own_order_give_the_same_as_one_by_one(metric):
    sequences = ["ACGUACGU", "ACGUU", "GGGACGU", "A"]
    similarity = LevenshteinSimilarity(metric=metric).fit(sequences)
    one_by_one = np.vstack([similarity.transform([sequence]) for sequence in sequences])
    np.testing.assert_array_equal(similarity.transform(sequences), one_by_one)
    np.testing.assert_array_equal(
        similarity.transform(sequences[::-1] * 2), np.vstack([one_by_one[::-1]] * 2)
    )


def test_a_reference_is_not_its_own_neighbour_whether_given_or_not():
    sequences = ["ACGUACGU", "ACGUACGA", "ACGUACCC", "UUUUUUUU"]
    similarity = LevenshteinSimilarity().fit(sequences)
    graph = similarity.graph()
    assert graph.diagonal().tolist() == [0.0] * 4
    assert edges_of(graph) == edges_of(similarity.graph(sequences)) == edges_of(graph.T)
    twice = similarity.graph([sequences[0], "acgtacgt", "ACGUACG"]).toarray()
    np.testing.assert_array_equal(twice[:2], np.vstack([graph.toarray()[0]] * 2))
    assert twice[2, 0] > 0.5


@pytest.mark.parametrize(("fitted", "queries"), [(["ACGU", "ACGA", "GGG"], ["ACCC", "GGU"]), (["A"], ["C"])])
def test_the_graph_is_canonical_float32_csr_with_edges_and_without(fitted, queries):
    similarity = LevenshteinSimilarity(threshold=0.1).fit(fitted)
    for graph in (similarity.graph(), similarity.graph(queries)):
        assert (graph.format, graph.dtype, graph.indices.dtype) == ("csr", np.float32, np.int32)
        assert graph.has_canonical_format
        assert (graph.data > 0).all()
        assert bool(graph.nnz) == (len(fitted) > 1)


@pytest.mark.parametrize("metric", ["Levenshtein", "hamming", None, ["indel"]])
def test_an_unknown_metric_is_refused_when_fitting(metric):
    with pytest.raises(ValueError, match=r"metric must be one of 'levenshtein', 'indel'; got"):
        LevenshteinSimilarity(metric=metric).fit(["ACGU"])


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan"), "0.5", None])
def test_a_threshold_outside_zero_to_one_is_refused(threshold):
    similarity = LevenshteinSimilarity().fit(["ACGU"]).set_params(threshold=threshold)
    for use in (lambda: similarity.fit(["ACGU"]), similarity.graph):
        with pytest.raises(ValueError, match=r"threshold must be a number from 0 to 1; got"):
            use()


def test_a_graph_before_fit_is_refused():
    with pytest.raises(NotFittedError):
        LevenshteinSimilarity().graph()


SEQUENCES = ["ACGUACGU", "ACGUACGA", "GGGUUU", "CCCCAAAA", "UGUGUGUG", "ACGU"]


def test_landmarks_are_columns_of_the_full_matrix():
    full = LevenshteinSimilarity().fit(SEQUENCES)
    few = LevenshteinSimilarity(n_landmarks=3, random_state=0).fit(SEQUENCES)
    columns = [full.references_.tolist().index(landmark) for landmark in few.landmarks_]
    assert few.n_features_out_ == len(set(columns)) == len(few.get_feature_names_out()) == 3
    np.testing.assert_array_equal(few.transform(SEQUENCES), full.transform(SEQUENCES)[:, columns])


def test_landmarks_leave_the_graph_as_it_is():
    full = LevenshteinSimilarity().fit(SEQUENCES)
    for n_landmarks in (2, len(SEQUENCES)):
        few = LevenshteinSimilarity(n_landmarks=n_landmarks, random_state=0).fit(SEQUENCES)
        assert edges_of(few.graph()) == edges_of(full.graph())
    np.testing.assert_array_equal(few.landmarks_, few.references_)


def test_landmarks_depend_on_neither_the_order_nor_the_repetition_of_the_sequences():
    few = LevenshteinSimilarity(n_landmarks=3, random_state=0).fit(SEQUENCES)
    other = LevenshteinSimilarity(n_landmarks=3, random_state=0).fit(SEQUENCES[::-1] + SEQUENCES)
    np.testing.assert_array_equal(few.landmarks_, other.landmarks_)


@pytest.mark.parametrize("n_landmarks", [0, -1, 2.5, "all", True])
def test_a_number_of_landmarks_that_is_none_is_refused(n_landmarks):
    with pytest.raises(ValueError, match="n_landmarks must be a whole number of at least 1, or None"):
        LevenshteinSimilarity(n_landmarks=n_landmarks).fit(SEQUENCES)
