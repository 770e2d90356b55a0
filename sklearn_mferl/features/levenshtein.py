"""Similarity of sequences by edit distance."""

from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sklearn_mferl.features.base import SequenceTransformer
from sklearn_mferl.features.similarity import SimilarityGraphMixin, check_threshold, row_blocks
from sklearn_mferl.utils.arrays import Doubles, Objects, Singles
from sklearn_mferl.utils.parameters import check_whole
from sklearn_mferl.utils.random_state import spawn_seeds
from sklearn_mferl.utils.scheduling import count_threads, run_in_order, uses_cluster

_METRICS: Final = ("levenshtein", "indel")
_CUTOFF_MARGIN: Final = 1e-5


class LevenshteinSimilarity(SimilarityGraphMixin, SequenceTransformer):
    """Compare RNA sequences with the fitted ones by edit distance.

    Each distinct sequence seen in `fit` is a reference, and an output column unless `n_landmarks` limits
    these. The similarity of two sequences is 1 - d / max(len), d being the Levenshtein distance: the least
    number of letters to insert, delete or replace that turns one into the other. `graph` keeps the
    similarities of at least `threshold`: the homogeneous graph of the method.

    Parameters
    ----------
    metric : {"levenshtein", "indel"}, default="levenshtein"
        "indel" allows no replacement and is 1 - d / (len + len), which is ``Levenshtein.ratio``. Two
        random RNAs score about 0.65 with it, so that a threshold of 0.5 hardly excludes any pair.
    threshold : float, default=0.5
        Least similarity of neighbours in `graph`, from 0 to 1. `transform` does not use it.
    n_landmarks : int or None, default=None
        At most so many references, drawn at random, are output columns; None takes all. `graph` compares with
        all references in any case.
    random_state : int, RandomState instance or None, default=None
        Draws the landmarks.
    n_jobs : int, default=None
        Threads that fill the matrix, as in joblib; the workers of a cluster inside of
        ``joblib.parallel_config("dask")``. The result does not depend on it.

    Attributes
    ----------
    references_ : ndarray of object, shape (n_references,)
        The distinct sequences of `fit`, in upper case with U for T, in order of first appearance.
    landmarks_ : ndarray of object, shape (n_features_out_,)
        The references that are output columns: all, or those drawn, in sorted order.
    n_features_out_ : int
        Number of landmarks.

    Notes
    -----
    Distances are computed by RapidFuzz; `graph` gives up on a pair as soon as the threshold is out of reach.
    Bounds from composition or q-grams leave no pair out at a threshold of 0.5, since random RNAs are almost
    that similar.

    References
    ----------
    Peng, Wang, Yang et al., BMC Biology 23, 121 (2025), doi 10.1186/s12915-025-02227-6.

    Examples
    --------
    >>> from sklearn_mferl import LevenshteinSimilarity
    >>> similarity = LevenshteinSimilarity().fit(["AACG", "AACU", "GGUU"])
    >>> similarity.transform(["AACG"])
    array([[1.  , 0.75, 0.  ]], dtype=float32)
    >>> similarity.graph().toarray()
    array([[0.  , 0.75, 0.  ],
           [0.75, 0.  , 0.  ],
           [0.  , 0.  , 0.  ]], dtype=float32)
    """

    def __init__(
        self,
        metric: Literal["levenshtein", "indel"] = "levenshtein",
        threshold: float = 0.5,
        n_jobs: int | None = None,
        n_landmarks: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.metric = metric
        self.threshold = threshold
        self.n_landmarks = n_landmarks
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _fit(self, sequences: Objects) -> None:
        if not (isinstance(self.metric, str) and self.metric in _METRICS):
            raise ValueError(f"metric must be one of {', '.join(map(repr, _METRICS))}; got {self.metric!r}.")
        check_threshold(self.threshold)
        check_whole("n_landmarks", self.n_landmarks, or_none=True)
        self.references_ = self.landmarks_ = pd.unique(sequences)
        if self.n_landmarks is not None and self.n_landmarks < len(self.references_):
            rng = np.random.default_rng(spawn_seeds(self.random_state, 1)[0])
            # of the sorted references, so that the order of the sequences does not matter
            drawn = rng.choice(np.sort(self.references_), size=self.n_landmarks, replace=False)
            self.landmarks_ = np.sort(drawn)
        self.n_features_out_ = len(self.landmarks_)

    def _transform(self, sequences: Objects) -> Singles:
        rows, distinct = pd.factorize(sequences)
        if uses_cluster():
            similarity = self._compare_on_cluster(distinct)
        else:
            if np.array_equal(distinct, self.landmarks_):
                distinct = self.landmarks_  # half of a matrix of one object with itself is computed
            similarity = self._compare_all(distinct, self.landmarks_, 0.0, np.float32)
        return similarity if len(distinct) == len(sequences) else similarity[rows]

    def _compare_on_cluster(self, distinct: Objects) -> Singles:
        compare = self._compare_all  # one object for all blocks, which is sent once
        blocks = [
            {"queries": distinct[block], "references": self.landmarks_, "cutoff": 0.0, "dtype": np.float32}
            for block in row_blocks(len(distinct), len(self.landmarks_))
        ]
        return np.concatenate(run_in_order(compare, blocks))

    def _compare(self, rows: NDArray[Any], references: NDArray[Any], cutoff: float) -> Doubles:
        # RapidFuzz drops some similarities that are less than 1e-7 above its cutoff, and float32 would round
        # others across it. So it prunes a little lower, in float64; the caller compares exactly.
        return self._compare_all(rows, references, max(cutoff - _CUTOFF_MARGIN, 0.0), np.float64)

    def _compare_all(self, queries: Objects, references: Objects, cutoff: float, dtype: Any) -> NDArray[Any]:
        from rapidfuzz import process
        from rapidfuzz.distance import Indel, Levenshtein

        scorer = (Indel if self.metric == "indel" else Levenshtein).normalized_similarity
        n_threads = count_threads(self.n_jobs)
        return process.cdist(
            queries, references, scorer=scorer, score_cutoff=cutoff, dtype=dtype, workers=n_threads
        )

    def _represent(self, names: Objects) -> NDArray[Any]:
        return names

    def _feature_names(self) -> list[str]:
        return super()._feature_names()[: self.n_features_out_]
