"""What a model of bound sites says of a pair: evidence that no list of interactions is behind."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sklearn_mferl.evidence.sites.rna_pairs import RNAPairs
from sklearn_mferl.evidence.sites.summary import BINDING_FEATURES
from sklearn_mferl.evidence.target_sites import TargetSites, with_own_targets
from sklearn_mferl.utils.scheduling import run_in_order


class BindingSites(TargetSites):
    """Describe circRNA–miRNA pairs by the windows of the target that the miRNA binds.

    These are the columns ``binding_best``, ``binding_sites`` and ``binding_log_sum`` of `TargetSites`, alone.
    In the table of a training `PairFeatures` they are unknown: lists of interactions tell nothing of binding,
    and the sites of all training pairs would take longer than the rest of a fit.

    Parameters
    ----------
    circrna, mirna : mapping, Series, str, Path or None, default=None
        Sequences by id, or the path of a FASTA file. With None a sequence is its own id.
    binding : "pretrained" or SiteClassifier, default="pretrained"
        The model that scores the windows, as in `TargetSites`.
    circular : bool, default=True
        Whether windows may lie across the back-splice junction.
    n_jobs : int, default=None
        Threads, or inside of ``joblib.parallel_config("dask")`` workers of the cluster, that share the pairs.

    Attributes
    ----------
    n_features_in_, n_features_out_
        As those of `TargetSites`.

    Raises
    ------
    ValueError
        As `TargetSites`, or if `binding` is None.

    Examples
    --------
    >>> from sklearn_mferl import BindingSites
    >>> circrna = {"circ": "AACUAUACAACCUACUACCUCAGCAGCC" * 2, "other": "GCAGAAGGCAGCGAAGAGGAA" * 3}
    >>> sites = BindingSites(circrna, {"let-7": "UGAGGUAGUAGGUUGUAUAGUU"})
    >>> best = sites.fit_transform([("circ", "let-7"), ("other", "let-7")])[:, 0]
    >>> bool(best[0] > best[1])
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {"circular": ["boolean"]}
    energy = duplex = False  # which are no parameters here
    only_in_use = True  # a classifier learns nothing from it: in its training table it is unknown

    def __init__(
        self,
        circrna: Any = None,
        mirna: Any = None,
        *,
        binding: Any = "pretrained",
        circular: bool = True,
        n_jobs: int | None = None,
    ) -> None:
        self.circrna = circrna
        self.mirna = mirna
        self.binding = binding
        self.circular = circular
        self.n_jobs = n_jobs

    @property
    def seed_counts(self) -> dict[str, int]:
        """How many bound sites the model was trained on with a miRNA of each seed, nucleotides 2 to 8."""
        return dict(self._binding.seed_counts_)

    def _feature_names(self) -> list[str]:
        if self.binding is None:
            raise ValueError("binding must be 'pretrained' or a fitted SiteClassifier; got None.")
        return [*BINDING_FEATURES]

    def _describe(self, pairs: RNAPairs) -> NDArray[np.float32]:
        blocks = [{"pairs": with_own_targets(pairs.take(rows))} for rows in pairs.blocks()]
        found = run_in_order(self._binding.describe_pairs, blocks, n_jobs=self.n_jobs, prefer="threads")
        return np.concatenate(found)
