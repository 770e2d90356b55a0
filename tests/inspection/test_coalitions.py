"""Values of coalitions are means over the reference pairs, and Shapley values are means over all orders."""

import itertools

import numpy as np
import pytest

from sklearn_mferl import PairTable, RNATable
from sklearn_mferl.inspection.coalitions import coalition_values, mix, shapley_values
from sklearn_mferl.inspection.players import Player

RNG = np.random.default_rng(0)
PLAYERS = [
    Player("first", {"a": np.array([0, 2])}),
    Player("second", {"a": np.array([1]), "b": np.array([0, 1])}),
    Player("kmer", {}, ("kmer",)),
    Player("similarity", {}, ("similarity",)),
]


def make_rnas(n, prefix):
    blocks = {"kmer": RNG.normal(size=(n, 3)), "similarity": RNG.normal(size=(n, 2))}
    blocks = {name: block.astype(np.float32) for name, block in blocks.items()}
    ids = np.array([f"{prefix}{i}" for i in range(n)], dtype=object)
    return RNATable(ids, blocks, {"kmer": blocks["kmer"] * 2 + 1})


def make_table(n_pairs, prefix):
    rows = np.column_stack([RNG.integers(0, 4, n_pairs), RNG.integers(0, 3, n_pairs)])
    evidence = {
        "a": RNG.normal(size=(n_pairs, 3)).astype(np.float32),
        "b": RNG.normal(size=(n_pairs, 2)).astype(np.float32),
    }
    return PairTable(make_rnas(4, prefix + "c"), make_rnas(3, prefix + "m"), rows, evidence)


TABLE, REFERENCE = make_table(5, "own"), make_table(4, "other")
WEIGHTS = {
    "a": RNG.normal(size=3),
    "b": RNG.normal(size=2),
    "kmer": RNG.normal(size=6),
    "similarity": RNG.normal(size=4),
}


def read_blocks(table):
    """Return all that is known of each pair, by channel and scale."""
    sides = [(table.circrna, table.rows[:, 0]), (table.mirna, table.rows[:, 1])]
    scales = {
        name: np.hstack([side.scales[name][rows] for side, rows in sides]) for name in ("kmer", "similarity")
    }
    return {**table.evidence, **scales}


def linear(table):
    return sum(block @ WEIGHTS[name] for name, block in read_blocks(table).items())


def bent(table):
    """Score with products between the players, and by the propagated scale."""
    blocks = read_blocks(table)
    propagated = table.circrna.propagated["kmer"][table.rows[:, 0], 0]
    return blocks["a"][:, 0] * blocks["b"][:, 0] + np.tanh(blocks["kmer"].sum(axis=1)) * propagated


def slow_value(decide, row, present):
    """Return the mean score of a pair whose absent blocks come from each reference pair, one by one."""
    scores = []
    for other in range(len(REFERENCE)):
        evidence = {name: block[[row]].copy() for name, block in TABLE.evidence.items()}
        sides = []
        for column, (own, foreign) in enumerate(
            [(TABLE.circrna, REFERENCE.circrna), (TABLE.mirna, REFERENCE.mirna)]
        ):
            taken = own.take([TABLE.rows[row, column]]), foreign.take([REFERENCE.rows[other, column]])
            absent = {scale for player in PLAYERS if player.name not in present for scale in player.scales}
            scales = {name: taken[name in absent].scales[name] for name in own.scales}
            propagated = {name: taken[name in absent].propagated[name] for name in own.propagated}
            sides.append(RNATable(taken[0].ids, scales, propagated))
        for player in PLAYERS:
            if player.name not in present:
                for channel, columns in player.columns.items():
                    evidence[channel][0, columns] = REFERENCE.evidence[channel][other, columns]
        scores.append(decide(PairTable(*sides, np.zeros((1, 2), dtype=np.int64), evidence))[0])
    return np.mean(scores)


@pytest.mark.parametrize("decide", [linear, bent])
def test_a_coalition_is_worth_the_mean_over_the_reference_pairs(decide):
    values = coalition_values(decide, TABLE, REFERENCE, PLAYERS)
    for row in range(len(TABLE)):
        for coalition in range(2 ** len(PLAYERS)):
            present = {player.name for i, player in enumerate(PLAYERS) if coalition >> i & 1}
            assert values[row, coalition] == pytest.approx(slow_value(decide, row, present), abs=1e-5)


def test_of_a_linear_score_each_has_its_weights_times_the_distance_from_the_mean():
    shares = shapley_values(coalition_values(linear, TABLE, REFERENCE, PLAYERS))
    own, other = read_blocks(TABLE), read_blocks(REFERENCE)
    apart = {name: (own[name] - other[name].mean(axis=0)) * WEIGHTS[name] for name in own}
    expected = [
        apart["a"][:, [0, 2]].sum(axis=1),
        apart["a"][:, 1] + apart["b"].sum(axis=1),
        apart["kmer"].sum(axis=1),
        apart["similarity"].sum(axis=1),
    ]
    np.testing.assert_allclose(shares, np.column_stack(expected), atol=1e-5)


def test_the_ids_stay_those_of_the_pair():
    pair, coalition = np.arange(5).repeat(16), np.tile(np.arange(16), 5)
    mixed = mix(TABLE, REFERENCE, PLAYERS, pair, coalition)
    for column, side in enumerate(("circrna", "mirna")):
        own = getattr(TABLE, side).ids[TABLE.rows[:, column]]
        ids = getattr(mixed, side).ids[mixed.rows[:, column]]
        np.testing.assert_array_equal(ids, own[pair].repeat(len(REFERENCE)))


def test_the_tables_given_stay_as_they_are():
    before = {name: block.copy() for name, block in read_blocks(TABLE).items()}
    coalition_values(bent, TABLE, REFERENCE, PLAYERS)
    for name, block in read_blocks(TABLE).items():
        np.testing.assert_array_equal(block, before[name])


@pytest.mark.parametrize("bytes_at_once", [1, 10_000])
def test_the_size_of_the_chunks_changes_nothing_but_the_memory(bytes_at_once):
    sizes = []

    def decide(table):
        sizes.append(len(table))
        return bent(table)

    whole = coalition_values(bent, TABLE, REFERENCE, PLAYERS)
    np.testing.assert_allclose(
        coalition_values(decide, TABLE, REFERENCE, PLAYERS, bytes_at_once), whole, rtol=1e-6
    )
    assert len(sizes) > 1
    assert bytes_at_once > 1 or max(sizes) == len(REFERENCE)


def share_by_definition(values):
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


@pytest.mark.parametrize("n_players", [1, 2, 3, 4, 5])
def test_a_share_is_what_a_player_adds_on_average_over_all_orders(n_players):
    values = np.random.default_rng(0).normal(size=(3, 2**n_players))
    expected = [share_by_definition(game) for game in values]
    np.testing.assert_allclose(shapley_values(values), expected, atol=1e-12)
