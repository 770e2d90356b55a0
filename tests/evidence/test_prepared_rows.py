"""RNAs that are read once and paired by row numbers: the same features as of pairs by ids."""

import numpy as np
import pytest
from _builders import varied_pairs
from sklearn.base import BaseEstimator, TransformerMixin

from sklearn_mferl import KmerTransformer, PairFeatures
from sklearn_mferl.evidence import default_evidence
from sklearn_mferl.evidence.sites.duplex import score_duplexes
from sklearn_mferl.evidence.sites.seed_index import SeedIndex


class Lengths(TransformerMixin, BaseEstimator):
    """A channel of somebody else's, which reads pairs of ids."""

    def __init__(self, embeddings=None):
        self.embeddings = embeddings

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.array([[len(c), len(m)] for c, m in X], dtype=np.float32)

    def add_rnas(self, circrna=None, mirna=None):
        return self

    def get_feature_names_out(self, input_features=None):
        return np.array(["c", "m"], dtype=object)


@pytest.fixture(scope="module")
def features(data, labelled):
    channels = [*default_evidence(), ("lengths", Lengths())]
    scales = [("kmer", KmerTransformer(k=2))]
    features = PairFeatures(data.circrna, data.mirna, scales, evidence=channels, random_state=0)
    return features.fit(*labelled).add_rnas({"new": "ACGUUGCAGGAUCCAUUGCAACGGAUUACGCUUAAGGC"})


@pytest.mark.parametrize("order", ["grid", "any"])
def test_rows_of_prepared_rnas_are_described_as_pairs_of_ids(features, order):
    ids = [np.array(features.known_ids(side), dtype=object) for side in ("circrna", "mirna")]
    rows = np.column_stack(np.divmod(np.arange(len(ids[0]) * len(ids[1])), len(ids[1])))
    if order == "any":  # with repetitions
        rows = rows[np.random.default_rng(0).integers(0, len(rows), 150)]
    circrna, mirna = features._prepare("circrna", ids[0]), features._prepare("mirna", ids[1])
    table = features._describe_rows(circrna, mirna, rows)
    expected = features.transform(np.column_stack([ids[0][rows[:, 0]], ids[1][rows[:, 1]]]))
    assert list(table.evidence) == ["sites", "neighborhood", "lengths"]
    for name, block in expected.evidence.items():
        np.testing.assert_allclose(table.evidence[name], block, rtol=1e-6, atol=1e-9)
    again = features._describe_rows(circrna, mirna, rows[:7])  # what was prepared is not used up
    for name, block in again.evidence.items():
        np.testing.assert_allclose(block, table.evidence[name][:7], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("circular", [True, False])
def test_many_duplexes_at_once_score_as_each_by_itself(circular):
    pairs = varied_pairs(circular)
    index = SeedIndex(pairs.mirnas)
    sites = index.find(pairs)
    assert len(sites.pair) > 200
    rows = [pairs.take(slice(row, row + 1)) for row in range(len(pairs))]
    expected = [score_duplexes(index.find(row), row) for row in rows]
    np.testing.assert_array_equal(score_duplexes(sites, pairs), np.concatenate(expected))
