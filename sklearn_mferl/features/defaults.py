"""The scales of the publication."""

from typing import Any

from sklearn_mferl.features.ctd import CTDTransformer
from sklearn_mferl.features.doc2vec import Doc2VecEmbedder
from sklearn_mferl.features.kmer import KmerTransformer
from sklearn_mferl.features.levenshtein import LevenshteinSimilarity
from sklearn_mferl.features.role2vec import Role2VecEmbedder


def default_scales() -> list[tuple[str, Any]]:
    """Return the publication's five scales, not fitted.

    Returns
    -------
    list of (str, transformer)

    Examples
    --------
    >>> from sklearn_mferl.features import default_scales
    >>> [name for name, transformer in default_scales()]
    ['kmer', 'ctd', 'doc2vec', 'role2vec', 'similarity']
    """
    return [
        ("kmer", KmerTransformer()),
        ("ctd", CTDTransformer()),
        ("doc2vec", Doc2VecEmbedder(n_jobs=-1)),
        ("role2vec", Role2VecEmbedder()),
        ("similarity", LevenshteinSimilarity(n_jobs=-1)),
    ]
