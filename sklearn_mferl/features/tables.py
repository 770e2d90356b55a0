"""Features by RNA, pairs by row number: what `PairFeatures` hands to the classifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
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
        return RNATable(
            self.ids[rows],
            {name: block[rows] for name, block in self.scales.items()},
            {name: block[rows] for name, block in self.propagated.items()},
        )


@dataclass(frozen=True)
class PairTable:
    """Pairs as row numbers into two tables of RNAs.

    Indexing with a slice, row numbers or a boolean mask selects pairs and shares the tables, so that
    scikit-learn's splitters work on it.

    Attributes
    ----------
    circrna, mirna : RNATable
        The distinct RNAs of each side.
    rows : ndarray of int64, shape (n_pairs, 2)
        Row of the circRNA and of the miRNA of each pair.

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

    @property
    def shape(self) -> tuple[int, int]:
        """Number of pairs, and 2."""
        return len(self.rows), 2

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, key: Any) -> PairTable:
        selected = self.rows[np.asarray(key) if isinstance(key, list) else key]
        return PairTable(self.circrna, self.mirna, selected.reshape(-1, 2))
