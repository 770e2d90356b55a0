"""Manifold discovery and analysis of what a network has learnt."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import KDTree
from scipy.stats import rankdata
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.neighbors import NearestNeighbors, kneighbors_graph
from sklearn.utils import Tags
from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted, validate_data

from sklearn_mferl.inspection.bayesian_reduction import BayesianSupervisedReduction
from sklearn_mferl.utils.estimators import LinkedEstimator
from sklearn_mferl.utils.parameters import check_whole, is_number
from sklearn_mferl.utils.random_state import spawn_seeds
from sklearn_mferl.utils.scheduling import one_openmp_thread


class MDA(LinkedEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Show the features of a layer along the manifold of the model's outputs (MDA).

    t-SNE and UMAP keep neighbours together, whatever makes them neighbours; what the network has learnt may
    be lost among other features. MDA looks for it: the outputs are ordered by their distance from one end of
    the manifold that they form and cut into pseudo-labels; a Bayesian supervised reduction finds the few
    directions of the features that tell these labels; UMAP maps them to the plane. A layer in which the
    order of the outputs is found again has the information from which they are made.

    Parameters
    ----------
    n_components : int or None, default=2
        Dimensions of the map, at least 1. None makes no map: `transform` then gives the latent scores, and
        umap-learn is not needed.
    n_labels : int, default=10
        Pseudo-labels, at least 2 and at most as many as samples; fewer where outputs are equal.
    n_latent : int, default=16
        Dimensions of the supervised reduction, at least 1.
    n_neighbors : int, default=15
        Neighbours in UMAP and, of several outputs, in the graph of their manifold, at least 2.
    min_dist : float, default=0.1
        Of UMAP: how close points may lie, in [0, 1].
    max_iter, tol
        As in `BayesianSupervisedReduction`.
    random_state : int, RandomState instance or None, default=None
        Seeds the reduction and UMAP.

    Attributes
    ----------
    distances_ : ndarray, shape (n_samples,)
        Distance of the outputs of each training sample from the end of their manifold.
    pseudo_labels_ : ndarray of int, shape (n_samples,)
    reduction_ : BayesianSupervisedReduction
        Its ``transform`` gives the latent scores.
    lower_bounds_, n_iter_
        As those of the reduction.
    umap_ : umap.UMAP or None
        None without a map.
    embedding_ : ndarray, shape (n_samples, n_components) or (n_samples, n_latent)
        The map of the training samples, or their latent scores.
    n_features_in_ : int

    Raises
    ------
    ValueError
        If all outputs are equal, all samples have the same features, there are fewer samples than labels, an
        output or a feature is not finite, or a parameter is out of range.
    ImportError
        In `fit`, if a map is wanted and umap-learn is missing.

    See Also
    --------
    embedding_maps : Maps of several layers and epochs beside each other.

    Notes
    -----
    Pseudo-labels have about as many samples each, where the authors' published program cuts the straight
    distance between outputs into bins of equal width: a model whose outputs are mostly near its ends would
    leave most of these bins nearly empty. Features without variance are ignored. The map of the training
    samples shows their labels to the reduction: how well an order is found is told by samples that were held
    out, through `transform`. UMAP puts new samples on the map by chance steps of its own, so that a sample's
    place depends a little on those it is given with; the latent scores do not.

    References
    ----------
    Islam MT, Zhou Z, Ren H, et al. Revealing hidden patterns in deep neural network feature space continuum
    via manifold learning. Nature Communications 14, 8506 (2023).

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_mferl.inspection import MDA
    >>> features = np.random.default_rng(0).normal(size=(60, 8))
    >>> outputs = features[:, 0] ** 3
    >>> mda = MDA(n_components=None, n_labels=3, n_latent=2, random_state=0).fit(features, outputs)
    >>> mda.embedding_.shape, np.bincount(mda.pseudo_labels_).tolist()
    ((60, 2), [20, 20, 20])
    """

    def __init__(
        self,
        n_components: int | None = 2,
        *,
        n_labels: int = 10,
        n_latent: int = 16,
        n_neighbors: int = 15,
        min_dist: float = 0.1,
        max_iter: int = 200,
        tol: float = 1e-5,
        random_state: Any = None,
    ) -> None:
        self.n_components = n_components
        self.n_labels = n_labels
        self.n_latent = n_latent
        self.n_neighbors = n_neighbors
        self.min_dist = min_dist
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Map the features of training samples.

        Parameters
        ----------
        X : array-like, shape (n_samples, n_features)
            What a layer says of each sample.
        y : array-like, shape (n_samples,) or (n_samples, n_outputs)
            What the model says of it, such as its logits.

        Returns
        -------
        self
        """
        for name, least in (("n_components", 1), ("n_labels", 2), ("n_latent", 1), ("n_neighbors", 2)):
            check_whole(name, getattr(self, name), least, or_none=name == "n_components")
        if not is_number(self.min_dist, 0, 1, "both"):
            raise ValueError(f"min_dist must be in [0, 1]; got {self.min_dist!r}.")
        if y is None:
            raise ValueError(
                "MDA needs the outputs of the model as y; it requires y to be passed, "
                "but the target y is None."
            )
        UMAP: Any = None if self.n_components is None else _import_umap()
        X = validate_data(self, X, dtype=np.float64, ensure_min_samples=3)
        outputs = check_array(y, ensure_2d=False, dtype=np.float64, input_name="y")
        outputs = outputs.reshape(len(outputs), -1)
        check_consistent_length(X, outputs)
        if (outputs == outputs[0]).all():
            raise ValueError("All outputs (y) are equal: they form no manifold to order the samples along.")
        if (X[0] == X).all():
            raise ValueError("All samples have the same features (X): there is nothing to map.")
        if len(X) < self.n_labels:
            raise ValueError(
                f"n_labels={self.n_labels} pseudo-labels need as many samples; got {len(X)}. Lower n_labels."
            )
        reduction_seed, map_seed = spawn_seeds(self.random_state, 2)
        self.distances_ = distances_from_end(outputs, self.n_neighbors)
        self.pseudo_labels_ = bin_distances(self.distances_, self.n_labels)
        self.reduction_ = BayesianSupervisedReduction(
            self.n_latent, max_iter=self.max_iter, tol=self.tol, random_state=reduction_seed
        ).fit(X, self.pseudo_labels_)
        self.lower_bounds_, self.n_iter_ = self.reduction_.lower_bounds_, self.reduction_.n_iter_
        scores = self.reduction_.transform(X)
        self.umap_, self.embedding_ = None, scores
        if self.n_components is not None:
            self.umap_ = UMAP(
                n_components=self.n_components,
                n_neighbors=min(self.n_neighbors, len(X) - 1),
                min_dist=self.min_dist,
                # the spectral start may fail where the graph is in pieces
                init="pca" if scores.shape[1] >= self.n_components else "random",
                random_state=map_seed,
                n_jobs=1,  # several would make it depend on chance
            )
            with _threads_of_torch_kept():
                self.umap_.fit(scores)
            self.embedding_ = np.asarray(self.umap_.embedding_, dtype=np.float64)
        return self

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Put samples, seen in `fit` or not, on the map.

        Parameters
        ----------
        X : array-like, shape (n_samples, n_features)

        Returns
        -------
        ndarray, shape (n_samples, n_components) or (n_samples, n_latent)
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        scores = self.reduction_.transform(X)
        if self.umap_ is None:
            return scores
        with _threads_of_torch_kept():
            return np.asarray(self.umap_.transform(scores), dtype=np.float64)

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> NDArray[np.float64]:
        """Map the features of training samples, and return the map.

        Parameters
        ----------
        X, y
            As in `fit`.
        **fit_params : ignored
            For scikit-learn's interface.

        Returns
        -------
        ndarray, shape (n_samples, n_components) or (n_samples, n_latent)
        """
        return self.fit(X, y).embedding_

    @property
    def _n_features_out(self) -> int:
        return self.embedding_.shape[1]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags


@contextmanager
def _threads_of_torch_kept() -> Iterator[None]:
    """Undo what UMAP does to torch: it has numba set the threads of OpenMP, which are torch's, too."""
    n_threads = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(n_threads)


def _import_umap() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of umap's own imports
            from umap import UMAP
    except ImportError as error:
        raise ImportError(
            'MDA needs umap-learn; install it with: pip install "sklearn-mferl[manifold]"'
        ) from error
    return UMAP


@one_openmp_thread()
def distances_from_end(outputs: NDArray[np.float64], n_neighbors: int) -> NDArray[np.float64]:
    """Return the distance of each output from one end, along the manifold that they form.

    A single output is its own manifold. Of several, the manifold is the graph of nearest neighbours, whose
    pieces are joined by short links. The output farthest along it from the one that is farthest from the mean
    is its end.
    """
    if outputs.shape[1] == 1:
        return outputs[:, 0] - outputs[:, 0].min()
    distinct, inverse = np.unique(outputs, axis=0, return_inverse=True)
    n_neighbors = min(n_neighbors, len(distinct) - 1)
    graph = _join_pieces(distinct, csr_array(kneighbors_graph(distinct, n_neighbors, mode="distance")))
    farthest = int(((distinct - distinct.mean(axis=0)) ** 2).sum(axis=1).argmax())
    end = int(dijkstra(graph, directed=False, indices=farthest).argmax())
    return np.asarray(dijkstra(graph, directed=False, indices=end)[inverse.ravel()])


def bin_distances(distances: NDArray[np.float64], n_labels: int) -> NDArray[np.int64]:
    """Cut distances into labels that about the same number of samples have."""
    # ties share the middle of their ranks: saturated outputs are then treated alike at both ends, and
    # distances that differ at all give two labels at least
    rank = rankdata(distances) - 0.5
    return np.unique((n_labels * rank / len(distances)).astype(np.int64), return_inverse=True)[1]


def _join_pieces(points: NDArray[np.float64], graph: csr_array) -> csr_array:
    """Link each piece of a graph to the piece with the nearest centre, until there is one piece.

    More neighbours would join pieces too, but two large ones only by nearly all pairs of points. Pieces halve
    in number each round, at least, and a round adds one link a piece.
    """
    n_pieces, piece = connected_components(graph, directed=False)
    while n_pieces > 1:
        members = np.split(np.argsort(piece, kind="stable"), np.cumsum(np.bincount(piece))[:-1])
        centres = np.array([points[rows].mean(axis=0) for rows in members])
        nearest = NearestNeighbors(n_neighbors=1).fit(centres).kneighbors(return_distance=False)[:, 0]
        trees = [KDTree(points[rows]) for rows in members]
        links = [_shortest_link(points, members, trees, a, int(b)) for a, b in enumerate(nearest)]
        starts, stops, lengths = zip(*links, strict=True)
        # dijkstra of old scipy reads no wider numbers
        ends = np.array([starts, stops], dtype=graph.indices.dtype)
        graph = csr_array(graph + coo_array((lengths, tuple(ends)), shape=graph.shape))
        n_pieces, piece = connected_components(graph, directed=False)
    return graph


def _shortest_link(
    points: NDArray[np.float64], members: list[NDArray[np.intp]], trees: list[KDTree], a: int, b: int
) -> tuple[int, int, float]:
    """Return the closest points of two pieces and their distance."""
    small, large = (a, b) if len(members[a]) <= len(members[b]) else (b, a)
    lengths, closest = trees[large].query(points[members[small]])
    best = int(lengths.argmin())
    return int(members[small][best]), int(members[large][closest[best]]), float(lengths[best])
