"""Which labelled pairs the graph leaves out when it describes others of them."""

import itertools
from collections.abc import Iterator
from typing import Final

import numpy as np

from sklearn_mferl.pairs.novelty import Novelty
from sklearn_mferl.utils.arrays import Bools, Ints

_N_BLOCKS: Final = 8  # of RNAs a side, for views in which both ends are new


def deal_parts(n_pairs: int, n_splits: int, seed: int) -> Ints:
    """Return for each pair the part that it is dealt into at random."""
    from sklearn.model_selection import KFold

    parts = np.zeros(n_pairs, dtype=np.int64)
    if n_pairs > 1:
        folds = KFold(min(n_splits, n_pairs), shuffle=True, random_state=seed).split(parts)
        for part, (_, rows) in enumerate(folds):
            parts[rows] = part
    return parts


def deal_blocks(rows: Ints, seed: int) -> Ints:
    """Return for each pair the blocks that its two RNAs are dealt into at random."""
    rng = np.random.default_rng(seed)
    return np.column_stack([(rng.permutation(side.max() + 1) % _N_BLOCKS)[side] for side in rows.T])


def leave_out(novelty: Novelty, rows: Ints, blocks: Ints, n_splits: int) -> Iterator[tuple[Bools, Bools]]:
    """Yield which pairs a graph keeps, and which it describes: their RNAs have no pair that is kept."""
    if novelty == Novelty.BOTH:
        for first, second in itertools.product(range(_N_BLOCKS), repeat=2):
            hit = blocks == (first, second)
            yield ~hit.any(axis=1), hit.all(axis=1)
        return
    for described in _deal_groups(rows[:, 0 if novelty == Novelty.CIRCRNA else 1], n_splits):
        yield ~described, described


def _deal_groups(groups: Ints, n_splits: int) -> Iterator[Bools]:
    """Yield parts of the pairs such that all of an RNA are in the same."""
    from sklearn.model_selection import GroupKFold

    n_groups = len(np.unique(groups))
    if n_groups < 2:
        yield np.ones(len(groups), dtype=bool)
        return
    for _, rows in GroupKFold(min(n_splits, n_groups)).split(groups, groups=groups):
        yield np.isin(np.arange(len(groups)), rows)
