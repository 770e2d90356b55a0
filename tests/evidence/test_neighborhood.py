"""The neighborhood of a pair is what brute force finds in a graph without its part: no label leaks."""

from unittest.mock import Mock

import numpy as np
import pandas as pd
import pytest
from _neighborhood import (
    ALPHAS,
    N_PAIRS,
    RNAS,
    SETTINGS,
    X,
    Y,
    assert_described,
    assert_same,
    draw_vectors,
    make_pairs,
    make_rnas,
    part_of,
    place_of,
    read_off_edges,
    seed_matches,
)
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold, cross_val_predict
from threadpoolctl import threadpool_limits

from sklearn_mferl import PairFeatures, PairNeighborhood
from sklearn_mferl.evidence import neighborhood as module
from sklearn_mferl.evidence.graph import training_graph
from sklearn_mferl.evidence.graph.splits import leave_out
from sklearn_mferl.pairs.novelty import VIEWS, Novelty
from sklearn_mferl.utils.scheduling import one_blas_thread
from sklearn_mferl.utils.validation import SIDES, check_pairs

EMBEDDINGS = draw_vectors(RNAS, 5)
UNKNOWN = [(c, m) for c in RNAS[0] for m in RNAS[1] if (c, m) not in set(X)]


@pytest.mark.parametrize("n_pairs", [N_PAIRS, 45, 20])
def test_a_labelled_pair_is_described_by_a_graph_made_without_its_part(n_pairs):
    X, y = make_pairs(n_pairs)
    neighborhood = PairNeighborhood(*RNAS, **SETTINGS).fit(X, y)
    part = part_of(neighborhood, X)
    np.testing.assert_array_equal(np.bincount(part), [n_pairs // 5] * 5)
    assert_described(neighborhood.transform(X), neighborhood, X, y, X, part == part[:, None])
    assert seed_matches(*RNAS).mean() > 0.05


def test_a_pair_without_label_is_described_by_the_whole_graph(fitted):
    no_pair = np.zeros((30, N_PAIRS), dtype=bool)
    assert_described(fitted.transform(UNKNOWN[:30]), fitted, X, Y, UNKNOWN[:30], no_pair)


def test_another_random_state_deals_anew(fitted):
    other = clone(fitted).set_params(random_state=1).fit(X, Y)
    assert not np.array_equal(part_of(other, X), part_of(fitted, X))


# Labels drawn by lot --------------------------------------------------------------------------------------


def auc_of_columns(y, features):
    return np.array([roc_auc_score(y, np.nan_to_num(column, nan=-1.0)) for column in features.T])


def auc_of_trees(y, features):
    features = features[:, ~np.isnan(features).all(axis=0)]
    trees = HistGradientBoostingClassifier(max_iter=40, random_state=0)
    folds = KFold(2, shuffle=True, random_state=0)
    return roc_auc_score(y, cross_val_predict(trees, features, y, cv=folds, method="predict_proba")[:, 1])


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


# A training pair as if its RNAs were new ------------------------------------------------------------------


@pytest.mark.parametrize("novelty", VIEWS)
def test_a_view_is_what_a_graph_without_the_group_of_the_pair_says(fitted, novelty):
    place, rows = place_of(fitted, X), range(0, N_PAIRS, 4)
    groups = list(leave_out(novelty, fitted._rows, fitted._block, fitted.n_splits))
    left_out = []
    for row in rows:
        (is_out,) = [~kept[place] for kept, described in groups if described[place[row]]]
        left_out.append(is_out)
        for i, name in enumerate(SIDES):
            if novelty & Novelty[name.upper()]:  # all pairs of the RNA are out
                assert all(is_out[j] for j in range(N_PAIRS) if X[j][i] == X[row][i])
    view = fitted.cold_views(X)[VIEWS.index(novelty)]
    assert_described(view[rows], fitted, X, Y, [X[row] for row in rows], left_out)


@pytest.mark.parametrize("novelty", VIEWS)
def test_an_unseen_rna_looks_like_those_of_the_view(fitted, novelty):
    circrna = "c_new" if novelty & Novelty.CIRCRNA else "c03"
    mirna = "m_new" if novelty & Novelty.MIRNA else "m03"
    row = fitted.transform([(circrna, mirna)])[0]
    # those of sites are NaN where a pair has no site with others around
    compared = np.array(["site" not in name for name in fitted.columns_])
    expected = read_off_edges(fitted.columns_, novelty)
    np.testing.assert_array_equal(np.isnan(row)[compared], expected[compared])


def test_views_follow_the_order_and_repetition_of_the_pairs(fitted):
    views = fitted.cold_views(X)
    rows = [5, 2, 2, 100, 5, 0]
    assert_same(fitted.cold_views([X[row] for row in rows]), views[:, rows])
    assert views.shape == (3, N_PAIRS, fitted.n_features_out_)
    assert views.dtype == np.float32


# What says the same, and what is little -------------------------------------------------------------------


def in_another_order_and_repeated(X, y):
    rows = np.random.default_rng(3).permutation([*range(N_PAIRS), *range(0, N_PAIRS, 3)])
    return [X[row] for row in rows], y[rows]


def with_both_labels(X, y):
    """Repeat some positive pairs as negative ones."""
    return [*X, *(X[row] for row in np.flatnonzero(y)[:5])], [*y, *[0] * 5]


@pytest.mark.parametrize(
    ("change", "params"),
    [
        (lambda X, y: (X, np.where(y == 1, "yes", "no")), {}),  # the larger label is the positive one
        (lambda X, y: (X, y), {"n_neighbors": np.array([3, 6]), "alphas": np.array(ALPHAS)}),
        (in_another_order_and_repeated, {}),
        (with_both_labels, {}),
    ],
    ids=["words for labels", "arrays of numbers", "another order", "both labels"],
)
def test_what_says_the_same_gives_the_same(fitted, change, params):
    other = PairNeighborhood(*RNAS, **{**SETTINGS, **params}).fit(*change(X, Y))
    np.testing.assert_array_equal(other.transform(X), fitted.transform(X))
    np.testing.assert_array_equal(other.cold_views(X), fitted.cold_views(X))


def test_without_labels_all_pairs_are_positive():
    expected = PairNeighborhood(*RNAS, **SETTINGS).fit(X)
    assert expected.training_pairs()["interacts"].all()
    for dtype in (int, bool):
        found = PairNeighborhood(*RNAS, **SETTINGS).fit(X, np.ones(N_PAIRS, dtype=dtype))
        np.testing.assert_array_equal(found.transform(X), expected.transform(X))


def test_the_size_of_blocks_changes_nothing(fitted, monkeypatch):
    every = [*X, *UNKNOWN]
    whole = fitted.transform(every)
    for name, size in (
        ("neighborhood._PAIRS_AT_ONCE", 7),
        ("graph.site_atlas._CELLS_AT_ONCE", 7),
        ("sites.rna_pairs._BLOCK_COST", 150),
    ):
        monkeypatch.setattr(f"sklearn_mferl.evidence.{name}", size)
    in_blocks = clone(fitted).fit(X, Y).transform([*every, *every[::-1]])
    assert_same(in_blocks, np.vstack([whole, whole[::-1]]))


def test_a_sequence_can_be_its_own_id(fitted):
    by_sequence = [(RNAS[0][c].lower(), RNAS[1][m].replace("U", "T")) for c, m in X]
    neighborhood = PairNeighborhood(**SETTINGS).fit(by_sequence, Y)
    assert_same(neighborhood.transform(by_sequence), fitted.transform(X))
    assert np.isfinite(neighborhood.transform([("ACGUACGGA", "UGAGGUAGUAG")])).any()


@pytest.mark.parametrize("sides", [("circrna", "mirna"), ("circrna",), ("mirna",)])
def test_embeddings_can_stand_in_for_sequences(sides):
    embeddings = {name: EMBEDDINGS[name] for name in sides}
    sequences = [None if name in sides else by_id for name, by_id in zip(SIDES, RNAS, strict=True)]
    neighborhood = PairNeighborhood(*sequences, embeddings=embeddings, **SETTINGS).fit(X, Y)
    for name in sides:
        assert f"votes_{name}_embedding_3" in neighborhood.columns_
        assert f"votes_{name}_sequence_3" not in neighborhood.columns_
    assert np.isfinite(neighborhood.transform(X)).any(axis=0).all()


def test_sequences_and_embeddings_both_count():
    both, *alone = (
        PairNeighborhood(*given, embeddings=vectors, **SETTINGS).fit(X, Y)
        for given, vectors in ((RNAS, EMBEDDINGS), (RNAS, None), ((None, None), EMBEDDINGS))
    )
    for kind in ("sequence", "embedding"):
        assert f"votes_circrna_{kind}_3" in both.columns_
        assert f"votes_both_{kind}_3_seed_3" in both.columns_
    assert np.isfinite(both.transform(X)).any(axis=0).all()
    kernel, *kernels = (
        each._training[0].coordinates @ each._training[0].coordinates.T for each in (both, *alone)
    )
    np.testing.assert_allclose(kernel, sum(kernels) / 2, atol=1e-4)


@pytest.mark.parametrize(
    ("X", "y"),
    [
        ([("c00", "m00")], None),
        ([("c00", "m00")], [1]),
        ([("c00", "m00"), ("c01", "m01")], None),
        ([("c00", "m00"), ("c01", "m01")], [0, 1]),
        ([("c00", "m00"), ("c00", "m01")], [1, 1]),
        ([("c00", f"m{i:02d}") for i in range(6)], [0, 1] * 3),
        ([(f"c{i:02d}", "m00") for i in range(6)], [0, 1] * 3),
        ([(f"c{i:02d}", f"m{i:02d}") for i in range(6)], [0, 0, 0, 0, 0, 1]),
    ],
)
def test_tiny_graphs_are_described(X, y):
    neighborhood = PairNeighborhood(*RNAS, random_state=0).fit(X, y)
    asked = [*X, ("c09", "m09"), ("c00", "m09"), ("c09", "m00")]
    found = neighborhood.transform(asked)
    assert found.shape == (len(asked), neighborhood.n_features_out_)
    assert not np.isinf(found).any()
    assert np.isfinite(found).any(axis=1).all()
    views = neighborhood.cold_views(X)
    assert views.shape == (3, len(X), neighborhood.n_features_out_)
    assert not np.isinf(views).any()
    for view, novelty in zip(views, VIEWS, strict=True):
        assert np.isnan(view[:, read_off_edges(neighborhood.columns_, novelty)]).all()


def test_sequences_shorter_than_any_word_or_seed_are_described():
    X = [(c, m) for c in ("A", "ACG", "ACGUA", "NNNNNNN") for m in ("U", "UGAGG", "UGAGGUAGU", "N")]
    neighborhood = PairNeighborhood(random_state=0).fit(X, [0, 1] * 8)
    assert not np.isinf(neighborhood.transform([*X, ("C", "G")])).any()


def test_rnas_that_are_all_alike_are_described():
    circrna, mirna = {f"c{i}": "ACGUACGGCAUUGC" for i in range(4)}, {f"m{i}": "UGAGGUAG" for i in range(4)}
    X = [(c, m) for c in circrna for m in mirna]
    neighborhood = PairNeighborhood(circrna, mirna, random_state=0).fit(X, [0, 1] * 8)
    found, names = neighborhood.transform(X), neighborhood.columns_
    assert np.isfinite(found)[:, ["site" not in name for name in names]].any(axis=0).all()
    assert not np.isinf(found).any()


@pytest.mark.parametrize("alpha", [1e-300, 1e-12, 1e-6, 1e300])
def test_any_penalty_gives_finite_regressions(alpha):
    neighborhood = PairNeighborhood(*RNAS, alphas=(alpha,), random_state=0)
    found = neighborhood.set_output(transform="pandas").fit_transform(X, Y)
    ridge = found.filter(regex="^ridge_both|^popularity|^confirmable").to_numpy()
    assert np.isfinite(ridge).all()
    assert np.abs(ridge).max() < 100


# What cannot be -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pair", "named"), [(("c99", "m00"), "circrna 'c99'"), (("c00", "m99"), "mirna 'm99'")]
)
def test_an_unknown_id_is_named(fitted, pair, named):
    by_vectors = PairNeighborhood(embeddings=EMBEDDINGS)
    for call in (fitted.transform, fitted.cold_views, PairNeighborhood(*RNAS).fit, by_vectors.fit):
        with pytest.raises(ValueError, match=named):
            call([("c00", "m00"), pair])


def test_views_of_a_pair_that_was_not_in_training_are_refused(fitted):
    with pytest.raises(ValueError, match="row 1 was not among those of fit"):
        fitted.cold_views([X[0], UNKNOWN[0]])


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("n_components", (0, 1.5, None)),
        ("n_landmarks", (0, 1.5, None)),
        ("n_directions", (0, 1.5, None)),
        ("n_splits", (1, 2.0, True)),
        ("n_neighbors", (5, (), (0,), (2.5,), "5", None, (3, 3))),
        ("alphas", (1.0, (), (0.0,), (-1,), (np.inf,), (np.nan,), "1", None, (1, 1.0))),
        ("embeddings", (pd.DataFrame([[1.0]]), {"rna": pd.DataFrame([[1.0]])})),
        ("random_state", ("one",)),
    ],
)
def test_a_parameter_out_of_range_is_named(name, values):
    for value in values:
        with pytest.raises(ValueError, match=name):
            PairNeighborhood(*RNAS).set_params(**{name: value}).fit(X, Y)


def test_labels_without_a_positive_one_are_refused():
    with pytest.raises(ValueError, match="No pair is positive"):
        PairNeighborhood(*RNAS).fit(X, np.zeros(N_PAIRS))


# How often the graph of training is made and solved, and with how many threads ----------------------------


def test_training_makes_each_graph_once_and_inverts_once_what_graphs_share(monkeypatch):
    (pairs, y), vectors = make_pairs(240, 30, 12), draw_vectors(make_rnas(30, 12), 64)
    channel = PairNeighborhood(n_splits=4, n_neighbors=(2,), alphas=(1.0,))
    features = PairFeatures(
        None, None, [], evidence=[("graph", channel)], embeddings=vectors, background=1, random_state=0
    )
    graphs, inverses = Mock(wraps=module.TrainingGraph), Mock(wraps=training_graph._inverse)
    monkeypatch.setattr(module, "TrainingGraph", graphs)
    monkeypatch.setattr(training_graph, "_inverse", inverses)
    assert features.fit_transform(pairs, y).background is not None
    # all pairs; by part, those of training and of the background; without some miRNAs, circRNAs, both
    assert graphs.call_count == 1 + 4 + 4 + 4 + 64
    # those of all RNAs of a side; without some miRNAs, circRNAs, both
    assert inverses.call_count == 2 + 4 + 4 + 2 * 64
    features.transform(pairs[:20])
    assert inverses.call_count == 2 + 4 + 4 + 2 * 64


def test_the_number_of_blas_threads_does_not_change_the_last_digit():
    (pairs, y), vectors = make_pairs(1500, 400, 150), draw_vectors(make_rnas(400, 150), 64)
    found = []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads, user_api="blas"):
            graph = PairNeighborhood(embeddings=vectors, n_splits=2, random_state=0).fit(pairs, y)
            found.append([graph.transform(pairs), graph.cold_views(pairs)])
    for one, two in zip(*found, strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_flag_that_a_kernel_raises_is_no_warning_and_others_are():
    infinite = np.array([np.inf])
    with one_blas_thread():
        assert np.isnan(infinite - infinite).all()
    with pytest.warns(RuntimeWarning, match="invalid value"):
        infinite - infinite
