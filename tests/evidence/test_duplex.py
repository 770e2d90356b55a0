"""Alignments score as trying every gap does, and are written as they score."""

from __future__ import annotations

import numpy as np
import pytest
from _rna_strings import naive_duplex_score, naive_sites, pair_score, reverse_complement
from hypothesis import given
from hypothesis import strategies as st

from sklearn_mferl.evidence.sites.duplex import LONGEST_MIRNA, score_duplexes, write_duplexes
from sklearn_mferl.evidence.sites.rna_pairs import RNAPairs
from sklearn_mferl.evidence.sites.seed_index import SeedIndex
from sklearn_mferl.features.rna_codes import encode_rnas

LET_7 = "UGAGGUAGUAGGUUGUAUAGUU"


@st.composite
def duplex(draw):
    """Draw a miRNA and a target that pairs with it but for bulges, mismatches and what lies around."""
    mirna = draw(st.text("ACGUN", min_size=9, max_size=23))
    site = list(reverse_complement(mirna).replace("?", "A"))
    for place in draw(st.lists(st.integers(0, len(site) - 7), max_size=4)):
        site[place] = draw(st.sampled_from(["", "A", "G", "UU", "CGA", "ACGUACGU"]))
    before, after = draw(st.text("ACGU", max_size=20)), draw(st.text("ACGU", min_size=1, max_size=10))
    return before + "".join(site) + after, mirna


def one_pair(target, mirna, circular):
    pairs = RNAPairs(encode_rnas([target]), encode_rnas([mirna]), np.array([0]), np.array([0]), circular)
    return SeedIndex(pairs.mirnas).find(pairs), pairs


def score_of(target, mirna=LET_7):
    return score_duplexes(*one_pair(target, mirna, False)).max()


@pytest.mark.parametrize("circular", [True, False])
@given(duplex())
def test_scores_equal_those_of_trying_every_gap(circular, example):
    target, mirna = example
    expected = [
        naive_duplex_score(target, window, mirna, circular)
        for _, _, window in naive_sites(target, mirna, circular)
    ]
    assert score_duplexes(*one_pair(target, mirna, circular)).tolist() == expected


@pytest.mark.parametrize("circular", [True, False])
@given(duplex())
def test_an_alignment_adds_up_to_its_score_and_spells_its_rnas(circular, example):
    target, mirna = example
    sites, pairs = one_pair(target, mirna, circular)
    written = write_duplexes(sites, pairs)
    rows = (written.target, written.bars, written.mirna, written.mirna_start, score_duplexes(sites, pairs))
    for target_row, bars, mirna_row, start, score in zip(*rows, strict=True):
        assert mirna_row.replace("-", "") in mirna[start - 1 :]
        assert target_row.replace("-", "")[::-1] in (target + target if circular else target)
        assert rescore(target_row, bars, mirna_row, start) == score


def rescore(target, bars, mirna, nucleotide):
    score, before = 0, None
    for letter, bar, other in zip(target, bars, mirna, strict=True):
        gap = "target" if letter == "-" else "mirna" if other == "-" else None
        if gap:
            score -= 4 if gap == before else 9
            assert bar == " "
        else:
            score += pair_score(letter, other, nucleotide)
            wobble = {letter, other} == {"G", "U"}
            assert bar == (":" if wobble else "|" if pair_score(letter, other, 1) == 5 else " ")
        nucleotide += other != "-"
        before = gap
    return score


def test_a_perfect_duplex_scores_every_pair():
    assert score_of(reverse_complement(LET_7)) == 7 * 20 + 15 * 5


def test_a_bare_seed_match_reaches_the_threshold_of_miranda():
    assert score_of("CCCCUACCUCCAAA") == 7 * 20


def test_a_long_mirna_is_aligned_as_far_as_forty_nucleotides():
    mirna = LET_7 * 3
    assert score_of(reverse_complement(mirna), mirna) == 140 + 5 * (LONGEST_MIRNA - 7)


def test_a_circle_is_not_met_twice():
    target = "ACUACCUCAA"  # the target of let-7, repeated, would pair further
    sites, pairs = one_pair(target, LET_7, True)
    written = write_duplexes(sites, pairs)
    assert max(len(row.replace("-", "")) for row in written.target) <= len(target)
