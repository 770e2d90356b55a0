"""Sequences from wherever the user keeps them."""

from __future__ import annotations

import types

import numpy as np
import pandas as pd
import pytest

from sklearn_mferl.datasets.sequences import load_sequences


def test_none_says_that_no_sequences_are_known():
    assert load_sequences(None, "circrna") is None


def test_a_mapping_a_series_and_a_fasta_file_give_the_same_dict(tmp_path):
    path = tmp_path / "mirna.fasta"
    path.write_text(">a\nACGT\n>b\nnn\n")
    given = {"a": "acgt", "b": "NN"}
    forms = [given, types.MappingProxyType(given), pd.Series(given), path, str(path)]
    for form in forms:
        assert load_sequences(form, "mirna") == {"a": "ACGU", "b": "NN"}


def test_the_input_is_left_alone():
    given = {"a": "acgt"}
    assert load_sequences(given, "mirna") is not given
    assert given == {"a": "acgt"}


def test_a_series_may_repeat_an_id_with_the_same_sequence():
    series = pd.Series(["ACGU", "acgt"], index=["a", "a"])
    assert load_sequences(series, "circrna") == {"a": "ACGU"}


def test_a_series_with_two_sequences_of_one_id_is_refused_by_name():
    series = pd.Series(["ACGU", "ACGG"], index=["circ_7", "circ_7"])
    with pytest.raises(ValueError, match="circrna id 'circ_7' stands twice with two different sequences"):
        load_sequences(series, "circrna")


@pytest.mark.parametrize("sequences", [pd.Series(["ACGU"]), {3: "ACGU"}, {None: "ACGU"}, {("a",): "ACGU"}])
def test_an_id_that_is_not_a_string_is_refused(sequences):
    with pytest.raises(ValueError, match=r"mirna id .* ids must be strings"):
        load_sequences(sequences, "mirna")


@pytest.mark.parametrize(
    ("sequence", "message"),
    [
        ("", "is empty"),
        (np.nan, "missing"),
        (None, "missing"),
        ("ACXU", "letter 'X' at position 3"),
        (5, "int"),
    ],
)
def test_a_sequence_that_is_not_rna_is_refused_with_its_id(sequence, message):
    with pytest.raises(ValueError, match=message) as caught:
        load_sequences({"fine": "ACGU", "miR-9": sequence}, "mirna")
    assert "mirna 'miR-9'" in str(caught.value)


@pytest.mark.parametrize("sequences", [["ACGU"], np.array(["ACGU"]), 5, pd.DataFrame({"a": ["ACGU"]})])
def test_another_kind_of_collection_is_refused(sequences):
    with pytest.raises(ValueError, match="give a mapping or Series of id to sequence"):
        load_sequences(sequences, "circrna")


@pytest.mark.parametrize("sequences", [{}, pd.Series(dtype=object)])
def test_no_sequences_at_all_are_refused(sequences):
    with pytest.raises(ValueError, match="no circrna sequences"):
        load_sequences(sequences, "circrna")


def test_a_path_to_nowhere_is_named():
    with pytest.raises(FileNotFoundError, match=r"nowhere\.fasta"):
        load_sequences("nowhere.fasta", "circrna")


def test_a_side_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="side must be one of"):
        load_sequences(None, "lncrna")
