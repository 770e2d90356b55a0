"""Pairs of a grid of circRNAs and miRNAs as numbers: the cell of a pair, row by row."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from sklearn_mferl.utils.arrays import Ints, Objects
from sklearn_mferl.utils.validation import SIDES, check_pairs


def read_known(pairs: Any) -> Objects:
    """Return the distinct ones of known pairs, shape (n, 2); none where there are None or an empty list."""
    if isinstance(pairs, Iterable) and not hasattr(pairs, "__len__"):
        pairs = list(pairs)
    if pairs is None or (hasattr(pairs, "__len__") and len(pairs) == 0):
        return np.empty((0, 2), dtype=object)
    return pd.DataFrame(check_pairs(pairs), columns=list(SIDES)).drop_duplicates().to_numpy(dtype=object)


def find_cells(ids: Objects, circrnas: Objects, mirnas: Objects) -> Ints:
    """Return the cells, ascending, of those pairs whose two ends are in the grid, under whatever row."""
    found = pd.DataFrame(ids, columns=list(SIDES))
    for side, names in zip(SIDES, (circrnas, mirnas), strict=True):
        places = pd.DataFrame({side: names, f"{side}_place": np.arange(len(names))}, dtype=object)
        found = found.merge(places, on=side)
    rows, columns = (found[f"{side}_place"].to_numpy(dtype=np.int64) for side in SIDES)
    return np.unique(rows * len(mirnas) + columns)


def pairs_of_cells(cells: Ints, circrnas: Objects, mirnas: Objects) -> pd.DataFrame:
    """Return the pairs of cells, in columns ``circrna`` and ``mirna``."""
    ends = circrnas[cells // len(mirnas)], mirnas[cells % len(mirnas)]
    return pd.DataFrame(dict(zip(SIDES, ends, strict=True)))
