"""Bad input is named: the row, the letter, what to do."""

import numpy as np
import pandas as pd
import pytest

from sklearn_mferl.utils.random_state import spawn_seeds
from sklearn_mferl.utils.validation import check_ids, check_pairs, check_sequences


@pytest.mark.parametrize("check", [check_sequences, check_ids])
def test_one_column_of_strings_is_read_and_two_are_refused(check):
    assert check(pd.DataFrame({"any": ["ACGU", "GGU"]})).tolist() == ["ACGU", "GGU"]
    with pytest.raises(ValueError, match=r"got shape \(1, 2\); select a single column"):
        check([["A", "C"]])
    with pytest.raises(ValueError, match="row 1"):
        check(["ACGU", 4])


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([("a", "b", "c")], r"must have two columns, circrna and mirna; got shape \(1, 3\)"),
        ([("a", "b"), ("a",)], "Row 1 of the pairs has 1 columns; a pair has two"),
        (("a", "b"), r"A single pair is a list of one tuple"),
        ([], "two columns"),
        (np.empty((0, 2)), "Found 0 pairs"),
        ([("a", "b"), ("c", None)], r"Row 1, column 'mirna' is missing \(NaN\)"),
        ([("a", "b"), (3, "b")], "Row 1, column 'circrna' is 3, a int"),
        (pd.DataFrame({"circrna": ["a"], "x": ["b"]}), "no column 'mirna'"),
    ],
)
def test_what_is_no_table_of_pairs_is_refused(pairs, message):
    with pytest.raises(ValueError, match=message):
        check_pairs(pairs)


def test_seeds_follow_an_int_and_advance_a_generator():
    assert spawn_seeds(0, 3)[:2] == spawn_seeds(0, 2)
    assert spawn_seeds(0, 2) != spawn_seeds(1, 2)
    for generator in (np.random.default_rng(0), np.random.RandomState(0)):
        assert spawn_seeds(generator, 2) != spawn_seeds(generator, 2)
    assert spawn_seeds(None, 1) != spawn_seeds(None, 1)
    with pytest.raises(ValueError, match="random_state must be"):
        spawn_seeds("zero", 1)
