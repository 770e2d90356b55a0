from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import StandardScaler

from sklearn_mferl.features.ctd import CTDTransformer

rna_with_gaps = st.text("ACGUN", min_size=1, max_size=60)


def describe(sequence: str) -> dict[str, float]:
    ctd = CTDTransformer().fit([sequence])
    return dict(zip(ctd.get_feature_names_out(), ctd.transform([sequence])[0].tolist(), strict=True))


def naive_ctd(sequence: str) -> dict[str, float]:
    length = len(sequence)
    features = {}
    for nucleotide in "ACGU":
        features[f"composition_{nucleotide}"] = sequence.count(nucleotide) / length
    for pair in ("AG", "AC", "AU", "GC", "GU", "CU"):
        steps = 0
        for left, right in pairwise(sequence):
            if left + right in (pair, pair[::-1]):
                steps += 1
        features[f"transition_{pair}"] = steps / (length - 1) if length > 1 else 0.0
    for nucleotide in "ACGU":
        positions = [i for i, letter in enumerate(sequence, start=1) if letter == nucleotide]
        for name, share in (("first", 0), ("25", 0.25), ("50", 0.5), ("75", 0.75), ("last", 1)):
            occurrence = max(math.floor(share * len(positions)), 1)
            position = positions[occurrence - 1] if positions else 0
            features[f"distribution_{nucleotide}_{name}"] = position / length
    return features


@given(rna_with_gaps)
def test_ctd_equals_a_loop_over_letters(sequence):
    found, expected = describe(sequence), naive_ctd(sequence)
    assert list(found) == list(expected)
    np.testing.assert_allclose(list(found.values()), list(expected.values()), rtol=1e-6)


@given(st.lists(rna_with_gaps, min_size=1, max_size=5))
def test_every_value_is_a_share(sequences):
    table = CTDTransformer().fit_transform(sequences)
    assert table.dtype == np.float32
    assert table.shape == (len(sequences), 30)
    assert table.min() >= 0.0
    assert table.max() <= 1.0


def test_a_sequence_worked_out_by_hand():
    found = describe("AAGCAAAAGA")  # A at 1, 2, 5, 6, 7, 8, 10: floors of 7/4, 14/4, 21/4 are 1, 3, 5
    assert found["composition_A"] == pytest.approx(0.7)
    assert found["composition_U"] == 0.0
    assert found["transition_AG"] == pytest.approx(3 / 9)
    assert found["transition_GC"] == pytest.approx(1 / 9)
    assert found["transition_AC"] == pytest.approx(1 / 9)
    at = [found[f"distribution_A_{name}"] for name in ("first", "25", "50", "75", "last")]
    assert at == pytest.approx([0.1, 0.1, 0.5, 0.7, 1.0])
    assert [found[f"distribution_U_{name}"] for name in ("first", "25", "50", "75", "last")] == [0.0] * 5


def test_a_sequence_of_one_letter_has_no_transitions_and_one_position():
    found = describe("G")
    assert {name for name, value in found.items() if value} == {
        "composition_G",
        *(f"distribution_G_{name}" for name in ("first", "25", "50", "75", "last")),
    }
    assert set(found.values()) == {0.0, 1.0}


def test_a_letter_other_than_acgu_counts_for_the_length_only():
    found = describe("ANGN")
    assert found["composition_A"] == 0.25
    assert sum(value for name, value in found.items() if name.startswith("transition")) == 0.0
    assert found["distribution_G_first"] == 0.75


def test_composition_comes_first_then_transitions_then_distribution_by_nucleotide():
    names = CTDTransformer().fit(["A"]).get_feature_names_out()
    assert names[:4].tolist() == ["composition_A", "composition_C", "composition_G", "composition_U"]
    assert [name[-2:] for name in names[4:10]] == ["AG", "AC", "AU", "GC", "GU", "CU"]
    assert names[[10, 14, 15, 29]].tolist() == [
        "distribution_A_first",
        "distribution_A_last",
        "distribution_C_first",
        "distribution_U_last",
    ]


# Before scikit-learn 1.8, pandas output keeps the index of a DataFrame only, not of a Series.
@pytest.mark.parametrize(("column", "index"), [("sequence", [0, 1]), (["sequence"], ["x", "y"])])
def test_it_works_in_a_column_transformer_with_pandas_output(column, index):
    table = pd.DataFrame({"sequence": ["ACGU", "AAAA"], "length": [4.0, 5.0]}, index=index)
    columns = ColumnTransformer([("ctd", CTDTransformer(), column), ("z", StandardScaler(), ["length"])])
    output = columns.set_output(transform="pandas").fit_transform(table)
    assert output.shape == (2, 31)
    assert output.index.tolist() == index
    assert output["ctd__composition_A"].iloc[1] == 1.0
