"""How often the graph of training is made and solved, and with how many threads."""

from unittest.mock import Mock

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from sklearn_mferl import PairFeatures, PairNeighborhood
from sklearn_mferl.evidence import neighborhood
from sklearn_mferl.evidence.graph import training_graph
from sklearn_mferl.utils.scheduling import one_blas_thread


def draw_pairs(n_circrnas, n_mirnas, n_pairs):
    rng = np.random.default_rng(0)
    cells = rng.permutation(n_circrnas * n_mirnas)[:n_pairs]
    pairs = [(f"c{i}", f"m{j}") for i, j in zip(*np.divmod(cells, n_mirnas), strict=True)]
    vectors = {
        side: pd.DataFrame(rng.normal(size=(n, 64)), index=[f"{side[0]}{i}" for i in range(n)])
        for side, n in (("circrna", n_circrnas), ("mirna", n_mirnas))
    }
    return pairs, rng.integers(0, 2, n_pairs), vectors


def test_training_makes_each_graph_once_and_inverts_once_what_graphs_share(monkeypatch):
    pairs, y, vectors = draw_pairs(30, 12, 240)
    channel = PairNeighborhood(n_splits=4, n_neighbors=(2,), alphas=(1.0,))
    features = PairFeatures(
        None, None, [], evidence=[("graph", channel)], embeddings=vectors, background=1, random_state=0
    )
    graphs, inverses = Mock(wraps=neighborhood.TrainingGraph), Mock(wraps=training_graph._inverse)
    monkeypatch.setattr(neighborhood, "TrainingGraph", graphs)
    monkeypatch.setattr(training_graph, "_inverse", inverses)
    table = features.fit_transform(pairs, y)
    assert table.background is not None
    # all pairs; by part, those of training and of the background; without some miRNAs, circRNAs, both
    assert graphs.call_count == 1 + 4 + 4 + 4 + 64
    # those of all RNAs of a side; without some miRNAs, circRNAs, both
    assert inverses.call_count == 2 + 4 + 4 + 2 * 64
    features.transform(pairs[:20])
    assert inverses.call_count == 2 + 4 + 4 + 2 * 64


@pytest.mark.slow
def test_the_number_of_blas_threads_does_not_change_the_last_digit():
    pairs, y, vectors = draw_pairs(400, 150, 1500)
    found = []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads, user_api="blas"):
            graph = PairNeighborhood(embeddings=vectors, n_splits=2, random_state=0).fit(pairs, y)
            found.append([graph.transform(pairs), graph.cold_views(pairs)])
    for one, two in zip(*found, strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_flag_that_a_kernel_raises_is_no_warning_and_others_are():
    infinite = np.array([np.inf])
    with one_blas_thread():
        assert np.isnan(infinite - infinite).all()
    with pytest.warns(RuntimeWarning, match="invalid value"):
        infinite - infinite
