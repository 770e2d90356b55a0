"""Frequencies of k-mers."""

import itertools
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Final

import numpy as np
from scipy import sparse

from sklearn_mferl.features.base import SequenceTransformer
from sklearn_mferl.features.rna_codes import FOREIGN, NUCLEOTIDES, CodeArrays, encode_rnas
from sklearn_mferl.utils.arrays import Ints, Objects, Singles, njit
from sklearn_mferl.utils.parameters import is_whole

LARGEST_K: Final = 8
_CELLS_AT_ONCE: Final = 2**22  # of a dense block that becomes sparse


class KmerTransformer(SequenceTransformer):
    """Count the k-mers of RNA sequences.

    A sequence of L letters has L - k + 1 overlapping words of k nucleotides. The frequency of a k-mer is its
    count divided by the number of k-mers counted for this k; one with a letter other than A, C, G, U is not
    counted.

    Parameters
    ----------
    k : int or sequence of int, default=(1, 2, 3, 4)
        Word lengths, each from 1 to 8 and at most once. The blocks of columns follow in this order.
    circular : bool, default=False
        Also count the k - 1 words that run across the back-splice junction. A circle of L >= k letters then
        has L words, whichever letter its sequence starts with; a shorter one has none.
    normalize : bool, default=True
        Return frequencies; counts if False.
    sparse_output : bool, default=False
        Return a CSR matrix instead of an array. Pays off from about k = 6.

    Attributes
    ----------
    k_ : tuple of int
        The word lengths.
    n_features_out_ : int
        Number of columns, the sum of ``4**k``.

    Notes
    -----
    Columns are in lexicographic order (A, C, G, U) within each k. A sequence without any counted word of
    some k has zeros in the block of this k. Nothing is learned from the data.

    References
    ----------
    Peng, Wang, Yang et al., "Leveraging explainable multi-scale features for fine-grained circRNA-miRNA
    interaction prediction", BMC Biology 23, 121 (2025), doi 10.1186/s12915-025-02227-6.

    Examples
    --------
    >>> from sklearn_mferl import KmerTransformer
    >>> kmers = KmerTransformer(k=1).fit(["AACG"])
    >>> kmers.get_feature_names_out()
    array(['A', 'C', 'G', 'U'], dtype=object)
    >>> kmers.transform(["AACG"])
    array([[0.5 , 0.25, 0.25, 0.  ]], dtype=float32)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "circular": ["boolean"],
        "normalize": ["boolean"],
        "sparse_output": ["boolean"],
    }

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

    def _fit(self, sequences: Objects) -> None:
        self.k_ = _check_k(self.k)
        self.n_features_out_ = sum(4**k for k in self.k_)

    def _transform(self, sequences: Objects) -> Any:
        if not self.sparse_output:
            return self._count(sequences)
        n_rows = max(1, _CELLS_AT_ONCE // self.n_features_out_)
        blocks = [
            sparse.csr_matrix(self._count(sequences[start : start + n_rows]))
            for start in range(0, len(sequences), n_rows)
        ]
        return sparse.vstack(blocks, format="csr")

    def _count(self, sequences: Objects) -> Singles:
        table = np.empty((len(sequences), self.n_features_out_), dtype=np.float32)
        ks = np.array(self.k_)
        offsets = np.concatenate([[0], np.cumsum(4**ks)])  # the column at which the words of each k start
        circular, normalize = bool(self.circular), bool(self.normalize)
        _count_words(table, encode_rnas(sequences).arrays(), ks, max(self.k_), offsets, circular, normalize)
        return table

    def _feature_names(self) -> list[str]:
        return ["".join(word) for k in self.k_ for word in itertools.product(NUCLEOTIDES, repeat=k)]


@njit(cache=True, nogil=True)
def _count_words(
    table: Singles, rnas: CodeArrays, ks: Ints, longest: int, offsets: Ints, circular: bool, normalize: bool
) -> None:
    """Write the counts of the words of each sequence, all k in one pass, or their shares."""
    codes, starts, lengths = rnas
    # A word is a number in base 4, which sorts like the word; the last 2k bits are its last k letters.
    # plain loops: array expressions take numba seconds to compile
    counts = np.empty(table.shape[1], dtype=np.int64)
    for row in range(len(starts)):
        start, length = starts[row], lengths[row]
        for column in range(len(counts)):
            counts[column] = 0
        word, n_letters = 0, 0  # letters in a row that are not foreign: a word needs k of them
        for end in range(length + longest - 1 if circular else length):
            letter = codes[start + (end if end < length else end % length)]
            n_letters = n_letters + 1 if letter != FOREIGN else 0
            word = 4 * word + letter if letter != FOREIGN else 0
            for i in range(len(ks)):
                k = ks[i]
                # beyond the junction only words that start before it, of circles that hold them once
                if n_letters >= k and (end < length or k <= length > end - k + 1):
                    counts[offsets[i] + (word & ((1 << 2 * k) - 1))] += 1
        for i in range(len(ks)):
            total = 0
            for column in range(offsets[i], offsets[i + 1]):
                total += counts[column]
            divisor = max(total, 1) if normalize else 1
            for column in range(offsets[i], offsets[i + 1]):
                table[row, column] = counts[column] / divisor


def _check_k(k: Any) -> tuple[int, ...]:
    lengths = tuple(k) if isinstance(k, Iterable) else (k,)
    if not lengths:
        raise ValueError("k is empty; give at least one word length from 1 to 8, such as k=(1, 2, 3, 4).")
    for length in lengths:
        if not is_whole(length, 1, LARGEST_K):
            raise ValueError(f"k must be whole numbers from 1 to {LARGEST_K}; got k={k!r} with {length!r}.")
    if len(set(lengths)) < len(lengths):
        raise ValueError(f"k={k!r} repeats a word length; give each at most once.")
    return tuple(int(length) for length in lengths)
