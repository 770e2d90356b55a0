"""RNAs that are read once and paired by row numbers: the same features as of pairs by ids."""

import numpy as np
import pandas as pd
import pytest

from sklearn_mferl import Expression, KmerTransformer, PairFeatures
from sklearn_mferl.evidence import default_evidence


@pytest.fixture(scope="module")
def features(data, labelled):
    levels = pd.DataFrame(np.random.default_rng(0).random((36, 4)), index=[*data.circrna, *data.mirna])
    channels = [*default_evidence(), ("expression", Expression(levels))]  # which reads pairs of ids
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
    assert list(table.evidence) == ["sites", "neighborhood", "expression"]
    for name, block in expected.evidence.items():
        np.testing.assert_allclose(table.evidence[name], block, rtol=1e-6, atol=1e-9)
    again = features._describe_rows(circrna, mirna, rows[:7])  # what was prepared is not used up
    for name, block in again.evidence.items():
        np.testing.assert_allclose(block, table.evidence[name][:7], rtol=1e-6, atol=1e-9)
