"""Features by RNA, pairs by row number: what `PairFeatures` hands to the classifier."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import EllipsisType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_mferl.pairs.novelty import VIEWS


@dataclass(frozen=True, eq=False)
class RNATable:
    """Features of the distinct RNAs of one side, a row an RNA.

    Attributes
    ----------
    ids : ndarray of object, shape (n_rnas,)
        Ids of the RNAs; a sequence is its own id where no ids are known.
    scales : dict of str to ndarray of float32, shape (n_rnas, n_columns)
        The feature blocks by name.
    propagated : dict of str to ndarray of float32, shape (n_rnas, n_columns)
        The scales other than similarity, propagated once over the graph of similar training RNAs
        (Eq. 2). Empty where there is no similarity scale.
    cold_scales, cold_propagated : dict of str to ndarray of float32, shape (n_rnas, n_columns)
        Of training RNAs, the blocks that would differ if the RNA were new, as they then would be.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_mferl import RNATable
    >>> table = RNATable(np.array(["a", "b"], dtype=object), {"kmer": np.eye(2, dtype=np.float32)}, {})
    >>> len(table)
    2
    >>> table.take([1]).ids
    array(['b'], dtype=object)
    """

    ids: NDArray[np.object_]
    scales: dict[str, NDArray[np.float32]]
    propagated: dict[str, NDArray[np.float32]]
    cold_scales: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    cold_propagated: dict[str, NDArray[np.float32]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: Any) -> RNATable:
        """Return the table of some of the RNAs.

        Parameters
        ----------
        rows : array-like of int, shape (n,)
            Row numbers.

        Returns
        -------
        RNATable
        """
        rows = np.asarray(rows)
        blocks = (self.scales, self.propagated, self.cold_scales, self.cold_propagated)
        return RNATable(
            self.ids[rows], *({name: block[rows] for name, block in each.items()} for each in blocks)
        )

    def as_new(self) -> RNATable:
        """Return training RNAs as each would look if it were new, alone among the others.

        Returns
        -------
        RNATable
        """
        return RNATable(
            self.ids, {**self.scales, **self.cold_scales}, {**self.propagated, **self.cold_propagated}
        )


@dataclass(frozen=True, eq=False)
class Origin:
    """How `PairFeatures` made a table, for a classifier that is fitted on it.

    Attributes
    ----------
    features : PairFeatures or None
        Not fitted; where a scale or channel learns from the pairs, to be fitted on part of them.
    no_views : tuple of str
        Channels that depend on the known interactions, of which the table has no cold evidence.
    fitted_on : ndarray of bool, shape (n_pairs,), or None
        Which pairs of a training table the features were fitted on. None: all.
    """

    features: Any = None
    no_views: tuple[str, ...] = ()
    fitted_on: NDArray[np.bool_] | None = None


@dataclass(frozen=True, eq=False)
class PairTable:
    """Pairs as row numbers into two tables of RNAs.

    Indexing with a slice, row numbers or a boolean mask selects pairs and shares the tables, so that
    scikit-learn's splitters work on it. Two tables are equal only where they are the same object.

    Attributes
    ----------
    circrna, mirna : RNATable
        The distinct RNAs of each side.
    rows : ndarray of int64, shape (n_pairs, 2)
        Row of the circRNA and of the miRNA of each pair.
    evidence : dict of str to ndarray of float32, shape (n_pairs, n_columns)
        What is known of the pairs themselves, by channel; NaN where nothing is known.
    cold_evidence : dict of str to ndarray of float32, shape (3, n_pairs, n_columns)
        Of training pairs, the channels that depend on the known interactions as they would be if the
        miRNA, the circRNA or both were new (see `PairNeighborhood.cold_views`).
    background : PairTable or None
        Beside training pairs: further unknown pairs of the same RNAs, with their evidence. Selecting pairs
        drops it, since it was drawn with all of them in view.
    hard_negatives : PairTable or None
        Likewise, unknown pairs with a match of the seed, also as they would be if their RNAs were new.
    is_hard : ndarray of bool, shape (n_pairs,), or None
        Where there are hard negatives: which of the pairs have such a match.
    origin : object
        Of tables made by `PairFeatures`, what `MFERLClassifier` must know of that.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_mferl import PairFeatures
    >>> pairs = [("ACGUACGU", "UGAGGUAG"), ("GGCAUCGA", "UGAGGUAG")]
    >>> table = PairFeatures().fit_transform(pairs, [1, 0])
    >>> table.shape, len(table.circrna), len(table.mirna)
    ((2, 2), 2, 1)
    >>> len(table[[True, False]])
    1
    """

    circrna: RNATable
    mirna: RNATable
    rows: NDArray[np.int64]
    evidence: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    cold_evidence: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    background: PairTable | None = None
    hard_negatives: PairTable | None = None
    is_hard: NDArray[np.bool_] | None = None
    origin: Origin = field(default=Origin(), repr=False)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of pairs, and 2."""
        return len(self.rows), 2

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, key: Any) -> PairTable:
        key = _rows_of_key(key)
        fitted_on = self.origin.fitted_on
        return replace(
            self,
            rows=self.rows[key].reshape(-1, 2),
            evidence={name: table[key].reshape(-1, table.shape[-1]) for name, table in self.evidence.items()},
            cold_evidence={
                name: views[:, key].reshape(len(views), -1, views.shape[-1])
                for name, views in self.cold_evidence.items()
            },
            background=None,
            hard_negatives=None,
            is_hard=None if self.is_hard is None else self.is_hard[key],
            origin=replace(self.origin, fitted_on=None if fitted_on is None else fitted_on[key]),
        )

    def pairs(self) -> NDArray[np.object_]:
        """Return the ids of the pairs.

        Returns
        -------
        ndarray of object, shape (n_pairs, 2)
        """
        return np.column_stack([self.circrna.ids[self.rows[:, 0]], self.mirna.ids[self.rows[:, 1]]])

    def distinct_pairs(self) -> NDArray[np.int64]:
        """Give each distinct pair a number, in the order of their rows.

        Returns
        -------
        ndarray of int64, shape (n_pairs,)
            The number of each pair; a pair that stands twice has one number.
        """
        return np.unique(self.rows, axis=0, return_inverse=True)[1].ravel()

    def as_new(self, novelty: int) -> PairTable:
        """Return training pairs as they would look if their RNAs were new.

        Parameters
        ----------
        novelty : int
            Which RNAs: 1 the miRNA, 2 the circRNA, 3 both (`Novelty`).

        Returns
        -------
        PairTable
            With the cold evidence in place of the evidence, for the channels that have any.
        """
        cold = {name: views[VIEWS.index(novelty)] for name, views in self.cold_evidence.items()}
        shown = {**self.evidence, **cold}
        return replace(self, evidence=shown, cold_evidence={}, background=None, hard_negatives=None)


def _rows_of_key(key: Any) -> Any:
    """Return what an index says of the pairs: ``X[rows, ...]`` takes all that is known of them."""
    if isinstance(key, tuple):
        if len(key) == 2 and isinstance(key[1], EllipsisType):
            key = key[0]
        else:
            raise IndexError(f"A PairTable is indexed by its pairs alone, as in table[rows]; got {key!r}.")
    return np.asarray(key, dtype=np.intp if len(key) == 0 else None) if isinstance(key, list) else key
