"""Similarity of embeddings by their angle."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sklearn_mferl.features.base import RNATransformer
from sklearn_mferl.features.precomputed import PrecomputedEmbedding
from sklearn_mferl.features.similarity import SimilarityGraphMixin, check_threshold, row_blocks
from sklearn_mferl.utils.arrays import Doubles, Objects, Singles
from sklearn_mferl.utils.validation import check_ids


class CosineSimilarity(SimilarityGraphMixin, RNATransformer):
    """Compare RNAs with the fitted ones by the cosine of their embeddings.

    The counterpart of `LevenshteinSimilarity` for RNAs of which no sequence is known: each distinct id seen
    in `fit` is a reference and an output column.

    Parameters
    ----------
    embeddings : DataFrame, Series or mapping, default=None
        Vectors by id, as in `PrecomputedEmbedding`. Required, in spite of the default.
    threshold : float, default=0.5
        Least similarity of neighbours in `graph`, from 0 to 1. `transform` does not use it.

    Attributes
    ----------
    references_ : ndarray of object, shape (n_references,)
        The distinct ids of `fit`, in order of first appearance.
    reference_vectors_ : ndarray of float64, shape (n_references, n_dimensions)
        Their vectors, scaled to length 1; a zero vector stays zero.
    embedding_ : PrecomputedEmbedding
        The fitted look-up of the vectors.
    n_features_out_ : int
        Number of references.

    Notes
    -----
    Similarities are from -1 to 1. A zero vector has no direction: its similarity to all, itself included,
    is 0. Two ids with the same vector are neighbours, of similarity 1.

    Examples
    --------
    >>> from sklearn_mferl import CosineSimilarity
    >>> vectors = {"a": [3.0, 4.0], "b": [1.0, 0.0], "c": [0.0, -2.0]}
    >>> similarity = CosineSimilarity(vectors).fit(["a", "b", "c"])
    >>> similarity.transform(["a"])
    array([[ 1. ,  0.6, -0.8]], dtype=float32)
    >>> similarity.graph().toarray()
    array([[0. , 0.6, 0. ],
           [0.6, 0. , 0. ],
           [0. , 0. , 0. ]], dtype=float32)
    """

    def __init__(self, embeddings: Any = None, threshold: float = 0.5) -> None:
        self.embeddings = embeddings
        self.threshold = threshold

    def _fit(self, rnas: Objects) -> None:
        check_threshold(self.threshold)
        self.embedding_ = PrecomputedEmbedding(self.embeddings).fit(rnas)
        self.references_ = pd.unique(rnas)
        self.reference_vectors_ = self._represent(self.references_)
        self.n_features_out_ = len(self.references_)

    def _transform(self, rnas: Objects) -> Singles:
        vectors = self._represent(rnas)
        similarity = np.empty((len(vectors), len(self.references_)), dtype=np.float32)
        for block in row_blocks(*similarity.shape):
            similarity[block] = self._compare(vectors[block], self.reference_vectors_, cutoff=-1.0)
        return similarity

    def _check_input(self, X: Any) -> Objects:
        return check_ids(X)

    def _represent(self, names: Objects) -> NDArray[Any]:
        """Return vectors scaled to length 1, shape (n, n_dimensions); a zero vector stays zero."""
        # Double precision, so that the rounding of the sums, which depends on the size of the batch, does
        # not reach the float32 result.
        vectors = self.embedding_.transform(names).astype(np.float64)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.where(lengths > 0, lengths, 1.0)

    def _compare(self, rows: NDArray[Any], references: NDArray[Any], cutoff: float) -> Doubles:
        return np.clip(rows @ references.T, -1.0, 1.0)
