"""Sequences and pairs to numbers; no torch here."""

from sklearn_mferl.features._base import SequenceTransformer
from sklearn_mferl.features.cosine import CosineSimilarity
from sklearn_mferl.features.ctd import CTDTransformer
from sklearn_mferl.features.doc2vec import Doc2VecEmbedder
from sklearn_mferl.features.kmer import KmerTransformer
from sklearn_mferl.features.levenshtein import LevenshteinSimilarity
from sklearn_mferl.features.neighborhood import PairNeighborhood
from sklearn_mferl.features.pairs import PairFeatures, default_evidence, default_scales
from sklearn_mferl.features.precomputed import PrecomputedEmbedding
from sklearn_mferl.features.role2vec import Role2VecEmbedder
from sklearn_mferl.features.tables import PairTable, RNATable
from sklearn_mferl.features.target_sites import TargetSites

__all__ = [
    "CTDTransformer",
    "CosineSimilarity",
    "Doc2VecEmbedder",
    "KmerTransformer",
    "LevenshteinSimilarity",
    "PairFeatures",
    "PairNeighborhood",
    "PairTable",
    "PrecomputedEmbedding",
    "RNATable",
    "Role2VecEmbedder",
    "SequenceTransformer",
    "TargetSites",
    "default_evidence",
    "default_scales",
]
