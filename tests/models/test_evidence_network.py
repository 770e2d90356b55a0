"""The network on evidence: what it learns, from which views, and that a score depends on its pair alone."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch

from sklearn_mferl.models import EvidenceNetwork
from sklearn_mferl.network.evidence import PiecewiseLinearCode
from sklearn_mferl.testing import rna_checks
from tests.models._evidence import make_table, new

SMALL = {"n_members": 2, "width": 8, "n_bins": 4, "lr": 0.02, "batch_size": 32, "random_state": 0}


def small(**params):
    return EvidenceNetwork(**{**SMALL, **params})


@pytest.mark.parametrize("check", [pytest.param(c, id=n) for n, c in rna_checks(small(), "classifier")])
def test_it_is_an_estimator_like_any_other(check):
    check()


def test_known_and_new_pairs_are_scored_by_what_each_shows():
    table, y = make_table()
    model = small(max_epochs=20, n_bins=12).fit(table, y)
    for scores in (model.decision_function(table), model.decision_function(new(table))):
        assert scores[y == 1].min() > scores[y == 0].max()


def test_a_pair_in_the_background_is_less_probable():
    table, y = make_table(n_background=60)
    without = small().fit(replace(table, background=None), y)
    scores = [model.decision_function(table.background).mean() for model in (small().fit(table, y), without)]
    assert scores[0] < scores[1]


def test_the_score_of_a_pair_is_the_same_bits_in_any_company():
    table, y = make_table()
    model = small(max_epochs=2).fit(table, y)
    together = model.decision_function(table[np.arange(len(y)).repeat(11)])[::11]
    alone = np.concatenate([model.decision_function(table[[row]]) for row in range(len(y))])
    np.testing.assert_array_equal(together, alone)


def test_numbers_beyond_those_of_training_and_unknown_ones_have_a_score():
    table, y = make_table()
    model = small(max_epochs=1).fit(table, y)
    for value in (np.inf, -np.inf, np.nan, 3e38):
        strange = np.full_like(table.evidence["some"], value)
        scores = model.decision_function(replace(table, evidence={"some": strange}))
        assert np.isfinite(scores).all()
        assert len(np.unique(scores)) == 1


def test_a_saved_model_holds_no_training_pairs():
    sizes = []
    for n in (1, 20):
        table, y = make_table(n_background=10)
        rows = np.tile(np.arange(len(y)), n)
        model = small(max_epochs=1).fit(table[rows], y[rows], sample_weight=np.full(len(rows), 1 / n))
        sizes.append(len(pickle.dumps(model.net_.module_)))
    assert sizes[0] == sizes[1]


def test_other_channels_and_none_are_refused():
    table, y = make_table()
    with pytest.raises(ValueError, match="carry no evidence"):
        small().fit(replace(table, evidence={}, cold_evidence={}), y)
    model = small(max_epochs=1).fit(table, y)
    with pytest.raises(ValueError, match="fitted on the evidence"):
        model.predict(replace(table, evidence={"other": table.evidence["some"]}))


def test_codes_sum_up_to_the_number_within_the_edges():
    edges = torch.tensor([[0.0, 1.0, 3.0, 7.0], [-1.0, -1.0, 0.0, 0.0]])
    code = PiecewiseLinearCode(edges)
    values = torch.tensor([[2.0, -0.25], [-5.0, 9.0], [float("nan"), float("nan")], [7.0, -1.0]])
    codes = code(values)
    assert codes.shape == (4, code.out_features)
    bins, unknown = codes[:, :6].reshape(4, 2, 3), codes[:, 6:]
    low, high = edges[:, 0], edges[:, -1]
    expected = torch.minimum(torch.maximum(values, low), high).nan_to_num(0.0) - low
    expected[2] = 0.0
    torch.testing.assert_close((bins * edges.diff(dim=1)).sum(dim=2), expected)
    assert unknown.tolist() == [[0, 0], [0, 0], [1, 1], [0, 0]]
