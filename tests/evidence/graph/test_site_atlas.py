"""Confirmed sites around a site are those counted by hand, but for the pair's own and those left out."""

import numpy as np
import pytest
from _builders import random_rna
from _rna_strings import SITE_COLUMNS, read_sites_by_hand, reverse_complement, share
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from sklearn_mferl.evidence.graph.site_atlas import SiteAtlas
from sklearn_mferl.features.rna_codes import encode_rnas

SEEDS = ("GAGGUAG", "GGAAUGU", "UUGGCAC")
SITES = tuple(reverse_complement(seed) for seed in SEEDS)
FILLING = random_rna(60, 0, "AC")  # without a match of any of the seeds


def mirna_with(seed):
    return "U" + seed + "ACGUACGUACGUA"


def adjacency_of(edges, shape):
    dense = np.zeros(shape, dtype=np.float32)
    for edge in edges:
        dense[edge] = 1
    return sparse.csr_array(dense)


def read(atlas, training_mirnas, circrnas, mirnas, edges, *, known=None, used=None):
    """Read every pair of the circRNAs and miRNAs; they are those of training where `known` does not say."""
    known = [np.arange(len(circrnas)), np.arange(len(mirnas))] if known is None else known
    known = [np.asarray(rows, dtype=np.int64) for rows in known]
    rows = np.array([(c, m) for c in range(len(circrnas)) for m in range(len(mirnas))])
    adjacency = adjacency_of(edges, (len(atlas.circrnas.lengths), len(training_mirnas)))
    sites = atlas.locate(encode_rnas(circrnas), encode_rnas(mirnas), rows, known[0])
    own = known[0][rows[:, 0]], known[1][rows[:, 1]]
    used = tuple(np.arange(n) for n in adjacency.shape) if used is None else used
    found = atlas.read(sites, own, adjacency, used)
    return {name: values.reshape(len(circrnas), len(mirnas)) for name, values in found.items()}


def make_world(seed):
    """Return training RNAs, others that share stretches, edges, what of them is known, and what is used."""
    rng = np.random.default_rng(seed)
    pieces = [random_rna(rng.integers(3, 25), rng) + SITES[i % 3] for i in range(5)] + [random_rna(90, rng)]

    def make_circrna():
        rna = "".join(pieces[i] for i in rng.integers(0, len(pieces), rng.integers(2, 6)))
        start = rng.integers(len(rna))
        rna = rna[start:] + rna[:start]
        if rng.random() < 0.2:
            rna = rna[:start] + "N" + rna[start + 1 :]
        return rna if rng.random() < 0.9 else rna[: rng.integers(1, 20)]

    circrnas = [make_circrna() for _ in range(6)]
    new = [make_circrna() for _ in range(2)] + [circrnas[0]]
    mirnas = [random_rna(1, rng) + SEEDS[i % 3] + random_rna(8, rng) for i in range(4)] + ["UGAG"]
    used = tuple(np.flatnonzero(rng.random(n) < 0.8) for n in (6, 5))
    edges = [(i, j) for i in used[0] for j in used[1] if rng.random() < 0.4]
    known = [*range(6), -1, -1, -1], [*range(5), -1]
    return circrnas, mirnas, [*circrnas, *new], [*mirnas, mirna_with(SEEDS[0])], edges, known, used


def read_world(seed, circular):
    circrnas, mirnas, asked_circrnas, asked_mirnas, edges, known, used = make_world(seed)
    atlas = SiteAtlas(circrnas, mirnas, circular=circular)
    return read(atlas, mirnas, asked_circrnas, asked_mirnas, edges, known=known, used=used)


@pytest.mark.slow
@pytest.mark.parametrize("circular", [True, False])
@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_all_columns_are_those_of_counting_by_hand(circular, seed):
    circrnas, mirnas, asked_circrnas, asked_mirnas, edges, known, used = make_world(seed)
    found = read_world(seed, circular)
    assert tuple(found) == SITE_COLUMNS
    adjacency = adjacency_of(edges, (6, 5)).toarray().astype(float)
    for c, circrna in enumerate(asked_circrnas):
        for m, mirna in enumerate(asked_mirnas):
            own = known[0][c], known[1][m]
            expected = read_sites_by_hand((circrna, mirna), own, circrnas, mirnas, adjacency, used, circular)
            actual = [values[c, m] for values in found.values()]
            np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-12)


def test_the_worlds_have_something_to_count():
    worlds = [read_world(seed, circular=True) for seed in range(5)]
    finite = [[np.isfinite(values).mean() for values in world.values()] for world in worlds]
    assert np.min(np.mean(finite, axis=0)) > 0.1


def test_at_most_50_copies_of_a_stretch_are_looked_at():
    circrna = FILLING[:20] + SITES[0] + FILLING[:3] + SITES[1] + FILLING[:23]
    mirnas = [mirna_with(SEEDS[0]), mirna_with(SEEDS[1])]
    weight = np.exp(-0.5 * (10 / 15) ** 2)
    for n in (49, 50, 70):
        atlas = SiteAtlas([circrna] * n, mirnas, circular=True)
        found = read(atlas, mirnas, [circrna], mirnas, [(0, 0)], known=([-1], [0, 1]))
        assert found["sites_around_15"][0, 0] == pytest.approx(min(n, 50) * weight)
    last = read(atlas, mirnas, [circrna], mirnas, [(69, 0)])  # row 0 is one of the 50 copies itself
    assert last["same_site_confirmed"][0, 0] == pytest.approx(share(0, 49, 1.5 / 141))


def test_without_any_site_everything_is_nan():
    circrnas, mirnas = [FILLING[:50], "N" * 30, "A"], [mirna_with(SEEDS[0]), "U", "NNNNNNNN"]
    for circular in (True, False):
        atlas = SiteAtlas(circrnas, mirnas, circular=circular)
        assert atlas.matches.nnz == 0
        found = read(
            atlas, mirnas, [*circrnas, FILLING[:50]], mirnas, [(0, 0)], known=([0, 1, 2, -1], [0] * 3)
        )
        assert all(np.isnan(values).all() for values in found.values())
