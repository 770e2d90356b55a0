"""Whatever the classifier is given, as labelled pairs in a fixed order over scaled tables."""

import warnings
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.preprocessing import StandardScaler

from sklearn_mferl.pairs import PairTable, RNATable
from sklearn_mferl.pairs.novelty import Novelty
from sklearn_mferl.utils.validation import SIDES, fold_name

_NUMERIC: Final = "biufc"  # kinds of dtypes
Blocks = dict[str, NDArray[np.float32]]


class KnownRNAs:
    """The RNAs with a known interaction in training; the distinct rows of a matrix have no ids."""

    def __init__(self, positives: PairTable, has_ids: bool) -> None:
        self.ids = {
            side: pd.Index(getattr(positives, side).ids[np.unique(positives.rows[:, column])])
            for column, side in enumerate(SIDES)
            if has_ids
        }

    def novelty(self, table: PairTable) -> NDArray[np.int64]:
        """Return which RNAs of each pair have no known interaction, by `Novelty`."""
        if not self.ids:
            return np.full(len(table), Novelty.NONE)
        new = [
            (ids.get_indexer(pd.Index(getattr(table, side).ids)) < 0)[table.rows[:, column]]
            for column, (side, ids) in enumerate(self.ids.items())
        ]
        return Novelty.CIRCRNA * new[0] + Novelty.MIRNA * new[1]


class LabelledPairs(NamedTuple):
    """Distinct labelled pairs of the RNAs in use."""

    table: PairTable
    target: NDArray[np.float32]  # label and weight of each pair, shape (n_pairs, 2); the weights have mean 1


def looks_like_pairs(X: Any) -> bool:
    """Tell pairs of strings from a numeric matrix, without making an object of each number."""
    if isinstance(X, pd.DataFrame):
        if set(map(fold_name, X.columns)).intersection(SIDES):
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
    """Read a numeric matrix as pairs: equal rows of a half are the same RNA."""
    tables, rows = [], []
    for half in (X[:, :n_circrna_features], X[:, n_circrna_features:]):
        distinct, inverse = np.unique(half, axis=0, return_inverse=True)
        block = distinct.astype(np.float32)
        ids = np.array([str(number) for number in range(len(block))], dtype=object)
        tables.append(RNATable(ids, {"features": block}, {"features": block}))
        rows.append(inverse.ravel())
    return PairTable(tables[0], tables[1], np.column_stack(rows))


def index_pairs(pairs: NDArray[np.object_]) -> PairTable:
    """Return pairs of ids or sequences as a table without features."""
    codes, ids = zip(*(pd.factorize(column, sort=True) for column in pairs.T), strict=True)
    sides = [RNATable(distinct, {}, {}) for distinct in ids]
    return PairTable(sides[0], sides[1], np.column_stack(codes))


def canonical_pairs(
    table: PairTable, labels: NDArray[np.int64], weights: NDArray[np.float64]
) -> LabelledPairs:
    """Sum the weights of repeated pairs, drop those without weight, and fix the order.

    A pair that stands twice is a pair of twice the weight, and neither it nor the order of the rows
    changes the fit. RNAs that no remaining pair uses are left out.
    """
    used = weights > 0
    fitted_on = True if table.origin.fitted_on is None else table.origin.fitted_on
    background, hard_negatives = table.background, table.hard_negatives
    if not np.array_equal(used, used | fitted_on):  # drawn with pairs in view that are left out here
        background = hard_negatives = None
    keys = np.column_stack([table.rows, labels])[used]
    keys, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    pairs = table[np.flatnonzero(used)[first]]
    summed = np.bincount(inverse.ravel(), weights=weights[used])
    tables, rows = [], []
    for column, side in enumerate((table.circrna, table.mirna)):
        kept, row = np.unique(keys[:, column], return_inverse=True)
        tables.append(side if len(kept) == len(side) else side.take(kept))
        rows.append(row)
    target = np.column_stack([keys[:, 2], summed / summed.mean()]).astype(np.float32)
    pairs = replace(
        pairs,
        circrna=tables[0],
        mirna=tables[1],
        rows=np.column_stack(rows),
        background=background,
        hard_negatives=hard_negatives,
    )
    return LabelledPairs(pairs, target)


def show_held_out(
    table: PairTable, labels: NDArray[np.int64], held_out: NDArray[np.bool_]
) -> tuple[PairTable, PairTable, PairTable | None]:
    """Return the pairs to fit on, and how those held out and the background look in use.

    What has learned from the pairs, the held-out ones too, is fitted again without them.
    """
    if table.origin.features is None:
        return table[~held_out], table[held_out], table.background
    ids, features = table.pairs(), clone(table.origin.features)
    if table.cold_evidence or not table.evidence:
        part = features.fit_transform(ids[~held_out], labels[~held_out])
    else:  # made by transform
        part = features.fit(ids[~held_out], labels[~held_out]).transform(ids[~held_out])
    shown = [ids[held_out]]
    if table.background is not None:
        background = table.background.pairs()
        # the part has one of its own, and hard negatives, from which is learned
        seen = set(map(tuple, features._drawn_pairs()))
        background = background[[tuple(pair) not in seen for pair in background]]
        shown.append(background)
    # without the channels that only a score in use reads: no classifier has learned from them
    others, *further = features._make_tables(*shown, in_training=True)
    return part, others, further[0] if further else None


def warn_without_views(table: PairTable) -> None:
    """Warn where a model cannot learn from a table what a new RNA looks like."""
    if table.origin.no_views:
        warnings.warn(
            f"These pairs were made by PairFeatures.transform: the evidence {list(table.origin.no_views)} is "
            "not given as it were if their RNAs were new, so that new RNAs are scored as if they were known. "
            "Fit on what fit_transform returns.",
            UserWarning,
            stacklevel=4,
        )


class TableScaler:
    """Scale every column of a table to mean 0, and a block to mean squared row length 1.

    Blocks of 30 and of 2,000 columns then weigh the same, and one learning rate suits both. What the network
    does not read is left out: with `propagated=False`, the scales as their neighbours have them.
    """

    def __init__(self, reference: RNATable, *, propagated: bool = True) -> None:
        self.scales = _fit_scalers(reference.scales)
        self.propagated = _fit_scalers(reference.propagated if propagated else {})

    def transform(self, table: RNATable) -> RNATable:
        """Scale the blocks of a table with the same scales."""
        for scalers, blocks in ((self.scales, table.scales), (self.propagated, table.propagated)):
            if scalers and scalers.keys() != blocks.keys():
                raise ValueError(
                    f"The model was fitted on the scales {list(scalers)}, these pairs have {list(blocks)}; "
                    "give the output of the PairFeatures that the model was fitted on."
                )
        return self._transform(table.ids, table.scales, table.propagated)

    def transform_cold(self, table: RNATable) -> RNATable:
        """Scale the blocks of training RNAs that would differ if they were new, as they then would be."""
        return self._transform(table.ids, table.cold_scales, table.cold_propagated)

    def _transform(self, ids: NDArray[np.object_], scales: Blocks, propagated: Blocks) -> RNATable:
        return RNATable(ids, _scale(self.scales, scales), _scale(self.propagated, propagated))


def _fit_scalers(blocks: Blocks) -> dict[str, StandardScaler]:
    # sklearn.set_config may ask for frames, which the network does not read
    scaler = StandardScaler().set_output(transform="default")
    return {name: clone(scaler).fit(block) for name, block in blocks.items()}


def _scale(scalers: dict[str, StandardScaler], blocks: Blocks) -> Blocks:
    scaled = {name: scaler.transform(blocks[name]) for name, scaler in scalers.items() if name in blocks}
    for block in scaled.values():
        block /= np.sqrt(block.shape[1])
    return scaled
