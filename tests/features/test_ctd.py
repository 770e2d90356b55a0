"""Composition, transition and distribution are those of a loop over letters."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
