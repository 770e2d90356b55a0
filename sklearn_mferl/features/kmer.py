"""Frequencies of k-mers."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from sklearn_mferl.features._base import SequenceTransformer
from sklearn_mferl.features._nucleotides import FOREIGN, NUCLEOTIDES, encode_nucleotides

LARGEST_K = 8


class KmerTransformer(SequenceTransformer):
    """Count the k-mers of RNA sequences.

    A k-mer is a word of k nucleotides; a sequence of L letters has L - k + 1 of them, overlapping. For
    each k, the frequency of a k-mer is its count divided by the number of k-mers counted for this k. A
    k-mer that holds a letter other than A, C, G, U is not counted.

    Parameters
    ----------
    k : int or sequence of int, default=(1, 2, 3, 4)
        Word lengths, each from 1 to 8 and at most once. The blocks of columns follow in this order.
    circular : bool, default=False
        Also count the k - 1 words that run across the back-splice junction, from the end of the sequence
        into its start. A circle of L >= k letters then has exactly L words, whichever letter its sequence
        starts with; a circle shorter than k has none, since a word would meet a nucleotide twice.
    normalize : bool, default=True
        Return frequencies; counts if False.
    sparse_output : bool, default=False
        Return a CSR matrix instead of an array. Pays off from about k = 6.

    Attributes
    ----------
    k_ : tuple of int
        The word lengths.
    n_features_in_ : int
        Always 1: the column of sequences.
    n_features_out_ : int
        Number of columns, the sum of ``4**k``.

    Raises
    ------
    ValueError
        In `fit`, if `k` is empty, repeats a length, or holds anything but whole numbers from 1 to 8; in
        `fit` and `transform`, if a sequence is not RNA.

    See Also
    --------
    CTDTransformer : Composition, transition and distribution of the nucleotides.
    Doc2VecEmbedder : Learned vectors of documents of k-mers.

    Notes
    -----
    Columns are in lexicographic order (A, C, G, U) within each k. A sequence without any counted word of
    some k has zeros in the block of this k. Nothing is learned from the data.

    References
    ----------
    Peng, Wang, Yang et al., "Leveraging explainable multi-scale features for fine-grained circRNA-miRNA
    interaction prediction", BMC Biology 23, 121 (2025), doi 10.1186/s12915-025-02227-6: the k-mer
    features, k = 1 to 4.

    Examples
    --------
    >>> from sklearn_mferl import KmerTransformer
    >>> kmers = KmerTransformer(k=1).fit(["AACG"])
    >>> kmers.get_feature_names_out()
    array(['A', 'C', 'G', 'U'], dtype=object)
    >>> kmers.transform(["AACG"])
    array([[0.5 , 0.25, 0.25, 0.  ]], dtype=float32)

    The junction of a circle adds the word GA:

    >>> circle = KmerTransformer(k=2, circular=True, normalize=False).set_output(transform="pandas")
    >>> circle.fit_transform(["AACG"])[["AA", "AC", "CG", "GA"]]
        AA   AC   CG   GA
    0  1.0  1.0  1.0  1.0
    """

    def __init__(
        self,
        k: int | Sequence[int] = (1, 2, 3, 4),
        circular: bool = False,
        normalize: bool = True,
        sparse_output: bool = False,
    ) -> None:
        self.k = k
        self.circular = circular
        self.normalize = normalize
        self.sparse_output = sparse_output

    def _fit(self, sequences: NDArray[np.object_]) -> None:
        self.k_ = _check_k(self.k)
        self.n_features_out_ = sum(4**k for k in self.k_)

    def _transform(self, sequences: NDArray[np.object_]) -> Any:
        if self.sparse_output:
            return self._sparse(sequences)
        table = np.empty((len(sequences), self.n_features_out_), dtype=np.float32)
        for row, sequence in enumerate(sequences):
            table[row] = self._row(sequence)
        return table

    def _sparse(self, sequences: NDArray[np.object_]) -> sparse.csr_matrix:
        columns, values, ends = [], [], [0]
        for sequence in sequences:
            row = self._row(sequence)
            present = np.flatnonzero(row)
            columns.append(present.astype(np.int32))
            values.append(row[present].astype(np.float32))
            ends.append(ends[-1] + len(present))
        return sparse.csr_matrix(
            (np.concatenate(values), np.concatenate(columns), ends),
            shape=(len(sequences), self.n_features_out_),
        )

    def _row(self, sequence: str) -> NDArray[Any]:
        """Count (or share) of each k-mer of one sequence, shape (n_features_out_,)."""
        words_of = dict(enumerate(_words(encode_nucleotides(sequence), max(self.k_), self.circular), start=1))
        blocks = []
        for k in self.k_:
            words = words_of[k]
            counts = np.bincount(words, minlength=4**k)
            blocks.append(counts / max(len(words), 1) if self.normalize else counts)
        return np.concatenate(blocks)

    def _feature_names(self) -> list[str]:
        return ["".join(word) for k in self.k_ for word in itertools.product(NUCLEOTIDES, repeat=k)]


def _words(codes: NDArray[np.int64], longest: int, circular: bool) -> Iterator[NDArray[np.int64]]:
    """Yield the words of 1, 2, … `longest` nucleotides as numbers in base 4, which sort like the words."""
    words = np.zeros_like(codes)
    counted = np.ones(len(codes), dtype=bool)
    for k in range(1, longest + 1):
        # The word of k letters that starts at i is the word of k - 1 letters there, and letter i + k - 1,
        # which np.roll finds beyond the junction, too.
        last = np.roll(codes, 1 - k)
        words = 4 * words + last
        counted &= last != FOREIGN
        n_linear = max(len(codes) - k + 1, 0)
        n_words = len(codes) if circular and n_linear > 0 else n_linear
        yield words[:n_words][counted[:n_words]]


def _check_k(k: Any) -> tuple[int, ...]:
    lengths = tuple(k) if isinstance(k, Iterable) else (k,)
    if not lengths:
        raise ValueError("k is empty; give at least one word length from 1 to 8, such as k=(1, 2, 3, 4).")
    for length in lengths:
        if (
            isinstance(length, bool)
            or not isinstance(length, (int, np.integer))
            or not 1 <= length <= LARGEST_K
        ):
            raise ValueError(f"k must be whole numbers from 1 to {LARGEST_K}; got k={k!r} with {length!r}.")
    if len(set(lengths)) < len(lengths):
        raise ValueError(f"k={k!r} repeats a word length; give each at most once.")
    return tuple(int(length) for length in lengths)
