"""What says the same gives the same neighborhood, any graph is described, and what cannot be is refused."""

import numpy as np
import pandas as pd
import pytest
from _neighborhood import (
    ALPHAS,
    EMBEDDINGS,
    N_PAIRS,
    RNAS,
    SETTINGS,
    X,
    Y,
    assert_same,
    read_off_edges,
    table,
)
from sklearn.base import clone

from sklearn_mferl.evidence.neighborhood import PairNeighborhood
from sklearn_mferl.pairs.novelty import VIEWS
from sklearn_mferl.utils.validation import SIDES


def in_another_order_and_repeated(X, y):
    rows = np.random.default_rng(3).permutation([*range(N_PAIRS), *range(0, N_PAIRS, 3)])
    return [X[row] for row in rows], y[rows]


def with_both_labels(X, y):
    """Repeat some positive pairs as negative ones."""
    return [*X, *(X[row] for row in np.flatnonzero(y)[:5])], [*y, *[0] * 5]


@pytest.mark.parametrize(
    ("change", "params"),
    [
        (lambda X, y: (X, y), {}),
        (lambda X, y: (X, np.where(y == 1, "yes", "no")), {}),  # the larger label is the positive one
        (lambda X, y: (X, y), {"n_neighbors": np.array([3, 6]), "alphas": np.array(ALPHAS)}),
        (in_another_order_and_repeated, {}),
        (with_both_labels, {}),
    ],
    ids=["again", "words for labels", "arrays of numbers", "another order", "both labels"],
)
def test_what_says_the_same_gives_the_same(fitted, change, params):
    other = PairNeighborhood(*RNAS, **{**SETTINGS, **params}).fit(*change(X, Y))
    np.testing.assert_array_equal(other.transform(X), fitted.transform(X))
    np.testing.assert_array_equal(other.cold_views(X), fitted.cold_views(X))


def test_the_size_of_blocks_changes_nothing(fitted, monkeypatch):
    every = [(c, m) for c in RNAS[0] for m in RNAS[1]]
    whole = fitted.transform(every)
    for name, size in (
        ("neighborhood._PAIRS_AT_ONCE", 7),
        ("graph.site_atlas._CELLS_AT_ONCE", 7),
        ("sites.rna_pairs._BLOCK_COST", 150),
    ):
        monkeypatch.setattr(f"sklearn_mferl.evidence.{name}", size)
    in_blocks = clone(fitted).fit(X, Y).transform([*every, *every[::-1]])
    assert_same(in_blocks, np.vstack([whole, whole[::-1]]))


@pytest.mark.parametrize("y", [None, np.ones(N_PAIRS, dtype=int), np.ones(N_PAIRS, dtype=bool)])
def test_without_labels_all_pairs_are_positive(y):
    neighborhood = PairNeighborhood(*RNAS, **SETTINGS).fit(X, y)
    assert neighborhood._graph.adjacency.nnz == N_PAIRS
    expected = PairNeighborhood(*RNAS, **SETTINGS).fit(X)
    np.testing.assert_array_equal(neighborhood.transform(X), expected.transform(X))


def test_a_sequence_can_be_its_own_id(fitted):
    by_sequence = [(RNAS[0][c].lower(), RNAS[1][m].replace("U", "T")) for c, m in X]
    neighborhood = PairNeighborhood(**SETTINGS).fit(by_sequence, Y)
    assert_same(neighborhood.transform(by_sequence), fitted.transform(X))
    assert np.isfinite(neighborhood.transform([("ACGUACGGA", "UGAGGUAGUAG")])).any()


@pytest.mark.parametrize("sides", [("circrna", "mirna"), ("circrna",), ("mirna",)])
def test_embeddings_can_stand_in_for_sequences(sides):
    embeddings = {name: frame for name, frame in EMBEDDINGS.items() if name in sides}
    sequences = [None if name in sides else by_id for name, by_id in zip(SIDES, RNAS, strict=True)]
    neighborhood = PairNeighborhood(*sequences, embeddings=embeddings, **SETTINGS).fit(X, Y)
    for name in sides:
        assert f"votes_{name}_embedding_3" in neighborhood.columns_
        assert f"votes_{name}_sequence_3" not in neighborhood.columns_
    assert np.isfinite(neighborhood.transform(X)).any(axis=0).all()


def test_sequences_and_embeddings_both_count():
    neighborhood = PairNeighborhood(*RNAS, embeddings=EMBEDDINGS, **SETTINGS).fit(X, Y)
    for kind in ("sequence", "embedding"):
        assert f"votes_circrna_{kind}_3" in neighborhood.columns_
        assert f"votes_both_{kind}_3_seed_3" in neighborhood.columns_
    assert np.isfinite(neighborhood.transform(X)).any(axis=0).all()
    alone = [
        PairNeighborhood(*given, embeddings=vectors, **SETTINGS).fit(X, Y)._training[0].coordinates
        for given, vectors in ((RNAS, None), ((None, None), EMBEDDINGS))
    ]
    coordinates = neighborhood._training[0].coordinates
    expected = sum(one @ one.T for one in alone) / 2
    np.testing.assert_allclose(coordinates @ coordinates.T, expected, atol=1e-4)


def test_a_new_isoform_gets_the_votes_of_its_twin():
    circrna, mirna = RNAS
    X = [(c, m) for c in circrna for m in mirna]
    y = np.array([(c == "c07" and m == "m01") or c > "c12" for c, m in X]).astype(int)
    neighborhood = PairNeighborhood(circrna, mirna, n_neighbors=(1,), random_state=0).fit(X, y)
    neighborhood.add_rnas({"twin": circrna["c07"]})
    found = table(neighborhood, neighborhood.transform([("twin", "m01"), ("twin", "m02")]))
    assert found["votes_circrna_sequence_1"].tolist() == pytest.approx([1, 0], abs=1e-5)
    assert found["known_circrna_sequence_1"].tolist() == pytest.approx([1, 1], abs=1e-5)


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
    y = [0, 1] * 8
    neighborhood = PairNeighborhood(random_state=0).fit(X, y)
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
    neighborhood = PairNeighborhood(*RNAS, alphas=(alpha,), random_state=0).fit(X, Y)
    found = table(neighborhood, neighborhood.transform(X))
    ridge = found.filter(regex="^ridge_both|^popularity|^confirmable").to_numpy()
    assert np.isfinite(ridge).all()
    assert np.abs(ridge).max() < 100


@pytest.mark.parametrize(
    ("pair", "named"), [(("c99", "m00"), "circrna 'c99'"), (("c00", "m99"), "mirna 'm99'")]
)
def test_an_unknown_id_is_named(fitted, pair, named):
    for call in (
        fitted.transform,
        fitted.cold_views,
        PairNeighborhood(*RNAS).fit,
        PairNeighborhood(embeddings=EMBEDDINGS).fit,
    ):
        with pytest.raises(ValueError, match=named):
            call([("c00", "m00"), pair])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[
            (name, value)
            for name in ("n_components", "n_landmarks", "n_directions")
            for value in (0, 1.5, None)
        ],
        *[("n_splits", value) for value in (1, 2.0, True)],
        *[("n_neighbors", value) for value in (5, (), (0,), (2.5,), "5", None, (3, 3))],
        *[("alphas", value) for value in (1.0, (), (0.0,), (-1,), (np.inf,), (np.nan,), "1", None, (1, 1.0))],
        *[("embeddings", value) for value in (pd.DataFrame([[1.0]]), {"rna": pd.DataFrame([[1.0]])})],
        ("random_state", "one"),
    ],
)
def test_a_parameter_out_of_range_is_named(name, value):
    with pytest.raises(ValueError, match=name):
        PairNeighborhood(*RNAS).set_params(**{name: value}).fit(X, Y)


def test_labels_without_a_positive_one_are_refused():
    with pytest.raises(ValueError, match="No pair is positive"):
        PairNeighborhood(*RNAS).fit(X, np.zeros(N_PAIRS))
