"""The seed's evidence is the matches found against those expected."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from sklearn_mferl.baselines import SeedCount
from sklearn_mferl.datasets import load_cmi
from sklearn_mferl.model_selection import labelled_pairs

LET_7 = "UGAGGUAGUAGGUUGUAUAGUU"


def test_its_evidence_is_the_matches_found_against_those_expected():
    target = "CUACCUCGAAGCUUGACUACCUCAAGGU"
    shares = {letter: target.count(letter) / len(target) for letter in "ACGU"}
    expected = len(target) * np.prod([shares[letter] for letter in "CUACCUC"])
    model = SeedCount().fit([(target, LET_7), ("GGGGGGGGGG", LET_7)], [1, 0])
    evidence = model.decision_function([(target, LET_7)]) + model.midpoint_
    assert evidence[0] == pytest.approx(np.log(3) - np.log1p(expected), rel=1e-6)


def test_a_match_across_the_junction_counts_on_a_circle_only():
    pairs = [("ACCUCAGGGGGCUU" + "CU", LET_7), ("GGGGGAUGGGGGCUUA", LET_7)]
    assert np.ptp(SeedCount().fit(pairs, [1, 0]).decision_function(pairs)) > 0.5
    assert np.ptp(SeedCount(circular=False).fit(pairs, [1, 0]).decision_function(pairs)) < 0.1


def test_the_labels_set_the_midpoint_only(data, labelled):
    pairs, y = labelled
    models = [SeedCount(data.circrna, data.mirna).fit(pairs, labels) for labels in (y, 1 - y)]
    np.testing.assert_allclose(*(model.decision_function(pairs) + model.midpoint_ for model in models))


@pytest.mark.parametrize(
    ("sequences", "message"),
    [
        ({}, "SeedCount reads the sequences of both RNAs: give it circrna= and"),
        ({"circrna": {"c1": "ACGU", "c2": "ACGU"}}, "give it mirna=, or pairs of sequences"),
        (
            {"circrna": {"c1": "ACGU"}, "mirna": {"hsa-miR-7-5p": "ACGU"}},
            r"circrna 'c2' \(row 1\) has no sequence; .* or leave the pair out\.$",
        ),
    ],
)
def test_ids_without_sequences_are_refused_with_what_to_give(sequences, message):
    with pytest.raises(ValueError, match=message):
        SeedCount(**sequences).fit([("c1", "hsa-miR-7-5p"), ("c2", "hsa-miR-7-5p")], [1, 0])


@pytest.mark.data
def test_on_starbase_the_seed_alone_is_hard_to_beat(shared):
    data = load_cmi(shared / "starbase")
    pairs, y = labelled_pairs(data.pairs, random_state=0)
    model = SeedCount(data.circrna, data.mirna).fit(pairs, y)
    assert roc_auc_score(y, model.decision_function(pairs)) > 0.96
