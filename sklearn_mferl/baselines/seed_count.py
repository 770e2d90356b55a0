"""Scores of a pair by its target sites alone."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_mferl.baselines.base import _EvidenceBaseline
from sklearn_mferl.evidence.target_sites import TargetSites
from sklearn_mferl.utils.parameters import one_of
from sklearn_mferl.utils.validation import SIDES, check_pairs


class SiteScore(_EvidenceBaseline):
    """Score a pair by one column of `TargetSites`; labels set the midpoint only.

    Parameters
    ----------
    circrna, mirna, circular
        As in `SeedCount`.
    column : str, default="duplex_best"
        Which column, such as ``"duplex_best"``, the best alignment, or ``"target_log_length"``, for long
        circRNAs hold more of everything.

    Attributes
    ----------
    classes_, midpoint_, n_features_in_, sites_
        As those of `SeedCount`.

    Raises
    ------
    ValueError
        As `SeedCount`, or if there is no such column.

    Examples
    --------
    >>> from sklearn_mferl.baselines import SiteScore
    >>> circrna = {"circ_1": "GGACUACCUCAGGA", "circ_2": "GGACUAGCUGAGGA"}
    >>> model = SiteScore(circrna, {"let-7a-5p": "UGAGGUAGUAGGUUGUAUAGUU"})
    >>> pairs = [("circ_1", "let-7a-5p"), ("circ_2", "let-7a-5p")]
    >>> model.fit(pairs, [1, 0]).predict(pairs)
    array([1, 0])
    """

    def __init__(
        self, circrna: Any = None, mirna: Any = None, column: str = "duplex_best", *, circular: bool = True
    ) -> None:
        self.circrna = circrna
        self.mirna = mirna
        self.column = column
        self.circular = circular

    def _load(self, pairs: NDArray[np.object_]) -> None:
        if not isinstance(self.column, str):
            raise ValueError(f"column must be the name of a column of TargetSites; got {self.column!r}.")
        is_duplex = self.column.startswith("duplex")
        sites = TargetSites(self.circrna, self.mirna, circular=self.circular, duplex=is_duplex)
        try:
            self.sites_ = sites.fit(pairs)
        except ValueError as error:
            missing = [f"{side}=" for side in SIDES if getattr(self, side) is None]
            if not missing:
                raise
            raise ValueError(
                f"{error} {type(self).__name__} reads the sequences of both RNAs: give it "
                f"{' and '.join(missing)}, or pairs of sequences."
            ) from error
        columns = self.sites_.get_feature_names_out().tolist()
        if self.column not in columns:
            raise ValueError(f"column must be {one_of(*columns)}; got {self.column!r}.")

    def _learn(self, positives: NDArray[np.object_]) -> None:
        """Learn nothing: a site is a site."""

    def _evidence(self, pairs: NDArray[np.object_]) -> NDArray[np.float64]:
        return _read_sites(self.sites_, pairs, self.column)[:, 0].astype(np.float64)


class SeedCount(SiteScore):
    """Score a pair by its seed sites: more of them than chance would give speak for an interaction.

    The evidence is log(1 + found) - log(1 + expected) of perfect matches of nucleotides 2 to 8 of the miRNA
    (8mer and 7mer-m8 sites), where the expectation follows from the length and the composition of the
    circRNA: ``seed_log_odds`` of `TargetSites`. Labels set the midpoint only. On lists of interactions that
    were made with, or filtered by, target prediction it is hard to beat.

    Parameters
    ----------
    circrna, mirna : mapping, Series, str, Path or None, default=None
        Sequences by id, or the path of a FASTA file. With None a sequence is its own id.
    circular : bool, default=True
        Whether sites may lie across the back-splice junction; False for linear RNAs such as lncRNAs.

    Attributes
    ----------
    classes_, midpoint_, n_features_in_
        As those of `DegreeProduct`.
    sites_ : TargetSites
        What finds the sites.

    Raises
    ------
    ValueError
        If the labels are not two classes, or an RNA of a pair has no sequence or one that is not RNA.

    Examples
    --------
    >>> from sklearn_mferl.baselines import SeedCount
    >>> circrna = {"circ_1": "GGACUACCUCAGGA", "circ_2": "GGACUAGCUGAGGA"}
    >>> model = SeedCount(circrna, {"let-7a-5p": "UGAGGUAGUAGGUUGUAUAGUU"})
    >>> pairs = [("circ_1", "let-7a-5p"), ("circ_2", "let-7a-5p")]
    >>> model.fit(pairs, [1, 0]).predict_proba(pairs)[:, 1].round(2)
    array([0.59, 0.41])
    """

    column = "seed_log_odds"

    def __init__(self, circrna: Any = None, mirna: Any = None, *, circular: bool = True) -> None:
        self.circrna = circrna
        self.mirna = mirna
        self.circular = circular


def has_seed_match(pairs: Any, circrna: Any, mirna: Any, *, circular: bool = True) -> NDArray[np.bool_]:
    """Tell which pairs have a match of the miRNA's seed.

    Parameters
    ----------
    pairs : DataFrame, list of tuples or array, shape (n_pairs, 2)
        Pairs of ids; a DataFrame has the columns ``circrna`` and ``mirna``.
    circrna, mirna, circular
        As in `SeedCount`.

    Returns
    -------
    ndarray of bool, shape (n_pairs,)
        Whether the circRNA holds an 8mer or 7mer-m8 site.

    Raises
    ------
    ValueError
        If a pair holds an id without a sequence.

    Examples
    --------
    >>> from sklearn_mferl.baselines import has_seed_match
    >>> circrna = {"circ_1": "ACGGGGCU", "circ_2": "ACGGGGCA"}  # GGGCUAC stands across the junction of circ_1
    >>> has_seed_match([("circ_1", "miR-1"), ("circ_2", "miR-1")], circrna, {"miR-1": "AGUAGCCC"})
    array([ True, False])
    """
    ids = check_pairs(pairs)
    sites = TargetSites(circrna, mirna, circular=circular, duplex=False).fit(ids)
    return np.any(_read_sites(sites, ids, "site_8mer", "site_7mer_m8"), axis=1)


def _read_sites(sites: TargetSites, pairs: NDArray[np.object_], *names: str) -> NDArray[np.float32]:
    columns = sites.get_feature_names_out().tolist()
    return sites.transform(pairs)[:, [columns.index(name) for name in names]]
