"""Pairs of RNAs: the features of their two RNAs, each computed once."""

from sklearn_mferl.pairs.pair_features import PairFeatures
from sklearn_mferl.pairs.tables import PairTable, RNATable

__all__ = ["PairFeatures", "PairTable", "RNATable"]
