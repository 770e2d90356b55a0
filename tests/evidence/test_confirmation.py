from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from sklearn_mferl.evidence.graph.confirmation import confirmation_rates


def make_graph(seed, n_circrnas=7, n_mirnas=5):
    """Return edges between used RNAs, matches between all, and the used ones."""
    rng = np.random.default_rng(seed)
    used = tuple(np.flatnonzero(rng.random(n) < 0.8) for n in (n_circrnas, n_mirnas))
    edges = np.zeros((n_circrnas, n_mirnas), dtype=np.float32)
    edges[np.ix_(*used)] = rng.random((len(used[0]), len(used[1]))) < 0.4
    matches = (rng.random((n_circrnas, n_mirnas)) < 0.5).astype(np.float32)
    return edges, matches, used


def rates(edges, matches, used):
    return confirmation_rates(sparse.csr_array(edges), sparse.csr_array(matches), used)


def rates_by_hand(edges, matches, used):
    cells = [(c, m) for c in used[0] for m in used[1] if matches[c, m]]
    confirmed = [cell for cell in cells if edges[cell]]
    overall = (len(confirmed) + 1) / (len(cells) + 2)
    found = []
    for side, n in enumerate(edges.shape):
        counts = [
            [sum(cell[side] == rna for cell in listed) for listed in (confirmed, cells)] for rna in range(n)
        ]
        found.append([np.log((k + overall) / (of + 1) / overall) for k, of in counts])
    return found


@given(st.integers(0, 100_000))
def test_rates_are_those_of_counting_by_hand(seed):
    graph = make_graph(seed)
    for found, expected in zip(rates(*graph), rates_by_hand(*graph), strict=True):
        assert found.dtype == np.float64
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_an_rna_that_is_not_used_or_without_matches_has_the_average():
    edges, matches = np.zeros((3, 3)), np.ones((3, 3))
    edges[0, 0] = 1
    matches[1] = 0
    circrna, mirna = rates(edges, matches, (np.array([0, 1]), np.array([0, 1])))
    assert circrna[1] == circrna[2] == mirna[2] == 0
    assert mirna[0] > 0 > mirna[1]


@given(st.integers(0, 100_000))
def test_matches_of_rnas_that_are_not_used_change_nothing(seed):
    edges, matches, used = make_graph(seed)
    among = np.zeros_like(matches)
    among[np.ix_(*used)] = matches[np.ix_(*used)]
    for found, expected in zip(rates(edges, among, used), rates(edges, matches, used), strict=True):
        np.testing.assert_array_equal(found, expected)


@given(st.integers(0, 100_000))
def test_interactions_without_a_match_change_nothing(seed):
    edges, matches, used = make_graph(seed)
    for found, expected in zip(
        rates(edges * matches, matches, used), rates(edges, matches, used), strict=True
    ):
        np.testing.assert_array_equal(found, expected)


def test_many_matches_say_more_than_one():
    edges, matches = np.zeros((3, 40)), np.zeros((3, 40))
    matches[0, 0] = matches[1, :20] = matches[2] = 1
    edges[0, 0] = edges[1, :20] = 1
    circrna, _ = rates(edges, matches, (np.arange(3), np.arange(40)))
    assert circrna[1] > circrna[0] > 0 > circrna[2]


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_nothing_or_everything_confirmed_is_finite(value):
    found = rates(np.full((4, 3), value), np.ones((4, 3)), (np.arange(4), np.arange(3)))
    assert all(np.isfinite(side).all() and np.abs(side).max() < 3 for side in found)


def test_a_graph_without_matches_has_the_average_everywhere():
    found = rates(np.ones((4, 3)), np.zeros((4, 3)), (np.arange(4), np.arange(3)))
    assert not any(side.any() for side in found)


def test_the_graph_is_left_as_it_was():
    edges, matches, used = make_graph(3)
    given_arrays = sparse.csr_array(edges), sparse.csr_array(matches)
    confirmation_rates(*given_arrays, used)
    for array, expected in zip(given_arrays, (edges, matches), strict=True):
        np.testing.assert_array_equal(array.toarray(), expected)
