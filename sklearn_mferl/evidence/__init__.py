"""A pair to numbers: its target sites, the known interactions around it, and what else is known."""

from sklearn_mferl.evidence.binding_sites import BindingSites
from sklearn_mferl.evidence.defaults import default_evidence
from sklearn_mferl.evidence.expression import Expression
from sklearn_mferl.evidence.known_regions import KnownRegions
from sklearn_mferl.evidence.neighborhood import PairNeighborhood
from sklearn_mferl.evidence.target_sites import TargetSites

__all__ = [
    "BindingSites",
    "Expression",
    "KnownRegions",
    "PairNeighborhood",
    "TargetSites",
    "default_evidence",
]
