"""From features and evidence to the probability of an interaction."""

from sklearn_mferl.models.evidence_boosting import EvidenceBoosting
from sklearn_mferl.models.evidence_network import EvidenceNetwork
from sklearn_mferl.models.mferl import MFERLClassifier
from sklearn_mferl.models.sites import BindingScore
from sklearn_mferl.models.stacking import StackedPairClassifier, find_network

__all__ = [
    "BindingScore",
    "EvidenceBoosting",
    "EvidenceNetwork",
    "MFERLClassifier",
    "StackedPairClassifier",
    "find_network",
]
