"""Degrees and paths are what a search in the graph counts."""

import itertools
from collections import Counter

import numpy as np
import pytest

from sklearn_mferl.baselines import DegreeProduct, PathCount
from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.model_selection import labelled_pairs

BASELINES = [DegreeProduct(), PathCount(), PathCount(weighted=False)]


def judged(model, data, pairs, y):
    """Yield each possible pair, the evidence for it, and the positive training pairs but for itself."""
    positives = {tuple(pair) for pair in pairs[y == 1].to_numpy()}
    everything = list(itertools.product(data.circrna, data.mirna))
    for pair, found in zip(everything, model.decision_function(everything) + model.midpoint_, strict=True):
        yield pair, found, positives - {pair}


def test_degree_product_counts_the_other_partners(data, labelled):
    pairs, y = labelled
    model = DegreeProduct().fit(pairs, y)
    for (circrna, mirna), found, edges in judged(model, data, pairs, y):
        degrees = sum(c == circrna for c, _ in edges), sum(m == mirna for _, m in edges)
        assert found == pytest.approx(np.log((1 + degrees[0]) * (1 + degrees[1])))


@pytest.mark.parametrize("weighted", [True, False])
def test_path_count_counts_what_a_search_finds(data, labelled, weighted):
    pairs, y = labelled
    model = PathCount(weighted=weighted).fit(pairs, y)
    degrees = Counter(pairs[y == 1].to_numpy().ravel())
    means = [(y == 1).sum() / pairs.loc[y == 1, side].nunique() for side in ("circrna", "mirna")]
    for (circrna, mirna), found, edges in judged(model, data, pairs, y):
        degree = {name: count / means[name in data.mirna] for name, count in degrees.items()}
        steps = [(m, other) for c, m in edges if c == circrna for other, last in edges if last == mirna]
        paths = [1 / (degree[m] * degree[other]) for m, other in steps if (other, m) in edges]
        assert found == pytest.approx(np.log1p(sum(paths) if weighted else len(paths)))


@pytest.mark.parametrize("model", BASELINES)
@pytest.mark.parametrize("n_negatives", [20, 100])
def test_no_other_midpoint_calls_a_number_of_training_pairs_positive_nearer_to_theirs(model, n_negatives):
    pairs, y = labelled_pairs(make_cmi(40, 20, random_state=0).pairs, 3, random_state=0)
    rows = np.r_[np.flatnonzero(y == 1)[:40], np.flatnonzero(y == 0)[:n_negatives]]
    model.fit(pairs.iloc[rows], y[rows])
    order = model.decision_function(pairs.iloc[rows])
    n_called = model.predict(pairs.iloc[rows]).sum()
    assert abs(n_called - 40) == min(abs((order > level).sum() - 40) for level in np.unique(order)[:-1])
    assert 0 not in order


def test_without_a_difference_in_evidence_every_probability_is_a_half():
    pairs = [("c1", "m1"), ("c2", "m2")]
    np.testing.assert_array_equal(PathCount().fit(pairs, [0, 1]).predict_proba(pairs), 0.5)


def test_a_new_circrna_leaves_the_order_to_the_mirna(labelled):
    pairs, y = labelled
    model = DegreeProduct().fit(pairs, y)
    hub = pairs["mirna"][y == 1].value_counts().index
    order = model.decision_function([("new", hub[0]), ("new", hub[-1]), ("new", "new")])
    assert order[0] > order[1] > order[2]


def test_a_pair_with_both_labels_is_positive():
    pairs = [("c1", "m1"), ("c1", "m1"), ("c2", "m2")]
    assert DegreeProduct().fit(pairs, [0, 1, 0]).graph_.sum() == 1
