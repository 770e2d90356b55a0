"""Role2Vec in closed form: walks advanced all at once, then a factorised table of what they met."""

from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.utils.extmath import randomized_svd

from sklearn_mferl.utils.arrays import Ints, Singles
from sklearn_mferl.utils.scheduling import one_blas_thread

# Node pairs counted at a time: what bounds the memory on a large graph.
_MAX_COUNTED: Final = 4_000_000
# More bring the vectors nearer to the exact decomposition, but did not make predictions from them better.
_POWER_ITERATIONS: Final = 2


class Settings(NamedTuple):
    """What both engines are told, in the words of `Role2VecEmbedder`."""

    vector_size: int
    walk_number: int
    walk_length: int
    window_size: int
    wl_iterations: int
    seed: int


def embed_nodes(adjacency: sp.csr_array, settings: Settings) -> Singles:
    """Embed the nodes of a graph by the Weisfeiler-Lehman features that walks meet around them."""
    vector_size, walk_number, walk_length, window_size, wl_iterations, seed = settings
    rng = np.random.default_rng(seed)
    features = weisfeiler_lehman_features(adjacency, wl_iterations)
    counts = count_meetings(adjacency, walk_number, walk_length, window_size, rng) @ features
    return factorise(positive_pmi(counts), vector_size, seed)


def weisfeiler_lehman_features(adjacency: sp.csr_array, n_iterations: int) -> sp.csr_array:
    """Describe each node by its degree, its neighbours' degrees, their neighbours', and so on."""
    degrees = np.diff(adjacency.indptr)
    labels = np.unique(degrees, return_inverse=True)[1]
    rounds = [labels]
    for _ in range(n_iterations):
        neighbourhoods = [
            (own, *sorted(labels[adjacency.indices[start:stop]].tolist()))
            for own, (start, stop) in zip(labels.tolist(), pairwise(adjacency.indptr), strict=True)
        ]
        # Ranks instead of hashes: no collisions, and the same in every process.
        rank = {neighbourhood: label for label, neighbourhood in enumerate(sorted(set(neighbourhoods)))}
        labels = np.array([rank[neighbourhood] for neighbourhood in neighbourhoods])
        rounds.append(labels)
    offsets = np.cumsum([0, *(labels.max() + 1 for labels in rounds)])
    columns = np.stack(rounds, axis=1) + offsets[:-1]
    pointers = np.arange(0, columns.size + 1, len(rounds))
    ones = np.ones(columns.size, dtype=np.float32)
    return sp.csr_array((ones, columns.ravel(), pointers), shape=(len(columns), int(offsets[-1])))


def count_meetings(
    adjacency: sp.csr_array, walk_number: int, walk_length: int, window_size: int, rng: np.random.Generator
) -> sp.csr_array:
    """Count how often two nodes lie within the window of each other on random walks."""
    n_nodes = adjacency.shape[0]
    counts = sp.csr_array((n_nodes, n_nodes), dtype=np.float32)
    n_starts = max(1, _MAX_COUNTED // (walk_length * (window_size + 1)))
    starts = np.tile(np.arange(n_nodes), walk_number)
    for first in range(0, len(starts), n_starts):
        walks = random_walks(adjacency, starts[first : first + n_starts], walk_length, rng)
        sources = [walks[: walk_length - step].ravel() for step in range(window_size + 1)]
        targets = [walks[step:].ravel() for step in range(window_size + 1)]
        met = (np.concatenate(sources), np.concatenate(targets))
        ones = np.ones(len(met[0]), dtype=np.float32)
        counts = counts + sp.coo_array((ones, met), shape=counts.shape).tocsr()
    return counts + counts.T


def random_walks(
    adjacency: sp.csr_array, starts: Ints, length: int, rng: np.random.Generator
) -> NDArray[np.int32]:
    """Walk from each start to uniformly drawn neighbours, all walks one step at a time."""
    degrees = np.diff(adjacency.indptr)
    walks = np.empty((length, len(starts)), dtype=np.int32)
    walks[0] = starts
    for step in range(1, length):
        here = walks[step - 1]
        edges = adjacency.indptr[here] + (rng.random(len(here)) * degrees[here]).astype(np.int64)
        walks[step] = adjacency.indices[edges]
    return walks


def positive_pmi(counts: sp.csr_array) -> sp.csr_array:
    """Turn counts into positive pointwise mutual information, max(0, log p(x, y) / (p(x) p(y)))."""
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    # float32 stops counting at 2**24.
    of_row, of_column = (counts.sum(axis=axis, dtype=np.float64) for axis in (1, 0))
    expected = of_row[rows] * of_column[counts.indices] / of_row.sum()
    values = np.maximum(np.log(counts.data / expected), 0).astype(np.float32)
    table = sp.csr_array((values, counts.indices, counts.indptr), shape=counts.shape, copy=True)
    table.eliminate_zeros()
    return table


def factorise(table: sp.csr_array, vector_size: int, seed: int) -> Singles:
    """Compress the rows of a table by truncated singular value decomposition, to U √S."""
    vectors = np.zeros((table.shape[0], vector_size), dtype=np.float32)
    if table.nnz == 0:
        return vectors
    rank = min(vector_size, *table.shape)
    # The number of threads would change how sums are rounded, and with them the vectors.
    with one_blas_thread():
        left, values, _ = randomized_svd(
            table, rank, n_iter=_POWER_ITERATIONS, power_iteration_normalizer="LU", random_state=seed
        )
    # What rounding leaves of singular values that are zero would be noise with an arbitrary direction.
    values[values <= values[0] * max(table.shape) * np.finfo(np.float32).eps] = 0
    vectors[:, :rank] = left * np.sqrt(values)
    return vectors / np.sqrt(np.square(vectors).sum(axis=1).mean())
