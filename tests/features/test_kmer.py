from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import StandardScaler

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


@pytest.mark.parametrize("length", [3, 4, 5, 12])
def test_a_circle_of_at_least_k_letters_has_as_many_kmers_as_letters(length):
    counts = row(("ACGUU" * 3)[:length], k=(1, 2, 3), circular=True, normalize=False)
    assert [block.sum() for block in np.split(counts, [4, 20])] == [length] * 3


def test_a_circle_shorter_than_k_has_no_kmers_of_this_k():
    assert not row("ACG", k=4, circular=True).any()


def test_the_default_is_the_340_features_of_the_method_in_lexicographic_order():
    kmers = KmerTransformer().fit(["ACGU"])
    names = kmers.get_feature_names_out()
    assert len(names) == kmers.n_features_out_ == 340
    assert names[[0, 3, 4, 20, 84, 339]].tolist() == ["A", "U", "AA", "AAA", "AAAA", "UUUU"]


def test_frequencies_are_shares_of_the_counted_kmers_only():
    # AC, then CN and NA, which are absent, then AC.
    frequencies = dict(
        zip(KmerTransformer(k=2).fit(["A"]).get_feature_names_out(), row("ACNAC", k=2), strict=True)
    )
    assert frequencies["AC"] == 1.0
    assert sum(frequencies.values()) == 1.0


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


def test_letter_case_and_t_do_not_matter():
    np.testing.assert_array_equal(row("acgtt"), row("ACGUU"))


@pytest.mark.parametrize("k", [0, 9, -1, 1.0, "3", None, True, (), (1, 9), (1, "2"), (2, 2), [1, None]])
def test_an_impossible_k_is_refused_by_name_when_fitting(k):
    with pytest.raises(ValueError, match=r"\bk\b"):
        KmerTransformer(k=k).fit(["ACGU"])


@pytest.mark.parametrize("k", [3, np.int64(3), [3], np.array([3])])
def test_k_may_be_a_number_or_any_sequence_of_numbers(k):
    assert KmerTransformer(k=k).fit(["ACGU"]).k_ == (3,)


# Before scikit-learn 1.8, pandas output keeps the index of a DataFrame only, not of a Series.
@pytest.mark.parametrize(("column", "index"), [("sequence", [0, 1]), (["sequence"], ["x", "y"])])
def test_it_works_in_a_column_transformer_with_pandas_output(column, index):
    table = pd.DataFrame({"sequence": ["ACGU", "AAAA"], "length": [4.0, 5.0]}, index=index)
    columns = ColumnTransformer([("kmer", KmerTransformer(k=1), column), ("z", StandardScaler(), ["length"])])
    output = columns.set_output(transform="pandas").fit_transform(table)
    assert output.columns.tolist() == ["kmer__A", "kmer__C", "kmer__G", "kmer__U", "z__length"]
    assert output.index.tolist() == index
    assert output["kmer__A"].iloc[1] == 1.0


def test_a_sparse_table_works_in_a_column_transformer():
    table = pd.DataFrame({"sequence": ["ACGU", "AAAA"]})
    output = ColumnTransformer([("kmer", KmerTransformer(sparse_output=True), "sequence")]).fit_transform(
        table
    )
    np.testing.assert_array_equal(output.toarray(), KmerTransformer().fit_transform(table))
