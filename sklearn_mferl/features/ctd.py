"""Composition, transition and distribution of the nucleotides."""

from typing import Final

import numpy as np

from sklearn_mferl.features.base import SequenceTransformer
from sklearn_mferl.features.rna_codes import FOREIGN, NUCLEOTIDES, CodeArrays, encode_rnas
from sklearn_mferl.utils.arrays import Objects, Singles, njit

_TRANSITIONS: Final = ("AG", "AC", "AU", "GC", "GU", "CU")
_LEFT: Final = np.array([NUCLEOTIDES.index(pair[0]) for pair in _TRANSITIONS])
_RIGHT: Final = np.array([NUCLEOTIDES.index(pair[1]) for pair in _TRANSITIONS])
_QUANTILES: Final = ("first", "25", "50", "75", "last")


class CTDTransformer(SequenceTransformer):
    """Describe RNA sequences by composition, transition and distribution (CTD): 30 numbers from 0 to 1.

    For a sequence of L letters:

    - composition (4): the share of A, C, G and U among the L letters;
    - transition (6): the share of the L - 1 steps from one letter to the next that change between the two
      nucleotides of a pair, in either direction, for AG, AC, AU, GC, GU and CU;
    - distribution (20): for each nucleotide the position, as a share of L, of its first occurrence, of
      those that complete 25 %, 50 % and 75 % of its occurrences, and of its last.

    Positions count from 1. Of n occurrences, those numbered floor(n/4), floor(n/2) and floor(3n/4) stand
    for 25 %, 50 % and 75 %, at least the first. What is absent has zeros. A letter other than A, C, G, U
    counts for L only. The script of CPPred rounds n/4, n/2 and 3n/4 to the nearest number and divides
    everything by L - 1; here every value is a share. Nothing is learned from the data.

    Attributes
    ----------
    n_features_out_ : int
        Always 30.

    References
    ----------
    Tong and Liu, "CPPred: coding potential prediction based on the global description of RNA sequence",
    Nucleic Acids Research 47, e43 (2019), doi 10.1093/nar/gkz087.

    Examples
    --------
    >>> from sklearn_mferl import CTDTransformer
    >>> ctd = CTDTransformer().set_output(transform="pandas").fit_transform(["AACGA"])
    >>> ctd.shape
    (1, 30)
    >>> ctd[["composition_A", "transition_AG", "distribution_A_first", "distribution_A_last"]]
       composition_A  transition_AG  distribution_A_first  distribution_A_last
    0            0.6           0.25                   0.2                  1.0
    """

    def _fit(self, sequences: Objects) -> None:
        self.n_features_out_ = len(self._feature_names())

    def _transform(self, sequences: Objects) -> Singles:
        table = np.zeros((len(sequences), self.n_features_out_), dtype=np.float32)
        _describe(table, encode_rnas(sequences).arrays())
        return table

    def _feature_names(self) -> list[str]:
        return [
            *(f"composition_{nucleotide}" for nucleotide in NUCLEOTIDES),
            *(f"transition_{pair}" for pair in _TRANSITIONS),
            *(f"distribution_{nucleotide}_{at}" for nucleotide in NUCLEOTIDES for at in _QUANTILES),
        ]


@njit(cache=True, nogil=True)
def _describe(table: Singles, rnas: CodeArrays) -> None:
    codes, starts, lengths = rnas
    n_letters = FOREIGN + 1
    counts = np.empty(n_letters, dtype=np.int64)
    steps = np.empty((n_letters, n_letters), dtype=np.int64)
    n_quantiles = len(_QUANTILES)
    reached = np.empty(FOREIGN, dtype=np.int64)
    occurrences = np.empty((FOREIGN, n_quantiles), dtype=np.int64)
    for row in range(len(starts)):
        sequence = codes[starts[row] : starts[row] + lengths[row]]
        length = len(sequence)
        counts[:] = 0
        steps[:] = 0
        for at in range(length):
            counts[sequence[at]] += 1
            if at:
                steps[sequence[at - 1], sequence[at]] += 1
        for letter in range(FOREIGN):
            table[row, letter] = counts[letter] / length
            n = counts[letter]
            wanted = (1, n // 4, n // 2, 3 * n // 4, n)
            for quantile in range(n_quantiles):
                occurrences[letter, quantile] = max(wanted[quantile], 1)
        for pair in range(len(_LEFT)):
            changes = steps[_LEFT[pair], _RIGHT[pair]] + steps[_RIGHT[pair], _LEFT[pair]]
            table[row, FOREIGN + pair] = changes / max(length - 1, 1)
        counts[:] = 0
        reached[:] = 0
        for at in range(length):
            letter = sequence[at]
            if letter == FOREIGN:
                continue
            counts[letter] += 1
            first = FOREIGN + len(_LEFT) + n_quantiles * letter
            while reached[letter] < n_quantiles and occurrences[letter, reached[letter]] == counts[letter]:
                table[row, first + reached[letter]] = (at + 1) / length
                reached[letter] += 1
