"""Structural embeddings of the interaction graph, by code of our own or by karateclub."""

from sklearn_mferl.features.role2vec.embedder import Role2VecEmbedder

__all__ = ["Role2VecEmbedder"]
