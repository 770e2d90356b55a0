"""Tables of pairs, by themselves and as scikit-learn handles them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import cross_val_score
from sklearn.utils import _safe_indexing

from sklearn_mferl import KmerTransformer, PairFeatures, PairNeighborhood


@pytest.fixture(scope="module")
def table(data, labelled):
    return PairFeatures(
        data.circrna,
        data.mirna,
        [("kmer", KmerTransformer(k=1))],
        evidence=[("neighborhood", PairNeighborhood())],
        background=1,
        random_state=0,
    ).fit_transform(*labelled)


def assert_same_pairs(first, second):
    np.testing.assert_array_equal(first.rows, second.rows)
    np.testing.assert_array_equal(first.evidence["neighborhood"], second.evidence["neighborhood"])
    np.testing.assert_array_equal(first.cold_evidence["neighborhood"], second.cold_evidence["neighborhood"])


@pytest.mark.parametrize(
    "rows", [[3, 1], np.array([3, 1]), slice(2, 5), np.arange(20) % 2 == 0, [True, False] * 10, 4, []]
)
def test_an_index_with_an_ellipsis_is_the_index(table, rows):
    table = table[:20]
    assert_same_pairs(table[rows, ...], table[rows])


@pytest.mark.parametrize("key", [(0, 1), (slice(None), 0), (..., 0), ([0], None), (0, ..., 0)], ids=str)
def test_any_other_index_of_more_than_the_pairs_is_refused_in_a_sentence(table, key):
    with pytest.raises(IndexError, match="A PairTable is indexed by its pairs alone"):
        table[key]


class ReadsEvidence(ClassifierMixin, BaseEstimator):
    """Scores a pair by the mean of its evidence."""

    def fit(self, X, y):
        assert X.cold_evidence["neighborhood"].shape[1] == len(y)
        self.classes_ = np.unique(y)
        return self

    def decision_function(self, X):
        return np.nan_to_num(X.evidence["neighborhood"]).mean(axis=1)


def test_scikit_learn_splits_a_training_table(table, labelled):
    assert_same_pairs(_safe_indexing(table, np.array([5, 2])), table[[5, 2]])
    scores = cross_val_score(
        ReadsEvidence(), table, labelled[1], cv=3, scoring="roc_auc", error_score="raise"
    )
    assert np.isfinite(scores).all()


def test_a_table_is_equal_to_itself_alone_and_can_be_a_key(table):
    for one, other in ((table, table[:]), (table.circrna, table.circrna.take(range(len(table.circrna))))):
        assert one == one
        assert one != other
        assert len({one, one, other}) == 2
