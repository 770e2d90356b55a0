"""Trees on evidence: which pairs each learns from and scores, on how many threads."""

from __future__ import annotations

import threading
from dataclasses import replace

import joblib
import numpy as np
import pytest
import sklearn
from packaging.version import Version
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.utils._openmp_helpers import _openmp_effective_n_threads
from threadpoolctl import threadpool_limits

from sklearn_mferl.models.evidence_model import EvidenceModel, _FittedPart, _with_background
from sklearn_mferl.models.training_data import LabelledPairs
from sklearn_mferl.pairs import PairTable, RNATable

NEW = np.array([0, 1, 2])


def make_data(n=200, seed=0, n_background=0):
    """Return pairs whose first column tells the label of known pairs, the second that of new ones."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    side = RNATable(np.array(["a"], dtype=object), {}, {})
    signal = (labels + rng.normal(0, 0.1, n)).astype(np.float32)
    noise = rng.normal(size=n).astype(np.float32)
    evidence = {"some": np.column_stack([signal, noise, np.full(n, np.nan)]).astype(np.float32)}
    as_new = np.column_stack([np.full(n, np.nan), signal, np.full(n, np.nan)]).astype(np.float32)
    rows = np.zeros((n, 2), dtype=np.int64)
    background = None
    if n_background:
        far = rng.normal(0, 0.1, (n_background, 3)).astype(np.float32)
        background = PairTable(side, side, np.zeros((n_background, 2), dtype=np.int64), {"some": far})
    table = PairTable(side, side, rows, evidence, {"some": np.stack([as_new] * 3)}, background)
    return LabelledPairs(table, np.column_stack([labels, np.ones(n)]).astype(np.float32))


def test_known_and_new_pairs_are_scored_by_what_each_shows():
    data = make_data()
    labels = data.target[:, 0] > 0
    model = EvidenceModel(None, 0).fit(data)
    known = model.logits(data.table, np.full(200, 0))
    new = model.logits(data.table.as_new(3), np.full(200, 3))
    for score in (known, new):
        assert score[labels].min() > score[~labels].max()
    assert set(model.estimators) == {"known", "new"}


def test_pairs_without_cold_views_have_one_classifier():
    data = make_data()
    plain = LabelledPairs(replace(data.table, cold_evidence={}), data.target)
    model = EvidenceModel(None, 0).fit(plain)
    assert set(model.estimators) == {"known"}
    np.testing.assert_array_equal(
        model.logits(plain.table, np.full(200, 0)), model.logits(plain.table, np.full(200, 3))
    )


def test_background_and_negatives_weigh_together_what_the_negatives_did():
    data = make_data(n_background=70)
    labels, weights = data.target[:, 0].astype(np.int64), data.target[:, 1].astype(float)
    evidence = data.table.evidence["some"]
    stacked, further_labels, further_weights = _with_background(data, evidence, labels, weights)
    assert stacked.shape == (270, 3)
    assert not further_labels[200:].any()
    assert further_weights[further_labels == 0].sum() == pytest.approx(weights[labels == 0].sum())
    np.testing.assert_array_equal(further_weights[further_labels == 1], weights[labels == 1])


def test_a_column_without_a_number_is_left_out():
    model = EvidenceModel(None, 0).fit(make_data())
    np.testing.assert_array_equal(model.parts["known"].columns, [True, True, False])


def test_another_classifier_may_take_the_place_of_the_trees():
    data = make_data()
    plain = replace(
        data.table, evidence={"some": np.nan_to_num(data.table.evidence["some"])}, cold_evidence={}
    )
    labels = data.target[:, 0] > 0
    for estimator in (GaussianNB(), LogisticRegression()):
        model = EvidenceModel(estimator, 0).fit(LabelledPairs(plain, data.target))
        score = model.logits(plain, np.full(200, 0))
        assert np.isfinite(score).all()
        assert score[labels].mean() > score[~labels].mean()
        assert not hasattr(estimator, "classes_")


def test_other_channels_than_those_of_training_are_refused():
    data = make_data()
    model = EvidenceModel(None, 0).fit(data)
    other = replace(data.table, evidence={"other": data.table.evidence["some"]})
    with pytest.raises(ValueError, match="fitted on the evidence"):
        model.logits(other, np.full(200, 0))


@pytest.mark.skipif(
    Version(sklearn.__version__) < Version("1.9"), reason="before 1.9 scikit-learn bins without weights"
)
@pytest.mark.parametrize("max_bins", [255, 20])
def test_trees_on_binned_columns_are_those_on_the_columns_themselves(max_bins):
    rng = np.random.default_rng(0)
    evidence = rng.normal(size=(1500, 4)).astype(np.float32)
    evidence[:, 1] = np.round(evidence[:, 1])
    evidence[rng.random(evidence.shape) < 0.2] = np.nan
    labels = (np.nan_to_num(evidence[:, 0]) + rng.normal(size=1500) > 0).astype(np.int64)
    weights = rng.choice([0.5, 1.0, 3.25], 1500)
    trees = HistGradientBoostingClassifier(
        max_iter=20, max_bins=max_bins, early_stopping=False, random_state=0
    )
    part = _FittedPart(trees, evidence, labels, weights)
    expected = clone(trees).fit(evidence, labels, sample_weight=weights).decision_function(evidence)
    np.testing.assert_array_equal(part.score(evidence), expected)


class CountsThreads(HistGradientBoostingClassifier):
    """Trees that tell how many OpenMP threads they were given, and in which thread they were fitted."""

    def fit(self, X, y, sample_weight=None):
        self.n_threads_, self.thread_ = _openmp_effective_n_threads(), threading.get_ident()
        return super().fit(X, y, sample_weight=sample_weight)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_fits_take_one_openmp_thread_each_and_share_the_cores(n_jobs):
    data = make_data(n_background=50)
    with joblib.parallel_config("threading", n_jobs=n_jobs), threadpool_limits(2, user_api="openmp"):
        model = EvidenceModel(CountsThreads(max_iter=2), 0).fit(data)
    fitted = model.estimators.values()
    assert [each.n_threads_ for each in fitted] == [1, 1]
    assert ({each.thread_ for each in fitted} == {threading.get_ident()}) == (n_jobs == 1)
    alone = EvidenceModel(CountsThreads(max_iter=2), 0).fit(data)
    for novelty in (0, 1):
        scores = [each.logits(data.table, np.full(200, novelty)) for each in (model, alone)]
        np.testing.assert_array_equal(*scores)
