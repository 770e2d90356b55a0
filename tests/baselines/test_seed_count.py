"""The seed's evidence is the matches found against those expected."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from sklearn_mferl.baselines import SeedCount
from sklearn_mferl.datasets import load_cmi, make_cmi
from sklearn_mferl.model_selection import labelled_pairs

SHARED = os.environ.get("SKLEARN_MFERL_DATA")
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


def test_the_labels_set_the_midpoint_only():
    data = make_cmi(30, 15, random_state=0)
    pairs, y = labelled_pairs(data.pairs, random_state=0)
    first = SeedCount(data.circrna, data.mirna).fit(pairs, y)
    second = SeedCount(data.circrna, data.mirna).fit(pairs, 1 - y)
    np.testing.assert_allclose(
        first.decision_function(pairs) + first.midpoint_, second.decision_function(pairs) + second.midpoint_
    )


def test_pairs_with_planted_sites_are_told_from_the_rest():
    data = make_cmi(100, 40, noise=0.0, random_state=0)
    pairs, y = labelled_pairs(data.pairs, random_state=0)
    train = np.arange(len(y)) % 4 > 0
    model = SeedCount(data.circrna, data.mirna).fit(pairs[train], y[train])
    assert roc_auc_score(y[~train], model.predict_proba(pairs[~train])[:, 1]) > 0.9


def test_ids_without_sequences_are_refused_with_what_to_give():
    with pytest.raises(ValueError, match="SeedCount reads the sequences of both RNAs: give it circrna= and"):
        SeedCount().fit([("hsa_circ_0000002", "hsa-miR-7-5p"), ("c", "m")], [1, 0])
    with pytest.raises(ValueError, match="give it mirna=, or pairs of sequences"):
        SeedCount({"c": "ACGU"}).fit([("c", "hsa-miR-7-5p")], [1])
    with pytest.raises(
        ValueError, match=r"circrna 'c2' \(row 1\) has no sequence; .* or leave the pair out\.$"
    ):
        SeedCount({"c1": "ACGU"}, {"m": "ACGU"}).fit([("c1", "m"), ("c2", "m")], [1, 0])


@pytest.mark.data
@pytest.mark.skipif(not SHARED, reason="SKLEARN_MFERL_DATA does not name the folder of the shared data")
def test_on_starbase_the_seed_alone_is_hard_to_beat():
    data = load_cmi(Path(str(SHARED)) / "starbase")
    pairs, y = labelled_pairs(data.pairs, random_state=0)
    model = SeedCount(data.circrna, data.mirna).fit(pairs, y)
    assert roc_auc_score(y, model.decision_function(pairs)) > 0.96
