"""A low-rank factorisation of the training graph, to stand beside a model."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import clone
from sklearn.model_selection import KFold
from sklearn.utils.extmath import randomized_svd

from sklearn_mferl._random import spawn_seeds
from sklearn_mferl._scheduling import one_blas_thread
from sklearn_mferl.baselines.graph import _GraphBaseline

_N_FOLDS: Final = 5
# of the randomised solver: with these, scores of real graphs agree between seeds to five digits
_N_ITERATIONS: Final = 50
_N_OVERSAMPLES: Final = 32
_DECIMALS: Final = 9  # what differs by less is the rounding of the solver, and counts as equal


class SVDFactorizer(_GraphBaseline):
    """Score a pair by a low-rank reconstruction of the training graph.

    Every RNA gets a vector of `n_components` numbers, and the evidence of a pair is the dot product of
    its two vectors. They come from the truncated singular value decomposition of the adjacency matrix A of
    the positive training pairs, so that their products come as near to A, 1 for an edge and 0 for none, as
    that few numbers allow: circRNAs that share partners get similar vectors. It knows nothing of
    sequences. The evidence is 0, nothing known, where an RNA has no positive training pair.

    Parameters
    ----------
    n_components : int, default=32
        Length of the vectors, at least 1. A graph with fewer circRNAs or miRNAs than that takes as many as
        it has, and is then reproduced exactly: pairs other than its edges all get 0.
    normalize : bool, default=True
        Whether to decompose (1 + D_c)^-½ A (1 + D_m)^-½, with the degrees of the circRNAs and of the miRNAs
        on the diagonals of D_c and D_m, and to multiply the result by the inverse of these weights again.
        Without it, hubs take most of the components.
    random_state : int, RandomState, Generator or None, default=None
        Seeds the solver and the folds of `midpoint_`. None draws fresh entropy; scores then differ a little
        between fits.

    Attributes
    ----------
    classes_ : ndarray, shape (2,)
        The labels; the second is the positive one.
    graph_ : scipy.sparse.csr_array of float64, shape (n_circrnas + 1, n_mirnas + 1)
        1 for each positive training pair; the last row and column are empty and stand for other RNAs.
    circrna_, mirna_ : ndarray of object
        Ids of the rows and columns, those of RNAs with a positive training pair.
    circrna_factors_ : ndarray of float64, shape (n_circrnas + 1, n_factors)
        The vectors of the circRNAs, the last for those without a positive training pair: zeros but for
        rounding. `n_factors` is `n_components` or the smaller number of RNAs.
    mirna_factors_ : ndarray of float64, shape (n_mirnas + 1, n_factors)
        The vectors of the miRNAs, likewise.
    midpoint_ : float
        Evidence at which the probability is 0.5: as many training pairs lie above it as are positive, or as
        nearly as equal evidence allows, when each is scored without its own edge, by 5-fold cross-fitting.
    n_features_in_ : int
        Always 2, the columns of the pairs.

    Raises
    ------
    ValueError
        If `n_components` is not an integer of 1 or more, the labels are not two classes, or a pair is not two
        strings.

    See Also
    --------
    PathCount : Counts paths, and leaves the own edge of a training pair out.

    Notes
    -----
    **Own edges.** The graph that is decomposed holds all positive training pairs. So the score of a training
    pair contains its own edge and says how well the graph is reproduced, not how well a new pair is judged:
    compare scores of training pairs with those of others only by cross-validation. `midpoint_` is
    free of it.

    **Choices.** Made on four inner folds of the training pairs of three public data sets. To scale back by
    both degrees was better than by neither or one, in AUC and AUPR on all three. Of 8, 16, 32 and 64
    components, 32 had the highest AUPR on all three; small graphs need fewer. The 1 that is added to the
    degrees keeps the fragments of a graph apart from its body: without it, each connected component, even a
    single edge, has the largest possible singular value, 1, and where there are more of them than
    components the solver picks some by chance.

    References
    ----------
    Billsus D, Pazzani MJ. Learning collaborative information filters. Proceedings of the 15th International
    Conference on Machine Learning, 46-54 (1998).

    Chaudhuri K, Chung F, Tsiatas A. Spectral clustering of graphs with general degrees in the extended
    planted partition model. Proceedings of Machine Learning Research 23, 35.1-35.23 (2012).

    Examples
    --------
    >>> from sklearn_mferl.baselines import SVDFactorizer
    >>> pairs = [("circ_1", "miR-1"), ("circ_1", "miR-2"), ("circ_2", "miR-1"), ("circ_3", "miR-2")]
    >>> model = SVDFactorizer(n_components=1, random_state=0).fit(pairs, [1, 1, 1, 0])
    >>> evidence = model.decision_function([("circ_2", "miR-2"), ("circ_3", "miR-2")]) + model.midpoint_
    >>> evidence.round(2)
    array([0.38, 0.  ])
    """

    def __init__(self, n_components: int = 32, *, normalize: bool = True, random_state: Any = None) -> None:
        self.n_components = n_components
        self.normalize = normalize
        self.random_state = random_state

    def _learn(self, positives: NDArray[np.object_]) -> None:
        if (
            isinstance(self.n_components, bool)
            or not isinstance(self.n_components, (int, np.integer))
            or self.n_components < 1
        ):
            raise ValueError(f"n_components must be an integer of 1 or more; got {self.n_components!r}.")
        super()._learn(positives)
        self._solver_seed, self._folds_seed = spawn_seeds(self.random_state, 2)
        weights = [
            np.sqrt(1 + degree) if self.normalize else np.ones(len(degree)) for degree in self._degrees
        ]
        inverse = [sparse.diags_array(1 / weight) for weight in weights]
        left, values, right = _truncated_svd(
            inverse[0] @ self.graph_ @ inverse[1], self.n_components, self._solver_seed
        )
        self.circrna_factors_ = left * np.sqrt(values) * weights[0][:, None]
        self.mirna_factors_ = right.T * np.sqrt(values) * weights[1][:, None]

    def _training_evidence(
        self, ids: NDArray[np.object_], positive: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Return the evidence for training pairs, each from a graph without its fold."""
        evidence = np.empty(len(ids))
        folds = KFold(min(_N_FOLDS, len(ids)), shuffle=True, random_state=self._folds_seed)
        for rest, fold in folds.split(ids):
            model = clone(self).set_params(random_state=self._solver_seed)
            model._learn(ids[rest][positive[rest]])
            evidence[fold] = model._evidence(ids[fold])
        return evidence

    def _read_graph(
        self, circrna: NDArray[np.int64], mirna: NDArray[np.int64], own: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        products = np.einsum("ij,ij->i", self.circrna_factors_[circrna], self.mirna_factors_[mirna])
        return products.round(_DECIMALS)


@one_blas_thread()  # the matrices are narrow: more threads wait for each other
def _truncated_svd(
    matrix: sparse.csr_array, n_components: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the left vectors, the largest singular values in descending order, and the right vectors.

    The last row and column of the matrix are empty and do not count for how many there can be.
    """
    n_possible = min(matrix.shape) - 1
    if n_possible == 0:
        return np.zeros((matrix.shape[0], 0)), np.zeros(0), np.zeros((0, matrix.shape[1]))
    # Not ARPACK: where singular values are equal, as those of single edges are, its restarts draw entropy of
    # their own, and the same seed gives different vectors.
    return randomized_svd(
        matrix,
        min(n_components, n_possible),
        n_oversamples=_N_OVERSAMPLES,
        n_iter=_N_ITERATIONS,
        random_state=seed,
    )
