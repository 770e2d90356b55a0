"""The features of a pair are those of its sites, worked out by hand or by comparing strings."""

import importlib.util
import math
import sys
from functools import cache

import numpy as np
import pandas as pd
import pytest
from _builders import random_rnas, varied_pairs
from _rna_strings import (
    best_free_score,
    naive_duplex_score,
    naive_local_au,
    naive_sites,
    naive_supplementary,
    reverse_complement,
    written_score,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sklearn_mferl.evidence.sites.duplex import score_duplexes
from sklearn_mferl.evidence.sites.free_duplex import align_freely
from sklearn_mferl.evidence.sites.seed_index import SeedIndex
from sklearn_mferl.evidence.target_sites import TargetSites
from sklearn_mferl.features.rna_codes import encode_rnas

LET_7, SITE = "UGAGGUAGUAGGUUGUAUAGUU", "CUACCUCA"
NO_VIENNA = importlib.util.find_spec("RNA") is None
COUNTS = {
    "8mer": "site_8mer",
    "7mer-m8": "site_7mer_m8",
    "7mer-A1": "site_7mer_a1",
    "6mer": "site_6mer",
    "offset-6mer": "site_offset_6mer",
    "seed-GU": "seed_gu",
    "seed-mismatch": "seed_mismatch",
}
needs_vienna = pytest.mark.skipif(NO_VIENNA, reason="ViennaRNA is not installed")
rna = st.text("ACGU", min_size=8, max_size=60)
mirnas = st.text("ACGU", min_size=8, max_size=22)


@cache
def make(**params):
    """Return a channel, which learns nothing from the pair that it is fitted on."""
    return TargetSites(**params).set_output(transform="pandas").fit([("ACGU", LET_7)])


def describe(target, mirna=LET_7, **params):
    return make(**params).transform([(target, mirna)]).iloc[0]


def list_sites(target, mirna=LET_7, **params):
    return make(**params).sites([(target, mirna)])


# Sites made by hand: the seed of let-7 is GAGGUAG, so a full match of the target is CUACCUC -------------


@pytest.mark.parametrize(
    ("site", "kind", "start", "end", "rank"),
    [
        ("CUACCUCA", "8mer", 3, 11, 7),
        ("CUACCUCG", "7mer-m8", 3, 10, 6),
        ("GUACCUCA", "7mer-A1", 4, 11, 5),
        ("GUACCUCG", "6mer", 4, 10, 4),
        ("CUACCUAA", "offset-6mer", 3, 9, 3),
        ("CUACUUCA", "seed-GU", 3, 10, 2),
        ("UUGCUUUA", "seed-GU", 3, 10, 2),
        ("CUAGCUCA", "seed-mismatch", 3, 10, 1),
        ("CAACCUCA", "seed-mismatch", 3, 10, 1),
    ],
)
@pytest.mark.parametrize("circular", [True, False])
def test_each_type_of_site_is_told_from_the_others(site, kind, start, end, rank, circular):
    target = "GGG" + site + "GGGGGGG"
    table = list_sites(target, circular=circular)
    assert table[["type", "start", "end"]].to_numpy().tolist() == [[kind, start, end]]
    features = describe(target, circular=circular)
    assert features[list(COUNTS.values())].to_dict() == {n: float(k == kind) for k, n in COUNTS.items()}
    assert features["best_site"] == rank


def test_a_circle_shorter_than_a_site_has_none():
    assert list_sites("CUACCUC").empty
    assert describe("CUACCUC")["expected_sites"] == 0
    assert list_sites("CUACCUC", circular=False)["type"].tolist() == ["7mer-m8"]
    assert list_sites("CUACCUCA")["type"].tolist() == ["8mer"]


def test_a_pair_worked_out_by_hand():
    target = "GGGACUACCUCAUUAG"  # A 4, C 4, G 4, U 4
    features = describe(target, circular=False)
    places, chance = 11, 0.25**6
    expected = {
        "site_8mer": 1,
        "seed_match": 1,
        "best_site": 7,
        "junction_sites": 0,
        # upstream A, G, G, G and downstream U, U, A, G, at distances 1 to 4
        "local_au": (1 / 2 + 1 / 2 + 1 / 3 + 1 / 4) / (2 * (1 / 2 + 1 / 3 + 1 / 4 + 1 / 5)),
        "density_8mer": 62.5,
        "seed_density": 62.5,
        "site_density": 62.5,
        "density_6mer": 62.5,
        "density_weak_seed": 0,
        "expected_seed": places * chance / 4,
        "expected_sites": places * chance * 7 / 16,
        "expected_6mer": places * chance,
        "seed_log_odds": math.log(2) - math.log1p(places * chance / 4),
        "site_log_odds": math.log(2) - math.log1p(places * chance * 7 / 16),
        "log_odds_6mer": math.log(2) - math.log1p(places * chance),
        "target_log_length": math.log(16),
        "target_gc": 0.5,
        "mirna_gc": 8 / 22,
        "seed_gc": 4 / 7,
        "duplex_best": 5 + 140 + 5,  # nucleotides 1 to 9; what follows is worth -3 - 3 + 1
        "duplex_sum": 5 + 140 + 5,
        "duplex_hits": 1,
    }
    np.testing.assert_allclose(features[list(expected)], list(expected.values()), rtol=1e-5)
    (row,) = list_sites(target, circular=False).to_dict("records")  # written from the seed on
    assert row["target_3to5"] == "ACUCCAUCA"
    assert row["bars"] == "|||||||||"
    assert row["mirna_5to3"] == "UGAGGUAGU"
    assert (row["mirna_start"], row["duplex_start"], row["duplex_end"]) == (1, 3, 12)


def test_the_au_content_is_that_of_the_strongest_sites():
    rich, poor = "AAAAA", "GGGGG"
    target = rich + "CUACCUAG" + rich + "G" * 40 + poor + "CUACCUCA" + poor + "G" * 40
    assert describe(target)["local_au"] == 0
    assert list_sites(target)["local_au"].max() > 0.4


def test_no_more_than_40_nucleotides_of_a_mirna_are_aligned():
    assert describe(reverse_complement(LET_7 * 3), LET_7 * 3, circular=False)["duplex_best"] == 140 + 33 * 5


@st.composite
def target_with_pieces(draw):
    """Draw a target made of pieces that pair with a miRNA, more or less, and of other letters."""
    mirna = draw(st.text("ACGU", min_size=17, max_size=23))
    site = reverse_complement(mirna)
    filling = st.text("ACGU", min_size=1, max_size=60)
    pieces = draw(
        st.lists(st.tuples(st.integers(0, 22), st.integers(4, 23), filling), min_size=1, max_size=4)
    )
    target = "".join(site[first : first + length] + other for first, length, other in pieces)
    change = draw(st.integers(0, len(target) - 1))
    return target[:change] + draw(st.sampled_from("ACGUN")) + target[change + 1 :], mirna


@st.composite
def duplex(draw):
    """Draw a target that pairs with a miRNA but for bulges, mismatches and what lies around."""
    mirna = draw(st.text("ACGUN", min_size=9, max_size=23))
    site = list(reverse_complement(mirna).replace("?", "A"))
    for place in draw(st.lists(st.integers(0, len(site) - 7), max_size=4)):
        site[place] = draw(st.sampled_from(["", "A", "G", "UU", "CGA", "ACGUACGU"]))
    before, after = draw(st.text("ACGU", max_size=20)), draw(st.text("ACGU", min_size=1, max_size=10))
    return before + "".join(site) + after, mirna


any_pair = st.tuples(*(st.text("ACGUN", min_size=1, max_size=length) for length in (60, 24)))


@pytest.mark.slow
@pytest.mark.parametrize("circular", [True, False])
@settings(max_examples=200)
@given(st.lists(st.one_of(any_pair, target_with_pieces(), duplex()), min_size=1, max_size=4))
@example([(SITE[cut:] + "GGGGGGGGGGGG" + SITE[:cut], LET_7) for cut in range(1, 8)])  # across the junction
@example([("ACUACCUCAA", LET_7)])  # repeated, it would pair further
@example([(reverse_complement(LET_7), LET_7), ("CCCCUACCUCCAAA", LET_7)])
def test_sites_and_duplexes_are_those_of_comparing_strings_and_features_summarise_them(circular, pairs):
    channel = TargetSites(circular=circular).set_output(transform="pandas").fit(pairs)
    features, table = channel.transform(pairs), channel.sites(pairs)
    for number, (target, mirna) in enumerate(pairs):
        expected = sorted(naive_sites(target, mirna, circular), key=lambda site: site[1])
        listed = table[(table["circrna"] == target) & (table["mirna"] == mirna)]
        assert list(zip(listed["type"], listed["start"], strict=True)) == [site[:2] for site in expected]
        for row, (_, start, window) in zip(listed.itertuples(), expected, strict=True):
            assert row.supplementary == naive_supplementary(target, window, mirna, circular)
            au = naive_local_au(target, start, row.end - start, circular)
            assert row.local_au == pytest.approx(au, rel=1e-7)
            assert row.duplex_score == naive_duplex_score(target, window, mirna, circular)
            written = row.target_3to5, row.bars, row.mirna_5to3, row.mirna_start
            assert written_score(*written) == row.duplex_score
            assert row.mirna_5to3.replace("-", "") in mirna[row.mirna_start - 1 :]
            aligned = (target * (1 + circular))[row.duplex_start : row.duplex_end]
            assert aligned == row.target_3to5.replace("-", "")[::-1]
        kinds, found = [kind for kind, _, _ in expected], features.iloc[number]
        assert found[list(COUNTS.values())].tolist() == [kinds.count(kind) for kind in COUNTS]
        assert found["seed_match"] == found["site_8mer"] + found["site_7mer_m8"]
        crossing, canonical = listed["crosses_junction"], ~listed["type"].str.startswith("seed-")
        assert (crossing == (listed["end"] > len(target))).all()
        assert found["junction_sites"] == (crossing & canonical).sum()
        assert found["supplementary_pairing"] == ((listed["supplementary"] >= 4) & canonical).sum()
        assert found["compensatory_pairing"] == ((listed["supplementary"] >= 4) & ~canonical).sum()
        scores = listed["duplex_score"]
        assert found["duplex_best"] == max(scores, default=0)
        assert found["duplex_sum"] == scores[scores >= 140].sum()
        assert found["duplex_hits"] == (scores >= 140).sum()


@given(rna, mirnas, st.integers(1, 59))
def test_it_does_not_matter_where_a_circle_is_cut(target, mirna, cut):
    cut %= len(target)
    rotated = target[cut:] + target[:cut]
    both = make().transform([(target, mirna), (rotated, mirna)]).drop(columns="junction_sites")
    np.testing.assert_allclose(both.iloc[1], both.iloc[0], rtol=1e-6)
    first, second = list_sites(target, mirna), list_sites(rotated, mirna)
    moved = first.assign(start=(first["start"] - cut) % len(target)).sort_values("start")
    columns = ["type", "start", "supplementary", "duplex_score", "target_3to5", "bars", "mirna_5to3"]
    pd.testing.assert_frame_equal(moved[columns].reset_index(drop=True), second[columns])


def test_sites_are_listed_by_pair_in_the_order_asked_for_and_once(data):
    pairs = [tuple(pair) for pair in data.pairs.to_numpy()]
    sites = TargetSites(data.circrna, data.mirna).fit(pairs)
    order = [pairs[row] for row in np.random.default_rng(1).permutation(len(pairs))]
    table = sites.sites([*order, order[0]])
    listed = list(dict.fromkeys(zip(table["circrna"], table["mirna"], strict=True)))
    assert listed == [pair for pair in order if pair in listed]
    pair = listed[1]
    alone = sites.sites([pair])
    chosen = table[(table["circrna"] == pair[0]) & (table["mirna"] == pair[1])].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, chosen)


def test_ids_and_sequences_give_the_same_features(data, labelled, sequences):
    by_id = TargetSites(data.circrna, pd.Series(data.mirna)).fit_transform(labelled[0])
    np.testing.assert_array_equal(by_id, TargetSites().fit_transform(sequences))


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_cutting_the_work_into_blocks_changes_nothing(data, monkeypatch, n_jobs):
    sites = TargetSites(data.circrna, data.mirna, n_jobs=n_jobs).fit(data.pairs)
    features, table = sites.transform(data.pairs), sites.sites(data.pairs)
    monkeypatch.setattr("sklearn_mferl.evidence.sites.rna_pairs._BLOCK_COST", 500)
    np.testing.assert_array_equal(sites.transform(data.pairs), features)
    pd.testing.assert_frame_equal(sites.sites(data.pairs), table)


def test_duplex_columns_are_left_out_on_request(data):
    with_duplex, without = (
        TargetSites(data.circrna, data.mirna, duplex=duplex)
        .set_output(transform="pandas")
        .fit_transform(data.pairs)
        for duplex in (True, False)
    )
    assert list(with_duplex.columns.drop(without.columns)) == ["duplex_best", "duplex_sum", "duplex_hits"]
    pd.testing.assert_frame_equal(with_duplex[without.columns], without)


@pytest.mark.parametrize("circular", [True, False])
def test_many_duplexes_at_once_score_as_each_by_itself(circular):
    pairs = varied_pairs(circular)
    index = SeedIndex(pairs.mirnas)
    sites = index.find(pairs)
    assert len(sites.pair) > 200
    rows = [pairs.take(slice(row, row + 1)) for row in range(len(pairs))]
    expected = [score_duplexes(index.find(row), row) for row in rows]
    np.testing.assert_array_equal(score_duplexes(sites, pairs), np.concatenate(expected))


def test_free_alignments_of_a_mirna_and_a_stretch_are_the_best_and_written_as_they_are():
    rng = np.random.default_rng(0)
    targets, mirnas = random_rnas([16] * 300, rng, "ACGUN"), random_rnas([12] * 300, rng, 6 * "ACGU" + "N")
    found = align_freely(encode_rnas(targets).first_letters(16), encode_rnas(mirnas).first_letters(12))
    for row, (target, bars, mirna, first, end) in enumerate(zip(*found, strict=True)):
        assert target.replace("-", "") == targets[row][first:end]
        aligned = mirna.replace("-", "")
        starts = [i + 1 for i in range(12) if mirnas[row].startswith(aligned, i)]
        scores = [written_score(target, bars, mirna, start) for start in starts]
        assert best_free_score(targets[row], mirnas[row]) in scores


def test_what_pairs_nowhere_has_an_empty_alignment():
    found = align_freely(np.full((1, 9), 0, np.uint8), np.full((1, 8), 0, np.uint8))
    assert (found.target, found.bars, found.mirna) == ([""], [""], [""])


def test_an_id_without_sequence_is_named_with_its_row():
    with pytest.raises(ValueError, match=r"mirna 'm9' \(row 1\) has no sequence"):
        TargetSites({"c": "ACGU"}, {"m": "ACGU"}).fit([("c", "m"), ("c", "m9")])


def test_energy_without_vienna_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "RNA", None)
    with pytest.raises(ImportError, match=r"sklearn-mferl\[vienna\]"):
        TargetSites(energy=True).fit([("ACGU", "ACGU")])


@needs_vienna
def test_the_energy_is_that_of_rnaduplex_at_the_best_site():
    import RNA

    window = reverse_complement(LET_7)
    features = describe("C" * 40 + window + "GGGGCUACUUCACCCCC", energy=True, circular=False)
    assert features["duplex_energy"] == pytest.approx(RNA.duplexfold(LET_7, "C" * 8 + window).energy)
    assert features["duplex_energy"] < -30


@needs_vienna
@pytest.mark.parametrize("circular", [True, False])
def test_without_a_site_there_is_no_energy(circular):
    assert describe("G" * 40, energy=True, circular=circular)["duplex_energy"] == 0


@needs_vienna
def test_the_energy_does_not_depend_on_the_cut_of_a_circle():
    target = "GCGAUUAGCC" + reverse_complement(LET_7) + "GGCAGGCAUU"
    energies = {
        describe(target[cut:] + target[:cut], energy=True)["duplex_energy"] for cut in range(0, 40, 7)
    }
    assert len(energies) == 1
