"""Counts of k-mers are those of CountVectorizer, round a circle too, and CTD is that of a loop."""

import math
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

from sklearn_mferl.features import CTDTransformer, KmerTransformer

rna_with_gaps = st.text("ACGUNR", min_size=1, max_size=40)


def expected_counts(sequences, k, circular):
    words = ["".join(word) for word in product("ACGU", repeat=k)]
    counter = CountVectorizer(analyzer="char", ngram_range=(k, k), lowercase=False, vocabulary=words)
    if circular:
        sequences = [rna + rna[: k - 1] if len(rna) >= k else rna for rna in sequences]
    return words, counter.transform(sequences).toarray()


def row(sequence: str, **params) -> np.ndarray:
    return KmerTransformer(**params).fit_transform([sequence])[0]


@given(
    sequences=st.lists(rna_with_gaps, min_size=1, max_size=5),
    lengths=st.lists(st.integers(1, 4), min_size=1, unique=True),
    circular=st.booleans(),
)
def test_counts_and_shares_of_what_is_counted_are_those_of_count_vectorizer(sequences, lengths, circular):
    kmers = KmerTransformer(k=lengths, circular=circular, normalize=False).fit(sequences)
    words, counts = zip(*(expected_counts(sequences, k, circular) for k in lengths), strict=True)
    np.testing.assert_array_equal(kmers.transform(sequences), np.hstack(counts))
    assert kmers.get_feature_names_out().tolist() == np.concatenate(words).tolist()
    shares = [block / np.maximum(block.sum(axis=1, keepdims=True), 1) for block in counts]
    frequencies = kmers.set_params(normalize=True).fit_transform(sequences)
    np.testing.assert_allclose(frequencies, np.hstack(shares), rtol=1e-6)


@given(rna_with_gaps, st.integers(0, 40))
def test_a_circle_has_the_same_kmers_wherever_its_sequence_starts(sequence, shift):
    shift %= len(sequence)
    rotated = sequence[shift:] + sequence[:shift]
    np.testing.assert_array_equal(row(sequence, circular=True), row(rotated, circular=True))


def test_by_default_there_are_the_340_features_of_the_method():
    assert KmerTransformer().fit(["ACGU"]).n_features_out_ == 340


@pytest.mark.parametrize("normalize", [True, False])
def test_sparse_output_is_the_dense_table_as_canonical_float32_csr(normalize):
    sequences = ["ACGUACGUU", "N", "AAAA", "GNC"]
    dense = KmerTransformer(normalize=normalize).fit_transform(sequences)
    csr = KmerTransformer(normalize=normalize, sparse_output=True).fit_transform(sequences)
    assert sparse.issparse(csr)
    assert csr.format == "csr"
    assert csr.dtype == dense.dtype == np.float32
    assert csr.has_canonical_format
    assert csr.nnz == np.count_nonzero(dense)
    np.testing.assert_array_equal(csr.toarray(), dense)


def test_k_of_eight_works():
    counts = row("ACGUACGUA", k=8, normalize=False)
    assert counts.sum() == 2
    assert len(counts) == 4**8


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
    ctd, expected = CTDTransformer().fit([sequence]), naive_ctd(sequence)
    assert ctd.get_feature_names_out().tolist() == list(expected)
    np.testing.assert_allclose(ctd.transform([sequence])[0], list(expected.values()), rtol=1e-6)
