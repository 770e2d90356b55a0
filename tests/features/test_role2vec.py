"""Each step of Role2Vec equals its definition; vectors say roles, and depend on positive pairs alone."""

import importlib.util
import pickle
import random
import sys

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.features.role2vec import Role2VecEmbedder, native

needs_karateclub = pytest.mark.skipif(
    importlib.util.find_spec("karateclub") is None,
    reason="missing; pip install --no-deps karateclub==1.3.3 pygsp python-louvain decorator six",
)
engines = pytest.mark.parametrize("engine", ["native", pytest.param("karateclub", marks=needs_karateclub)])

PAIRS = [
    ("c1", "m1"), ("c1", "m2"), ("c1", "m3"), ("c2", "m1"), ("c2", "m2"), ("c3", "m3"),
    ("c3", "m4"), ("c4", "m4"), ("c5", "m5"), ("c6", "m5"), ("c6", "m1"), ("c7", "m6"),
]  # fmt: skip


def embedder(**params) -> Role2VecEmbedder:
    return Role2VecEmbedder(**{"vector_size": 8, "random_state": 0, **params})


def vectors_of(model: Role2VecEmbedder) -> np.ndarray:
    return np.vstack([model.circrna_vectors_, model.mirna_vectors_])


def graph(edges) -> sp.csr_array:
    """Symmetric adjacency matrix of the nodes 0, 1, ... that stand in `edges`."""
    rows, columns = np.array([*edges, *(edge[::-1] for edge in edges)]).T
    adjacency = sp.csr_array((np.ones(len(rows)), (rows, columns)))
    adjacency.sum_duplicates()
    return adjacency


@st.composite
def graphs(draw) -> sp.csr_array:
    """Graphs with no node alone: each node is linked to an earlier one, and some to others."""
    n_nodes = draw(st.integers(2, 12))
    edges = {(draw(st.integers(0, node - 1)), node) for node in range(1, n_nodes)}
    for _ in range(draw(st.integers(0, 8))):
        first, second = sorted(draw(st.tuples(*[st.integers(0, n_nodes - 1)] * 2)))
        if first != second:
            edges.add((first, second))
    return graph(sorted(edges))


def nested_labels(adjacency: sp.csr_array, n_iterations: int) -> list[list]:
    """The Weisfeiler-Lehman labels written out in full: no relabelling that could go wrong."""
    neighbours = [np.flatnonzero(row) for row in adjacency.toarray()]
    rounds = [[len(own) for own in neighbours]]
    for _ in range(n_iterations):
        last = rounds[-1]
        rounds.append([(last[v], tuple(sorted(last[u] for u in own))) for v, own in enumerate(neighbours)])
    return rounds


@given(graphs(), st.integers(0, 3))
def test_nodes_share_a_feature_where_their_nested_neighbourhoods_are_equal(adjacency, n_iterations):
    features = native.weisfeiler_lehman_features(adjacency, n_iterations)
    rounds = nested_labels(adjacency, n_iterations)
    assert features.shape[1] == sum(len(set(labels)) for labels in rounds)
    shared = (features @ features.T).toarray()
    same = sum(np.array([[a == b for b in labels] for a in labels], dtype=int) for labels in rounds)
    np.testing.assert_array_equal(shared, same)


@given(graphs(), st.integers(1, 10))
def test_walks_follow_edges_from_their_starts(adjacency, length):
    starts = np.arange(adjacency.shape[0])
    walks = native.random_walks(adjacency, starts, length, np.random.default_rng(0))
    np.testing.assert_array_equal(walks[0], starts)
    dense = adjacency.toarray()
    assert all(dense[here, there] for here, there in zip(walks[:-1].flat, walks[1:].flat, strict=True))


def test_walks_choose_every_neighbour_equally_often():
    star = graph([(0, leaf) for leaf in range(1, 6)])
    walks = native.random_walks(star, np.zeros(20_000, dtype=int), 2, np.random.default_rng(0))
    frequencies = np.bincount(walks[1], minlength=6)[1:] / 20_000
    np.testing.assert_allclose(frequencies, 0.2, atol=0.01)


@given(graphs(), st.integers(1, 3), st.integers(1, 3))
def test_meetings_equal_a_loop_over_the_walks(adjacency, walk_number, window_size):
    counts = native.count_meetings(adjacency, walk_number, 5, window_size, np.random.default_rng(0))
    starts = np.tile(np.arange(adjacency.shape[0]), walk_number)
    expected = np.zeros(adjacency.shape)
    for walk in native.random_walks(adjacency, starts, 5, np.random.default_rng(0)).T:
        for position, here in enumerate(walk):
            for there in walk[position : position + window_size + 1]:
                expected[here, there] += 1
                expected[there, here] += 1
    np.testing.assert_array_equal(counts.toarray(), expected)


def test_counting_in_small_portions_counts_every_walk(monkeypatch):
    adjacency = graph([(0, 1), (1, 2), (2, 3)])
    whole = native.count_meetings(adjacency, 7, 10, 2, np.random.default_rng(0))
    monkeypatch.setattr(native, "_MAX_COUNTED", 90)  # three walks at a time
    portions = native.count_meetings(adjacency, 7, 10, 2, np.random.default_rng(0))
    assert portions.sum() == whole.sum() == 2 * (10 + 9 + 8) * 28


def test_positive_pmi_equals_its_formula():
    counts = np.random.default_rng(0).poisson(1.0, (6, 9)).astype(np.float32)
    joint = counts / counts.sum()
    with np.errstate(divide="ignore"):
        pmi = np.log(joint / joint.sum(axis=1, keepdims=True) / joint.sum(axis=0))
    sparse_counts = sp.csr_array(counts)
    table = native.positive_pmi(sparse_counts)
    np.testing.assert_array_equal(sparse_counts.toarray(), counts, "the counts are left alone")
    np.testing.assert_allclose(table.toarray(), np.maximum(pmi, 0), atol=1e-6)
    assert (table.data > 0).all()


def test_factors_equal_those_of_a_dense_decomposition():
    rng = np.random.default_rng(0)
    table = (rng.random((30, 6)) @ rng.random((6, 40))).astype(np.float32)
    left, values, _ = np.linalg.svd(table)
    vectors = native.factorise(sp.csr_array(table), 10, seed=0)
    expected = left[:, :6] * np.sqrt(values[:6])
    scale = np.sqrt((expected**2).sum(axis=1).mean())
    np.testing.assert_allclose(np.abs(vectors[:, :6]), np.abs(expected) / scale, atol=1e-3)
    assert not vectors[:, 6:].any(), "columns beyond the rank are zeros"
    assert (vectors**2).sum(axis=1).mean() == pytest.approx(1, abs=1e-5)
    largest = np.abs(vectors[:, :6]).argmax(axis=0)
    assert (vectors[largest, range(6)] > 0).all(), "the sign of a column is fixed"


@engines
def test_negative_pairs_order_and_duplicates_leave_no_trace(engine):
    negatives = [("c1", "m6"), ("c9", "m1"), ("c9", "m9")]
    alone = embedder(engine=engine).fit(PAIRS)
    shuffled = [*negatives, *PAIRS[::-1], *PAIRS[:4]]
    together = embedder(engine=engine).fit(shuffled, [0] * 3 + [1] * (len(PAIRS) + 4))
    assert pickle.dumps(together) == pickle.dumps(alone)


@engines
def test_rnas_without_a_known_interaction_get_zeros(engine):
    model = embedder(engine=engine).fit([*PAIRS, ("c9", "m9")], [1] * len(PAIRS) + [0])
    assert not model.transform([("c9", "m9"), ("new", "new")]).any()
    assert model.embed("circrna", ["c9", "c1", "new"]).any(axis=1).tolist() == [False, True, False]


def test_a_pair_is_the_vector_of_its_circrna_and_then_of_its_mirna():
    model = embedder().fit(PAIRS)
    pairs = [("c2", "m3"), ("new", "m1"), ("c2", "m3")]
    block = model.transform(pairs)
    np.testing.assert_array_equal(block[:, :8], model.embed("circrna", ["c2", "new", "c2"]))
    np.testing.assert_array_equal(block[:, 8:], model.embed("mirna", ["m3", "m1", "m3"]))
    names = [f"{side}_role2vec_{column}" for side in ("circrna", "mirna") for column in range(8)]
    assert model.get_feature_names_out().tolist() == names


def test_the_same_name_on_both_sides_is_two_nodes():
    clashing = embedder().fit([(circrna[1:], mirna[1:]) for circrna, mirna in PAIRS])
    np.testing.assert_array_equal(vectors_of(clashing), vectors_of(embedder().fit(PAIRS)))
    assert not np.allclose(clashing.embed("circrna", ["1"]), clashing.embed("mirna", ["1"]))


@pytest.mark.parametrize(
    "labels", [(0, 1), (False, True), (-1, 1), (1, 2), ("no", "yes"), (0.0, 1.0)], ids=str
)
def test_the_larger_label_marks_the_interactions(labels):
    y = [labels[1]] * 10 + [labels[0]] * 2
    expected = pickle.dumps(embedder().fit(PAIRS[:10]))
    for same in (y, pd.Series(y, index=range(5, 17)), np.array(y, dtype=object)):
        assert pickle.dumps(embedder().fit(PAIRS, same)) == expected
    assert pickle.dumps(embedder().fit(PAIRS[:10], [1] * 10)) == expected


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0] * 12, "No pair is positive: all 12 labels are 0"),
        (["no"] * 12, "No pair is positive"),
        ([1] * 11, r"one label a pair, shape \(12,\); got shape \(11,\)"),
        ([1.0] * 11 + [np.nan], "label of row 11 is missing"),
        ([0, 1, 2] * 4, "two classes; got 3"),
        (np.array([1, "a"] * 6, dtype=object), "cannot be sorted"),
    ],
)
def test_labels_that_are_not_two_classes_are_refused(y, message):
    with pytest.raises(ValueError, match=message):
        embedder().fit(PAIRS, y)


def test_embed_refuses_what_is_no_side_and_no_id():
    model = embedder().fit(PAIRS)
    with pytest.raises(ValueError, match="side must be 'circrna' or 'mirna'; got 'lncrna'"):
        model.embed("lncrna", ["c1"])
    with pytest.raises(ValueError, match="id of row 1 is 7, not a string"):
        model.embed("circrna", ["c1", 7])


def test_a_graph_of_equals_has_nothing_to_tell_apart():
    assert not embedder().fit_transform([("c1", "m1")]).any()


@engines
def test_equal_roles_in_two_separate_parts_of_the_graph_get_like_vectors(engine):
    # No walk leads from one part to the other: only the roles can make the vectors alike.
    part = [("hub", f"leaf{i}") for i in range(8)] + [("c1", "leaf0"), ("c1", "end"), ("c2", "end")]
    twins = [(f"{circrna}-{twin}", f"{mirna}-{twin}") for twin in "AB" for circrna, mirna in part]
    model = Role2VecEmbedder(16, walk_number=40, engine=engine, random_state=0).fit(twins)

    def cosine(first, second):
        one, other = model.embed("circrna", [first, second])
        return one @ other / np.linalg.norm(one) / np.linalg.norm(other)

    for name in ("hub", "c1", "c2"):
        assert cosine(f"{name}-A", f"{name}-B") > 0.9
    assert cosine("hub-A", "c2-B") < 0.6


@engines
def test_the_seed_decides_none_draws_anew_and_global_generators_are_as_before(engine):
    numpy_state, python_state = np.random.get_state(), random.getstate()  # noqa: NPY002

    def fit(random_state):
        return vectors_of(embedder(engine=engine, random_state=random_state).fit(PAIRS))

    np.testing.assert_array_equal(fit(np.random.default_rng(3)), fit(np.random.default_rng(3)))
    assert not np.array_equal(fit(0), fit(1))
    assert not np.array_equal(fit(None), fit(None))
    assert random.getstate() == python_state
    assert all(np.array_equal(a, b) for a, b in zip(np.random.get_state(), numpy_state, strict=True))  # noqa: NPY002


def test_a_missing_karateclub_is_answered_with_the_install_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "karateclub", None)
    line = "pip install --no-deps karateclub==1.3.3 pygsp python-louvain decorator six"
    with pytest.raises(ImportError, match=line):
        embedder(engine="karateclub").fit(PAIRS)


def auc_of_hidden_pairs(engine: str) -> float:
    """How well the products of the vectors tell pairs that neither engine nor classifier has seen."""
    aucs = []
    for seed in range(3):
        data = make_cmi(90, 40, random_state=seed)
        pairs = pd.MultiIndex.from_product([data.circrna, data.mirna], names=["circrna", "mirna"])
        y = pairs.isin(pd.MultiIndex.from_frame(data.pairs)).astype(int)
        pairs, part = pairs.to_frame(index=False), np.random.default_rng(seed).integers(0, 4, len(y))
        known, rated, hidden = part < 2, part == 2, part == 3
        model = Role2VecEmbedder(32, engine=engine, random_state=seed).fit(pairs[known], y[known])
        block = model.transform(pairs)
        products = block[:, :32] * block[:, 32:]
        classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.01))
        classifier.fit(products[rated], y[rated])
        aucs.append(roc_auc_score(y[hidden], classifier.predict_proba(products[hidden])[:, 1]))
    return np.mean(aucs)


def test_hidden_interactions_are_predicted_from_the_native_vectors():
    assert auc_of_hidden_pairs("native") > 0.65


@pytest.mark.slow
@needs_karateclub
def test_the_native_engine_predicts_hidden_interactions_as_well_as_karateclub():
    assert auc_of_hidden_pairs("native") >= auc_of_hidden_pairs("karateclub") - 0.02
