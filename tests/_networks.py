"""A small network on few scales, fitted in a moment."""

from sklearn_mferl import CTDTransformer, KmerTransformer, LevenshteinSimilarity, MFERLClassifier

SCALES = [("kmer", KmerTransformer(k=2)), ("ctd", CTDTransformer()), ("similarity", LevenshteinSimilarity())]
SMALL = {"embedding_dim": 4, "max_epochs": 2, "batch_size": 64, "random_state": 0}


def small_network(**params):
    return MFERLClassifier(**{**SMALL, **params})
