"""A simulator: RNAs with seed sites, families and hubs, for demonstrations and tests."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from sklearn_mferl.datasets.folder import CMIData
from sklearn_mferl.utils.arrays import Bools, Doubles, Ints, Letters
from sklearn_mferl.utils.random_state import spawn_seeds
from sklearn_mferl.utils.validation import SIDES

_BASES: Final = np.frombuffer(b"ACGU", dtype=np.uint8)
_A: Final = 0  # nucleotides are numbers here, in the order of _BASES: x pairs with 3 - x
_SEED: Final = slice(1, 8)  # positions 2 to 8 of a miRNA, counted from 1
_SITE_LENGTH: Final = 8  # opposite to positions 8 to 1
_SHARE_8MER: Final = 0.5
_SHARE_JUNCTION: Final = 0.3
_JUNCTION_OFFSET: Final = 4
_MIRNA_LENGTHS: Final = (20, 24)
_MIRNA_DIVERGENCE: Final = 0.15
_EXON_LENGTH: Final = 150
_LENGTH_SIGMA: Final = 0.6
_ZIPF_MIRNA: Final = 1.0
_ZIPF_CIRCRNA: Final = 0.7


@dataclass
class _Gene:
    """A family of circRNA isoforms."""

    first: int  # number of its first circRNA; the others follow
    segments: list[Letters]  # exons in order, one core exon first
    carries: Bools  # (isoforms, segments): which isoform has which exon
    free_sites: list[tuple[int, int]]  # (segment, position) where a site may still be planted

    def isoforms(self) -> list[str]:
        """Join the exons. The cut lies within the first place for a site, which so spans the junction."""
        joined = [np.concatenate([self.segments[i] for i in np.flatnonzero(row)]) for row in self.carries]
        return [_letters(np.roll(isoform, -_JUNCTION_OFFSET)) for isoform in joined]


def make_cmi(
    n_circrna: int = 200,
    n_mirna: int = 80,
    n_interactions: int | None = None,
    *,
    circrna_length: tuple[int, int] = (200, 2000),
    isoform_family_size: int = 4,
    mirna_family_size: int = 4,
    noise: float = 0.1,
    random_state: Any = None,
) -> CMIData:
    """Simulate circRNAs, miRNAs and their known interactions.

    - **miRNA families**: miRNAs of 20 to 24 nt share the seed (positions 2 to 8) and most of the rest.
    - **isoform families**: circRNAs share their core exons and differ in cassette exons, which each has or
      skips. Lengths are skewed to the right.
    - **seed sites**: an interaction is planted as a 7mer-m8 or 8mer site [1]_ in an exon, for all isoforms
      with this exon and all miRNAs of the family; some sites span the back-splice junction.
    - **hubs**: which families meet follows Zipf weights, so few miRNAs and circRNAs have many interactions.
    - **noise**: sites occur by chance too, some planted pairs are not listed, and some listed pairs have
      no planted site.

    Parameters
    ----------
    n_circrna, n_mirna : int, default=200, 80
        Numbers of RNAs, at least 2. Rare ones may be left without an interaction.
    n_interactions : int, default=None
        How many interactions are listed, at most half of all pairs; None lists six a circRNA, or a tenth
        of all pairs where that is fewer.
    circrna_length : tuple of int, default=(200, 2000)
        Shortest and longest circRNA in nucleotides: at least 30, and at least twice the shortest.
    isoform_family_size, mirna_family_size : int, default=4
        Members of the largest families; sizes are uniform from 1 to this.
    noise : float, default=0.1
        Share of the listed pairs that have no planted site, and (as nearly as the sites allow) of the
        pairs with a planted site that are not listed, in [0, 0.5].
    random_state : int, RandomState, Generator or None, default=None
        Seeds the simulation; an int gives the same data in every process.

    Returns
    -------
    CMIData
        Named ``"simulated"``; the ids are ``sim_circ_0001`` and so on, and ``sim-miR-1-5p`` and so on.

    Raises
    ------
    ValueError
        If a parameter is out of range, or the circRNAs are too short to hold the sites of so many
        interactions.

    References
    ----------
    .. [1] Bartel, "Metazoan microRNAs", Cell 173, 20-51 (2018), for the types of sites.

    Examples
    --------
    >>> from sklearn_mferl.datasets import make_cmi
    >>> data = make_cmi(n_circrna=50, n_mirna=20, random_state=0)
    >>> data
    CMIData(name='simulated', pairs=100, circrna=50 sequences, mirna=20 sequences)
    """
    from sklearn_mferl.utils.parameters import is_number, is_whole  # which load scikit-learn

    for parameter, value, least in (
        ("n_circrna", n_circrna, 2),
        ("n_mirna", n_mirna, 2),
        ("isoform_family_size", isoform_family_size, 1),
        ("mirna_family_size", mirna_family_size, 1),
    ):
        if not isinstance(value, (int, np.integer)) or value < least:
            raise ValueError(f"{parameter} must be an integer of {least} or more; got {value!r}.")
    most = n_circrna * n_mirna // 2
    if n_interactions is None:
        n_interactions = max(1, min(6 * n_circrna, n_circrna * n_mirna // 10))
    if not isinstance(n_interactions, (int, np.integer)) or not 1 <= n_interactions <= most:
        raise ValueError(
            f"n_interactions must be an integer from 1 to {most}, half of all pairs; got {n_interactions!r}."
        )
    lengths = circrna_length if isinstance(circrna_length, (tuple, list)) else ()
    if len(lengths) != 2 or not all(map(is_whole, lengths)) or not 60 <= 2 * lengths[0] <= lengths[1]:
        raise ValueError(
            "circrna_length must be (shortest, longest), whole numbers, the shortest at least 30 and the "
            f"longest at least twice that; got {circrna_length!r}."
        )
    if not is_number(noise, 0, 0.5, closed="both"):
        raise ValueError(f"noise must be in [0, 0.5]; got {noise!r}.")

    rng = np.random.default_rng(spawn_seeds(random_state, 1)[0])
    mirnas, mirna_families = _make_mirnas(n_mirna, mirna_family_size, rng)
    genes = _make_genes(n_circrna, isoform_family_size, circrna_length, rng)
    # As many pairs with a site are left out as pairs without one are listed: (1 - noise) of either.
    planted = _plant(n_interactions, mirnas, mirna_families, genes, rng)
    siteless = np.setdiff1d(np.arange(n_circrna * n_mirna), planted, assume_unique=True)
    n_false = min(round(noise * n_interactions), len(siteless))
    listed = [
        rng.choice(planted, n_interactions - n_false, replace=False),
        rng.choice(siteless, n_false, replace=False),
    ]
    cells = np.sort(np.concatenate(listed))

    width = max(4, len(str(n_circrna)))
    circrna_ids = np.array([f"sim_circ_{i + 1:0{width}d}" for i in range(n_circrna)], dtype=object)
    mirna_ids = np.array([f"sim-miR-{i + 1}-5p" for i in range(n_mirna)], dtype=object)
    known = (circrna_ids[cells // n_mirna], mirna_ids[cells % n_mirna])
    isoforms = [isoform for gene in genes for isoform in gene.isoforms()]
    return CMIData(
        "simulated",
        pd.DataFrame(dict(zip(SIDES, known, strict=True))),
        circrna=dict(zip(circrna_ids, isoforms, strict=True)),
        mirna={name: _letters(mirna) for name, mirna in zip(mirna_ids, mirnas, strict=True)},
    )


def _make_mirnas(n_mirna: int, largest: int, rng: np.random.Generator) -> tuple[list[Letters], list[Ints]]:
    """Return the miRNAs, and for each family the numbers of its members."""
    sizes = _family_sizes(n_mirna, largest, rng)
    n_seeds = 4 ** (_SEED.stop - _SEED.start)
    if len(sizes) > n_seeds:
        raise ValueError(
            f"n_mirna={n_mirna} makes {len(sizes)} families, but there are only {n_seeds} different seeds; "
            "raise mirna_family_size."
        )
    mirnas: list[Letters] = []
    families = []
    taken = set()
    for size, seed in zip(sizes, rng.choice(n_seeds, len(sizes), replace=False), strict=True):
        families.append(np.arange(len(mirnas), len(mirnas) + size))
        ancestor = _random_rna(_MIRNA_LENGTHS[1], rng)
        ancestor[_SEED] = (seed // 4 ** np.arange(_SEED.stop - _SEED.start)) % 4
        while len(mirnas) <= families[-1][-1]:
            mirna = ancestor.copy()
            mutated = rng.random(len(mirna)) < _MIRNA_DIVERGENCE
            mutated[_SEED] = False
            mirna[mutated] = _random_rna(mutated.sum(), rng)
            mirna = mirna[: rng.integers(*_MIRNA_LENGTHS, endpoint=True)]
            if mirna.tobytes() not in taken:
                taken.add(mirna.tobytes())
                mirnas.append(mirna)
    return mirnas, families


def _make_genes(
    n_circrna: int, largest: int, length: tuple[int, int], rng: np.random.Generator
) -> list[_Gene]:
    """Return families of isoforms: each has all core exons and its own choice of the cassette exons.

    The cassettes together are no longer than the core, so with a core of half the longest length at most,
    every choice stays within the bounds.
    """
    shortest, longest = length
    # A third of the way up the logarithmic scale, since lengths of circRNAs are skewed to the right.
    log_median = (2 * np.log(shortest) + np.log(longest / 2)) / 3
    genes: list[_Gene] = []
    first = 0
    for size in _family_sizes(n_circrna, largest, rng):
        core = int(np.clip(np.exp(rng.normal(log_median, _LENGTH_SIGMA)), shortest, longest // 2))
        core_exons = np.array_split(_random_rna(core, rng), max(2, core // _EXON_LENGTH))
        n_cassettes = 1 + int(np.ceil(np.log2(size)))
        cassettes = np.array_split(_random_rna(int(core * rng.uniform(0.5, 1)), rng), n_cassettes)
        order = np.append(0, 1 + rng.permutation(len(core_exons) + n_cassettes - 1))
        choices = rng.choice(2**n_cassettes, size, replace=False)[:, None] >> np.arange(n_cassettes) & 1
        carries = np.hstack([np.ones((size, len(core_exons)), dtype=bool), choices.astype(bool)])[:, order]
        exons = [*core_exons, *cassettes]
        segments = [exons[i] for i in order]
        places = [
            (segment, position)
            for segment, exon in enumerate(segments)
            if carries[:, segment].any()  # a cassette that every isoform skips is in no circRNA
            for position in range(0, len(exon) - _SITE_LENGTH + 1, _SITE_LENGTH + 1)
        ]
        free_sites = [places[i] for i in rng.permutation(len(places))]
        if rng.random() < _SHARE_JUNCTION:  # the last one is used first
            free_sites.remove((0, 0))
            free_sites.append((0, 0))
        genes.append(_Gene(first, segments, carries, free_sites))
        first += size
    return genes


def _plant(
    n_pairs: int, mirnas: list[Letters], families: list[Ints], genes: list[_Gene], rng: np.random.Generator
) -> Ints:
    """Write sites into the exons until `n_pairs` pairs (or a few more) have one; return these pairs.

    A pair is the number ``circRNA * n_mirna + miRNA``.
    """
    popularity = np.add.outer(
        _log_zipf(len(families), _ZIPF_MIRNA, rng), _log_zipf(len(genes), _ZIPF_CIRCRNA, rng)
    )
    # Families meet in proportion to their popularity, each two once: the Gumbel trick.
    meetings = np.argsort(-(popularity + rng.gumbel(size=popularity.shape)), axis=None)
    planted: list[Ints] = []
    n_planted = 0
    for meeting in meetings:
        family, gene = families[meeting // len(genes)], genes[meeting % len(genes)]
        if not gene.free_sites:
            continue
        segment, position = gene.free_sites.pop()
        site = 3 - mirnas[family[0]][_SEED][::-1]
        if rng.random() < _SHARE_8MER:
            site = np.append(site, np.uint8(_A))
        gene.segments[segment][position : position + len(site)] = site
        circrnas = gene.first + np.flatnonzero(gene.carries[:, segment])
        planted.append(np.add.outer(circrnas * len(mirnas), family).ravel())
        n_planted += planted[-1].size
        if n_planted >= n_pairs:
            return np.concatenate(planted)
    raise ValueError(
        f"The circRNAs have room for the sites of {n_planted} pairs, but {n_pairs} interactions are wanted; "
        "lower n_interactions or raise circrna_length."
    )


def _family_sizes(total: int, largest: int, rng: np.random.Generator) -> list[int]:
    """Draw sizes from 1 to `largest` that add up to `total`."""
    sizes: list[int] = []
    while total > 0:
        sizes.append(min(total, int(rng.integers(1, largest, endpoint=True))))
        total -= sizes[-1]
    return sizes


def _log_zipf(n_items: int, exponent: float, rng: np.random.Generator) -> Doubles:
    """Give out the weights 1, 1/2^a, 1/3^a, ... at random, as logarithms."""
    return -exponent * np.log(rng.permutation(n_items) + 1)


def _random_rna(length: int, rng: np.random.Generator) -> Letters:
    return rng.integers(0, 4, length, dtype=np.uint8)


def _letters(rna: Letters) -> str:
    return _BASES[rna].tobytes().decode("ascii")
