"""What a model of bound sites says of a pair: evidence that no list of interactions is behind."""

from typing import Any

import numpy as np

from sklearn_mferl.evidence.sequence_channel import SequenceChannel
from sklearn_mferl.evidence.sites.rna_pairs import RNAPairs
from sklearn_mferl.evidence.sites.summary import BINDING_FEATURES
from sklearn_mferl.evidence.target_sites import find_model
from sklearn_mferl.utils.arrays import Objects, Singles


class BindingSites(SequenceChannel):
    """Describe circRNA–miRNA pairs by the windows of the target that the miRNA binds.

    These are the columns ``binding_best``, ``binding_sites`` and ``binding_log_sum`` of `TargetSites`, alone.
    In the table of a training `PairFeatures` they are unknown: lists of interactions tell nothing of binding,
    and the sites of all training pairs would take longer than the rest of a fit.

    Parameters
    ----------
    circrna, mirna, n_jobs
        As in `TargetSites`.
    binding : "pretrained" or SiteClassifier, default="pretrained"
        The model that scores the windows, as in `TargetSites`.
    circular : bool, default=True
        Whether windows may lie across the back-splice junction.

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

    def _fit(self, pairs: Objects, y: Any) -> None:
        self._binding = find_model(self.binding)
        if self._binding is None:
            raise ValueError("binding must be 'pretrained' or a fitted SiteClassifier; got None.")
        super()._fit(pairs, y)

    def _feature_names(self) -> list[str]:
        return [*BINDING_FEATURES]

    def _describe(self, pairs: RNAPairs) -> Singles:
        return np.concatenate(self._by_blocks(self._binding.describe_pairs, pairs))
