"""From features and evidence to the probability of an interaction."""

from sklearn_mferl.models.mferl import MFERLClassifier

__all__ = ["MFERLClassifier"]
