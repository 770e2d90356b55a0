"""Simulated data have what real data have: sites, families, hubs and noise, the same for a seed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import roc_auc_score

from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.model_selection import labelled_pairs

COMPLEMENT = str.maketrans("ACGU", "UGCA")


def sites(data, pairs, before=6, after=""):
    """Search for the reverse complement of each pair's seed, so many letters round the circle."""
    motif = {name: mirna[1:8].translate(COMPLEMENT)[::-1] + after for name, mirna in data.mirna.items()}
    rounds = {name: circrna + circrna[:before] for name, circrna in data.circrna.items()}
    return np.array([motif[m] in rounds[c] for c, m in pairs.to_numpy()])


def content(data):
    return data.pairs.to_numpy().tolist(), data.circrna, data.mirna


@pytest.fixture(scope="module")
def data():
    return make_cmi(random_state=0)


def test_six_interactions_a_circrna_are_listed_or_a_tenth_of_all_pairs_each_once_of_rnas_with_sequences(data):
    assert (data.name, data.embeddings) == ("simulated", {})
    assert len(data.pairs) == 6 * 200
    assert len(make_cmi(20, 10, random_state=0).pairs) == 20
    assert not data.pairs.duplicated().any()
    for side, id_of in (("circrna", r"sim_circ_\d{4}"), ("mirna", r"sim-miR-\d+-5p")):
        sequences = pd.Series(getattr(data, side))
        assert data.pairs[side].isin(sequences.index).all()
        assert sequences.index.str.fullmatch(id_of).all()
        assert sequences.is_unique
        assert set(sequences.sum()) == set("ACGU")
    drawn_twice = make_cmi(random_state=3).mirna.values()  # which one of these miRNAs was
    assert len(set(drawn_twice)) == 80


def test_lengths_are_within_bounds_and_skewed_to_the_right(data):
    assert {len(mirna) for mirna in data.mirna.values()} <= set(range(20, 25))
    lengths = [len(circrna) for circrna in data.circrna.values()]
    assert 200 <= min(lengths) <= max(lengths) <= 2000
    assert 350 < np.median(lengths) < 650
    assert np.mean(lengths) > np.median(lengths)


def test_a_seed_gives_the_same_data_and_a_generator_is_advanced_but_not_the_global_one(data):
    rng, before = np.random.default_rng(0), np.random.get_state()[1].copy()  # noqa: NPY002
    assert content(make_cmi(random_state=0)) == content(data)
    assert content(make_cmi(random_state=1)) != content(data)
    assert content(make_cmi(10, 8, random_state=rng)) != content(make_cmi(10, 8, random_state=rng))
    make_cmi(10, 8)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize("noise", [0.0, 0.1, 0.3])
def test_all_but_the_noise_among_the_known_pairs_have_a_site(noise):
    data = make_cmi(noise=noise, random_state=2)
    share = sites(data, data.pairs).mean()
    assert 1 - noise <= share <= min(1, 1 - noise + 0.1)
    assert (share == 1) == (noise == 0)


def test_some_sites_span_the_back_splice_junction_and_half_are_8mers(data):
    with_site = sites(data, data.pairs)
    assert 0.02 < (with_site & ~sites(data, data.pairs, before=0)).mean() < 0.3
    longer = sites(data, data.pairs[with_site], before=7, after="A")
    assert 0.35 < longer.mean() < 0.75  # a quarter of the 7mers stand before an A by chance


def test_a_site_is_good_evidence_but_not_proof(data):
    pairs, y = labelled_pairs(data.pairs, random_state=0)
    score = sites(data, pairs)
    assert 0.85 < roc_auc_score(y, score) < 0.97
    assert 0.01 < score[y == 0].mean() < 0.15  # hits by chance, and interactions that are not listed


def test_mirnas_of_a_family_share_their_seed_and_most_of_the_rest(data):
    mirnas = pd.Series(data.mirna)
    members = mirnas.groupby(mirnas.str[1:8]).agg(list)
    assert set(members.str.len()) == {1, 2, 3, 4}
    pairs = [family[:2] for family in members if len(family) > 1]
    same = [np.mean([a == b for a, b in zip(*pair, strict=False)]) for pair in pairs]
    assert np.mean(same) > 0.75  # 15 % of two copies mutated; unrelated miRNAs agree in a quarter


def test_isoforms_of_a_family_share_exons(data):
    words = CountVectorizer(analyzer="char", ngram_range=(12, 12), binary=True)
    kmers = words.fit_transform(list(data.circrna.values())[:40])
    common = (kmers @ kmers.T).toarray()
    shared = common / np.minimum.outer(common.diagonal(), common.diagonal())
    related = shared > 0.3
    assert not np.any((shared > 0.02) & ~related)  # either family or strangers
    assert 1 < related.sum(axis=1).mean() <= 4
    assert related.sum(axis=1).max() == 4


def test_few_hubs_hold_many_of_the_interactions(data):
    for side, total in (("circrna", 200), ("mirna", 80)):
        degrees = data.pairs[side].value_counts()
        assert degrees.iloc[: total // 10].sum() > 0.25 * len(data.pairs)
        assert degrees.iloc[0] > 4 * degrees.median()


def test_family_members_share_interactions(data):
    seeds = data.pairs["mirna"].map(data.mirna).str[1:8]
    with_relative = data.pairs.assign(seed=seeds).duplicated(["circrna", "seed"], keep=False)
    assert with_relative.mean() > 5 * len(data.pairs) / (200 * 80)


@given(
    n_circrna=st.integers(2, 25),
    n_mirna=st.integers(2, 25),
    share=st.floats(0, 1),
    isoforms=st.integers(1, 6),
    members=st.integers(1, 6),
    noise=st.floats(0, 0.5),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=40)
def test_every_allowed_size_works(n_circrna, n_mirna, share, isoforms, members, noise, seed):
    n_interactions = max(1, int(share * (n_circrna * n_mirna // 2)))
    data = make_cmi(
        n_circrna,
        n_mirna,
        n_interactions,
        circrna_length=(300, 700),
        isoform_family_size=isoforms,
        mirna_family_size=members,
        noise=noise,
        random_state=seed,
    )
    assert (len(data.circrna), len(data.mirna), len(data.pairs)) == (n_circrna, n_mirna, n_interactions)
    assert all(300 <= len(circrna) <= 700 for circrna in data.circrna.values())


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_circrna": 1}, "n_circrna must be an integer of 2 or more; got 1"),
        ({"n_mirna": 2.5}, "n_mirna must be an integer of 2 or more; got 2.5"),
        ({"isoform_family_size": 0}, "isoform_family_size must be"),
        ({"mirna_family_size": 0}, "mirna_family_size must be"),
        ({"n_interactions": 0}, "from 1 to 8000"),
        ({"n_interactions": 8001}, "from 1 to 8000, half of all pairs; got 8001"),
        ({"circrna_length": (20, 100)}, "at least 30"),
        ({"circrna_length": (200, 399)}, r"twice that; got \(200, 399\)"),
        ({"noise": 0.6}, r"noise must be in \[0, 0.5\]; got 0.6"),
        ({"n_mirna": 20000, "mirna_family_size": 1}, "only 16384 different seeds"),
        ({"circrna_length": (30, 60), "n_interactions": 8000}, "room for the sites .* raise circrna_length"),
    ],
)
def test_a_parameter_out_of_range_is_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        make_cmi(random_state=0, **parameters)
