"""Prediction of circRNA–miRNA interactions with MFERL, compatible with scikit-learn."""

from importlib.metadata import version

from sklearn_mferl.classifier import MFERLClassifier
from sklearn_mferl.features import (
    CosineSimilarity,
    CTDTransformer,
    Doc2VecEmbedder,
    KmerTransformer,
    LevenshteinSimilarity,
    PairFeatures,
    PairNeighborhood,
    PairTable,
    PrecomputedEmbedding,
    RNATable,
    Role2VecEmbedder,
    TargetSites,
)
from sklearn_mferl.pipeline import make_mferl_pipeline

__version__ = version("sklearn-mferl")

__all__ = [
    "CTDTransformer",
    "CosineSimilarity",
    "Doc2VecEmbedder",
    "KmerTransformer",
    "LevenshteinSimilarity",
    "MFERLClassifier",
    "PairFeatures",
    "PairNeighborhood",
    "PairTable",
    "PrecomputedEmbedding",
    "RNATable",
    "Role2VecEmbedder",
    "TargetSites",
    "make_mferl_pipeline",
]
