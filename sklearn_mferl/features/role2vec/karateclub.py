"""Role2Vec as the karateclub package computes it."""

import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import scipy.sparse as sp

from sklearn_mferl.features.role2vec.native import Settings
from sklearn_mferl.utils.arrays import Singles


def embed_nodes(adjacency: sp.csr_array, settings: Settings) -> Singles:
    """Embed the nodes of a graph with karateclub; same arguments and result as the native engine."""
    with _global_generators_kept(), warnings.catch_warnings():
        # Neither is ours: karateclub's own code and its use of networkx and gensim.
        warnings.simplefilter("ignore")
        try:
            import networkx as nx
            from karateclub import Role2Vec
        except ImportError as error:
            raise ImportError(
                f"Role2VecEmbedder(engine='karateclub') cannot import karateclub ({error}). Its own "
                "requirements exclude current numpy, so install it without them: "
                "pip install networkx && "
                "pip install --no-deps karateclub==1.3.3 pygsp python-louvain decorator six. "
                "engine='native' needs neither."
            ) from error
        graph = nx.Graph()
        graph.add_nodes_from(range(adjacency.shape[0]))
        edges = sp.triu(adjacency).tocoo()
        graph.add_edges_from(zip(edges.row.tolist(), edges.col.tolist(), strict=True))
        model = Role2Vec(
            walk_number=settings.walk_number,
            walk_length=settings.walk_length,
            dimensions=settings.vector_size,
            workers=1,  # more would make the result depend on the order in which threads finish
            window_size=settings.window_size + 1,  # karateclub counts the node itself, we count the steps
            wl_iterations=settings.wl_iterations,
            seed=settings.seed,
        )
        model.fit(graph)
        vectors = np.asarray(model.get_embedding(), dtype=np.float32)
    return vectors / np.sqrt(np.square(vectors).sum(axis=1).mean())


@contextmanager
def _global_generators_kept() -> Iterator[None]:
    """Undo what karateclub does to the global generators, which it seeds and draws from."""
    numpy_state, python_state = np.random.get_state(), random.getstate()  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(numpy_state)  # noqa: NPY002
        random.setstate(python_state)
