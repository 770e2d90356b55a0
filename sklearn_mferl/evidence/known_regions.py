"""What experiments say of a target: seed sites in the stretches that Argonaute was found to hold."""

from typing import Any, Final

import numpy as np

from sklearn_mferl.evidence.sequence_channel import SequenceChannel
from sklearn_mferl.evidence.sites.regions import RegionIndex, read_regions
from sklearn_mferl.evidence.sites.rna_pairs import RNAPairs
from sklearn_mferl.evidence.sites.seed_index import N_CANONICAL_TYPES, SITE_TYPES, WINDOW, Sites
from sklearn_mferl.utils.arrays import Objects, Singles

_COLUMNS: Final = ("regions_share", "regions_sites", "regions_best_site")


class KnownRegions(SequenceChannel):
    """Describe circRNA–miRNA pairs by the seed sites within stretches that are known to be held.

    CLIP experiments find the stretches of a circRNA that Argonaute holds, and tell no miRNA. A seed match in
    such a stretch is more often true than one elsewhere. A stretch counts wherever its whole sequence stands
    in a target, round the circle, too, so that isoforms share what is known of one.

    Parameters
    ----------
    circrna, mirna, n_jobs
        As in `TargetSites`.
    regions : str, Path, DataFrame, iterable of str or None, default=None
        The stretches, of at least 12 nucleotides: sequences, the path of a FASTA or BED file (the circRNA as
        chromosome, places counted from 0), or a table, or the path of one, with a column ``sequence`` or the
        columns ``circrna``, ``start`` and ``end``. With None nothing is known of any target.
    circular : bool, default=True
        Whether stretches and sites may lie across the back-splice junction.

    Attributes
    ----------
    n_features_in_, n_features_out_
        As those of `TargetSites`.

    Raises
    ------
    ValueError
        As `TargetSites`; or if the regions cannot be read, one is too short or lies beyond its circRNA, or
        none is of a circRNA that has a sequence; the message names file and line.

    Notes
    -----
    Columns, unknown (NaN) for a target that holds none of the stretches:

    - ``regions_share``: share of the target's nucleotides in stretches, in (0, 1];
    - ``regions_sites``: number of canonical seed sites whose eight nucleotides lie in stretches;
    - ``regions_best_site``: the strongest type of seed site there, as ``best_site`` of `TargetSites`.

    Examples
    --------
    >>> from sklearn_mferl import KnownRegions
    >>> circrna, mirna = {"circ": "CCUCAGGGGCCAAGGCCUACUACCUCAGG"}, {"let-7": "UGAGGUAGUAGGUUGUAUAGUU"}
    >>> regions = KnownRegions(circrna, mirna, regions=["GGCCUACUACCUCAGG"])
    >>> regions.fit_transform([("circ", "let-7")]).round(2)
    array([[0.55, 1.  , 7.  ]], dtype=float32)
    """

    def __init__(
        self,
        circrna: Any = None,
        mirna: Any = None,
        *,
        regions: Any = None,
        circular: bool = True,
        n_jobs: int | None = None,
    ) -> None:
        self.circrna = circrna
        self.mirna = mirna
        self.regions = regions
        self.circular = circular
        self.n_jobs = n_jobs

    def _fit(self, pairs: Objects, y: Any) -> None:
        super()._fit(pairs, y)
        known = self._sides["circrna"].sequences
        stretches = [] if self.regions is None else read_regions(self.regions, known, bool(self.circular))
        self._index = RegionIndex(stretches)

    def _feature_names(self) -> list[str]:
        return [*_COLUMNS]

    def _describe(self, pairs: RNAPairs) -> Singles:
        return np.concatenate(self._by_sites(self._describe_block, pairs))

    def _describe_block(self, sites: Sites, pairs: RNAPairs) -> Singles:
        described = np.full((len(pairs), len(_COLUMNS)), np.nan, dtype=np.float32)
        codes, starts, lengths = pairs.targets.arrays()
        inside = np.zeros(len(sites.pair), dtype=bool)
        for target in np.unique(pairs.target):
            length = int(lengths[target])
            covered = self._index.cover(codes[starts[target] :][:length], pairs.circular)
            if not covered.any():
                continue
            rows = slice(*np.searchsorted(pairs.target, [target, target + 1]))
            described[rows] = covered.mean(), 0, 0
            some = slice(*np.searchsorted(sites.target, [target, target + 1]))
            at = sites.window[some, None] + np.arange(WINDOW)
            is_there = (at >= 0) & (at < length) | pairs.circular
            inside[some] = (covered[at % length] & is_there).all(axis=1)
        pair, kind = sites.pair[inside], sites.type[inside]
        np.add.at(described[:, 1], pair, kind < N_CANONICAL_TYPES)
        np.maximum.at(described[:, 2], pair, (len(SITE_TYPES) - kind).astype(np.float32))
        return described
