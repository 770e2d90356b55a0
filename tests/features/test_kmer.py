"""Counts of k-mers are those of CountVectorizer, round a circle too."""

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
def test_counts_are_those_of_count_vectorizer_also_across_foreign_letters(sequences, lengths, circular):
    kmers = KmerTransformer(k=lengths, circular=circular, normalize=False).fit(sequences)
    words, counts = zip(*(expected_counts(sequences, k, circular) for k in lengths), strict=True)
    np.testing.assert_array_equal(kmers.transform(sequences), np.hstack(counts))
    assert kmers.get_feature_names_out().tolist() == np.concatenate(words).tolist()


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
