"""Relatives and kernels are those of dense comparisons, for training RNAs and new ones."""

import numpy as np
import pytest
from _builders import random_rnas
from rapidfuzz.distance import Levenshtein
from scipy import sparse
from scipy.spatial.distance import cdist
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics.pairwise import cosine_similarity

from sklearn_mferl.evidence.graph.relatedness import (
    CloseVectors,
    MicroRNAFamilies,
    RelatedSide,
    SharedKmers,
    _keep_largest,
)

SETTINGS = {"n_neighbors": (2, 5), "n_landmarks": 1500, "n_directions": 300}
N = 15


@pytest.fixture(autouse=True)
def in_blocks(monkeypatch):
    """Compare a few RNAs at a time."""
    monkeypatch.setattr("sklearn_mferl.evidence.graph.relatedness._ROWS_AT_ONCE", 4)


def make(kind, **settings):
    settings = {**SETTINGS, **settings}
    if kind in ("circular", "linear"):
        return SharedKmers(kind == "circular", **settings)
    return {"mirna": MicroRNAFamilies, "vectors": CloseVectors}[kind](**settings)


def inputs_of(kind, n=N, seed=0):
    rng = np.random.default_rng(seed)
    if kind == "vectors":
        return rng.normal(size=(n, 6)).astype(np.float32) + 0.5
    if kind == "mirna":
        families = random_rnas([8] * 4, rng)
        return [families[i % 4] + tail for i, tail in enumerate(random_rnas([14] * n, rng))]
    stem, *tails = random_rnas([90, *[60] * n], rng)
    return [stem[: 6 * i] + tail for i, tail in enumerate(tails)]


def names(n, prefix="r"):
    return np.array([f"{prefix}{i:03d}" for i in range(n)], dtype=object)


def fitted(kind, **settings):
    relatedness, inputs = make(kind, **settings), inputs_of(kind)
    return relatedness, relatedness.fit(names(N), inputs, np.random.default_rng(0)), inputs


def words_of(rna, k, circular):
    letters = rna + rna[: k - 1] if circular and len(rna) >= k else rna
    return {letters[i : i + k] for i in range(len(letters) - k + 1)}


def word_cosines(rows, columns, training, k, circular=False, weigh=True):
    """Compare sets of words, a word counting by the square of log((1 + n) / (1 + holders)) + 0.1."""
    words = CountVectorizer(analyzer=lambda rna: words_of(rna, k, circular)).fit([*rows, *columns, *training])
    held_by = [words.transform(rnas).toarray() for rnas in (rows, columns, training)]
    weights = np.log((1 + len(training)) / (1 + held_by[2].sum(axis=0))) + 0.1 if weigh else 1
    return cosine_similarity(held_by[0] * weights, held_by[1] * weights)


def likeness(rows, columns):
    return np.array([[Levenshtein.normalized_similarity(a, b) for b in columns] for a in rows])


def expected_kernel(kind, rows, columns, training):
    if kind in ("circular", "linear"):
        long, short = (word_cosines(rows, columns, training, k, kind == "circular") for k in (12, 3))
        return (2 * long + short) / 3
    if kind == "mirna":
        cut = [[rna[1:8] for rna in rnas] for rnas in (rows, columns, training)]
        parts = [word_cosines(rows, columns, training, k) for k in (3, 5)]
        parts += [word_cosines(*cut, k, weigh=False) for k in (3, 5)]
        return sum(parts) / 4 + 0.5 * likeness(*cut[:2]) ** 3
    scaled = [
        np.asarray(vectors, dtype=float) / training.std(axis=0) for vectors in (rows, columns, training)
    ]
    width = np.median(cdist(scaled[2], scaled[2], "sqeuclidean")) / 2
    near = np.exp(-cdist(*scaled[:2], "sqeuclidean") / width)
    return near + 0.3 * cosine_similarity(rows, columns)


def expected_weights(kind, rows, columns, training):
    if kind in ("circular", "linear"):
        return {"sequence": word_cosines(rows, columns, training, 12, kind == "circular") ** 2}
    if kind == "mirna":
        whole = likeness(rows, columns)
        seed = likeness([rna[1:8] for rna in rows], [rna[1:8] for rna in columns])
        return {"sequence": whole**4, "seed": ((seed + 0.3 * whole) / 1.3) ** 8}
    return {"embedding": np.maximum(cosine_similarity(rows, columns), 0) ** 4}


def nearest(weights, k):
    kept = np.zeros_like(weights)
    for row, weight in enumerate(weights):
        for column in sorted(range(len(weight)), key=lambda j: (-weight[j], j))[:k]:
            kept[row, column] = weight[column]
    return kept


KINDS = ["circular", "linear", "mirna", "vectors"]


@pytest.mark.parametrize("kind", KINDS)
def test_neighbours_are_the_training_rnas_that_are_most_alike(kind):
    relatedness, relatives, inputs = fitted(kind)
    new = inputs_of(kind, n=7, seed=5)
    of_new = relatedness.relatives(names(7, "new"), new)
    assert (of_new.reference == -1).all()
    for name, weights in expected_weights(kind, new, inputs, inputs).items():
        actual = of_new.neighbours[f"{name}_5"].toarray()
        np.testing.assert_allclose(actual.sum(axis=1), nearest(weights, 5).sum(axis=1), atol=1e-5)
    expected = expected_weights(kind, inputs, inputs, inputs)
    assert set(relatives.neighbours) == {f"{name}_{k}" for name in expected for k in (2, 5)}
    for name, weights in expected.items():
        np.fill_diagonal(weights, 0)
        for k in (2, 5):
            actual = relatives.neighbours[f"{name}_{k}"].toarray()
            np.testing.assert_allclose(actual.sum(axis=1), nearest(weights, k).sum(axis=1), atol=1e-5)
            np.testing.assert_allclose(actual[actual > 0], weights[actual > 0], atol=1e-5)
            assert (actual.diagonal() == 0).all()
            assert ((actual > 0).sum(axis=1) <= k).all()


@pytest.mark.parametrize("kind", KINDS)
def test_with_all_landmarks_inner_products_of_coordinates_are_the_kernel(kind):
    relatedness, relatives, inputs = fitted(kind)
    values, vectors = np.linalg.eigh(expected_kernel(kind, inputs, inputs, inputs))
    kernel = (vectors * np.maximum(values, 0)) @ vectors.T  # an edit distance may give negative directions
    np.testing.assert_allclose(relatives.coordinates @ relatives.coordinates.T, kernel, atol=1e-3)
    new = inputs_of(kind, n=7, seed=5)
    inner = relatedness.relatives(names(7, "new"), new).coordinates @ relatives.coordinates.T
    kept = vectors[:, values > 1e-6 * values.max()]
    kernel = expected_kernel(kind, new, inputs, inputs) @ kept @ kept.T
    np.testing.assert_allclose(inner, kernel, atol=1e-3)


def test_landmarks_have_their_kernel_exactly_and_others_nearly():
    relatedness, relatives, inputs = fitted("circular", n_landmarks=12)
    kernel = expected_kernel("circular", inputs, inputs, inputs)
    error = np.abs(relatives.coordinates @ relatives.coordinates.T - kernel)
    chosen = np.sort(np.random.default_rng(0).choice(N, 12, replace=False))
    assert error[chosen].max() < 1e-3
    assert relatedness.projection.shape == (12, 12)


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("circular", ["ACGUACGGUA"] * 6),
        ("mirna", ["UGAGGUAGUAGGUU"] * 6),
        ("vectors", np.full((6, 4), 0.1, dtype=np.float32)),
        ("vectors", np.zeros((6, 4), dtype=np.float32)),
    ],
)
def test_rnas_that_are_all_alike_have_one_direction(kind, inputs):
    relatives = make(kind).fit(names(6), inputs, np.random.default_rng(0))
    assert relatives.coordinates.shape == (6, 1)
    np.testing.assert_allclose(relatives.coordinates, relatives.coordinates[0, 0], rtol=1e-5)


def test_vectors_of_any_size_of_float32_stay_finite():
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(8, 3)) * np.array([1e37, 1.0, 1e-37])
    relatedness = make("vectors")
    relatives = relatedness.fit(names(8), inputs.astype(np.float32), rng)
    assert np.isfinite(relatives.coordinates).all()
    far = relatedness.relatives(names(2, "far"), np.full((2, 3), 3e38, dtype=np.float32))
    assert np.isfinite(far.coordinates).all()
    assert all(np.isfinite(weights.data).all() for weights in far.neighbours.values())


def test_vectors_that_are_mostly_equal_still_tell_the_others_apart():
    inputs = np.zeros((12, 3), dtype=np.float32)
    inputs[:2] = np.eye(3)[:2]
    kernel = make("vectors").fit(names(12), inputs, np.random.default_rng(0)).coordinates
    kernel = kernel @ kernel.T
    assert kernel[2, 3] == pytest.approx(1, abs=1e-3)
    assert kernel[0, 1] < 0.5


@pytest.mark.parametrize("k", [1, 3, 9, 20])
def test_of_equal_weights_the_first_are_kept(k):
    rng = np.random.default_rng(0)
    weights = rng.choice([0, 0.25, 0.5, 1], size=(40, 12)).astype(np.float32)
    kept = _keep_largest(weights, k)
    np.testing.assert_array_equal(kept.toarray(), nearest(weights, k))
    assert kept.nnz == (nearest(weights, k) > 0).sum()
    assert kept.has_sorted_indices


def test_a_side_looks_training_rnas_up_and_compares_new_ones_in_any_order():
    rnas = dict(zip(names(N), inputs_of("circular"), strict=True))
    known = names(N)[:10]
    side = RelatedSide("circrna", rnas, None)
    side.fit(known, {"sequence": make("circular")}, np.random.default_rng(0))
    order = np.random.default_rng(1).permutation(N)
    relatives = side.relatives(names(N)[order])
    np.testing.assert_array_equal(relatives.reference, np.where(order < 10, order, -1))
    apart = [side.relatives(names(N)[i : i + 1]) for i in order]
    stacked = np.concatenate([one.coordinates for one in apart])
    np.testing.assert_allclose(relatives.coordinates, stacked, atol=1e-5)
    votes = sparse.vstack([one.neighbours["sequence_5"] for one in apart]).toarray()
    np.testing.assert_allclose(relatives.neighbours["sequence_5"].toarray(), votes, atol=1e-6)
