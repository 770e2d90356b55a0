"""Labels for a continuum: how far the outputs of a model are from one end of their manifold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.stats import rankdata
from sklearn.neighbors import kneighbors_graph


def distances_from_end(outputs: NDArray[np.float64], n_neighbors: int) -> NDArray[np.float64]:
    """Return the distance of each output from one end, along the manifold that they form.

    A single output is its own manifold. Of several, the manifold is the graph of nearest neighbours, with
    as many more of them as make it connected, and its ends are the two outputs that are farthest apart when
    one starts from the mean.

    Parameters
    ----------
    outputs : ndarray, shape (n_samples, n_outputs)
        Not all equal.
    n_neighbors : int
        Neighbours in the graph.

    Returns
    -------
    ndarray, shape (n_samples,)
        At least 0.
    """
    if outputs.shape[1] == 1:
        return outputs[:, 0] - outputs[:, 0].min()
    distinct, inverse = np.unique(outputs, axis=0, return_inverse=True)
    n_neighbors = min(n_neighbors, len(distinct) - 1)
    graph = kneighbors_graph(distinct, n_neighbors, mode="distance")
    while connected_components(graph, directed=False)[0] > 1:
        n_neighbors = min(2 * n_neighbors, len(distinct) - 1)
        graph = kneighbors_graph(distinct, n_neighbors, mode="distance")
    farthest = int(((distinct - distinct.mean(axis=0)) ** 2).sum(axis=1).argmax())
    end = int(dijkstra(graph, directed=False, indices=farthest).argmax())
    return np.asarray(dijkstra(graph, directed=False, indices=end)[inverse.ravel()])


def bin_distances(distances: NDArray[np.float64], n_labels: int) -> NDArray[np.int64]:
    """Cut distances into labels that about the same number of samples have.

    Parameters
    ----------
    distances : ndarray, shape (n_samples,)
    n_labels : int

    Returns
    -------
    ndarray of int64, shape (n_samples,)
        From 0, ascending with the distance; equal distances have equal labels, so that there may be fewer.
    """
    rank = rankdata(distances, method="min") - 1
    return np.unique((n_labels * rank / len(distances)).astype(np.int64), return_inverse=True)[1]
