"""Where the known interactions have their sites, so that a site is judged by those around it.

Argonaute holds some stretches of a circRNA and not others, and experiments that find its footprints find
all miRNAs that bind there. So a site near confirmed sites of other miRNAs is likely to be one itself, in
the same circRNA or wherever another circRNA, an isoform for instance, has the same stretch.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from scipy import sparse

from sklearn_mferl.evidence.graph.row_products import with_empty_row
from sklearn_mferl.evidence.sites.rna_pairs import RNAPairs
from sklearn_mferl.evidence.sites.seed_index import SeedIndex, Sites
from sklearn_mferl.features.rna_codes import RNACodes, encode_rnas
from sklearn_mferl.utils.arrays import Doubles, Ints

WIDTHS: Final = (15.0, 60.0)  # nucleotides; how far a confirmed site tells of others (standard deviation)

_REACH: Final = 180  # nucleotides beyond which nothing counts, three times the largest width
# by distance; numpy's exponential, unlike that of `math`, depends on the processor
_WEIGHTS: Final = [
    np.array([math.exp(x) for x in -0.5 * (np.arange(_REACH + 1) / width) ** 2]) for width in WIDTHS
]
_STRETCH: Final = 16  # nucleotides that two circRNAs share where they are the same stretch
_BEFORE_SITE: Final = 4  # of them before the site
_MOST_COPIES: Final = 50  # of a stretch that are looked at; repeats have thousands
_PRIOR: Final = 0.5  # sites of average outcome that every site is given
_CELLS_AT_ONCE: Final = 4_000_000
_SITES_AT_ONCE: Final = 4096


class PairSites(NamedTuple):
    """Seed matches of pairs, and the same stretches of sequence in the training circRNAs."""

    pair: Ints  # row of the pair of each site, ascending
    first_copy: Ints  # the copies of site i are those from first_copy[i] to first_copy[i + 1]
    copy_circrna: Ints  # row of the training circRNA
    copy_window: Ints  # where the window of the site is in it


class SiteAtlas:
    """The seed matches of all training miRNAs in all training circRNAs; `matches` is 1 where there is one."""

    def __init__(self, circrnas: Sequence[str], mirnas: Sequence[str], *, circular: bool) -> None:
        self.circular = circular
        self.circrnas = encode_rnas(circrnas)
        self.site_circrna, self.site_window, self.site_mirna = self._scan(encode_rnas(mirnas))
        self.matches = _mark(self.site_circrna, self.site_mirna, (len(circrnas), len(mirnas)))
        self.words, self.word_circrna, self.word_start = _index_stretches(self.circrnas, circular)

    def _scan(self, mirnas: RNACodes) -> tuple[Ints, Ints, Ints]:
        """Find the seed matches of miRNAs in the training circRNAs, sorted: circRNA, window and miRNA."""
        n_circrnas, n_mirnas = len(self.circrnas.lengths), len(mirnas.lengths)
        rows, columns, windows = [], [], []
        step = max(1, _CELLS_AT_ONCE // n_mirnas)
        for start in range(0, n_circrnas, step):
            block = np.arange(start, min(start + step, n_circrnas))
            cells = np.repeat(block, n_mirnas), np.tile(np.arange(n_mirnas), len(block))
            sites = _find_matches(RNAPairs(self.circrnas, mirnas, *cells, self.circular))
            rows.append(sites.target)
            columns.append(sites.mirna)
            windows.append(sites.window)
        found = np.concatenate(rows), np.concatenate(windows), np.concatenate(columns)
        order = np.lexsort(found[::-1])
        return found[0][order], found[1][order], found[2][order]

    def matches_of(self, mirnas: RNACodes, known: Ints) -> sparse.csr_array:
        """Return which training circRNAs have a seed match of miRNAs, shape (n_mirnas, n_circrnas).

        `known` are the rows of the miRNAs in training, or -1.
        """
        new = np.flatnonzero(known < 0)
        found = with_empty_row(self.matches.T)[known]
        if len(new):
            circrna, _, mirna = self._scan(RNACodes(mirnas.codes, mirnas.starts[new], mirnas.lengths[new]))
            found = found + _mark(new[mirna], circrna, found.shape)
        found.sort_indices()
        return sparse.csr_array(found)

    def locate(self, circrnas: RNACodes, mirnas: RNACodes, rows: Ints, known: Ints) -> PairSites:
        """Find the seed matches of pairs, and copies of their surroundings in training circRNAs."""
        pairs, place = RNAPairs.distinct(circrnas, mirnas, rows, self.circular)
        sites = _find_matches(pairs)
        words, shift = _stretches_at(circrnas, sites.target, sites.window, self.circular)
        first = np.searchsorted(self.words, words, side="left")
        last = np.where(words < 0, first, np.searchsorted(self.words, words, side="right"))
        own = known[sites.target]
        copy, n_copies = _ranges(first, np.minimum(last, first + _MOST_COPIES))
        site = np.repeat(np.arange(len(words)), n_copies)
        circrna, window = self.word_circrna[copy], self.word_start[copy] + shift[site]
        elsewhere = circrna != own[site]  # in the circRNA itself, the site is where it is
        itself = np.flatnonzero(own >= 0)
        site = np.concatenate([site[elsewhere], itself])
        circrna = np.concatenate([circrna[elsewhere], own[itself]])
        window = np.concatenate([window[elsewhere], sites.window[itself]])
        order = np.argsort(site, kind="stable")
        first_copy = np.searchsorted(site[order], np.arange(len(words) + 1))
        located = PairSites(sites.pair, first_copy, circrna[order], window[order])
        return located if place is None else take_pairs(located, place)

    def read(
        self, sites: PairSites, own: tuple[Ints, Ints], adjacency: sparse.csr_array, used: tuple[Ints, Ints]
    ) -> dict[str, Doubles]:
        """Return how many of the sites around those of each pair are of known interactions."""
        known = [np.isin(np.arange(n), rows) for n, rows in zip(adjacency.shape, used, strict=True)]
        counts = known[0][self.site_circrna] & known[1][self.site_mirna]
        confirmed = np.zeros(len(counts))
        if len(counts):
            confirmed = np.asarray(adjacency[self.site_circrna, self.site_mirna], dtype=np.float64).ravel()
        around = _SitesAround(self, np.flatnonzero(counts), confirmed)
        own_rows = own[0][sites.pair], own[1][sites.pair]
        starts = range(0, max(len(sites.pair), 1), _SITES_AT_ONCE)
        sums = np.vstack([around.add_up(sites, *own_rows, slice(i, i + _SITES_AT_ONCE)) for i in starts])
        average = (confirmed[counts].sum() + _PRIOR) / (counts.sum() + 2 * _PRIOR)
        columns = {}
        for number, width in enumerate(WIDTHS):
            near, known_near = sums[:, 2 * number], sums[:, 2 * number + 1]
            share, weight = _best(near, known_near, average, sites.pair, len(own[0]))
            columns[f"site_confirmed_{width:g}"] = share
            columns[f"sites_around_{width:g}"] = weight
        columns["same_site_confirmed"] = _best(sums[:, -2], sums[:, -1], average, sites.pair, len(own[0]))[0]
        return columns


class _SitesAround:
    """Some of the sites of an atlas, those that count, and which of them are confirmed."""

    def __init__(self, atlas: SiteAtlas, kept: Ints, confirmed: Doubles) -> None:
        self.window, self.mirna = atlas.site_window[kept], atlas.site_mirna[kept]
        self.confirmed = confirmed[kept]
        lengths = atlas.circrnas.lengths
        self.longest = lengths.max()
        self.lengths = lengths if atlas.circular else np.full_like(lengths, np.iinfo(np.int64).max // 2)
        self.places = self._place(atlas.site_circrna[kept], self.window)  # ascending

    def _place(self, circrna: Ints, window: Ints) -> Ints:
        """Return places in circRNAs as places in all of them end to end."""
        return circrna * (self.longest + 1) + np.clip(window, 0, self.longest)

    def add_up(self, sites: PairSites, own_circrna: Ints, own_mirna: Ints, some: slice) -> Doubles:
        """Add up confirmed and all sites around the copies of each site, by width; then same sites."""
        first = sites.first_copy[some.start : some.stop + 1]
        circrna, window = (x[first[0] : first[-1]] for x in (sites.copy_circrna, sites.copy_window))
        copy, site = self._near(circrna, window)
        row = np.repeat(np.arange(len(first) - 1), np.diff(first))[copy]
        circrna, length = circrna[copy], self.lengths[circrna[copy]]
        distance = np.abs(self.window[site] - window[copy]) % length
        distance = np.minimum(distance, length - distance)
        same = self.mirna[site] == own_mirna[some][row]
        sums = [np.where(same, 0.0, weights[distance]) for weights in _WEIGHTS]
        sums.append((same & (distance == 0) & (circrna != own_circrna[some][row])).astype(float))
        columns = [x for weight in sums for x in (weight * self.confirmed[site], weight)]
        return np.column_stack([np.bincount(row, x, minlength=len(first) - 1) for x in columns])

    def _near(self, circrna: Ints, window: Ints) -> tuple[Ints, Ints]:
        """Return each window with each site within reach, round the circle, as numbers of the two."""
        length = self.lengths[circrna]
        start = window % length - np.minimum(_REACH, (length - 1) // 2)
        end = window % length + np.minimum(_REACH, length // 2) + 1
        first_window, last_window = np.zeros_like(start), np.full_like(start, self.longest)
        bounds = (first_window, end - length), (start, end), (start + length, last_window)
        first, last = (
            np.searchsorted(self.places, self._place(circrna[:, None], np.column_stack(x)))
            for x in zip(*bounds, strict=True)
        )
        site, _ = _ranges(first.ravel(), last.ravel())
        return np.repeat(np.arange(len(circrna)), (last - first).sum(axis=1)), site


def _mark(rows: Ints, columns: Ints, shape: tuple[int, int]) -> sparse.csr_array:
    """Return a matrix with 1 in some cells, each of which may be named more than once."""
    marked = sparse.csr_array((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape)
    marked.sum_duplicates()
    marked.data[:] = 1.0
    return marked


def _find_matches(pairs: RNAPairs) -> Sites:
    """Find the matches of nucleotides 2 to 8, block by block."""
    index = SeedIndex(pairs.mirnas, seed_only=True)
    found = []
    for block in pairs.blocks():
        sites = index.find(pairs.take(block))
        found.append((sites.pair + block.start, sites.target, sites.mirna, sites.window, sites.type))
    return Sites(*(np.concatenate(values) for values in zip(*found, strict=True)))


def take_pairs(sites: PairSites, rows: Ints) -> PairSites:
    """Return the sites of pairs, numbered anew; a pair may be taken more than once."""
    site, n_sites = _ranges(
        np.searchsorted(sites.pair, rows, side="left"), np.searchsorted(sites.pair, rows, side="right")
    )
    copy, n_copies = _ranges(sites.first_copy[site], sites.first_copy[site + 1])
    return PairSites(
        np.repeat(np.arange(len(rows)), n_sites),
        np.concatenate([[0], n_copies.cumsum()]),
        sites.copy_circrna[copy],
        sites.copy_window[copy],
    )


def _ranges(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Return the numbers of all ranges one after the other, and how many each range has."""
    n = last - first
    return np.repeat(first - n.cumsum() + n, n) + np.arange(n.sum()), n


def _best(near: Doubles, known: Doubles, average: float, pair: Ints, n_pairs: int) -> tuple[Doubles, Doubles]:
    """Return the largest share over the sites of each pair, and the weight behind it."""
    share, weight = np.full(n_pairs, np.nan), np.full(n_pairs, np.nan)
    some = np.flatnonzero(known > 0)
    shares = (near[some] + _PRIOR * average) / (known[some] + _PRIOR)
    order = np.argsort(shares, kind="stable")  # the largest is written last
    share[pair[some][order]] = shares[order]
    weight[pair[some][order]] = known[some][order]
    return share, weight


def _index_stretches(rnas: RNACodes, circular: bool) -> tuple[Ints, Ints, Ints]:
    """List the words of all stretches of the RNAs in sorted order, with RNA and place of each."""
    rna, start, words = rnas.all_words(_STRETCH, circular)
    order = np.argsort(words, kind="stable")
    return words[order], rna[order], start[order]


def _stretches_at(rnas: RNACodes, rna: Ints, window: Ints, circular: bool) -> tuple[Ints, Ints]:
    """Return the words of the stretches around windows, and how far into each the window starts."""
    start = window - _BEFORE_SITE
    if not circular:
        start = np.clip(start, 0, np.maximum(rnas.lengths[rna] - _STRETCH, 0))
    return rnas.words(rna, start, _STRETCH), window - start
