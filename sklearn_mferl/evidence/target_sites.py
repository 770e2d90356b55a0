"""Seed sites of the miRNA in the target: the mechanism of an interaction as features of a pair."""

from functools import partial
from typing import Any, ClassVar

import numpy as np

import sklearn_mferl
from sklearn_mferl.evidence.sequence_channel import SequenceChannel
from sklearn_mferl.evidence.sites.context import local_au, supplementary_pairs
from sklearn_mferl.evidence.sites.duplex import score_duplexes
from sklearn_mferl.evidence.sites.energy import duplex_energies, import_vienna
from sklearn_mferl.evidence.sites.rna_pairs import RNAPairs
from sklearn_mferl.evidence.sites.seed_index import SeedIndex, Sites
from sklearn_mferl.evidence.sites.summary import (
    BINDING_FEATURES,
    DUPLEX_FEATURES,
    ENERGY_FEATURES,
    SITE_FEATURES,
    summarize_duplexes,
    summarize_sites,
)
from sklearn_mferl.utils.arrays import Bools, Objects, Singles


class TargetSites(SequenceChannel):
    r"""Describe circRNA–miRNA pairs by the sites where the miRNA can bind.

    A miRNA finds its target by its seed, nucleotides 2 to 8. A site counts once, as the strongest of these
    types [1]_ [2]_:

    ================== ================================================================== ==========
    type               what pairs                                                         best_site
    ================== ================================================================== ==========
    ``8mer``           nucleotides 2-8, and an A opposite to nucleotide 1                 7
    ``7mer-m8``        nucleotides 2-8                                                    6
    ``7mer-A1``        nucleotides 2-7, and an A opposite to nucleotide 1                 5
    ``6mer``           nucleotides 2-7                                                    4
    ``offset-6mer``    nucleotides 3-8                                                    3
    ``seed-GU``        nucleotides 2-8, at least one of them as G:U                       2
    ``seed-mismatch``  nucleotides 2-8 but for one of 3-7                                 1
    ================== ================================================================== ==========

    The first five are canonical and Watson-Crick pairs throughout; the last two are weak.

    Parameters
    ----------
    circrna, mirna : mapping, Series, str, Path or None, default=None
        Sequences by id, or the path of a FASTA file. With None a sequence is its own id.
    circular : bool, default=True
        Whether sites may lie across the back-splice junction; no nucleotide counts twice within a site or
        a duplex, so a circle of less than 8 nucleotides has none. False for linear targets such as lncRNAs.
    duplex : bool, default=True
        Also align the miRNA with the target at each site, weak ones too (the columns ``duplex_``…).
    energy : bool, default=False
        Also compute the free energy of the duplex at the best site by RNAduplex, which takes much longer;
        this needs ViennaRNA (``pip install 'sklearn-mferl[vienna]'``).
    binding : "pretrained", SiteClassifier or None, default=None
        A model of bound sites that also scores every window along the target (the columns ``binding_``…),
        which takes some milliseconds a pair; ``"pretrained"`` is `SiteClassifier.pretrained`. A fitted model
        of one's own has to outlive scikit-learn's `clone`: give ``sklearn.frozen.FrozenEstimator(model)``.
    n_jobs : int, default=None
        Threads, or inside of ``joblib.parallel_config("dask")`` workers of the cluster, that share the pairs.

    Attributes
    ----------
    n_features_in_ : int
        Always 2, the columns of the pairs.
    n_features_out_ : int
        Number of columns.

    Raises
    ------
    ValueError
        If a pair holds an id without sequence or a sequence that is not RNA (the message names the row,
        the id and the letter), or a parameter is not True or False where it must be.
    ImportError
        In `fit`, if ``energy=True`` and ViennaRNA is not installed.

    Notes
    -----
    Columns:

    - ``site_8mer``, ``site_7mer_m8``, ``site_7mer_a1``, ``site_6mer``, ``site_offset_6mer``, ``seed_gu``,
      ``seed_mismatch``: numbers of sites;
    - ``best_site``: rank of the strongest type as in the table, 0 without a site;
    - ``supplementary_pairing``, ``compensatory_pairing``: numbers of canonical and of weak sites upstream
      of which the miRNA's 3' part pairs, too: at least 4 Watson-Crick pairs in a row within nucleotides
      12 to 17, so that at least three of 13 to 16 pair [2]_, with a loop towards the seed that differs by
      at most 2 nucleotides between the strands;
    - ``junction_sites``: canonical sites across the junction;
    - ``local_au``: share of A and U in the 30 nucleotides on either side of the site, of weight 1 / (d + 1)
      at distance d [2]_ [4]_; of the sites of the strongest type the largest;
    - ``seed_match``: number of matches of nucleotides 2-8 (8mer and 7mer-m8);
    - ``density_8mer``, ``seed_density`` (matches of nucleotides 2-8), ``site_density`` (7mer or better: these
      and 7mer-A1), ``density_6mer`` (6mer or better), ``density_weak_seed`` (G:U and mismatch): sites in
      1000 nucleotides;
    - ``expected_seed``, ``expected_sites``, ``expected_6mer``: how many matches of nucleotides 2-8, 7mers or
      better, 6mers or better a target of this length and composition, its letters drawn one by one, would
      have by chance;
    - ``seed_log_odds``, ``site_log_odds``, ``log_odds_6mer``: log(1 + found) - log(1 + expected) of these;
    - ``target_log_length`` (natural logarithm), ``target_gc``, ``mirna_gc``, ``seed_gc`` (nucleotides 2-8);
    - ``duplex_best``: the highest score of an alignment; ``duplex_sum`` and ``duplex_hits``: sum and number
      of those of at least 140, miRanda's threshold; 0 without a site;
    - ``duplex_energy``: kcal/mol, not above 0, of the miRNA with the target from 8 nucleotides more than its
      own length upstream to the nucleotide opposite to its first. The site is that of strongest type, among
      these of the highest duplex score, among these of the lowest energy.

    - ``binding_best``: the highest log-odds of binding of a window; ``binding_sites``: number of windows of
      log-odds above 0 that are the best within 24 nucleotides; ``binding_log_sum``: natural logarithm of the
      sum of the odds of all windows that are the best within 24 nucleotides.

    Alignments are scored as by miRanda 3.3a [3]_: a Watson-Crick pair 5, G:U 1, a mismatch -3, four times
    that at nucleotides 2 to 8; a gap -9 and -4 for each further nucleotide. Nucleotides 2 to 7 stay in the
    register of the site, so that each site has an alignment of its own, of up to 40 nucleotides of the
    miRNA.

    A letter other than A, C, G, U pairs with nothing. Nothing is learned from the data.

    References
    ----------
    .. [1] Bartel, "MicroRNAs: target recognition and regulatory functions", Cell 136, 215-233 (2009), doi
       10.1016/j.cell.2009.01.002.
    .. [2] Grimson, Farh, Johnston, Garrett-Engele, Lim and Bartel, "MicroRNA targeting specificity in
       mammals: determinants beyond seed pairing", Molecular Cell 27, 91-105 (2007), doi
       10.1016/j.molcel.2007.06.017.
    .. [3] Enright, John, Gaul, Tuschl, Sander and Marks, "MicroRNA targets in Drosophila", Genome Biology 5,
       R1 (2003), doi 10.1186/gb-2003-5-1-r1.
    .. [4] Agarwal, Bell, Nam and Bartel, "Predicting effective microRNA target sites in mammalian mRNAs",
       eLife 4, e05005 (2015), doi 10.7554/eLife.05005.

    Examples
    --------
    The seed GAGGUAG of let-7 finds an 8mer across the junction of a circle:

    >>> from sklearn_mferl import TargetSites
    >>> sites = TargetSites({"circ": "CCUCAGGGGCCAAGGCCUA"}, {"let-7": "UGAGGUAGUAGGUUGUAUAGUU"})
    >>> features = sites.set_output(transform="pandas").fit_transform([("circ", "let-7")])
    >>> features[["site_8mer", "junction_sites", "duplex_best"]]
       site_8mer  junction_sites  duplex_best
    0        1.0             1.0        145.0
    >>> site = sites.sites([("circ", "let-7")]).iloc[0]
    >>> print(site["type"], site["start"], site["end"], site["crosses_junction"])
    8mer 16 24 True
    >>> print(site["target_3to5"], site["bars"], site["mirna_5to3"], sep="\n")
    ACUCCAUC
    ||||||||
    UGAGGUAG
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        name: ["boolean"] for name in ("circular", "duplex", "energy")
    }

    def __init__(
        self,
        circrna: Any = None,
        mirna: Any = None,
        *,
        circular: bool = True,
        duplex: bool = True,
        energy: bool = False,
        binding: Any = None,
        n_jobs: int | None = None,
    ) -> None:
        self.circrna = circrna
        self.mirna = mirna
        self.circular = circular
        self.duplex = duplex
        self.energy = energy
        self.binding = binding
        self.n_jobs = n_jobs

    def _fit(self, pairs: Objects, y: Any) -> None:
        if self.energy:
            import_vienna()
        self._binding = find_model(self.binding)
        super()._fit(pairs, y)

    def _has_seed_match(self, pairs: Objects) -> Bools:
        """Tell the pairs with a match of nucleotides 2 to 8."""
        distinct, row, _ = self._read(pairs)
        work = partial(_has_sites, SeedIndex(distinct.mirnas, seed_only=True))
        found: Bools = np.concatenate(self._by_blocks(work, distinct))[row]
        return found

    def _feature_names(self) -> list[str]:
        further = [
            *(DUPLEX_FEATURES if self.duplex else ()),
            *(ENERGY_FEATURES if self.energy else ()),
            *(() if self.binding is None else BINDING_FEATURES),
        ]
        return [*SITE_FEATURES, *further]

    def _describe(self, pairs: RNAPairs) -> Singles:
        work = partial(_describe, duplex=bool(self.duplex), energy=bool(self.energy), binding=self._binding)
        return np.concatenate(self._by_sites(work, pairs))


def find_model(binding: Any) -> Any:
    """Return the fitted model that `binding` stands for."""
    if binding is None:
        return None
    if isinstance(binding, str) and binding == "pretrained":
        # by its public name: the evidence needs torch only where somebody asks for a network
        return sklearn_mferl.SiteClassifier.pretrained()
    if not hasattr(binding, "describe_pairs"):
        raise ValueError(f"binding must be 'pretrained', a fitted SiteClassifier or None; got {binding!r}.")
    if not hasattr(binding, "net_"):
        raise ValueError(
            "The SiteClassifier given as binding= is not fitted; scikit-learn's clone forgets a fit, so give "
            "sklearn.frozen.FrozenEstimator(model), or 'pretrained'."
        )
    return binding


def _has_sites(index: SeedIndex, pairs: RNAPairs) -> Bools:
    return np.bincount(index.find(pairs).pair, minlength=len(pairs)) > 0


def _describe(sites: Sites, pairs: RNAPairs, duplex: bool, energy: bool, binding: Any) -> Singles:
    features = [summarize_sites(sites, supplementary_pairs(sites, pairs), local_au(sites, pairs), pairs)]
    if duplex or energy:
        scores = score_duplexes(sites, pairs)
        if duplex:
            features.append(summarize_duplexes(sites, scores, len(pairs)))
        if energy:
            features.append(duplex_energies(sites, scores, pairs)[:, None])
    if binding is not None:
        features.append(binding.describe_pairs(pairs))
    return np.hstack(features).astype(np.float32)
