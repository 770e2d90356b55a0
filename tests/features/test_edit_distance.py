"""Edit distances of 16 references at a time are those of the library Levenshtein, down to the limit."""

import numpy as np
import pytest
from _builders import random_rna, random_rnas
from hypothesis import given, settings
from hypothesis import strategies as st
from Levenshtein import distance

from sklearn_mferl.features.edit_distance import LANES, TOO_FAR, edit_distances

LENGTHS = [1, 2, 21, 22, 63, 64, 65, 127, 128, 129, 200, 300]


def strings(listed) -> np.ndarray:
    return np.array(listed, dtype=object)


def mutated(rng: np.random.Generator, sequence: str, n_edits: int) -> str:
    """Change, take out or put in letters."""
    letters = list(sequence)
    for _ in range(n_edits):
        at = int(rng.integers(len(letters)))
        letters[at : at + rng.integers(2)] = list(random_rna(rng.integers(2), rng) or "A")
    return "".join(letters)


def expected(queries, references, least) -> np.ndarray:
    """Compare one by one, by the library."""
    table = np.array([[distance(query, other) for other in references] for query in queries])
    longest = np.maximum.outer(list(map(len, queries)), list(map(len, references)))
    return np.where(1 - table / longest >= least - 1e-9, table, TOO_FAR)


@pytest.fixture(scope="module")
def family():
    """RNAs of very different lengths, and near and far relatives of some of them."""
    rng = np.random.default_rng(0)
    plain = random_rnas(LENGTHS, rng)
    related = [
        mutated(rng, sequence, len(sequence) * share // 10) for sequence in plain for share in (1, 3, 6)
    ]
    return strings([*plain, *related, *random_rnas([700, 1400], rng)])


@pytest.mark.parametrize("least", [0.0, 0.3, 0.5, 0.501, 0.8, 1.0])
def test_distances_are_those_of_the_library_down_to_the_limit(family, least):
    truth = expected(family, family, least)
    np.testing.assert_array_equal(edit_distances(family, family.copy(), least), truth)
    np.testing.assert_array_equal(edit_distances(family, family, least, n_threads=3), truth)  # half the work


@given(
    letters=st.sampled_from(["A", "AC", "ACGU", "ACGUBDHKMNRSVWY"]),
    lengths=st.lists(st.integers(1, 150), min_size=1, max_size=2 * LANES + 1),
    least=st.floats(0, 1),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None)
def test_any_sequences_and_limits(letters, lengths, least, seed):
    rng = np.random.default_rng(seed)
    references = strings(random_rnas(lengths, rng, letters))
    queries = strings([mutated(rng, references[0], 5), *references[-2:]])
    found, truth = edit_distances(queries, references, least), expected(queries, references, 0.0)
    near = expected(queries, references, least)
    # at the limit itself rounding decides
    assert ((found == near) | (found == truth)).all()
    assert (found[near != TOO_FAR] == near[near != TOO_FAR]).all()
    longest = np.maximum.outer(list(map(len, queries)), list(map(len, references)))
    assert (found[truth > (1 - least) * longest + 1e-5] == TOO_FAR).all()


def test_a_path_along_the_edge_of_what_is_within_reach_is_found():
    # all letters of the middle are common; what stands before and behind takes the path off the diagonal
    rng = np.random.default_rng(0)
    middle = random_rna(500, rng)
    for shift in (0, 63, 64, 65, 128, 249, 250, 251, 400):
        query = strings([random_rna(shift, rng) + middle])
        reference = strings([middle + random_rna(shift, rng)])
        for least in (0.3, 0.5, 0.6):
            found = edit_distances(query, reference, least)
            np.testing.assert_array_equal(found, expected(query, reference, least))
