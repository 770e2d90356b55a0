"""A training pair is shown as if its RNAs were new by a graph without all of their pairs."""

import numpy as np
import pytest
from _builders import random_rna
from _neighborhood import (
    N_PAIRS,
    RNAS,
    SETTINGS,
    X,
    Y,
    assert_described,
    assert_same,
    left_out_for,
    read_off_edges,
)
from sklearn.base import clone

from sklearn_mferl.evidence.neighborhood import PairNeighborhood
from sklearn_mferl.pairs.novelty import VIEWS, Novelty
from sklearn_mferl.utils.validation import SIDES


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
