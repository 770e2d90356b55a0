"""What a score is shared among: channels and scales, families of columns, or the parts of a pair."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sklearn_mferl.pairs import PairTable
from sklearn_mferl.utils.parameters import one_of
from sklearn_mferl.utils.validation import SIDES

BY: Final = ("channel", "family", "part")
MOST_PLAYERS: Final = 14  # each doubles the work

# Each column of evidence is of the first family that one of its beginnings fits.
FAMILIES: Final = {
    "seed sites": (
        "site_8mer",
        "site_7mer",
        "site_6mer",
        "site_offset",
        "site_density",
        "site_log_odds",
        "seed_gu",
        "seed_mismatch",
        "seed_match",
        "seed_density",
        "seed_log_odds",
        "best_site",
        "junction_sites",
        "density_",
        "expected_",
        "log_odds_6mer",
    ),
    "duplex": ("duplex_",),
    "binding": ("binding_",),
    "experiments": ("regions_", "expression_", "circrna_level", "mirna_level"),
    "3' pairing": ("supplementary_pairing", "compensatory_pairing"),
    "local context": ("local_au", "target_log_length", "target_gc", "mirna_gc", "seed_gc"),
    "popularity": ("degree_", "partner_degree_", "popularity_"),
    "paths": ("paths",),
    "similar circRNAs": ("votes_circrna_", "share_circrna_", "known_circrna_", "match"),
    "similar miRNAs": ("votes_mirna_", "share_mirna_", "known_mirna_"),
    "similar pairs": ("votes_both_",),
    "factors and ridge": ("factors_", "partners_", "ridge_"),
    "known sites": ("confirmed_", "confirmable_", "site_confirmed_", "sites_around_", "same_site_"),
}
# the families of each part of a pair; its structure is the scales of the network
PARTS: Final = {
    "sites": ("seed sites", "duplex", "binding", "3' pairing", "local context"),
    "neighbours": (
        "popularity",
        "paths",
        "similar circRNAs",
        "similar miRNAs",
        "similar pairs",
        "factors and ridge",
        "known sites",
    ),
    "experiments": ("experiments",),
}
OTHER: Final = "other"
ALL_SCALES: Final = {"family": "scales", "part": "structure"}


class Player(NamedTuple):
    """A part of the features, present or absent as a whole."""

    name: str
    columns: dict[str, NDArray[np.int64]]  # of the channels of evidence
    scales: tuple[str, ...] = ()  # of both RNAs


def find_players(by: str, features: Any, table: PairTable, has_network: bool) -> list[Player]:
    """Return what the score of a model is shared among."""
    if by not in BY:
        raise ValueError(f"by must be {one_of(*BY)}; got {by!r}.")
    scales = tuple(dict.fromkeys(name for side in SIDES for name in getattr(table, side).scales))
    if not has_network:
        scales = ()
    if by == "channel":
        players = [Player(name, {name: np.arange(block.shape[1])}) for name, block in table.evidence.items()]
        players += [Player(name, {}, (name,)) for name in scales]
    else:
        names = {name: features.evidence_[name].get_feature_names_out() for name in table.evidence}
        players = _group(names, family_of if by == "family" else part_of)
        if scales:
            players.append(Player(ALL_SCALES[by], {}, scales))
    if len(players) > MOST_PLAYERS:
        raise ValueError(
            f"There are {len(players)} contributions, {', '.join(player.name for player in players)}, and "
            f"2**{len(players)} combinations of them; at most {MOST_PLAYERS} are shared out. Choose "
            f"by={'family' if by == 'channel' else 'channel'!r}, or fewer scales or channels."
        )
    return players


def family_of(column: str) -> str:
    """Return the family of a column of evidence; ``other`` where no family knows it."""
    fitting = (family for family, beginnings in FAMILIES.items() if column.startswith(beginnings))
    return next(fitting, OTHER)


def part_of(column: str) -> str:
    """Return the part of a pair that a column of evidence tells of, or ``other``."""
    family = family_of(column)
    return next((part for part, families in PARTS.items() if family in families), OTHER)


def _group(names: dict[str, Any], group_of: Callable[[str], str]) -> list[Player]:
    """Group the columns of all channels, in the order of the families."""
    players = []
    for group in dict.fromkeys([*FAMILIES, *PARTS, OTHER]):
        columns = {
            channel: np.flatnonzero([group_of(name) == group for name in columns])
            for channel, columns in names.items()
        }
        columns = {channel: found for channel, found in columns.items() if len(found)}
        if columns:
            players.append(Player(group, columns))
    return players
