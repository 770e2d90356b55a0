"""One RNA to numbers; no torch here."""

from sklearn_mferl.features.base import SequenceTransformer
from sklearn_mferl.features.cosine import CosineSimilarity
from sklearn_mferl.features.ctd import CTDTransformer
from sklearn_mferl.features.defaults import default_scales
from sklearn_mferl.features.doc2vec import Doc2VecEmbedder
from sklearn_mferl.features.kmer import KmerTransformer
from sklearn_mferl.features.levenshtein import LevenshteinSimilarity
from sklearn_mferl.features.precomputed import PrecomputedEmbedding
from sklearn_mferl.features.role2vec import Role2VecEmbedder

__all__ = [
    "CTDTransformer",
    "CosineSimilarity",
    "Doc2VecEmbedder",
    "KmerTransformer",
    "LevenshteinSimilarity",
    "PrecomputedEmbedding",
    "Role2VecEmbedder",
    "SequenceTransformer",
    "default_scales",
]
