"""From the sites of pairs, and the composition of their RNAs, to features of the pairs."""

from typing import Final

import numpy as np

from sklearn_mferl.evidence.sites.context import LEAST_SUPPLEMENT
from sklearn_mferl.evidence.sites.duplex import SCORE_THRESHOLD
from sklearn_mferl.evidence.sites.rna_pairs import RNAPairs
from sklearn_mferl.evidence.sites.seed_index import (
    N_6MER_TYPES,
    N_7MER_TYPES,
    N_CANONICAL_TYPES,
    N_SEED_TYPES,
    SITE_LENGTHS,
    SITE_OFFSETS,
    SITE_TYPES,
    WINDOW,
    Sites,
    count_places,
)
from sklearn_mferl.features.rna_codes import FOREIGN, NUCLEOTIDES, SEED
from sklearn_mferl.utils.arrays import Bools, Doubles, Ints

SITE_FEATURES: Final = (
    "site_8mer",  # counts, in the order of SITE_TYPES
    "site_7mer_m8",
    "site_7mer_a1",
    "site_6mer",
    "site_offset_6mer",
    "seed_gu",
    "seed_mismatch",
    "best_site",
    "supplementary_pairing",
    "compensatory_pairing",
    "junction_sites",
    "local_au",
    "seed_match",
    "density_8mer",
    "seed_density",
    "site_density",
    "density_6mer",
    "density_weak_seed",
    "expected_seed",
    "expected_sites",
    "expected_6mer",
    "seed_log_odds",
    "site_log_odds",
    "log_odds_6mer",
    "target_log_length",
    "target_gc",
    "mirna_gc",
    "seed_gc",
)
DUPLEX_FEATURES: Final = ("duplex_best", "duplex_sum", "duplex_hits")
ENERGY_FEATURES: Final = ("duplex_energy",)
BINDING_FEATURES: Final = ("binding_best", "binding_sites", "binding_log_sum")

_GC: Final = [NUCLEOTIDES.index("G"), NUCLEOTIDES.index("C")]
_ADENINE: Final = NUCLEOTIDES.index("A")


def crosses_junction(sites: Sites, pairs: RNAPairs) -> Bools:
    """Say of each site whether its nucleotides lie on both sides of the junction."""
    lengths = pairs.targets.lengths[sites.target]
    return site_starts(sites, pairs) + SITE_LENGTHS[sites.type] > lengths


def site_starts(sites: Sites, pairs: RNAPairs) -> Ints:
    """Return the place of the first nucleotide of each site in its target."""
    return (sites.window + SITE_OFFSETS[sites.type]) % pairs.targets.lengths[sites.target]


def best_sites(sites: Sites, n_pairs: int) -> tuple[Ints, Bools]:
    """Rank the strongest type of site of each pair, and find the sites of this type."""
    ranks = len(SITE_TYPES) - sites.type
    best = _largest(ranks, sites.pair, n_pairs).astype(np.int64)
    return best, ranks == best[sites.pair]


def summarize_sites(sites: Sites, supplementary: Ints, local_au: Doubles, pairs: RNAPairs) -> Doubles:
    """Compute `SITE_FEATURES`."""
    n_pairs, n_types = len(pairs), len(SITE_TYPES)
    counts = np.bincount(n_types * sites.pair + sites.type, minlength=n_types * n_pairs)
    counts = counts.reshape(n_pairs, n_types)
    found = np.column_stack([counts[:, :n].sum(axis=1) for n in (N_SEED_TYPES, N_7MER_TYPES, N_6MER_TYPES)])
    expected = _expected_sites(pairs)
    canonical = sites.type < N_CANONICAL_TYPES
    supplemented = supplementary >= LEAST_SUPPLEMENT
    crossing = crosses_junction(sites, pairs)
    best, is_best = best_sites(sites, n_pairs)
    kilobases = pairs.targets.lengths[pairs.target] / 1000
    return np.column_stack(
        [
            counts,
            best,
            _count(canonical & supplemented, sites.pair, n_pairs),
            _count(~canonical & supplemented, sites.pair, n_pairs),
            _count(canonical & crossing, sites.pair, n_pairs),
            _largest(local_au[is_best], sites.pair[is_best], n_pairs),
            found[:, 0],
            counts[:, 0] / kilobases,
            found / kilobases[:, None],
            counts[:, N_CANONICAL_TYPES:].sum(axis=1) / kilobases,
            expected,
            np.log1p(found) - np.log1p(expected),
            np.log(pairs.targets.lengths)[pairs.target],
            pairs.targets.shares[:, _GC].sum(axis=1)[pairs.target],
            pairs.mirnas.shares[:, _GC].sum(axis=1)[pairs.mirna],
            np.isin(pairs.mirnas.first_letters(WINDOW)[:, SEED], _GC).mean(axis=1)[pairs.mirna],
        ]
    )


def summarize_duplexes(sites: Sites, scores: Ints, n_pairs: int) -> Doubles:
    """Compute `DUPLEX_FEATURES`."""
    hit = scores >= SCORE_THRESHOLD
    return np.column_stack(
        [
            _largest(scores, sites.pair, n_pairs),
            np.bincount(sites.pair, scores * hit, minlength=n_pairs),
            _count(hit, sites.pair, n_pairs),
        ]
    )


def _expected_sites(pairs: RNAPairs) -> Doubles:
    """Count the sites that letters drawn one by one would give: matches of 2-8, 7mers, 6mers or better."""
    shares = np.column_stack([pairs.targets.shares, np.zeros(len(pairs.targets.lengths))])
    complement = np.array([3, 2, 1, 0, FOREIGN])  # by the numbers of A, C, G, U; the share of FOREIGN is 0
    opposite = complement[pairs.mirnas.first_letters(WINDOW)][pairs.mirna]
    chance = shares[pairs.target[:, None], opposite]  # of the right letter opposite to nucleotides 1 to 8
    at_8, adenine = chance[:, 7], shares[pairs.target, _ADENINE]
    n_places = count_places(pairs.targets.lengths, pairs.circular)[pairs.target]
    expected_6mers = n_places * chance[:, 1:7].prod(axis=1)
    either_end = 1 - (1 - at_8) * (1 - adenine)
    return np.column_stack([expected_6mers * at_8, expected_6mers * either_end, expected_6mers])


def _count(chosen: Bools, pair: Ints, n_pairs: int) -> Ints:
    return np.bincount(pair[chosen], minlength=n_pairs)


def _largest(values: Ints | Doubles, pair: Ints, n_pairs: int) -> Doubles:
    """Return the largest value of each pair, 0 where it has none; values are not below 0."""
    largest = np.zeros(n_pairs)
    np.maximum.at(largest, pair, values)
    return largest
