"""The neighborhood of a pair is what brute force finds in a graph without its part: no label leaks."""

import numpy as np
import pytest
from _neighborhood import (
    N_PAIRS,
    RNAS,
    SETTINGS,
    X,
    Y,
    assert_described,
    make_pairs,
    make_rnas,
    part_of,
    seed_matches,
    table,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold, cross_val_predict

from sklearn_mferl.evidence.neighborhood import PairNeighborhood
from sklearn_mferl.utils.validation import check_pairs


@pytest.mark.parametrize("n_pairs", [N_PAIRS, 45])
def test_a_labelled_pair_is_described_by_a_graph_made_without_its_part(n_pairs):
    X, y = make_pairs(n_pairs)
    neighborhood = PairNeighborhood(*RNAS, **SETTINGS).fit(X, y)
    part = part_of(neighborhood, X)
    assert_described(neighborhood.transform(X), neighborhood, X, y, X, part == part[:, None])
    assert seed_matches(*RNAS).mean() > 0.05


def test_a_pair_without_label_is_described_by_the_whole_graph(fitted):
    known = set(X)
    others = [(c, m) for c in RNAS[0] for m in RNAS[1] if (c, m) not in known][:30]
    no_pair = np.zeros((30, N_PAIRS), dtype=bool)
    assert_described(fitted.transform(others), fitted, X, Y, others, no_pair)


def test_the_parts_are_of_equal_size_and_each_rna_is_spread_over_them(fitted):
    part = part_of(fitted, X)
    np.testing.assert_array_equal(np.bincount(part), [N_PAIRS // 5] * 5)


def auc_of_columns(y, features):
    return np.array([roc_auc_score(y, np.nan_to_num(column, nan=-1.0)) for column in features.T])


def auc_of_trees(y, features):
    features = features[:, ~np.isnan(features).all(axis=0)]
    trees = HistGradientBoostingClassifier(max_iter=40, random_state=0)
    folds = KFold(2, shuffle=True, random_state=0)
    return roc_auc_score(y, cross_val_predict(trees, features, y, cv=folds, method="predict_proba")[:, 1])


@pytest.mark.slow
def test_labels_drawn_by_lot_cannot_be_read_off_the_evidence():
    # so many pairs that the bounds are far from what chance, and the last digits of a processor, decide
    X, y = make_pairs(5000, 150, 90, seed=1)
    neighborhood = PairNeighborhood(*make_rnas(150, 90, seed=1), random_state=0).fit(X, y)
    for features in (neighborhood.transform(X), *neighborhood.cold_views(X)):
        assert np.abs(auc_of_columns(y, features) - 0.5).max() < 0.06
        assert abs(auc_of_trees(y, features) - 0.5) < 0.07


def test_the_same_evidence_would_leak_with_the_own_edge():
    X, y = make_pairs(1500, 60, 40, seed=1)
    neighborhood = PairNeighborhood(*make_rnas(60, 40, seed=1), random_state=0).fit(X, y)
    prepared, rows = neighborhood._prepare_pairs(check_pairs(X))
    relatives, sites = [side.relatives for side in prepared], neighborhood._locate(prepared, rows)
    found = neighborhood._graph.read(*relatives, rows, sites)
    with_own_edge = np.column_stack(list(found.values()))
    assert auc_of_columns(y, with_own_edge).max() > 0.58
    assert auc_of_trees(y, with_own_edge) > 0.7


def test_another_random_state_deals_anew(fitted):
    other = clone(fitted).set_params(random_state=1).fit(X, Y)
    assert not np.array_equal(part_of(other, X), part_of(fitted, X))


@st.composite
def graphs(draw):
    n_circrnas, n_mirnas = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    cells = draw(st.lists(st.booleans(), min_size=n_circrnas * n_mirnas, max_size=n_circrnas * n_mirnas))
    return np.array(cells, dtype=float).reshape(n_circrnas, n_mirnas)


@settings(max_examples=25)
@given(graphs(), st.integers(0, 3))
def test_the_own_part_is_out_of_every_count(adjacency, seed):
    circrna, mirna = make_rnas(6, 6, seed=2)
    X = [(f"c{i:02d}", f"m{j:02d}") for i, j in np.argwhere(np.ones_like(adjacency))]
    y = adjacency.ravel()
    if not y.any():
        y[0] = 1
    neighborhood = PairNeighborhood(circrna, mirna, n_neighbors=(2,), n_splits=3, random_state=seed).fit(X, y)
    found, part = table(neighborhood, neighborhood.transform(X)), part_of(neighborhood, X)
    for number in np.unique(part):
        kept = np.where(part == number, 0, y).reshape(adjacency.shape)
        asked = part == number
        paths = (kept @ kept.T @ kept).ravel()[asked]
        known = np.outer(kept.sum(axis=1) > 0, kept.sum(axis=0) > 0).ravel()[asked]
        np.testing.assert_array_equal(found["paths"][asked], np.where(known, paths, np.nan))
