"""Bad input is named: the row, the letter, what to do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sklearn_mferl.utils.random_state import spawn_seeds
from sklearn_mferl.utils.validation import check_ids, check_pairs, check_sequences, normalize_sequence


@pytest.mark.parametrize(
    ("sequence", "message"),
    [
        ("", "sequence of row 3 is empty"),
        ("ACGJU", "row 3 has the letter 'J' at position 4"),
        (float("nan"), r"row 3 is missing \(NaN\)"),
        (pd.NA, r"row 3 is missing \(NaN\)"),
        (5, "row 3 is a int"),
    ],
)
def test_a_sequence_that_is_no_rna_is_named(sequence, message):
    with pytest.raises(ValueError, match=message):
        normalize_sequence(sequence, "row 3")


def test_case_and_thymine_do_not_matter_and_ambiguous_letters_stay():
    assert normalize_sequence(" acgtnRY ", "row 0") == "ACGUNRY"


@pytest.mark.parametrize(
    "rows",
    [
        ["acgu", "GGT"],
        np.array(["acgu", "GGT"]),
        pd.Series(["acgu", "GGT"], index=[7, 7]),
        pd.DataFrame({"any": ["acgu", "GGT"]}),
        (row for row in ["acgu", "GGT"]),
    ],
)
def test_every_collection_of_sequences_is_read(rows):
    assert check_sequences(rows).tolist() == ["ACGU", "GGU"]


@pytest.mark.parametrize("check", [check_sequences, check_ids])
@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("ACGU", "wrap it in a list"),
        ([], r"\(shape=\(0,\)\) while a minimum of 1 is required"),
        (None, "got None"),
        ([["A", "C"]], r"got shape \(1, 2\); select a single column"),
        (["ACGU", 4], "row 1"),
    ],
)
def test_what_is_no_column_of_strings_is_refused(check, rows, message):
    with pytest.raises(ValueError, match=message):
        check(rows)


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


def test_a_frame_is_read_by_its_column_names():
    frame = pd.DataFrame({"score": [1.0], "mirna": ["m"], "circrna": ["c"]})
    assert check_pairs(frame).tolist() == [["c", "m"]]


def test_seeds_follow_an_int_and_advance_a_generator():
    assert spawn_seeds(0, 3)[:2] == spawn_seeds(0, 2)
    assert spawn_seeds(0, 2) != spawn_seeds(1, 2)
    for generator in (np.random.default_rng(0), np.random.RandomState(0)):
        assert spawn_seeds(generator, 2) != spawn_seeds(generator, 2)
    assert spawn_seeds(None, 1) != spawn_seeds(None, 1)
    with pytest.raises(ValueError, match="random_state must be"):
        spawn_seeds("zero", 1)
