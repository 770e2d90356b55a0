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
    PairTable,
    PrecomputedEmbedding,
    RNATable,
    Role2VecEmbedder,
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
    "PairTable",
    "PrecomputedEmbedding",
    "RNATable",
    "Role2VecEmbedder",
    "make_mferl_pipeline",
]
