"""The evidence is what a dense decomposition gives; midpoint and rank see no test pair."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from sklearn_mferl.baselines import SVDFactorizer
from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.model_selection import labelled_pairs


def evidence(model, pairs):
    return model.decision_function(pairs) + model.midpoint_


def grid(model):
    return [(circrna, mirna) for circrna in model.circrna_ for mirna in model.mirna_]


def adjacency(model):
    return model.graph_.toarray()[:-1, :-1]


def one_partner_each(n):
    """Return the pairs of n circRNAs and n miRNAs, of which each has one partner."""
    return [(f"c{c}", f"m{m}") for c in range(n) for m in range(n)], np.eye(n, dtype=int).ravel()


@pytest.mark.parametrize("n_components", [1, 2, 5])
@pytest.mark.parametrize("normalize", [True, False])
def test_the_evidence_is_what_a_dense_decomposition_gives(labelled, n_components, normalize):
    model = SVDFactorizer(n_components, normalize=normalize, random_state=0).fit(*labelled)
    A = adjacency(model)
    weights = np.sqrt(np.outer(1 + A.sum(1), 1 + A.sum(0))) if normalize else np.ones(A.shape)
    left, values, right = np.linalg.svd(A / weights, full_matrices=False)
    expected = (left[:, :n_components] * values[:n_components]) @ right[:n_components] * weights
    np.testing.assert_allclose(evidence(model, grid(model)), expected.ravel(), atol=1e-6)
    assert model.circrna_factors_.shape == (len(model.circrna_) + 1, n_components)
    products = (model.circrna_factors_ @ model.mirna_factors_.T)[:-1, :-1]
    np.testing.assert_allclose(evidence(model, grid(model)), products.ravel(), atol=1e-8)


@pytest.mark.parametrize("n_components", [6, 1000])
def test_more_components_than_rnas_reproduce_the_graph(labelled, n_components):
    model = SVDFactorizer(n_components, random_state=0).fit(*labelled)
    assert model.circrna_factors_.shape[1] == min(len(model.circrna_), len(model.mirna_))
    np.testing.assert_allclose(evidence(model, grid(model)), adjacency(model).ravel(), atol=1e-8)


@given(st.sets(st.tuples(st.integers(0, 9), st.integers(0, 7)), min_size=2), st.integers(1, 9))
@settings(max_examples=10)
def test_any_graph_has_finite_evidence_that_more_components_bring_nearer_to_it(edges, n_components):
    pairs = [(f"c{c}", f"m{m}") for c, m in sorted(edges)] + [("other", "other")]
    y = np.append(np.ones(len(edges), dtype=int), 0)
    errors = []
    for number in (n_components, n_components + 1):
        model = SVDFactorizer(number, normalize=False, random_state=0).fit(pairs, y)
        errors.append(np.linalg.norm(evidence(model, grid(model)) - adjacency(model).ravel()))
    assert np.isfinite(errors).all()
    assert errors[1] <= errors[0] + 1e-6


@pytest.mark.parametrize("normalize", [True, False])
def test_an_rna_without_positive_training_pair_has_no_evidence(labelled, normalize):
    pairs, y = labelled
    model = SVDFactorizer(4, normalize=normalize, random_state=0)
    model.fit([*pairs.itertuples(index=False, name=None), ("only negative", pairs["mirna"][0])], [*y, 0])
    known = model.circrna_[0], model.mirna_[0]
    unknown = [("new", known[1]), (known[0], "new"), ("new", "new"), ("only negative", known[1])]
    np.testing.assert_array_equal(evidence(model, unknown), 0)


def test_the_midpoint_does_not_see_the_own_edge_of_a_pair():
    pairs, y = one_partner_each(6)  # without its edge a pair is like any other
    model = SVDFactorizer(32, random_state=0).fit(pairs, y)
    assert model.midpoint_ == 0
    np.testing.assert_allclose(evidence(model, pairs), y, atol=1e-9)


def test_the_midpoint_calls_about_as_many_new_pairs_positive_as_there_are():
    rng = np.random.default_rng(0)
    known = [
        (c, m) for c in range(120) for m in range(80) if rng.random() < (0.4 if c % 6 == m % 6 else 0.01)
    ]
    pairs, y = labelled_pairs([(f"c{c}", f"m{m}") for c, m in known], random_state=0)
    train = rng.random(len(y)) < 0.75
    model = SVDFactorizer(16, random_state=0).fit(pairs[train], y[train])
    assert model.predict(pairs[~train]).mean() == pytest.approx(y[~train].mean(), abs=0.1)
    with_own_edges = np.median(evidence(model, pairs[train]))  # half of the pairs are positive
    assert (evidence(model, pairs[~train]) > with_own_edges).mean() < 0.25


def test_the_seed_decides_on_equal_singular_values_and_on_rounding_alone_where_they_differ(labelled):
    pairs, y = one_partner_each(5)
    first, second = (SVDFactorizer(3, random_state=0).fit(pairs, y) for _ in range(2))
    np.testing.assert_array_equal(first.circrna_factors_, second.circrna_factors_)
    np.testing.assert_array_equal(first.mirna_factors_, second.mirna_factors_)
    pairs, y = labelled
    one, two = (evidence(SVDFactorizer(4, random_state=seed).fit(pairs, y), pairs) for seed in (0, 1))
    np.testing.assert_allclose(one, two, atol=1e-6)


@pytest.mark.parametrize("n_components", [0, -1, 2.0, "many", None, True])
def test_a_number_of_components_that_is_none_is_named(labelled, n_components):
    with pytest.raises(ValueError, match=r"n_components must be an int .* or one of .auto.; got"):
        SVDFactorizer(n_components).fit(*labelled)


def test_the_number_of_components_is_near_the_best_and_no_test_pair_decides_on_it():
    pairs, y = labelled_pairs(make_cmi(150, 50, random_state=0).pairs, random_state=0)
    train = np.arange(len(y)) % 5 > 0

    def fit(n_components):
        return SVDFactorizer(n_components, random_state=0).fit(pairs[train], y[train])

    def score(model):
        return roc_auc_score(y[~train], model.decision_function(pairs[~train]))

    fixed = {number: score(fit(number)) for number in (1, 4, 8, 16, 32)}
    assert fixed[32] < max(fixed.values()) - 0.05  # it matters
    chosen = fit("auto")
    assert score(chosen) > max(fixed.values()) - 0.02
    assert chosen.n_components_ == chosen.circrna_factors_.shape[1]
    assert chosen.midpoint_ == pytest.approx(fit(chosen.n_components_).midpoint_, abs=1e-6)
