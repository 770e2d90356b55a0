"""How far a pair lies from training: by what its new RNAs share with those that were there."""

import numpy as np
import pytest
from _builders import random_rna
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from sklearn_mferl import KmerTransformer, PairFeatures, make_mferl_pipeline
from sklearn_mferl.inspection import applicability
from sklearn_mferl.model_selection import labelled_pairs


@pytest.fixture(scope="module")
def further():
    """Return RNAs by what they have in common with a known one."""
    rng = np.random.default_rng(0)
    known = random_rna(200, rng)
    circrna = {"old": known, "isoform": known[50:150] + random_rna(20, rng), "strange": random_rna(100, rng)}
    mirna = {
        "old-miR": "UGAGGUAGUAGGUUGUAUAGUU",
        "edited": "UGAGCUAGUAGGUUGUAUAGUU",  # another seed
        "family": "AGAGGUAG" + random_rna(14, rng),
        "stranger": "CCCCCCCAAACCCACCACAACC",
    }
    return circrna, mirna


@pytest.fixture(scope="module")
def fitted(data, further):
    circrna, mirna = {**data.circrna, **further[0]}, {**data.mirna, **further[1]}
    pairs, y = labelled_pairs(data.pairs, random_state=0)
    trained = [*pairs.itertuples(index=False, name=None), ("old", "old-miR"), ("old", pairs["mirna"][0])]
    model = make_mferl_pipeline(circrna, mirna, random_state=0, mferl__network="drop", features__scales=[])
    model.set_params(mferl__boosting="drop", mferl__evidence__max_epochs=1)
    return model.fit(trained, [*y, 1, 0])


def test_levels(fitted):
    expected = [
        (("old", "old-miR"), ("none", "known")),
        (("isoform", "old-miR"), ("circrna", "near")),
        (("strange", "old-miR"), ("circrna", "far")),
        (("old", "edited"), ("mirna", "near")),
        (("old", "family"), ("mirna", "near")),
        (("old", "stranger"), ("mirna", "far")),
        (("isoform", "stranger"), ("both", "far")),
    ]
    table = applicability(fitted, [pair for pair, _ in expected])
    found = table[["novelty", "applicability"]].itertuples(index=False, name=None)
    assert list(found) == [levels for _, levels in expected]
    np.testing.assert_array_equal(table["circrna_seen"][[0, 3, 4, 5]], 1.0)
    assert table["circrna_seen"][1] == pytest.approx(89 / 109, abs=0.03)
    assert table["circrna_seen"][2] < 0.05
    assert table["mirna_seen"][4] == 1.0  # nucleotides 2 to 8 are those of a known one
    assert 0.9 < table["mirna_seen"][3] < 1.0
    known = fitted["features"].evidence_["binding"].seed_counts
    seeds = 3 * ["GAGGUAG"] + ["GAGCUAG", "GAGGUAG"] + 2 * ["CCCCCCA"]
    assert "GAGGUAG" in known
    assert table["seed_reads"].tolist() == [known.get(seed, 0) for seed in seeds]


def test_a_model_of_binding_is_judged_by_its_reads(further):
    model = make_mferl_pipeline(*further, preset="binding").fit([("old", "old-miR")])
    table = applicability(model, [("strange", "old-miR"), ("old", "stranger")])
    assert table["seed_reads"][0] > 100
    assert table["applicability"].tolist() == ["known", "far"]


def test_features_without_reads_or_sequences_say_so(data):
    pairs = data.pairs.to_numpy()[:6]
    features = PairFeatures(data.circrna, data.mirna, [("k", KmerTransformer(1))], output="array")
    features.fit(pairs)
    model = type("Model", (), {"features_": features})()
    assert applicability(model, pairs)["seed_reads"].isna().all()
    with pytest.raises(ValueError, match="has no fitted PairFeatures"):
        applicability(LogisticRegression(), pairs)


def test_the_parts_of_a_score_add_up(fitted, data):
    """The odds of the sites, at their prevalence, are added to those of the list."""
    pairs = data.pairs.to_numpy()
    table, stack = fitted[:-1].transform(pairs), fitted[-1]
    parts = stack.score_parts(table)
    np.testing.assert_allclose(parts["score"], fitted.predict_proba(pairs)[:, 1], rtol=1e-12)
    np.testing.assert_allclose(parts["binding_score"], expit(table.evidence["binding"][:, 2]), rtol=1e-6)
    assert (parts["score"] >= parts["list_score"]).all()
    prevalence = stack.site_prevalence
    stack.set_params(site_prevalence=None)
    np.testing.assert_allclose(parts["list_score"], fitted.predict_proba(pairs)[:, 1], rtol=1e-12)
    stack.set_params(site_prevalence=prevalence)
    table.evidence["binding"][:] = np.nan
    assert stack.score_parts(table)["binding_score"].isna().all()
