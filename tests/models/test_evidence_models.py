"""Models of evidence: what trees and network learn from which views, and on how many threads trees grow."""

import pickle
import threading
from dataclasses import replace

import joblib
import numpy as np
import pytest
import sklearn
import torch
from packaging.version import Version
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.utils._openmp_helpers import _openmp_effective_n_threads
from threadpoolctl import threadpool_limits

from sklearn_mferl import PairTable, RNATable
from sklearn_mferl.baselines import EvidenceBoosting
from sklearn_mferl.models import EvidenceNetwork
from sklearn_mferl.models.evidence import samples_as_new
from sklearn_mferl.models.training_data import canonical_pairs
from sklearn_mferl.network.evidence import PiecewiseLinearCode

N = 200
NEW = RNATable(np.array(["new"], dtype=object), {}, {})
SMALL = {"n_members": 2, "width": 8, "n_bins": 4, "lr": 0.02, "batch_size": 32, "random_state": 0}


def make_table(n_background=0):
    """Return pairs whose first column tells the label of known pairs, the second that of new ones."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, N)
    side = RNATable(np.char.mod("rna%03d", np.arange(N)).astype(object), {}, {})
    signal = (labels + rng.normal(0, 0.1, N)).astype(np.float32)
    nothing = np.full(N, np.nan, dtype=np.float32)
    evidence = {"some": np.column_stack([signal, rng.normal(size=N).astype(np.float32), nothing])}
    as_new = np.column_stack([nothing, signal, nothing])
    rows = np.column_stack([np.arange(N)] * 2)
    # every RNA has a known interaction
    partner = np.roll(np.flatnonzero(labels == 1), 1)
    rows[labels == 0, 1] = np.resize(partner, (labels == 0).sum())
    rows[labels == 0, 0] = np.resize(partner[::-1], (labels == 0).sum())
    background = None
    if n_background:
        far = rng.normal(0, 0.1, (n_background, 3)).astype(np.float32)
        background = PairTable(side, side, np.zeros((n_background, 2), dtype=np.int64), {"some": far})
    return PairTable(side, side, rows, evidence, {"some": np.stack([as_new] * 3)}, background), labels


def new(table):
    """Return the pairs as they look between new RNAs, and under other ids."""
    rows = np.zeros((len(table), 2), dtype=np.int64)
    return replace(table.as_new(3), circrna=NEW, mirna=NEW, rows=rows)


def small(**params):
    return EvidenceNetwork(**{**SMALL, **params})


@pytest.mark.parametrize("model", [small(max_epochs=20, n_bins=12), EvidenceBoosting(random_state=0)])
def test_known_and_new_pairs_are_scored_by_what_each_shows(model):
    table, y = make_table()
    model.fit(table, y)
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
    for row in range(0, len(y), 9):
        assert model.decision_function(table[[row]]) == together[[row]]


def test_numbers_beyond_those_of_training_and_unknown_ones_have_a_score():
    table, y = make_table()
    model = small(max_epochs=1).fit(table, y)
    for value in (np.inf, -np.inf, np.nan, 3e38):
        strange = {"some": np.full_like(table.evidence["some"], value)}
        scores = model.decision_function(replace(table, evidence=strange))
        assert np.isfinite(scores).all()
        assert len(np.unique(scores)) == 1


def test_a_saved_model_holds_no_training_pairs():
    sizes = []
    for n in (1, 20):
        table, y = make_table(n_background=10)
        rows = np.tile(np.arange(len(y)), n)
        model = small(max_epochs=1).fit(table[rows], y[rows], sample_weight=np.full(len(rows), 1 / n))
        sizes.append(len(pickle.dumps(model.nets_)))
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize("model", [small(max_epochs=1), EvidenceBoosting(random_state=0)])
def test_no_channel_and_others_than_those_of_training_are_refused(model):
    table, y = make_table()
    with pytest.raises(ValueError, match="carry no evidence"):
        model.fit(replace(table, evidence={}, cold_evidence={}), y)
    model.fit(table, y)
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


# Boosted trees ------------------------------------------------------------------------------------------


def test_pairs_without_cold_views_have_one_classifier():
    table, y = make_table()
    model = EvidenceBoosting(random_state=0)
    assert set(model.fit(table, y).estimators_) == {"known", "new"}
    assert model.estimators_["known"].n_features_in_ == 2  # the column without a number is left out
    plain = replace(table, cold_evidence={})
    model.fit(plain, y)
    assert set(model.estimators_) == {"known"}
    renamed = replace(plain, circrna=NEW, mirna=NEW, rows=np.zeros_like(plain.rows))
    np.testing.assert_array_equal(model.decision_function(plain), model.decision_function(renamed))


class TellsItsFit(HistGradientBoostingClassifier):
    """Trees that keep what they were fitted on, in which thread, and on how many threads of OpenMP."""

    def fit(self, X, y, sample_weight=None):
        self.labels_, self.weights_ = y, sample_weight
        self.n_threads_, self.thread_ = _openmp_effective_n_threads(), threading.get_ident()
        return super().fit(X, y, sample_weight=sample_weight)


def test_hard_negatives_and_those_that_are_as_hard_weigh_what_the_latter_did():
    table, y = make_table()
    rng = np.random.default_rng(1)
    is_hard = rng.random(len(y)) < 0.3
    hard = replace(table[np.arange(20)], is_hard=None)
    weights = rng.random(len(y))
    data = canonical_pairs(replace(table, hard_negatives=hard, is_hard=is_hard), y, weights)
    views, target = samples_as_new(data)
    assert len(views) == 4
    assert all(len(view) == len(target) for view in views)
    alike = data.table.is_hard & (data.target[:, 0] == 0)
    others = np.flatnonzero(~alike)
    np.testing.assert_array_equal(target[others], data.target[others])
    of_stratum = np.append(target[: len(alike)][alike, 1], target[len(alike) :, 1])
    np.testing.assert_allclose(of_stratum.sum(), data.target[alike, 1].sum(), rtol=1e-5)
    assert (target[len(alike) :, 0] == 0).all()
    np.testing.assert_array_equal(views[0][len(alike) :], hard.evidence["some"])


def test_hard_negatives_are_left_out_where_no_negative_is_as_hard():
    table, y = make_table()
    hard = table[np.arange(20)]
    hard.evidence["some"][:, 2] = 1  # which trees could not bin, were these the only rows with a number
    data = canonical_pairs(replace(table, hard_negatives=hard, is_hard=y == 1), y, np.ones(len(y)))
    views, target = samples_as_new(data)
    assert len(target) == len(views[0]) == len(y)
    EvidenceBoosting(random_state=0).fit(replace(table, hard_negatives=hard, is_hard=y == 1), y)


def test_background_and_negatives_weigh_together_what_the_negatives_did():
    table, y = make_table(n_background=70)
    known = EvidenceBoosting(TellsItsFit(max_iter=2)).fit(table, y).estimators_["known"]
    assert len(known.labels_) == N + 70
    assert known.weights_[known.labels_ == 0].sum() == pytest.approx((y == 0).sum())
    np.testing.assert_array_equal(known.weights_[known.labels_ == 1], 1.0)


def test_another_classifier_may_take_the_place_of_the_trees():
    table, y = make_table()
    evidence = {"some": np.nan_to_num(table.evidence["some"])}
    plain = replace(table, evidence=evidence, cold_evidence={})
    for estimator in (GaussianNB(), LogisticRegression()):
        scores = EvidenceBoosting(estimator).fit(plain, y).decision_function(plain)
        assert np.isfinite(scores).all()
        assert scores[y == 1].mean() > scores[y == 0].mean()
        assert not hasattr(estimator, "classes_")


def test_pairs_of_sequences_are_given_the_default_evidence(sequences, y):
    model = EvidenceBoosting(HistGradientBoostingClassifier(max_iter=3), random_state=0).fit(sequences, y)
    assert list(model.features_.evidence_) == ["sites", "neighborhood"]
    assert set(model.estimators_) == {"known", "new"}


@pytest.mark.skipif(
    Version(sklearn.__version__) < Version("1.9"), reason="before 1.9 scikit-learn bins without weights"
)
@pytest.mark.parametrize("max_bins", [255, 20])
def test_trees_on_binned_columns_are_those_on_the_columns_themselves(max_bins):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1500, 4)).astype(np.float32)
    X[:, 1] = np.round(X[:, 1])
    X = np.unique(X, axis=0)  # in the order in which a fit reads them
    y = (X[:, 0] + rng.normal(size=1500) > 0).astype(np.int64)
    weights = rng.choice([0.5, 1.0, 3.25], 1500)
    params = {"max_iter": 20, "early_stopping": False, "random_state": 0}
    trees = HistGradientBoostingClassifier(max_bins=max_bins, **params)
    model = EvidenceBoosting(trees).fit(X, y, sample_weight=weights)
    weights = (weights / weights.mean()).astype(np.float32).astype(np.float64)
    expected = clone(trees).fit(X, y, sample_weight=weights).decision_function(X)
    np.testing.assert_array_equal(model.decision_function(X), expected)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_fits_take_one_openmp_thread_each_and_share_the_cores(n_jobs):
    table, y = make_table(n_background=50)
    with joblib.parallel_config("threading", n_jobs=n_jobs), threadpool_limits(2, user_api="openmp"):
        model = EvidenceBoosting(TellsItsFit(max_iter=2), random_state=0).fit(table, y)
    fitted = model.estimators_.values()
    assert [each.n_threads_ for each in fitted] == [1, 1]
    assert ({each.thread_ for each in fitted} == {threading.get_ident()}) == (n_jobs == 1)
    alone = EvidenceBoosting(TellsItsFit(max_iter=2), random_state=0).fit(table, y)
    for X in (table, new(table)):
        np.testing.assert_array_equal(model.decision_function(X), alone.decision_function(X))
