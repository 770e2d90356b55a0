"""RNAs added to a fitted model are as if known from the start, and a failure adds nothing."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from sklearn_mferl import (
    CTDTransformer,
    KmerTransformer,
    LevenshteinSimilarity,
    PairFeatures,
    PairNeighborhood,
    TargetSites,
)
from sklearn_mferl.datasets import write_fasta

CIRCRNA = {"circ_1": "ACGUACGUAAGGCAUCG", "circ_2": "ACGUACGUAAGGCAUCC", "circ_3": "GGGGGGUUUUUUUU"}
MIRNA = {"miR-1": "UGAGGUAGUAG", "miR-2": "CCCAACCAAAC"}
PAIRS = [("circ_1", "miR-1"), ("circ_2", "miR-1"), ("circ_3", "miR-2")]
NEW_CIRCRNA = {"circ_4": "ACGUACGUAAGGCUUCC", "circ_5": "CCCCCCAAAAAAUUUUGGG"}
NEW_MIRNA = {"miR-3": "UGAGGUAGUAC"}
NEW_PAIRS = [("circ_4", "miR-3"), ("circ_5", "miR-1"), ("circ_1", "miR-3")]
SCALES = [("kmer", KmerTransformer(k=2)), ("ctd", CTDTransformer()), ("similarity", LevenshteinSimilarity())]


def fitted(circrna=CIRCRNA, mirna=MIRNA):
    return PairFeatures(circrna, mirna, SCALES, output="array").fit(PAIRS)


@pytest.mark.parametrize("form", [dict, pd.Series, "file"])
def test_added_rnas_have_the_features_they_would_have_if_known_from_the_start(tmp_path, form):
    given = tmp_path / "new.fasta"
    if form == "file":
        write_fasta(given, NEW_CIRCRNA)
    else:
        given = form({name: sequence.lower().replace("u", "t") for name, sequence in NEW_CIRCRNA.items()})
    expected = fitted({**CIRCRNA, **NEW_CIRCRNA}, {**MIRNA, **NEW_MIRNA}).transform(NEW_PAIRS)
    features = fitted()
    before = features.transform(PAIRS)
    assert features.add_rnas(given, NEW_MIRNA) is features
    for same in (features, pickle.loads(pickle.dumps(features))):
        np.testing.assert_array_equal(same.transform(NEW_PAIRS), expected)
    np.testing.assert_array_equal(features.transform(PAIRS), before)
    features.add_rnas(circrna={"circ_1": CIRCRNA["circ_1"].lower()})  # the same sequence is no error


def test_parameters_and_given_sequences_are_left_alone():
    circrna = dict(CIRCRNA)
    features = fitted(circrna).add_rnas(NEW_CIRCRNA)
    assert features.circrna is circrna
    assert circrna == CIRCRNA
    with pytest.raises(ValueError, match="'circ_4'"):
        clone(features).fit(PAIRS).transform([("circ_4", "miR-1")])


def test_a_side_without_sequences_by_id_takes_none():
    by_sequence = PairFeatures(None, None, SCALES).fit([(CIRCRNA[c], MIRNA[m]) for c, m in PAIRS])
    vectors = pd.DataFrame(np.eye(3), index=list(CIRCRNA))
    embedded = PairFeatures(None, MIRNA, SCALES, embeddings={"circrna": vectors}).fit(PAIRS)
    for features in (by_sequence, embedded):
        with pytest.raises(ValueError, match="fitted without circrna sequences"):
            features.add_rnas(circrna=NEW_CIRCRNA)


@pytest.mark.parametrize("kind", ["all", "sites", "neighborhood"])
def test_an_error_on_one_side_adds_nothing_on_the_other(kind):
    channels = {"sites": TargetSites(CIRCRNA, MIRNA), "neighborhood": PairNeighborhood(CIRCRNA, MIRNA)}
    evidence = [(name, clone(channel)) for name, channel in channels.items()]
    features = channels.get(kind, PairFeatures(CIRCRNA, MIRNA, SCALES, evidence=evidence))
    features.fit(PAIRS, [1, 1, 0])
    known = "'miR-1' is known with another sequence"
    for bad, message in (({"miR-1": "AAAA"}, known), ({"miR-4": "not RNA"}, "'miR-4'")):
        with pytest.raises(ValueError, match=message):
            features.add_rnas(NEW_CIRCRNA, bad)
        with pytest.raises(ValueError, match="'circ_4'"):
            features.transform([("circ_4", "miR-1")])


def test_a_channel_that_takes_no_rnas_is_named_and_nothing_is_added():
    features = PairFeatures(CIRCRNA, MIRNA, SCALES, evidence=[("sites", TargetSites())]).fit(PAIRS, [1, 1, 0])
    features.evidence_["fixed"] = KmerTransformer()
    with pytest.raises(ValueError, match="'fixed' has no method add_rnas"):
        features.add_rnas(NEW_CIRCRNA)
    with pytest.raises(ValueError, match="'circ_4'"):
        features.transform([("circ_4", "miR-1")])
