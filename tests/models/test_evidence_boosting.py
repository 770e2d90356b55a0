"""Boosted trees on evidence: which pairs each learns from and scores, on how many threads."""

from __future__ import annotations

import threading
from dataclasses import replace

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from packaging.version import Version
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.utils._openmp_helpers import _openmp_effective_n_threads
from threadpoolctl import threadpool_limits

from sklearn_mferl import PairFeatures
from sklearn_mferl.baselines import EvidenceBoosting
from tests.models._evidence import NEW, N, make_table, new


def without_views(table):
    return replace(table, cold_evidence={})


def test_known_and_new_pairs_are_scored_by_what_each_shows():
    table, y = make_table()
    model = EvidenceBoosting(random_state=0).fit(table, y)
    for scores in (model.decision_function(table), model.decision_function(new(table))):
        assert scores[y == 1].min() > scores[y == 0].max()
    assert set(model.estimators_) == {"known", "new"}


def test_pairs_without_cold_views_have_one_classifier():
    table, y = make_table()
    plain = without_views(table)
    model = EvidenceBoosting(random_state=0).fit(plain, y)
    assert set(model.estimators_) == {"known"}
    renamed = replace(plain, circrna=NEW, mirna=NEW, rows=np.zeros_like(plain.rows))
    np.testing.assert_array_equal(model.decision_function(plain), model.decision_function(renamed))


class KeepsWeights(GaussianNB):
    """A classifier that tells what it was fitted on."""

    def fit(self, X, y, sample_weight=None):
        self.labels_, self.weights_ = y, sample_weight
        return super().fit(np.nan_to_num(X), y, sample_weight)

    def predict_proba(self, X):
        return super().predict_proba(np.nan_to_num(X))


def test_background_and_negatives_weigh_together_what_the_negatives_did():
    table, y = make_table(n_background=70)
    known = EvidenceBoosting(KeepsWeights()).fit(table, y).estimators_["known"]
    assert len(known.labels_) == N + 70
    assert known.weights_[known.labels_ == 0].sum() == pytest.approx((y == 0).sum())
    np.testing.assert_array_equal(known.weights_[known.labels_ == 1], 1.0)


def test_a_column_without_a_number_is_left_out():
    assert EvidenceBoosting(random_state=0).fit(*make_table()).estimators_["known"].n_features_in_ == 2


def test_another_classifier_may_take_the_place_of_the_trees():
    table, y = make_table()
    plain = without_views(replace(table, evidence={"some": np.nan_to_num(table.evidence["some"])}))
    for estimator in (GaussianNB(), LogisticRegression()):
        scores = EvidenceBoosting(estimator).fit(plain, y).decision_function(plain)
        assert np.isfinite(scores).all()
        assert scores[y == 1].mean() > scores[y == 0].mean()
        assert not hasattr(estimator, "classes_")


def test_other_channels_than_those_of_training_are_refused():
    table, y = make_table()
    model = EvidenceBoosting(random_state=0).fit(table, y)
    with pytest.raises(ValueError, match="fitted on the evidence"):
        model.predict(replace(table, evidence={"other": table.evidence["some"]}))


def test_pairs_without_evidence_are_refused():
    table, y = make_table()
    with pytest.raises(ValueError, match="carry no evidence"):
        EvidenceBoosting().fit(replace(table, evidence={}, cold_evidence={}), y)


def test_pairs_of_sequences_are_given_the_default_evidence(data, labelled):
    pairs, y = labelled
    sequences = pd.DataFrame({side: pairs[side].map(getattr(data, side)) for side in ("circrna", "mirna")})
    trees = HistGradientBoostingClassifier(max_iter=3)
    model = EvidenceBoosting(trees, random_state=0).fit(sequences, y)
    assert isinstance(model.features_, PairFeatures)
    assert list(model.features_.evidence_) == ["sites", "neighborhood"]
    assert set(model.estimators_) == {"known", "new"}
    assert model.predict_proba(sequences).shape == (len(y), 2)


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
    trees = HistGradientBoostingClassifier(
        max_iter=20, max_bins=max_bins, early_stopping=False, random_state=0
    )
    model = EvidenceBoosting(trees).fit(X, y, sample_weight=weights)
    weights = (weights / weights.mean()).astype(np.float32).astype(np.float64)
    expected = clone(trees).fit(X, y, sample_weight=weights).decision_function(X)
    np.testing.assert_array_equal(model.decision_function(X), expected)


class CountsThreads(HistGradientBoostingClassifier):
    """Trees that tell how many OpenMP threads they were given, and in which thread they were fitted."""

    def fit(self, X, y, sample_weight=None):
        self.n_threads_, self.thread_ = _openmp_effective_n_threads(), threading.get_ident()
        return super().fit(X, y, sample_weight=sample_weight)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_fits_take_one_openmp_thread_each_and_share_the_cores(n_jobs):
    table, y = make_table(n_background=50)
    with joblib.parallel_config("threading", n_jobs=n_jobs), threadpool_limits(2, user_api="openmp"):
        model = EvidenceBoosting(CountsThreads(max_iter=2), random_state=0).fit(table, y)
    fitted = model.estimators_.values()
    assert [each.n_threads_ for each in fitted] == [1, 1]
    assert ({each.thread_ for each in fitted} == {threading.get_ident()}) == (n_jobs == 1)
    alone = EvidenceBoosting(CountsThreads(max_iter=2), random_state=0).fit(table, y)
    for X in (table, new(table)):
        np.testing.assert_array_equal(model.decision_function(X), alone.decision_function(X))
