"""Training sites, a part of whose negatives is dealt anew each time they are read."""

from typing import Any, Final

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

_N_TRIALS: Final = 5  # what finds no target in these stays as it is
_FAMILY: Final = slice(1, 7)  # nucleotides 2 to 7, which miRNAs of a family have in common


class DealtSites(Dataset[Any]):
    """Batches of sites as the network reads them, each target at a place of its own in the window.

    A negative may be replaced: the target of one positive with the miRNA of another, unless a positive joins
    this target to a miRNA of the same seed. So each miRNA has as large a share among such negatives as among
    the positives, and the network cannot score by how often a miRNA is seen.
    """

    def __init__(
        self,
        sites: pd.DataFrame,
        targets: NDArray[np.uint8],
        mirnas: NDArray[np.uint8],
        labels: NDArray[np.int64],
        weights: NDArray[np.float64],
        *,
        shift: int,
        dealt_share: float,
        seed: int,
    ) -> None:
        self.targets, self.mirnas = targets, mirnas  # targets with `shift` more letters at either end
        self.answers = np.column_stack([labels, weights / weights.mean()]).astype(np.float32)
        self.shift, self.dealt_share = shift, dealt_share
        self._rng = np.random.default_rng(seed)
        self._positives = np.flatnonzero(labels)
        self._chance = weights[labels == 1] / weights[labels == 1].sum()
        self._target = pd.factorize(sites["target"])[0]
        seeds = np.unique(mirnas[:, _FAMILY], axis=0, return_inverse=True)[1].ravel()
        self._seed, self._n_seeds = seeds, int(seeds.max()) + 1
        self._bound = np.unique(self._cells(self._positives, self._positives))

    def __len__(self) -> int:
        return len(self.answers)

    def __getitem__(self, rows: Any) -> tuple[tuple[torch.Tensor, torch.Tensor], torch.Tensor]:
        """Read the sites of some rows."""
        target = np.array(rows)
        mirna = target.copy()
        is_dealt = (self.answers[target, 0] == 0) & (self._rng.random(len(target)) < self.dealt_share)
        dealt, *tried = self._rng.choice(self._positives, (1 + _N_TRIALS, len(target)), p=self._chance)
        # until the target is unbound; with a new miRNA, too, frequent ones would be rarer
        for other in tried:
            fits = is_dealt & ~np.isin(self._cells(other, dealt), self._bound)
            target[fits], mirna[fits] = other[fits], dealt[fits]
            is_dealt &= ~fits
        width = self.targets.shape[1] - 2 * self.shift
        places = self._rng.integers(2 * self.shift + 1, size=len(target))[:, None] + np.arange(width)
        letters = np.take_along_axis(self.targets[target], places, axis=1), self.mirnas[mirna]
        as_tensors = [torch.from_numpy(each.astype(np.int64)) for each in letters]
        return (as_tensors[0], as_tensors[1]), torch.from_numpy(self.answers[rows])

    def _cells(self, target_row: NDArray[np.int64], mirna_row: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return a number for each pair of a target and a seed."""
        cells: NDArray[np.int64] = self._target[target_row] * self._n_seeds + self._seed[mirna_row]
        return cells
