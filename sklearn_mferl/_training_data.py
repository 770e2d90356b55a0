"""Whatever the classifier is given, as labelled pairs in a fixed order over scaled tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler

from sklearn_mferl._validation import SIDES
from sklearn_mferl.features import PairTable, RNATable

_NUMERIC: Final = "biufc"  # kinds of dtypes


class LabelledPairs(NamedTuple):
    """Distinct labelled pairs of the RNAs in use.

    Attributes
    ----------
    table : PairTable
    target : ndarray of float32, shape (n_pairs, 2)
        Label and weight of each pair; the weights have mean 1.
    """

    table: PairTable
    target: NDArray[np.float32]


def looks_like_pairs(X: Any) -> bool:
    """Tell pairs of strings from a numeric matrix, without making an object of each number."""
    if isinstance(X, pd.DataFrame):
        if set(SIDES) & set(X.columns):
            return True
        if all(dtype.kind in _NUMERIC for dtype in X.dtypes):
            return False
        X = X.to_numpy(dtype=object)
    if getattr(getattr(X, "dtype", None), "kind", "O") in _NUMERIC:
        return False
    values = np.asarray(X, dtype=object)
    if values.ndim == 1:  # rows of different lengths, for the check of pairs to name
        return any(isinstance(row, (tuple, list)) and any(isinstance(v, str) for v in row) for row in values)
    return values.ndim == 2 and values.shape[1] == 2 and any(isinstance(value, str) for value in values.flat)


def split_columns(X: NDArray[Any], n_circrna_features: int) -> PairTable:
    """Read a numeric matrix as pairs: equal rows of a half are the same RNA.

    Parameters
    ----------
    X : ndarray, shape (n_pairs, n_features)
    n_circrna_features : int
        How many of the first columns describe the circRNA.

    Returns
    -------
    PairTable
        One scale, ``features``; no RNA has neighbours, so it is propagated to itself.
    """
    tables, rows = [], []
    for half in (X[:, :n_circrna_features], X[:, n_circrna_features:]):
        distinct, inverse = np.unique(half, axis=0, return_inverse=True)
        block = distinct.astype(np.float32)
        ids = np.array([str(number) for number in range(len(block))], dtype=object)
        tables.append(RNATable(ids, {"features": block}, {"features": block}))
        rows.append(inverse.ravel())
    return PairTable(tables[0], tables[1], np.column_stack(rows))


def canonical_pairs(
    table: PairTable, labels: NDArray[np.int64], weights: NDArray[np.float64]
) -> LabelledPairs:
    """Sum the weights of repeated pairs, drop those without weight, and fix the order.

    A pair that stands twice is a pair of twice the weight, and neither it nor the order of the rows
    changes the fit. RNAs that no remaining pair uses are left out.

    Parameters
    ----------
    table : PairTable
    labels : ndarray of int, shape (n_pairs,)
        0 or 1.
    weights : ndarray, shape (n_pairs,)
        Not negative.

    Returns
    -------
    LabelledPairs
    """
    used = weights > 0
    keys = np.column_stack([table.rows, labels])[used]
    keys, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    pairs = table[np.flatnonzero(used)[first]]
    summed = np.bincount(inverse.ravel(), weights=weights[used])
    tables, rows = [], []
    for column, side in enumerate((table.circrna, table.mirna)):
        kept, row = np.unique(keys[:, column], return_inverse=True)
        tables.append(side.take(kept))
        rows.append(row)
    target = np.column_stack([keys[:, 2], summed / summed.mean()]).astype(np.float32)
    rows_of_pairs = np.column_stack(rows)
    return LabelledPairs(
        replace(pairs, circrna=tables[0], mirna=tables[1], rows=rows_of_pairs, background=table.background),
        target,
    )


class TableScaler:
    """Scale every column of a table to mean 0, and a block to mean squared row length 1.

    Blocks of 30 and of 2,000 columns then weigh the same, and one learning rate suits both.

    Parameters
    ----------
    reference : RNATable
        The training RNAs, from which means and deviations are taken.
    """

    def __init__(self, reference: RNATable) -> None:
        self.scales = {name: _fit_scaler(block) for name, block in reference.scales.items()}
        self.propagated = {name: _fit_scaler(block) for name, block in reference.propagated.items()}

    def transform(self, table: RNATable) -> RNATable:
        """Scale the blocks of a table with the same scales.

        Parameters
        ----------
        table : RNATable

        Returns
        -------
        RNATable
            Its blocks in the order of the reference.

        Raises
        ------
        ValueError
            If the table does not have the scales of the reference.
        """
        for fitted, found in ((self.scales, table.scales), (self.propagated, table.propagated)):
            if fitted.keys() != found.keys():
                raise ValueError(
                    f"The model was fitted on the scales {list(fitted)}, these pairs have {list(found)}; "
                    "give the output of the PairFeatures that the model was fitted on."
                )
        return RNATable(
            table.ids,
            {name: _scale(scaler, table.scales[name]) for name, scaler in self.scales.items()},
            {name: _scale(scaler, table.propagated[name]) for name, scaler in self.propagated.items()},
        )


def _fit_scaler(block: NDArray[np.float32]) -> StandardScaler:
    # sklearn.set_config may ask for frames, which the network does not read
    return StandardScaler().set_output(transform="default").fit(block)


def _scale(scaler: StandardScaler, block: NDArray[np.float32]) -> NDArray[np.float32]:
    return (scaler.transform(block) / np.sqrt(block.shape[1])).astype(np.float32)
