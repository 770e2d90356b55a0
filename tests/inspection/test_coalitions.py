"""Each column and scale is of one player; a coalition is worth a mean, a share is one over all orders."""

from functools import partial
from itertools import permutations
from types import SimpleNamespace

import numpy as np
import pytest

from sklearn_mferl import Expression, KnownRegions, PairNeighborhood, PairTable, RNATable, TargetSites
from sklearn_mferl.evidence.sites.summary import BINDING_FEATURES
from sklearn_mferl.inspection.coalitions import coalition_values, mix, shapley_values
from sklearn_mferl.inspection.players import FAMILIES, OTHER, PARTS, Player, find_players

RNG = np.random.default_rng(0)
PLAYERS = [
    Player("first", {"a": np.array([0, 2])}),
    Player("second", {"a": np.array([1]), "b": np.array([0, 1])}),
    Player("kmer", {}, ("kmer",)),
    Player("similarity", {}, ("similarity",)),
]


def make_rnas(n, prefix):
    blocks = {name: RNG.normal(size=(n, width)) for name, width in (("kmer", 3), ("similarity", 2))}
    ids = np.array([f"{prefix}{i}" for i in range(n)], dtype=object)
    return RNATable(ids, blocks, {"kmer": RNG.normal(size=(n, 3))})


def make_table(n_pairs, prefix):
    rows = np.column_stack([RNG.integers(0, 4, n_pairs), RNG.integers(0, 3, n_pairs)])
    evidence = {name: RNG.normal(size=(n_pairs, width)) for name, width in (("a", 3), ("b", 2))}
    return PairTable(make_rnas(4, prefix + "c"), make_rnas(3, prefix + "m"), rows, evidence)


TABLE, REFERENCE = make_table(5, "own"), make_table(4, "other")


def read_blocks(table):
    """Return all that is known of each pair, by channel and scale, propagated scales among them."""
    blocks = dict(table.evidence)
    for side, rows in ((table.circrna, table.rows[:, 0]), (table.mirna, table.rows[:, 1])):
        for kind, scales in (("", side.scales), ("propagated ", side.propagated)):
            for name, scale in scales.items():
                blocks[kind + name] = np.hstack(
                    [blocks.get(kind + name, np.empty((len(rows), 0))), scale[rows]]
                )
    return blocks


def score(blocks):
    """Score with products between the players, and by all that is known."""
    of_scales = blocks["kmer"].sum(axis=1) - 2 * blocks["similarity"].sum(axis=1)
    propagated = np.tanh(of_scales) * blocks["propagated kmer"].sum(axis=1)
    return blocks["a"][:, 0] * blocks["b"].sum(axis=1) + blocks["a"] @ [0, 1, 2] + propagated


def decide(table):
    return score(read_blocks(table))


def slow_value(row, present):
    """Return the mean score of a pair whose absent blocks come from the reference pairs."""
    own, blocks = read_blocks(TABLE), read_blocks(REFERENCE)
    for player in present:
        for channel, columns in player.columns.items():
            blocks[channel] = blocks[channel].copy()
            blocks[channel][:, columns] = own[channel][row, columns]
        for name in {*player.scales, *(f"propagated {scale}" for scale in player.scales)} & {*blocks}:
            blocks[name] = np.tile(own[name][row], (len(REFERENCE), 1))
    return score(blocks).mean()


def test_a_coalition_is_worth_the_mean_over_the_reference_pairs_and_the_tables_stay_as_they_are():
    before = {name: block.copy() for name, block in read_blocks(TABLE).items()}
    values = coalition_values(decide, TABLE, REFERENCE, PLAYERS)
    for (row, coalition), value in np.ndenumerate(values):
        present = [player for i, player in enumerate(PLAYERS) if coalition >> i & 1]
        assert value == pytest.approx(slow_value(row, present), abs=1e-5)
    for name, block in read_blocks(TABLE).items():
        np.testing.assert_array_equal(block, before[name])


def test_the_ids_stay_those_of_the_pair():
    pair, coalition = np.arange(5).repeat(16), np.tile(np.arange(16), 5)
    mixed = mix(TABLE, REFERENCE, PLAYERS, pair, coalition)
    for column, side in enumerate(("circrna", "mirna")):
        own = getattr(TABLE, side).ids[TABLE.rows[:, column]]
        ids = getattr(mixed, side).ids[mixed.rows[:, column]]
        np.testing.assert_array_equal(ids, own[pair].repeat(len(REFERENCE)))


@pytest.mark.parametrize("bytes_at_once", [1, 10_000])
def test_the_size_of_the_chunks_changes_nothing_but_the_memory(bytes_at_once):
    sizes = []

    def decide_and_count(table):
        sizes.append(len(table))
        return decide(table)

    whole = coalition_values(decide, TABLE, REFERENCE, PLAYERS)
    found = coalition_values(decide_and_count, TABLE, REFERENCE, PLAYERS, bytes_at_once)
    np.testing.assert_allclose(found, whole, rtol=1e-6)
    assert len(sizes) > 1
    assert bytes_at_once > 1 or max(sizes) == len(REFERENCE)


@pytest.mark.parametrize("n_players", [1, 2, 3, 4, 5])
def test_a_share_is_what_a_player_adds_on_average_over_all_orders(n_players):
    values = np.random.default_rng(0).normal(size=(3, 2**n_players))
    added = np.zeros((3, n_players))
    orders = list(permutations(range(n_players)))
    for order in orders:
        coalition = 0
        for player in order:
            added[:, player] += values[:, coalition | 1 << player] - values[:, coalition]
            coalition |= 1 << player
    np.testing.assert_allclose(shapley_values(values), added / len(orders), atol=1e-12)


# Players -------------------------------------------------------------------------------------------------


def players(by, scales=(), has_network=False, **channels):
    """Find the players of scales and of channels with columns of these names."""
    rnas = RNATable(np.array(["x"], dtype=object), {name: np.zeros((1, 2)) for name in scales}, {})
    evidence = {name: np.zeros((1, len(names)), dtype=np.float32) for name, names in channels.items()}
    named = {name: partial(np.array, names, dtype=object) for name, names in channels.items()}
    fitted = {name: SimpleNamespace(get_feature_names_out=names) for name, names in named.items()}
    table = PairTable(rnas, rnas, np.zeros((1, 2), dtype=np.int64), evidence)
    return find_players(by, SimpleNamespace(evidence_=fitted), table, has_network=has_network)


@pytest.fixture(scope="module")
def channels(data):
    rnas = data.circrna, data.mirna
    channels = {
        "sites": TargetSites(*rnas),
        "neighborhood": PairNeighborhood(*rnas, random_state=0),
        "regions": KnownRegions(*rnas),
        "expression": Expression(),
    }
    names = {name: channel.fit(data.pairs).get_feature_names_out() for name, channel in channels.items()}
    return {**names, "binding": BINDING_FEATURES}


def test_families_hold_every_column_of_our_channels_once_and_none_is_empty(channels):
    found = players("family", **channels)
    assert [player.name for player in found] == list(FAMILIES)
    for channel, names in channels.items():
        columns = np.concatenate([p.columns[channel] for p in found if channel in p.columns])
        assert sorted(columns) == list(range(len(names)))


def test_a_column_that_no_family_knows_is_other():
    *_, last = players("family", sites=["best_site", "weather"], mine=["luck"])
    assert last.name == OTHER
    assert {name: list(columns) for name, columns in last.columns.items()} == {"sites": [1], "mine": [0]}


@pytest.mark.parametrize(
    ("by", "has_network", "names"),
    [
        ("channel", True, ["sites", "mine", "kmer", "ctd"]),
        ("channel", False, ["sites", "mine"]),
        ("family", True, ["seed sites", "other", "scales"]),
        ("part", True, ["sites", "other", "structure"]),
    ],
)
def test_scales_of_the_network_count_alone_by_channel_and_else_together(by, has_network, names):
    found = players(by, ["kmer", "ctd"], has_network, sites=["best_site"], mine=["luck"])
    assert [player.name for player in found] == names
    assert sum((player.scales for player in found), ()) == (("kmer", "ctd") if has_network else ())


def test_by_part_columns_are_of_sites_neighbours_or_experiments(channels):
    found = [(player.name, set(player.columns)) for player in players("part", **channels)]
    assert found == [
        ("experiments", {"regions", "expression"}),
        ("sites", {"sites", "binding"}),
        ("neighbours", {"neighborhood"}),
    ]
    assert {*FAMILIES} == {family for families in PARTS.values() for family in families}


def test_more_than_fourteen_are_refused_by_name():
    with pytest.raises(ValueError, match=r"15 contributions, scale0, .*at most 14.*by='family'"):
        players("channel", [f"scale{i}" for i in range(15)], has_network=True)
