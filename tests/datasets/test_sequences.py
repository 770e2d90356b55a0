"""Sequences are read from wherever the user keeps them, and what is none is named."""

import types

import numpy as np
import pandas as pd
import pytest

from sklearn_mferl.datasets.sequences import load_sequences


@pytest.mark.parametrize("make", [dict, types.MappingProxyType, pd.Series, "fasta", "path"])
def test_a_mapping_a_series_and_a_fasta_file_give_the_same_new_dict(tmp_path, make):
    given = {"a": " acgt", "b": "NRY"}
    path = tmp_path / "mirna.fasta"
    path.write_text(">a\nACGT\n>b\nnry\n")
    form = make(given) if callable(make) else str(path) if make == "path" else path
    assert load_sequences(form, "mirna") == {"a": "ACGU", "b": "NRY"}
    assert given == {"a": " acgt", "b": "NRY"}


def test_none_says_that_none_are_known_and_an_equal_sequence_may_be_repeated():
    assert load_sequences(None, "mirna") is None
    assert load_sequences(pd.Series(["ACGU", "acgt"], index=["a", "a"]), "mirna") == {"a": "ACGU"}


@pytest.mark.parametrize(
    ("sequences", "message"),
    [
        (
            pd.Series(["ACGU", "ACGG"], ["m7", "m7"]),
            "mirna id 'm7' stands twice with two different sequences",
        ),
        (pd.Series(["ACGU"]), "mirna id .* ids must be strings"),
        ({None: "ACGU"}, "mirna id .* ids must be strings"),
        ({"fine": "ACGU", "miR-9": ""}, "mirna 'miR-9' is empty"),
        ({"fine": "ACGU", "miR-9": np.nan}, "mirna 'miR-9' is missing"),
        ({"fine": "ACGU", "miR-9": None}, "mirna 'miR-9' is missing"),
        ({"fine": "ACGU", "miR-9": pd.NA}, r"mirna 'miR-9' is missing \(NaN\)"),
        ({"fine": "ACGU", "miR-9": "ACXU"}, "mirna 'miR-9' has the letter 'X' at position 3"),
        ({"fine": "ACGU", "miR-9": 5}, "mirna 'miR-9' is a int"),
        (["ACGU"], "give a mapping or Series of id to sequence"),
        (pd.DataFrame({"a": ["ACGU"]}), "give a mapping or Series of id to sequence"),
        ({}, "no mirna sequences"),
        (pd.Series(dtype=object), "no mirna sequences"),
    ],
)
def test_what_is_wrong_is_named_with_its_id(sequences, message):
    with pytest.raises(ValueError, match=message):
        load_sequences(sequences, "mirna")


def test_a_path_to_nowhere_and_a_side_that_does_not_exist_are_refused():
    with pytest.raises(FileNotFoundError, match=r"There is no file .*nowhere\.fasta"):
        load_sequences("nowhere.fasta", "circrna")
    with pytest.raises(ValueError, match="side must be one of"):
        load_sequences(None, "lncrna")
