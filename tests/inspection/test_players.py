"""Every column of evidence and every scale contributes exactly once."""

from functools import partial
from types import SimpleNamespace

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
    PARTS,
    family_of,
    find_players,
)


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
    found = players("family", **channels)
    for channel, names in channels.items():
        columns = np.concatenate([p.columns[channel] for p in found if channel in p.columns])
        assert sorted(columns) == list(range(len(names)))


def test_a_column_that_no_family_knows_is_other():
    *_, last = players("family", sites=["best_site", "weather"], mine=["luck"])
    assert last.name == OTHER
    assert {name: list(columns) for name, columns in last.columns.items()} == {"sites": [1], "mine": [0]}


@pytest.mark.parametrize(("has_network", "names"), [(True, ["kmer", "ctd"]), (False, [])])
def test_by_channel_each_channel_and_each_scale_of_the_network_counts_alone(has_network, names):
    found = players("channel", ["kmer", "ctd"], has_network, sites=["best_site"], mine=["luck"])
    assert [player.name for player in found] == ["sites", "mine", *names]


def test_by_family_all_scales_count_together():
    found = players("family", ["kmer", "ctd"], has_network=True, sites=["best_site"])
    expected = [("seed sites", ()), ("scales", ("kmer", "ctd"))]
    assert [(player.name, player.scales) for player in found] == expected


def test_by_part_columns_are_of_sites_or_neighbours_and_scales_are_structure(channels):
    found = players("part", ["kmer", "ctd"], has_network=True, **channels, mine=["luck"])
    assert [player.name for player in found] == ["experiments", "sites", "neighbours", "other", "structure"]
    by_name = {player.name: player.columns for player in found}
    assert set(by_name["sites"]) == {"sites", "binding"}
    assert set(by_name["neighbours"]) == {"neighborhood"}
    assert {*FAMILIES} == {family for families in PARTS.values() for family in families}
    assert found[-1].scales == ("kmer", "ctd")


def test_more_than_fourteen_are_refused_by_name():
    with pytest.raises(ValueError, match=r"15 contributions, scale0, .*at most 14.*by='family'"):
        players("channel", [f"scale{i}" for i in range(15)], has_network=True)
