from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_mferl.inspection.shapley import shapley_values


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


@given(st.integers(1, 8), st.integers(0, 100))
def test_the_shares_add_up_to_what_all_are_worth_beyond_none(n_players, seed):
    values = games(2, n_players, seed)
    np.testing.assert_allclose(shapley_values(values).sum(axis=1), values[:, -1] - values[:, 0], atol=1e-10)


def test_a_player_who_never_adds_anything_has_no_share():
    values = games(1, 4)[0]
    for coalition in range(16):
        values[coalition | 4] = values[coalition & ~4]
    assert abs(shapley_values(values[None])[0, 2]) < 1e-12


def test_players_who_add_the_same_have_the_same_share():
    sizes = np.array([bin(coalition).count("1") for coalition in range(16)])
    np.testing.assert_allclose(shapley_values((sizes**2.0)[None])[0], [4.0] * 4)
