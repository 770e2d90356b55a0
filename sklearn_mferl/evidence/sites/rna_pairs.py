"""Distinct pairs of encoded RNAs, as the search for target sites works on them."""

import itertools
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

from sklearn_mferl.features.rna_codes import RNACodes
from sklearn_mferl.utils.arrays import Ints

_BLOCK_COST: Final = 5_000_000  # target nucleotides times miRNAs; bounds the sites that are held at once


@dataclass(frozen=True)
class RNAPairs:
    """Pairs of a target and a miRNA: no pair twice, ascending by target."""

    targets: RNACodes
    mirnas: RNACodes
    target: Ints
    mirna: Ints
    circular: bool  # whether the targets are circles

    @classmethod
    def distinct(
        cls, targets: RNACodes, mirnas: RNACodes, rows: Ints, circular: bool
    ) -> tuple[Self, Ints | None]:
        """Return the distinct pairs, and which of them each row is."""
        n_mirnas = len(mirnas.lengths)
        cells, place = rows[:, 0] * n_mirnas + rows[:, 1], None
        if (np.diff(cells) <= 0).any():
            cells, inverse = np.unique(cells, return_inverse=True)
            place = inverse.ravel()
        return cls(targets, mirnas, cells // n_mirnas, cells % n_mirnas, circular), place

    def __len__(self) -> int:
        return len(self.target)

    def take(self, rows: slice) -> Self:
        """Return some of the pairs."""
        return replace(self, target=self.target[rows], mirna=self.mirna[rows])

    def with_own_targets(self) -> Self:
        """Return the pairs without the targets before their first and after their last, to be sent away."""
        if not len(self):
            return self
        first, last = self.target[0], self.target[-1]
        codes, starts, lengths = self.targets.arrays()
        begin, end = starts[first], starts[last] + lengths[last]
        targets = RNACodes(codes[begin:end], starts[first : last + 1] - begin, lengths[first : last + 1])
        return replace(self, targets=targets, target=self.target - first)

    def blocks(self) -> list[slice]:
        """Cut the pairs into pieces of about equal work."""
        cost = self.targets.lengths[self.target].cumsum()
        cuts = np.flatnonzero(np.diff(cost // _BLOCK_COST)) + 1
        return [slice(first, end) for first, end in itertools.pairwise([0, *cuts.tolist(), len(self)])]
