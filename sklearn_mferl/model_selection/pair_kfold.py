"""Cross-validation on new pairs, where a pair may be listed more than once."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import BaseCrossValidator, KFold

from sklearn_mferl.pairs.tables import PairTable
from sklearn_mferl.utils.validation import check_pairs


class PairSplitter(BaseCrossValidator):
    """A splitter of pairs that reads no labels."""

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of folds.

        Parameters
        ----------
        X, y, groups : ignored
            For scikit-learn's interface.

        Returns
        -------
        int
        """
        return self._count_folds()

    def split(
        self, X: Any, y: Any = None, groups: Any = None
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Yield the rows of training and test pairs of each fold.

        Parameters
        ----------
        X : DataFrame, list of tuples, array of shape (n_pairs, 2) or PairTable
            Pairs, of ids or of sequences; a DataFrame has the columns ``circrna`` and ``mirna``.
        y, groups : ignored

        Yields
        ------
        train, test : ndarray of int
            Row numbers, ascending.
        """
        self.get_n_splits()
        yield from self._split(pair_names(X))

    @abstractmethod
    def _count_folds(self) -> int:
        """Return the number of folds, after a check of the parameters."""

    @abstractmethod
    def _split(self, names: NDArray[np.object_]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Yield the rows of training and test pairs of each fold."""


class PairKFold(PairSplitter):
    """Split pairs into folds of equal numbers of distinct pairs; all rows of one pair are in the same fold.

    Lists that were put together from several sources hold some pairs more than once, and scikit-learn's
    `KFold` may put one row of a pair into training and the other into the test. Where no pair is repeated,
    the folds are those of `KFold`.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 2.
    shuffle : bool, default=True
        Whether chance decides on the folds; False cuts the pairs in the order in which each appears first.
    random_state : int, RandomState or None, default=None
        Seeds the folds.

    Raises
    ------
    ValueError
        In `split`, if there are fewer distinct pairs than folds, or a pair is not two strings.

    Examples
    --------
    >>> from sklearn_mferl.model_selection import PairKFold
    >>> pairs = [("circ_1", "miR-1"), ("circ_1", "miR-2"), ("circ_1", "miR-1"), ("circ_2", "miR-2")]
    >>> [test.tolist() for train, test in PairKFold(3, shuffle=False).split(pairs)]
    [[0, 2], [1], [3]]
    """

    def __init__(self, n_splits: int = 5, *, shuffle: bool = True, random_state: Any = None) -> None:
        self.n_splits = n_splits
        self.shuffle = shuffle
        self.random_state = random_state

    def _count_folds(self) -> int:
        return self._deal().get_n_splits()

    def _split(self, names: NDArray[np.object_]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        dealer = self._deal()
        pair_of = number_pairs(names)
        n_pairs = int(pair_of.max()) + 1
        if n_pairs < self.n_splits:
            raise ValueError(
                f"n_splits={self.n_splits} is more than the number of distinct pairs, {n_pairs}; lower "
                "n_splits."
            )
        for _, tested in dealer.split(np.empty(n_pairs)):
            in_test = np.isin(pair_of, tested)
            yield np.flatnonzero(~in_test), np.flatnonzero(in_test)

    def _deal(self) -> KFold:
        return KFold(self.n_splits, shuffle=self.shuffle, random_state=self.random_state)


def pair_names(X: Any) -> NDArray[np.object_]:
    """Return the names of both RNAs of each pair, shape (n_pairs, 2)."""
    return X.pairs() if isinstance(X, PairTable) else check_pairs(X)


def number_pairs(names: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return a number for each pair, the same for equal ones, from 0 in order of appearance."""
    return pd.DataFrame(names).groupby([0, 1], sort=False).ngroup().to_numpy().astype(np.int64)
