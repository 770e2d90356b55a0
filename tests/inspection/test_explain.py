"""What explains a score: contributions, sites, voters, attention, and the figure of them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sklearn_mferl import MFERLClassifier, PairFeatures, TargetSites, make_mferl_pipeline
from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.features import default_scales
from sklearn_mferl.inspection import explain, plot_contributions
from sklearn_mferl.inspection.coalitions import shapley_values
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.models import find_network
from tests.experiments._light import EVIDENCE
from tests.inspection._readable import assert_readable

DATA = make_cmi(24, 12, circrna_length=(100, 300), random_state=0)
PAIRS, LABELS = labelled_pairs(DATA.pairs, random_state=0)
ALL_PAIRS = list(PAIRS.itertuples(index=False, name=None))
SCALES = ("kmer", "ctd", "similarity")
QUICK = {**EVIDENCE, "features__scales": [], "mferl__network": "drop", "random_state": 0}
del QUICK["mferl__network__max_epochs"]
NETWORK = {"features__doc2vec": "drop", "features__role2vec": "drop", "random_state": 0}
NETWORK |= {"mferl__max_epochs": 2, "mferl__embedding_dim": 8}
CHANNELS = ("sites", "neighborhood", "binding")
PLAYERS = {"best": CHANNELS, "paper": SCALES, "both": (*CHANNELS, *SCALES, "neighborhood_embedding")}
NEW = {"new": "ACGU" * 20 + DATA.circrna["sim_circ_0001"]}


def make_model(**params):
    model = make_mferl_pipeline(DATA.circrna, DATA.mirna, **params).fit(PAIRS, LABELS)
    model[0].add_rnas(circrna=NEW)
    return model


@pytest.fixture(scope="module")
def best():
    return make_model(**QUICK)


@pytest.fixture(scope="module")
def paper():
    return make_model(preset="paper", **NETWORK)


@pytest.fixture(scope="module")
def both():
    scales = [step for step in default_scales() if step[0] in SCALES]
    network = MFERLClassifier(max_epochs=2, embedding_dim=8)
    params = {"features__scales": scales, "mferl__network": network, "mferl__calibrate": False}
    return make_model(**{**QUICK, **params})


@pytest.fixture(scope="module")
def asked():
    """Return known pairs, unknown ones, one with a new RNA, and one twice."""
    return [*ALL_PAIRS[:40:10], ("new", ALL_PAIRS[0][1]), ALL_PAIRS[0]]


@pytest.fixture(scope="module")
def explanation(best, asked):
    return explain(best, asked, random_state=0)


def total(found):
    return found.summary[["base", *found.players]].sum(axis=1)


@pytest.mark.parametrize("by", ["channel", "family", "part"])
@pytest.mark.parametrize("name", PLAYERS)
def test_what_the_model_reads_contributes_and_adds_up_to_the_logit_with_the_base(name, by, asked, request):
    model, pairs = request.getfixturevalue(name), asked[-2:]
    found = explain(model, pairs, by=by, reference=PAIRS, n_reference=2, random_state=0)
    np.testing.assert_allclose(total(found), model.decision_function(pairs), atol=1e-6)
    np.testing.assert_allclose(found.summary["logit"], model.decision_function(pairs), atol=1e-12)
    np.testing.assert_allclose(found.summary["score"], model.predict_proba(pairs)[:, 1], atol=1e-12)
    assert by != "channel" or found.players == PLAYERS[name]


def test_contributions_are_those_of_all_orders_in_which_channels_are_known(best, asked):
    reference = ALL_PAIRS[3:40:15]
    found = explain(best, asked, reference=reference)
    table, others = best[0].transform(asked), best[0].transform(reference)

    def worth(known):
        scores = []
        for other in range(len(reference)):
            replaced = {
                name: block if name in known else np.tile(others.evidence[name][other], (len(block), 1))
                for name, block in table.evidence.items()
            }
            scores.append(best[1].decision_function(replace(table, evidence=replaced)))
        return np.mean(scores, axis=0)

    values = [worth([name for i, name in enumerate(CHANNELS) if number >> i & 1]) for number in range(8)]
    np.testing.assert_allclose(found.summary["base"], values[0], atol=1e-9)
    shares = shapley_values(np.transpose(values))
    np.testing.assert_allclose(found.summary[list(CHANNELS)], shares, atol=1e-9)


def test_a_pair_is_explained_the_same_whatever_it_is_explained_with_and_however_often(
    best, asked, explanation
):
    assert explanation.summary[["circrna", "mirna"]].to_numpy().tolist() == [list(pair) for pair in asked]
    for row in (0, 4, 5):  # 0 and 5 are the same pair
        alone = explain(best, [asked[row]], random_state=0)
        of_row = explanation.summary.iloc[row]
        pd.testing.assert_series_equal(alone.summary.iloc[0], of_row, check_names=False)
        pd.testing.assert_frame_equal(alone.voters, explanation.voters_of(row))
        assert len(alone.sites) == len(explanation.sites_of(row))


def test_pairs_of_the_same_novelty_share_the_base_and_others_do_not(explanation):
    base = explanation.summary["base"]
    np.testing.assert_allclose(base.drop(index=4), base[0])
    assert abs(base[4] - base[0]) > 1e-6


def test_one_random_state_draws_one_reference(best, asked):
    first, again, other = (explain(best, asked[:2], random_state=seed).summary for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert (first["base"] != other["base"]).all()


def test_the_prevalence_moves_the_base_alone(best, asked, explanation):
    best[1].set_params(prevalence=0.01)
    try:
        rare = explain(best, asked, random_state=0).summary
    finally:
        best[1].set_params(prevalence=None)
    shift = rare["logit"] - explanation.summary["logit"]
    np.testing.assert_allclose(rare["base"] - explanation.summary["base"], shift, atol=1e-9)
    assert (shift < -1).all()
    np.testing.assert_allclose(rare["sites"], explanation.summary["sites"], atol=1e-9)


# Sites, voters, attention -------------------------------------------------------------------------------


def test_sites_are_those_of_the_channel(best, paper, asked, explanation):
    expected = TargetSites({**DATA.circrna, **NEW}, DATA.mirna).fit(asked).sites(asked)
    pd.testing.assert_frame_equal(explanation.sites, expected)
    pd.testing.assert_frame_equal(explain(paper, asked, reference=PAIRS, n_reference=2).sites, expected)
    assert explanation.lengths.to_dict() == {c: len({**DATA.circrna, **NEW}[c]) for c, _ in asked}


def test_voters_are_the_nearest_of_the_channel_without_what_was_drawn_beside_them(best, asked):
    labels = dict(zip(ALL_PAIRS, LABELS, strict=True))
    nearest, n_drawn = {}, 0
    for vote in best[0].evidence_["neighborhood"].voters(asked).itertuples():
        pair = (vote.voter, vote.mirna) if vote.side == "circrna" else (vote.circrna, vote.voter)
        if pair in labels:
            kinds = nearest.setdefault((vote.circrna, vote.mirna, vote.side, bool(labels[pair])), {})
            kinds[vote.voter] = max(vote.similarity, kinds.get(vote.voter, 0.0))
        n_drawn += pair not in labels
    assert n_drawn
    expected = {key: sorted(kinds.values(), reverse=True)[:2] for key, kinds in nearest.items()}
    listed = explain(best, asked, n_voters=2, random_state=0).voters
    assert not listed.duplicated(["circrna", "mirna", "side", "voter"]).any()
    grouped = listed.groupby(["circrna", "mirna", "side", "interacts"])["similarity"]
    assert {key: list(values) for key, values in grouped} == expected


def test_a_new_rna_gets_voters_by_its_sequence(explanation):
    votes = explanation.voters_of(4)
    assert "sim_circ_0001" in set(votes["voter"])
    assert set(votes["side"]) == {"circrna"}


def test_a_model_without_memory_is_told_the_known_pairs(paper, asked):
    with pytest.raises(ValueError, match="does not remember its training pairs; give reference="):
        explain(paper, asked)
    forgetful = explain(paper, asked, reference=PAIRS, n_reference=2)
    assert forgetful.voters.empty
    told = explain(paper, asked, reference=PAIRS, n_reference=2, known=DATA.pairs)
    assert len(told.voters)
    assert told.voters["interacts"].all()
    known = set(map(tuple, DATA.pairs[["circrna", "mirna"]].to_numpy()))
    for row in told.voters.itertuples():
        assert ((row.voter, row.mirna) if row.side == "circrna" else (row.circrna, row.voter)) in known


def test_attention_is_that_of_the_network(best, paper, both, asked, explanation):
    assert explanation.attention.empty
    for model in (paper, both):
        found = explain(model, asked[:1], reference=PAIRS, n_reference=2).attention
        assert found["weight"].between(0, 1).all()
        for side, weights in found.groupby("side"):
            further = ["neighborhood_embedding"] if model is both else []
            assert list(weights["scale"]) == [*SCALES, *further]
            table = find_network(model[1]).scalers_[side].transform(getattr(model[0].transform(PAIRS), side))
            network = find_network(model[1]).net_.module_
            with torch.inference_mode():
                scales = [torch.as_tensor(block).double() for block in table.scales.values()]
                encoder = network.encoders[side]
                expected = encoder.attention.channel(encoder.project(scales).stack).flatten()
            np.testing.assert_allclose(weights["weight"], expected, atol=1e-6)


def test_sequences_can_be_their_own_ids():
    pairs = [(DATA.circrna[c], DATA.mirna[m]) for c, m in ALL_PAIRS[::2]]
    model = make_mferl_pipeline(None, None, mferl__calibrate=False, **QUICK).fit(pairs, LABELS[::2])
    lower = [(circrna.lower(), mirna.replace("U", "T")) for circrna, mirna in pairs[:2]]
    found = explain(model, lower, random_state=0)
    assert found.summary[["circrna", "mirna"]].to_numpy().tolist() == [list(pair) for pair in pairs[:2]]
    assert len(found.sites_of(0)) == len(model[0].evidence_["sites"].sites(lower[:1]))
    assert found.lengths[pairs[0][0]] == len(pairs[0][0])


def test_embeddings_without_sequences_are_explained_without_sites(vectors):
    model = make_mferl_pipeline(None, None, embeddings=vectors, **QUICK).fit(PAIRS, LABELS)
    found = explain(model, PAIRS[:1], random_state=0)
    assert found.players == ("neighborhood",)
    assert found.sites.empty
    assert found.lengths.empty
    assert set(found.voters["kind"]) <= {"embedding"}
    found.plot(0)


def test_a_classifier_of_sequences_is_explained_without_a_pipeline():
    pairs = [(DATA.circrna[c], DATA.mirna[m]) for c, m in ALL_PAIRS[::9]]
    model = MFERLClassifier(embedding_dim=4, max_epochs=1, random_state=0).fit(pairs, LABELS[::9])
    found = explain(model, pairs[:1], reference=pairs, n_reference=2)
    np.testing.assert_allclose(total(found), model.decision_function(pairs[:1]), atol=1e-6)


# Errors -------------------------------------------------------------------------------------------------


NOBODY = [("nobody", "sim-miR-3-5p")]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"by": "column"}, "by must be one of 'channel', 'family', 'part'"),
        ({"n_reference": 0}, "n_reference must be a whole number of at least 1; got 0"),
        ({"n_voters": 1.5}, "n_voters must be a whole number of at least 1; got 1.5"),
        ({"random_state": "x"}, "random_state must be"),
        ({"reference": NOBODY}, "nobody"),
        ({"pairs": NOBODY}, "'nobody'"),
    ],
)
def test_a_parameter_out_of_range_is_named(best, params, message):
    with pytest.raises(ValueError, match=message):
        explain(best, **{"pairs": PAIRS[:1], **params})


def on_kmers(classifier, name="kmer", **params):
    features = PairFeatures(DATA.circrna, DATA.mirna, [(name, default_scales()[0][1])], **params)
    return make_pipeline(features, classifier).fit(PAIRS, LABELS)


TINY = MFERLClassifier(embedding_dim=2, max_epochs=1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: on_kmers(LogisticRegression(), output="array"), "ends in a classifier of this package"),
        (lambda: clone(TINY).fit(np.eye(6), [0, 1] * 3), "not those of PairFeatures"),
        (lambda: make_model(preset="paper", mferl__attention="node", **NETWORK), "attention='node'"),
        (lambda: on_kmers(clone(TINY), "score"), "'score', a column of the summary"),
    ],
    ids=["another classifier", "a matrix", "scores that depend on other pairs", "a name of the summary"],
)
def test_a_model_whose_scores_cannot_be_told_apart_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        explain(make(), PAIRS[:1], reference=PAIRS)


# Figures ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "row", "circular"), [("channel", 0, True), ("family", 4, True), ("part", 0, False)]
)
def test_no_text_of_the_figure_hides_another_or_leaves_the_page(best, asked, by, row, circular):
    found = explain(best, asked, by=by, n_reference=2, random_state=0)
    assert_readable(replace(found, circular=circular).plot(row), least=20)


def test_the_bars_lead_from_the_base_to_the_logit(explanation):
    for row, pair in explanation.summary.iterrows():
        bars = plot_contributions(explanation, row).patches
        widths = np.array([bar.get_width() for bar in bars])
        np.testing.assert_allclose([bar.get_x() for bar in bars], pair["base"] + widths.cumsum() - widths)
        assert pair["base"] + widths.sum() == pytest.approx(pair["logit"])
        assert (np.diff(np.abs(widths)) <= 0).all()


def test_a_row_that_is_not_there_is_refused(explanation):
    with pytest.raises(ValueError, match="row must be from 0 to 5, as in summary; got 6"):
        explanation.plot(6)
