"""A pair to numbers: its target sites, and the known interactions around it."""

from sklearn_mferl.evidence.binding_sites import BindingSites
from sklearn_mferl.evidence.defaults import default_evidence
from sklearn_mferl.evidence.neighborhood import PairNeighborhood
from sklearn_mferl.evidence.target_sites import TargetSites

__all__ = ["BindingSites", "PairNeighborhood", "TargetSites", "default_evidence"]
