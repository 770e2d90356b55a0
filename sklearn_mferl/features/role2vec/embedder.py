"""RNAs as nodes of the interaction graph, embedded by the role they play in it."""

from typing import Any, Final

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.utils.validation import check_is_fitted

from sklearn_mferl.features.base import PairTransformer
from sklearn_mferl.features.role2vec import karateclub, native
from sklearn_mferl.utils.arrays import Ints, Objects, Singles
from sklearn_mferl.utils.labels import find_interactions
from sklearn_mferl.utils.parameters import check_whole
from sklearn_mferl.utils.random_state import spawn_seeds
from sklearn_mferl.utils.validation import SIDES, check_ids

_ENGINES: Final = {"native": native.embed_nodes, "karateclub": karateclub.embed_nodes}
_LEAST: Final = {"vector_size": 1, "walk_number": 1, "walk_length": 1, "window_size": 1, "wl_iterations": 0}


class Role2VecEmbedder(PairTransformer):
    """Embed circRNAs and miRNAs by their roles in the graph of known interactions.

    The vector of a node predicts the Weisfeiler-Lehman features (the degree, refined in each iteration by
    the features of the neighbours) of the nodes within `window_size` steps on random walks [1]_. Only pairs
    with the positive label are edges; their order and duplicates have no influence.

    Parameters
    ----------
    vector_size : int, default=256
        Length of the vector of one RNA.
    walk_number : int, default=10
        Walks that start at each node.
    walk_length : int, default=80
        Nodes in a walk, more than `window_size`.
    window_size : int, default=3
        Steps, in both directions of a walk, within which a node meets another; it always meets itself.
        karateclub counts the node itself too: its own default, 2, is 1 here.
    wl_iterations : int, default=2
        Weisfeiler-Lehman iterations; the features of all iterations, the degree first, are used.
    engine : {"native", "karateclub"}, default="native"
        "native" computes the optimum of the prediction in closed form (see Notes). "karateclub" trains
        it with the package of that name, which is some 30 times slower and sets the global generators of
        numpy and Python while it runs; they are put back afterwards.
    random_state : int, RandomState, Generator or None, default=None
        Seeds the walks and the solver. None draws fresh entropy.

    Attributes
    ----------
    circrna_ids_, mirna_ids_ : ndarray of str, shape (n_circrnas,) and (n_mirnas,)
        RNAs with an interaction in the training pairs, sorted.
    circrna_vectors_, mirna_vectors_ : ndarray of float32, shape (n_circrnas or n_mirnas, vector_size)
        Their vectors. The mean squared norm over all nodes is 1.

    Raises
    ------
    ValueError
        If pairs or labels are not valid, no pair is positive, or a parameter is out of range.
    ImportError
        In `fit`, if `engine` is "karateclub" and it is not installed; the message has the command to do so.

    Notes
    -----
    **Unknown RNAs.** An RNA that is new, or has no positive pair in training, has no place in the graph:
    its vector is all zeros, which says "nothing known".

    **Edges of the pair itself.** A positive training pair has shaped the vectors of its two RNAs, a pair to
    be predicted has not, and a model fitted to `transform` of the same pairs can learn that trace; leave the
    pair's own edge out, by cross-fitting for instance, where it matters.

    **Native engine.** Predicting the features that a node meets is PV-DBOW, whose optimum under negative
    sampling factorises the pointwise mutual information of node and feature [2]_. The engine counts the
    meetings, keeps the positive part of the mutual information, and takes the truncated singular value
    decomposition U √S of that sparse table; columns beyond its rank are zeros. A graph in which all nodes
    play the same role, such as a single edge, gives zeros only.

    References
    ----------
    .. [1] Ahmed et al., "Learning role-based graph embeddings", arXiv:1802.02896 (2018).
    .. [2] Levy and Goldberg, "Neural word embedding as implicit matrix factorization", NIPS 2014.

    Examples
    --------
    >>> from sklearn_mferl import Role2VecEmbedder
    >>> pairs = [("circ1", "mir1"), ("circ1", "mir2"), ("circ2", "mir2"), ("circ3", "mir1")]
    >>> embedder = Role2VecEmbedder(vector_size=4, random_state=0).fit(pairs, [1, 1, 1, 0])
    >>> embedder.transform([("circ1", "mir2")]).shape
    (1, 8)
    >>> embedder.embed("circrna", ["circ2", "circ3"]).any(axis=1)
    array([ True, False])
    """

    def __init__(
        self,
        vector_size: int = 256,
        *,
        walk_number: int = 10,
        walk_length: int = 80,
        window_size: int = 3,
        wl_iterations: int = 2,
        engine: str = "native",
        random_state: Any = None,
    ) -> None:
        self.vector_size = vector_size
        self.walk_number = walk_number
        self.walk_length = walk_length
        self.window_size = window_size
        self.wl_iterations = wl_iterations
        self.engine = engine
        self.random_state = random_state

    def _check_parameters(self) -> None:
        if not (isinstance(self.engine, str) and self.engine in _ENGINES):
            raise ValueError(f"engine must be one of {sorted(_ENGINES)}; got {self.engine!r}.")
        for name, least in _LEAST.items():
            check_whole(name, getattr(self, name), least)
        if self.walk_length <= self.window_size:
            raise ValueError(
                f"walk_length must exceed window_size; got {self.walk_length} and {self.window_size}."
            )

    def _fit(self, pairs: Objects, y: Any) -> None:
        edges = pairs[find_interactions(y, len(pairs), "Role2Vec")]
        # The ends are sorted and duplicates dropped: the order of the pairs leaves no trace.
        circrnas, rows = np.unique(edges[:, 0], return_inverse=True)
        mirnas, columns = np.unique(edges[:, 1], return_inverse=True)
        graph = _bipartite_graph(np.stack([rows, columns]), len(circrnas), len(mirnas))
        sizes = {name: getattr(self, name) for name in _LEAST}
        settings = native.Settings(**sizes, seed=spawn_seeds(self.random_state, 1)[0])
        vectors = _ENGINES[self.engine](graph, settings)
        self.circrna_ids_, self.mirna_ids_ = circrnas, mirnas
        self.circrna_vectors_, self.mirna_vectors_ = vectors[: len(circrnas)], vectors[len(circrnas) :]

    def embed(self, side: str, ids: Any) -> Singles:
        """Look up the vectors of RNAs: zeros where no interaction is known.

        Parameters
        ----------
        side : {"circrna", "mirna"}
            What the ids are.
        ids : 1-D collection of str, shape (n,)

        Returns
        -------
        ndarray of float32, shape (n, vector_size)
        """
        check_is_fitted(self)
        if side not in SIDES:
            raise ValueError(f"side must be 'circrna' or 'mirna'; got {side!r}.")
        names = check_ids(ids)
        known, vectors = getattr(self, f"{side}_ids_"), getattr(self, f"{side}_vectors_")
        rows = pd.Index(known, dtype=object).get_indexer(pd.Index(names, dtype=object))
        return np.where((rows >= 0)[:, None], vectors[rows], np.float32(0))

    def _transform(self, pairs: Objects) -> Singles:
        return np.hstack([self.embed(side, pairs[:, column]) for column, side in enumerate(SIDES)])

    def _feature_names(self) -> list[str]:
        size = self.circrna_vectors_.shape[1]
        return [f"{side}_role2vec_{column}" for side in SIDES for column in range(size)]


def _bipartite_graph(links: Ints, n_circrnas: int, n_mirnas: int) -> sp.csr_array:
    """Link circRNAs, the first nodes, and miRNAs in a symmetric 0/1 matrix with sorted indices."""
    table = sp.csr_array((np.ones(links.shape[1], dtype=np.int8), links), shape=(n_circrnas, n_mirnas))
    table.sum_duplicates()
    graph = sp.block_array([[None, table], [table.T, None]], format="csr")
    graph.sort_indices()
    graph.data[:] = 1
    return graph
