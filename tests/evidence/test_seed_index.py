"""One pass over the targets finds the sites that comparing strings finds."""

from __future__ import annotations

import numpy as np
import pytest
from _rna_strings import naive_local_au, naive_sites, naive_supplementary, reverse_complement
from hypothesis import given
from hypothesis import strategies as st

from sklearn_mferl.evidence.sites.context import local_au, supplementary_pairs
from sklearn_mferl.evidence.sites.rna_pairs import RNAPairs
from sklearn_mferl.evidence.sites.seed_index import SITE_OFFSETS, SITE_TYPES, SeedIndex
from sklearn_mferl.features.rna_codes import encode_rnas

rna = st.text("ACGU", min_size=1, max_size=60)
rna_with_gaps = st.text("ACGUN", min_size=1, max_size=40)
mirna_with_gaps = st.text("ACGUN", min_size=1, max_size=24)


@st.composite
def target_with_pieces(draw):
    """Draw a miRNA and a target made of pieces that pair with it, more or less, and of other letters."""
    mirna = draw(st.text("ACGU", min_size=17, max_size=23))
    site = reverse_complement(mirna)
    pieces = draw(st.lists(st.tuples(st.integers(0, 22), st.integers(4, 23), rna), min_size=1, max_size=4))
    target = "".join(site[first : first + length] + filling for first, length, filling in pieces)
    change = draw(st.integers(0, len(target) - 1))
    return target[:change] + draw(st.sampled_from("ACGUN")) + target[change + 1 :], mirna


def pairs_of(targets, mirnas, circular):
    rows = [(target, mirna) for target in range(len(targets)) for mirna in range(len(mirnas))]
    target, mirna = np.array(rows).T
    return RNAPairs(encode_rnas(targets), encode_rnas(mirnas), target, mirna, circular)


def found_sites(pairs):
    sites = SeedIndex(pairs.mirnas).find(pairs)
    found = [[] for _ in range(len(pairs))]
    for pair, kind, window in zip(sites.pair, sites.type, sites.window, strict=True):
        start = (window + SITE_OFFSETS[kind]) % pairs.targets.lengths[pairs.target[pair]]
        found[pair].append((SITE_TYPES[kind], start, window))
    return found


@pytest.mark.parametrize("circular", [True, False])
@given(st.lists(rna_with_gaps, min_size=1, max_size=3), st.lists(mirna_with_gaps, min_size=1, max_size=3))
def test_one_pass_finds_what_comparing_strings_finds(circular, targets, mirnas):
    expected = [naive_sites(target, mirna, circular) for target in targets for mirna in mirnas]
    assert found_sites(pairs_of(targets, mirnas, circular)) == expected


@pytest.mark.parametrize("circular", [True, False])
@given(target_with_pieces())
def test_it_finds_them_where_there_are_many(circular, example):
    target, mirna = example
    (found,) = found_sites(pairs_of([target], [mirna], circular))
    assert found == naive_sites(target, mirna, circular)


@pytest.mark.parametrize("circular", [True, False])
@given(target_with_pieces())
def test_the_context_of_a_site_is_what_comparing_strings_finds(circular, example):
    target, mirna = example
    pairs = pairs_of([target], [mirna], circular)
    sites = SeedIndex(pairs.mirnas).find(pairs)
    lengths = {"8mer": 8, "6mer": 6, "offset-6mer": 6}
    rows = [(site, start, window) for site, start, window in naive_sites(target, mirna, circular)]
    assert supplementary_pairs(sites, pairs).tolist() == [
        naive_supplementary(target, window, mirna, circular) for _, _, window in rows
    ]
    np.testing.assert_allclose(
        local_au(sites, pairs),
        [naive_local_au(target, start, lengths.get(site, 7), circular) for site, start, _ in rows],
    )
