"""Counts of k-mers are those of CountVectorizer and of a loop over words, round a circle too."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

from sklearn_mferl.features.kmer import KmerTransformer

rna = st.text("ACGU", min_size=1, max_size=40)
rna_with_gaps = st.text("ACGUNR", min_size=1, max_size=40)


def naive_counts(sequence: str, k: int, circular: bool) -> list[int]:
    n_words = len(sequence) - k + 1
    if circular and n_words > 0:
        sequence, n_words = sequence + sequence, len(sequence)
    words = [sequence[start : start + k] for start in range(n_words)]
    return [words.count("".join(word)) for word in product("ACGU", repeat=k)]


def row(sequence: str, **params) -> np.ndarray:
    return KmerTransformer(**params).fit_transform([sequence])[0]


@given(st.lists(rna, min_size=1, max_size=5))
def test_counts_equal_those_of_count_vectorizer(sequences):
    words = ["".join(word) for k in (1, 2, 3) for word in product("ACGU", repeat=k)]
    oracle = CountVectorizer(analyzer="char", ngram_range=(1, 3), lowercase=False, vocabulary=words)
    kmers = KmerTransformer(k=(1, 2, 3), normalize=False).fit(sequences)
    np.testing.assert_array_equal(kmers.transform(sequences), oracle.transform(sequences).toarray())
    assert kmers.get_feature_names_out().tolist() == words


@given(rna_with_gaps, st.integers(1, 4), st.booleans())
def test_counts_equal_a_loop_over_words_also_across_foreign_letters_and_the_junction(sequence, k, circular):
    counts = row(sequence, k=k, circular=circular, normalize=False)
    np.testing.assert_array_equal(counts, naive_counts(sequence, k, circular))


@given(rna_with_gaps, st.integers(0, 40))
def test_a_circle_has_the_same_kmers_wherever_its_sequence_starts(sequence, shift):
    shift %= len(sequence)
    rotated = sequence[shift:] + sequence[:shift]
    np.testing.assert_array_equal(row(sequence, circular=True), row(rotated, circular=True))


@given(rna, st.booleans())
def test_the_frequencies_of_each_k_sum_to_one_or_zero_if_the_sequence_is_too_short(sequence, circular):
    blocks = np.split(row(sequence, k=(1, 2, 3), circular=circular), [4, 20])
    expected = [float(len(sequence) >= k) for k in (1, 2, 3)]
    np.testing.assert_allclose([block.sum() for block in blocks], expected, rtol=1e-6)


def test_the_default_is_the_340_features_of_the_method_in_lexicographic_order():
    kmers = KmerTransformer().fit(["ACGU"])
    names = kmers.get_feature_names_out()
    assert len(names) == kmers.n_features_out_ == 340
    assert names[[0, 3, 4, 20, 84, 339]].tolist() == ["A", "U", "AA", "AAA", "AAAA", "UUUU"]


def test_frequencies_are_shares_of_the_counted_kmers_only():
    frequencies = row("ACNAC", k=2)  # AC, then CN and NA, which are absent, then AC
    assert frequencies[1] == frequencies.sum() == 1.0


def test_lengths_keep_the_order_in_which_they_are_given():
    sequence = "ACGUAACC"
    both = row(sequence, k=(2, 1))
    np.testing.assert_array_equal(both, np.concatenate([row(sequence, k=2), row(sequence, k=1)]))


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


@pytest.mark.parametrize("k", [0, 9, -1, 1.0, "3", None, True, (), (1, 9), (1, "2"), (2, 2), [1, None]])
def test_an_impossible_k_is_refused_by_name_when_fitting(k):
    with pytest.raises(ValueError, match=r"\bk\b"):
        KmerTransformer(k=k).fit(["ACGU"])


@pytest.mark.parametrize("k", [3, np.int64(3), [3], np.array([3])])
def test_k_may_be_a_number_or_any_sequence_of_numbers(k):
    assert KmerTransformer(k=k).fit(["ACGU"]).k_ == (3,)
