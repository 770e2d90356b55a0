"""Labels for a continuum: how far the outputs of a model are from one end of their manifold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import KDTree
from scipy.stats import rankdata
from sklearn.neighbors import NearestNeighbors, kneighbors_graph

from sklearn_mferl.utils.scheduling import one_openmp_thread


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
        ends = np.array(
            [starts, stops], dtype=graph.indices.dtype
        )  # dijkstra of old scipy reads no wider ones
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
