"""Exact Shapley values: what each player adds, averaged over all orders in which they may come."""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import NDArray


def shapley_values(values: NDArray[np.float64]) -> NDArray[np.float64]:
    r"""Share the value of all players together among them.

    .. math:: \phi_j = \sum_{S \not\ni j} \frac{1}{p \binom{p - 1}{|S|}} \left(v(S \cup j) - v(S)\right)

    A row of `values` is a game with all its coalitions; bit j of a column's number: player j is in it.
    After Shapley LS. A value for n-person games. In: Contributions to the Theory of Games II, 307 (1953).
    """
    n_players = values.shape[1].bit_length() - 1
    coalitions = np.arange(values.shape[1])
    sizes = np.array([int(number).bit_count() for number in coalitions])
    shares = np.empty((len(values), n_players))
    for player in range(n_players):
        without = coalitions[(coalitions >> player) & 1 == 0]
        weights = np.array([1 / (n_players * comb(n_players - 1, int(size))) for size in sizes[without]])
        shares[:, player] = (values[:, without | (1 << player)] - values[:, without]) @ weights
    return shares
