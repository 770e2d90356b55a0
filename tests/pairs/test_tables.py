"""Tables of pairs, by themselves and as scikit-learn handles them."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import cross_val_score
from sklearn.utils import _safe_indexing

from sklearn_mferl import KmerTransformer, PairFeatures, PairNeighborhood


@pytest.fixture(scope="module")
def table(data, labelled):
    kwargs = {"evidence": [("neighborhood", PairNeighborhood())], "background": 1, "random_state": 0}
    return PairFeatures(data.circrna, data.mirna, [("kmer", KmerTransformer(k=1))], **kwargs).fit_transform(
        *labelled
    )


def by_pair(table):
    """Return all that a table has of its pairs, a row a pair."""
    cold = table.cold_evidence["neighborhood"].swapaxes(0, 1)
    return table.rows, table.evidence["neighborhood"], cold


def assert_selected(part, table, rows):
    for found, expected in zip(by_pair(part), by_pair(table), strict=True):
        np.testing.assert_array_equal(found, expected[rows])


@pytest.mark.parametrize(
    ("key", "rows"),
    [
        (slice(1, 3), [1, 2]),
        ([3, 0, 0], [3, 0, 0]),
        (np.array([4, 1]), [4, 1]),
        ([True, False, False, True, False], [0, 3]),
        (np.array([False, True, False, False, False]), [1]),
        (2, [2]),
        (-1, [4]),
        (slice(0, 0), []),
        ([], []),
    ],
)
def test_an_index_selects_pairs_with_an_ellipsis_too_and_shares_the_rnas(table, key, rows):
    table = table[:5]
    for part in (table[key], table[key, ...]):
        assert_selected(part, table, rows)
        assert part.circrna is table.circrna
        assert part.mirna is table.mirna
        assert len(part) == len(rows)
        assert part.shape == (len(rows), 2)


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
    assert_selected(_safe_indexing(table, np.array([5, 2])), table, [5, 2])
    scores = cross_val_score(
        ReadsEvidence(), table, labelled[1], cv=3, scoring="roc_auc", error_score="raise"
    )
    assert np.isfinite(scores).all()


def test_a_table_is_equal_to_itself_alone_and_can_be_a_key(table):
    for one, other in ((table, table[:]), (table.circrna, table.circrna.take(range(len(table.circrna))))):
        assert one == one
        assert one != other
        assert len({one, one, other}) == 2
