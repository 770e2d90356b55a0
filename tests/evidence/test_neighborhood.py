"""The neighborhood of a pair is what brute force finds in a graph without its part: no label leaks."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from _builders import random_rna
from _rna_strings import SITE_COLUMNS, read_sites_by_hand, reverse_complement, windows_by_hand
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold, cross_val_predict

from sklearn_mferl.evidence.graph.relatedness import MicroRNAFamilies, SharedKmers
from sklearn_mferl.evidence.graph.splits import leave_out
from sklearn_mferl.evidence.neighborhood import PairNeighborhood
from sklearn_mferl.pairs.novelty import VIEWS, Novelty
from sklearn_mferl.utils.validation import SIDES, check_pairs

N_CIRCRNAS, N_MIRNAS, N_PAIRS = 18, 10, 120
SETTINGS = {"n_neighbors": (3, 6), "n_components": 4, "n_splits": 5, "random_state": 0}
ALPHAS = (1.0, 10.0)


def make_rnas(n_circrnas=N_CIRCRNAS, n_mirnas=N_MIRNAS, seed=0):
    """Return circRNAs with isoforms and seed matches, and miRNAs of few families, by id."""
    rng = np.random.default_rng(seed)
    families = [random_rna(8, rng) for _ in range(4)]
    sites = [reverse_complement(family[1:]) for family in families]
    genes = [random_rna(60, rng) + sites[i % 4] + random_rna(13, rng) for i in range(5)]
    # ids sort like sequences, so that they can stand for each other
    circrnas = sorted(genes[i % 5] + random_rna(20, rng) for i in range(n_circrnas))
    circrnas[0] += sites[0]
    mirnas = sorted(families[i % 4] + random_rna(14, rng) for i in range(n_mirnas))
    return {f"c{i:02d}": rna for i, rna in enumerate(circrnas)}, {
        f"m{i:02d}": rna for i, rna in enumerate(mirnas)
    }


def make_pairs(n=N_PAIRS, n_circrnas=N_CIRCRNAS, n_mirnas=N_MIRNAS, seed=0):
    """Return distinct pairs with labels that are drawn by lot."""
    rng = np.random.default_rng(seed)
    cells = np.column_stack(np.divmod(rng.permutation(n_circrnas * n_mirnas)[:n], n_mirnas))
    return [(f"c{i:02d}", f"m{j:02d}") for i, j in cells], rng.integers(0, 2, n)


RNAS = make_rnas()
X, Y = make_pairs()
EMBEDDINGS = {
    side: pd.DataFrame(np.random.default_rng(0).normal(size=(len(by_id), 5)), index=list(by_id))
    for side, by_id in zip(SIDES, RNAS, strict=True)
}


@pytest.fixture(scope="module")
def fitted():
    return PairNeighborhood(*RNAS, **SETTINGS).fit(X, Y)


def part_of(neighborhood, X):
    """Return in which part the labelled pairs were dealt."""
    place = place_of(neighborhood, X)
    assert (place >= 0).all()
    return neighborhood._labelled.part[place]


def table(neighborhood, values):
    return pd.DataFrame(values, columns=neighborhood.columns_)


def assert_same(actual, expected, atol=1e-5):
    np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=atol)


def compare_with_training(X):
    """Return ids, neighbours by kind and kernel of each side, of which the labels know nothing."""
    sides = []
    for column, (by_id, relatedness) in enumerate(zip(RNAS, (SharedKmers, MicroRNAFamilies), strict=True)):
        ids = np.array(sorted({pair[column] for pair in X}), dtype=object)
        kwargs = {"n_neighbors": SETTINGS["n_neighbors"], "n_landmarks": 1500, "n_directions": 300}
        if column == 0:
            kwargs["circular"] = True
        relatives = relatedness(**kwargs).fit(ids, [by_id[rna] for rna in ids], np.random.default_rng(0))
        votes = {name: weights.toarray().astype(float) for name, weights in relatives.neighbours.items()}
        coordinates = relatives.coordinates.astype(float)
        sides.append((list(ids), votes, coordinates @ coordinates.T))
    return sides


def seed_matches(circrnas, mirnas):
    """Tell which circles hold the reverse complement of nucleotides 2 to 8."""
    return np.array(
        [[bool(windows_by_hand(RNAS[0][c], RNAS[1][m], True)) for m in mirnas] for c in circrnas], dtype=float
    )


def log_degree(degree, scale):
    """Return the logarithm with the second term of its series around the mean of a thinned degree."""
    mean = scale * degree
    return np.log(1 + mean) + (scale - 1) * mean / (2 * (1 + mean) ** 2)


def brute_force(sides, kept, labels, pair):
    """Describe a pair by the graph of the kept pairs alone."""
    ids, votes, kernels = zip(*sides, strict=True)
    adjacency = np.zeros([len(names) for names in ids])
    for ends, label in zip(kept, labels, strict=True):
        adjacency[tuple(names.index(rna) for names, rna in zip(ids, ends, strict=True))] = label
    own = c, m = [names.index(rna) for names, rna in zip(ids, pair, strict=True)]
    used = [sorted({names.index(ends[i]) for ends in kept}) for i, names in enumerate(ids)]
    scale = [len(names) / len(rows) for names, rows in zip(ids, used, strict=True)]
    degree = c_degree, m_degree = adjacency.sum(axis=1), adjacency.sum(axis=0)
    is_known = c_degree[c] > 0, m_degree[m] > 0
    edges = adjacency[:, m], adjacency[c]  # of each RNA of a side with the other RNA of the pair
    c_partners, m_partners = partners = [np.flatnonzero(edges[1 - i]) for i in (0, 1)]
    candidates = np.zeros_like(adjacency)
    candidates[np.ix_(*used)] = seed_matches(*ids)[np.ix_(*used)]
    confirmed = adjacency * candidates
    overall = (confirmed.sum() + 1) / (candidates.sum() + 2)
    rate = [
        np.log((confirmed.sum(axis=i) + overall) / (candidates.sum(axis=i) + 1) / overall) for i in (1, 0)
    ]
    found = {}

    def note(values, *knowns):
        for name, value in values.items():
            found[name] = value if all(knowns) else np.nan

    sequences = [[by_id[rna] for rna in names] for by_id, names in zip(RNAS, ids, strict=True)]
    asked = sequences[0][c], sequences[1][m]
    sites = read_sites_by_hand(asked, own, *sequences, adjacency, used, True)
    found |= dict(zip(SITE_COLUMNS, sites, strict=True))
    # paths c - j - i - m
    paths = [(j, i) for j in c_partners for i in m_partners if adjacency[i, j]]
    hubs = {
        "paths": [1.0 for _ in paths],
        "paths_over_expected": [1 / (1 + c_degree[c] * m_degree[m]) for _ in paths],
        "paths_normalized": [
            1 / (np.sqrt(c_degree[c]) * m_degree[j] * c_degree[i] * np.sqrt(m_degree[m])) for j, i in paths
        ],
        "paths_split_by_circrnas": [1 / c_degree[i] for _, i in paths],
        "paths_split_by_all": [1 / (m_degree[j] * c_degree[i]) for j, i in paths],
    }
    note({name: sum(terms) for name, terms in hubs.items()}, *is_known)
    damping = [1 / np.sqrt(each + each[each > 0].mean()) for each in degree]
    left, values, right = np.linalg.svd(damping[0][:, None] * adjacency * damping[1])
    for name, n in {"factors_coarse": 1, "factors_fine": 4}.items():
        shrunk = values[:n] - values[n]
        note({name: (left[c, :n] * shrunk * right[:n, m]).sum()}, *is_known)
    for i, side in enumerate(SIDES):  # a row of the other side weighs what the partners of this one have
        rows = adjacency if i == 0 else adjacency.T
        inverse = np.linalg.inv(rows.T @ rows + 10 * np.eye(rows.shape[1]))
        weights = -inverse / np.diag(inverse)
        np.fill_diagonal(weights, 0)
        note({f"partners_{side}": rows[own[i]] @ weights[:, own[1 - i]]}, *is_known)
    for i, side in enumerate(SIDES):
        rna, others = own[i], degree[1 - i][partners[i]]
        note({f"degree_{side}": degree[i][rna]}, is_known[i])
        note({f"partner_degree_{side}": others.sum() / max(len(others), 1)}, is_known[i])
        note({f"confirmed_{side}": rate[i][rna]}, is_known[i])
        for name, weights in votes[i].items():
            voters, won = weights[rna] @ (degree[i] > 0), weights[rna] @ edges[i]
            found[f"known_{side}_{name}"] = scale[i] * voters
            note({f"votes_{side}_{name}": scale[i] * won}, is_known[1 - i])
            note({f"share_{side}_{name}": won / voters if voters > 0 else np.nan}, is_known[1 - i])
    matches = seed_matches(ids[0], [pair[1]])[:, 0]
    for name, weights in votes[0].items():
        found[f"matches_circrna_{name}"] = won = weights[c] @ matches
        found[f"match_share_circrna_{name}"] = won / weights[c].sum() if weights[c].any() else np.nan
    for one, other in product(*votes):
        if one.split("_")[1] == other.split("_")[1]:
            both = votes[0][one][c] @ adjacency @ votes[1][other][m]
            found[f"votes_both_{one}_{other}"] = scale[0] * scale[1] * both
    for alpha in ALPHAS:  # the dual form, in kernels
        hats = [
            kernel[rna, rows]
            @ np.linalg.inv(kernel[np.ix_(rows, rows)] + alpha * len(rows) / len(kernel) * np.eye(len(rows)))
            for kernel, rna, rows in zip(kernels, own, used, strict=True)
        ]
        found[f"ridge_both_{alpha:g}"] = hats[0] @ adjacency[np.ix_(*used)] @ hats[1]
        for i, side in enumerate(SIDES):
            note({f"ridge_{side}_{alpha:g}": hats[i] @ edges[i][used[i]]}, is_known[1 - i])
            found[f"popularity_{side}_{alpha:g}"] = hats[i] @ log_degree(degree[i][used[i]], scale[1 - i])
            found[f"confirmable_{side}_{alpha:g}"] = hats[i] @ rate[i][used[i]]
    return found


def assert_described(actual, neighborhood, X, y, asked, left_out):
    """Compare pairs with what the graph of those pairs of X says that are not left out for each of them."""
    sides = compare_with_training(X)
    for row, pair, is_out in zip(actual, asked, left_out, strict=True):
        kept = np.flatnonzero(~is_out)
        found = brute_force(sides, [X[i] for i in kept], y[kept], pair)
        assert found.keys() == set(neighborhood.columns_)
        expected = np.array([found[name] for name in neighborhood.columns_])
        assert_same(row, expected)


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


def read_off_edges(columns, novelty):
    """Tell the columns that are read off the edges of an RNA that the view takes for new."""
    starts = ("paths", "factors", "partners")
    for side, other in (("circrna", "mirna"), ("mirna", "circrna")):
        if novelty & Novelty[side.upper()]:
            starts += (f"confirmed_{side}", f"degree_{side}", f"partner_degree_{side}")
            starts += (f"votes_{other}", f"share_{other}", f"ridge_{other}")
    return np.array([name.startswith(starts) for name in columns])


def left_out_for(neighborhood, novelty, X, row):
    """Return which pairs of X the graph of a view leaves out where it describes a row."""
    place = place_of(neighborhood, X)
    groups = leave_out(novelty, neighborhood._rows, neighborhood._block, neighborhood.n_splits)
    (left_out,) = [~kept for kept, described in groups if described[place[row]]]
    return left_out[place]


def place_of(neighborhood, X):
    prepared, rows = neighborhood._prepare_pairs(check_pairs(X))
    return neighborhood._find_labelled([side.relatives for side in prepared], rows)


@pytest.mark.slow
@pytest.mark.parametrize("novelty", VIEWS)
def test_a_view_is_what_a_graph_without_the_group_of_the_pair_says(fitted, novelty):
    rows = range(0, N_PAIRS, 4)
    left_out = [left_out_for(fitted, novelty, X, row) for row in rows]
    for row, is_out in zip(rows, left_out, strict=True):
        for i, name in enumerate(SIDES):
            if novelty & Novelty[name.upper()]:  # all pairs of the RNA are out
                assert all(is_out[j] for j in range(N_PAIRS) if X[j][i] == X[row][i])
    view = fitted.cold_views(X)[VIEWS.index(novelty)]
    assert_described(view[rows], fitted, X, Y, [X[row] for row in rows], left_out)


def test_a_view_says_what_a_refit_would_where_all_rnas_are_relatives():
    params = {**SETTINGS, "n_neighbors": (100,)}
    neighborhood = PairNeighborhood(*RNAS, **params).fit(X, Y)
    view = neighborhood.cold_views(X)[0]
    # the kernel weighs words by the training RNAs, of which the refit has fewer
    compared = [not name.startswith(("ridge", "popularity", "confirmable")) for name in neighborhood.columns_]
    for row in range(0, N_PAIRS, 12):
        left_out = left_out_for(neighborhood, Novelty.MIRNA, X, row)
        rest = np.flatnonzero(~left_out)
        refit = PairNeighborhood(*RNAS, **params).fit([X[i] for i in rest], Y[rest])
        # the refit takes its own RNAs for all there are
        n_circrnas, n_mirnas = (len({X[i][k] for i in rest}) / len({p[k] for p in X}) for k in (0, 1))
        sums = {"votes_both": n_circrnas * n_mirnas, "votes_circrna": n_circrnas, "known_circrna": n_circrnas}
        sums |= {"votes_mirna": n_mirnas, "known_mirna": n_mirnas}
        share = [sums.get("_".join(name.split("_")[:2]), 1.0) for name in neighborhood.columns_]
        stated = refit.transform([X[row]])[0] / np.array(share)
        assert_same(view[row, compared], stated[compared])


@pytest.mark.parametrize("novelty", VIEWS)
def test_an_unseen_rna_looks_like_those_of_the_view(fitted, novelty):
    rng = np.random.default_rng(9)
    extended = clone(fitted).fit(X, Y)
    isoform = RNAS[0]["c03"][:40] + random_rna(50, rng)
    extended.add_rnas({"c_new": isoform}, {"m_new": random_rna(22, rng)})
    circrna = "c_new" if novelty & Novelty.CIRCRNA else "c03"
    mirna = "m_new" if novelty & Novelty.MIRNA else "m03"
    row = extended.transform([(circrna, mirna)])[0]
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


def test_views_of_a_pair_that_was_not_in_training_are_refused(fitted):
    known = set(X)
    unknown = next((c, m) for c in RNAS[0] for m in RNAS[1] if (c, m) not in known)
    with pytest.raises(ValueError, match="row 1 was not among those of fit"):
        fitted.cold_views([X[0], unknown])


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


def test_another_random_state_deals_anew(fitted):
    other = clone(fitted).set_params(random_state=1).fit(X, Y)
    assert not np.array_equal(part_of(other, X), part_of(fitted, X))


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
