"""Every column of evidence and every scale contributes exactly once."""

import numpy as np
import pytest

from sklearn_mferl import (
    Expression,
    KnownRegions,
    PairNeighborhood,
    PairTable,
    RNATable,
    TargetSites,
)
from sklearn_mferl.evidence.sites.summary import BINDING_FEATURES
from sklearn_mferl.inspection.players import (
    FAMILIES,
    OTHER,
    family_of,
    find_players,
)


class Named:
    """Stand in for a fitted channel."""

    def __init__(self, names):
        self.names = names

    def get_feature_names_out(self):
        return np.array(self.names, dtype=object)


class Features:
    def __init__(self, **channels):
        self.evidence_ = {name: Named(names) for name, names in channels.items()}


def make_table(scales=(), **channels):
    rnas = RNATable(np.array(["x"], dtype=object), {name: np.zeros((1, 2)) for name in scales}, {})
    evidence = {name: np.zeros((1, len(names)), dtype=np.float32) for name, names in channels.items()}
    return PairTable(rnas, rnas, np.zeros((1, 2), dtype=np.int64), evidence)


@pytest.fixture(scope="module")
def channels(data):
    sites = TargetSites(data.circrna, data.mirna).fit(data.pairs)
    neighborhood = PairNeighborhood(data.circrna, data.mirna, random_state=0).fit(data.pairs)
    return {
        "sites": list(sites.get_feature_names_out()),
        "neighborhood": list(neighborhood.columns_),
        "binding": list(BINDING_FEATURES),
        "regions": list(KnownRegions(data.circrna, data.mirna).fit(data.pairs).get_feature_names_out()),
        "expression": list(Expression().fit(data.pairs).get_feature_names_out()),
    }


def test_every_column_of_our_channels_has_a_family_and_no_family_is_empty(channels):
    found = {family_of(name) for names in channels.values() for name in names}
    assert found == set(FAMILIES)


def test_families_hold_every_column_once(channels):
    players = find_players("family", Features(**channels), make_table(**channels), has_network=False)
    for channel, names in channels.items():
        columns = np.concatenate([p.columns[channel] for p in players if channel in p.columns])
        assert sorted(columns) == list(range(len(names)))


def test_a_column_that_no_family_knows_is_other():
    channels = {"sites": ["best_site", "weather"], "mine": ["luck"]}
    *_, last = find_players("family", Features(**channels), make_table(**channels), has_network=False)
    assert last.name == OTHER
    assert {name: list(columns) for name, columns in last.columns.items()} == {"sites": [1], "mine": [0]}


def test_by_channel_each_channel_and_each_scale_of_the_network_counts_alone():
    channels = {"sites": ["best_site"], "mine": ["luck"]}
    table = make_table(("kmer", "ctd"), **channels)
    with_network = find_players("channel", Features(**channels), table, has_network=True)
    assert [player.name for player in with_network] == ["sites", "mine", "kmer", "ctd"]
    without = find_players("channel", Features(**channels), table, has_network=False)
    assert [player.name for player in without] == ["sites", "mine"]


def test_by_family_all_scales_count_together():
    table = make_table(("kmer", "ctd"), sites=["best_site"])
    players = find_players("family", Features(sites=["best_site"]), table, has_network=True)
    assert [(player.name, player.scales) for player in players] == [
        ("seed sites", ()),
        ("scales", ("kmer", "ctd")),
    ]


def test_more_than_fourteen_are_refused_by_name():
    table = make_table([f"scale{i}" for i in range(15)])
    with pytest.raises(ValueError, match=r"15 contributions, scale0, .*at most 14.*by='family'"):
        find_players("channel", Features(), table, has_network=True)
