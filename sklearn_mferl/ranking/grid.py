"""The grid of all pairs of some circRNAs and miRNAs: a pair is one number, its cell, row by row."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sklearn_mferl.evidence.sites.seed_index import SeedIndex
from sklearn_mferl.features.rna_codes import RNACodes, encode_rnas
from sklearn_mferl.pairs.cells import find_cells, read_known
from sklearn_mferl.ranking.models import canonical_ids, find_fitted_features
from sklearn_mferl.utils.validation import SIDES


class Grid:
    """All pairs of some circRNAs and miRNAs, or those of them that are candidates, without the known ones."""

    def __init__(
        self, circrnas: NDArray[np.object_], mirnas: NDArray[np.object_], left_out: NDArray[np.int64]
    ) -> None:
        self.circrnas, self.mirnas, self.left_out = circrnas, mirnas, left_out

    def sizes(self) -> NDArray[np.int64]:
        """Return how many candidates each circRNA has, known pairs among them."""
        return np.full(len(self.circrnas), len(self.mirnas))

    def blocks(self, chunk_size: int) -> list[slice]:
        """Cut the circRNAs into blocks of at most so many candidates; each is of one circRNA at least."""
        ends = self.sizes().cumsum()
        blocks, first, done = [], 0, 0
        while first < len(ends):
            last = max(int(np.searchsorted(ends, done + chunk_size, side="right")), first + 1)
            blocks.append(slice(first, last))
            first, done = last, int(ends[last - 1])
        return blocks

    def cells(self, block: slice) -> NDArray[np.int64]:
        """Return the cells of a block that are to be scored, ascending."""
        cells = self._candidates(block)
        ends = block.start * len(self.mirnas), block.stop * len(self.mirnas)
        first, last = np.searchsorted(self.left_out, ends)
        if first == last:
            return cells
        return cells[~np.isin(cells, self.left_out[first:last], assume_unique=True)]

    def _candidates(self, block: slice) -> NDArray[np.int64]:
        return np.arange(block.start * len(self.mirnas), block.stop * len(self.mirnas))


class SeedGrid(Grid):
    """The pairs in whose circRNA nucleotides 2 to 8 of the miRNA have a match."""

    def __init__(
        self,
        circrnas: NDArray[np.object_],
        mirnas: NDArray[np.object_],
        left_out: NDArray[np.int64],
        codes: tuple[RNACodes, RNACodes],
        circular: bool,
    ) -> None:
        super().__init__(circrnas, mirnas, left_out)
        self._codes, self._circular = codes[0], circular
        self._index = SeedIndex(codes[1], seed_only=True)
        self._sizes = self._index.count_mirnas(codes[0], circular)

    def sizes(self) -> NDArray[np.int64]:
        """Return how many candidates each circRNA has, known pairs among them."""
        return self._sizes

    def _candidates(self, block: slice) -> NDArray[np.int64]:
        codes = self._codes
        some = RNACodes(codes.codes, codes.starts[block], codes.lengths[block])
        return self._index.find_mirnas(some, self._circular) + block.start * len(self.mirnas)


def make_grid(
    model: Any, circrnas: NDArray[np.object_], mirnas: NDArray[np.object_], known: Any, candidates: str
) -> Grid:
    """Return the grid of the pairs to rank."""
    left_out = _find_known(model, read_known(known), circrnas, mirnas)
    if candidates == "all":
        return Grid(circrnas, mirnas, left_out)
    features = find_fitted_features(model)
    if features is None:
        raise ValueError(
            f"candidates='seed' reads sequences, and a {type(model).__name__} without fitted PairFeatures "
            "has none; take candidates='all'."
        )
    codes = []
    for side, ids in zip(SIDES, (circrnas, mirnas), strict=True):
        sequences = features._sequences(side, ids)
        if sequences is None:
            raise ValueError(f"candidates='seed' reads sequences, and the {side} has none here; take 'all'.")
        codes.append(encode_rnas(sequences))
    return SeedGrid(circrnas, mirnas, left_out, (codes[0], codes[1]), bool(features.circular))


def _find_known(
    model: Any, known: NDArray[np.object_], circrnas: NDArray[np.object_], mirnas: NDArray[np.object_]
) -> NDArray[np.int64]:
    """Return the cells of the known pairs, and say how many are of RNAs that nobody knows here."""
    # A known pair outside of the grid is no mistake, where only some RNAs are ranked. Where the model does
    # not say which it knows, only pairs of which neither end is in the grid are strange, and only if all are.
    if not len(known):
        return np.empty(0, dtype=np.int64)
    features = find_fitted_features(model)
    absent, grid = [], []
    for column, (side, ids) in enumerate(zip(SIDES, (circrnas, mirnas), strict=True)):
        known[:, column] = canonical_ids(model, side, known[:, column])
        grid.append(canonical_ids(model, side, ids))
        others = [] if features is None else features.known_ids(side)
        absent.append(~pd.Index(known[:, column]).isin([*grid[column], *others]))
    lost = absent[0] & absent[1] if features is None else absent[0] | absent[1]
    if lost.any():
        circrna, mirna = known[lost.argmax()]
        which = (
            f"of {len(known)} known pairs are of RNAs that the model does not know, such as {circrna!r} and "
            f"{mirna!r}"
        )
        if lost.all():
            raise ValueError(f"{len(known)} {which}; give known pairs with the ids of the model, or none.")
        if features is not None:
            message = f"{int(lost.sum())} {which}; they cannot be left out of the ranking."
            warnings.warn(message, UserWarning, stacklevel=4)
    return find_cells(known, *grid)
