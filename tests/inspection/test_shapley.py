"""Shapley values are the mean over all orders."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sklearn_mferl.inspection.coalitions import shapley_values


def by_definition(values):
    """Return the mean of what each player adds, over all orders in which they come."""
    n_players = len(values).bit_length() - 1
    added = np.zeros(n_players)
    orders = list(itertools.permutations(range(n_players)))
    for order in orders:
        coalition = 0
        for player in order:
            added[player] += values[coalition | 1 << player] - values[coalition]
            coalition |= 1 << player
    return added / len(orders)


def games(n_games, n_players, seed=0):
    return np.random.default_rng(seed).normal(size=(n_games, 2**n_players))


@pytest.mark.parametrize("n_players", [1, 2, 3, 4, 5])
def test_a_share_is_what_a_player_adds_on_average_over_all_orders(n_players):
    values = games(3, n_players)
    np.testing.assert_allclose(shapley_values(values), [by_definition(game) for game in values], atol=1e-12)
