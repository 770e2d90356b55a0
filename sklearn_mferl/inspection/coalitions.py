"""Exact Shapley values: scores of pairs of which only some features are known, and what each one adds."""

from collections.abc import Callable, Sequence
from math import comb
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sklearn_mferl.inspection.players import Player
from sklearn_mferl.pairs import PairTable, RNATable
from sklearn_mferl.utils.validation import SIDES

Numbers = NDArray[np.int64]

_BYTES_AT_ONCE: Final = 64 << 20  # of the tables that are scored together
_COPIES: Final = 4  # a number is held as float32, scaled, and in double precision for the network


def coalition_values(
    decide: Callable[[PairTable], NDArray[np.float64]],
    table: PairTable,
    reference: PairTable,
    players: Sequence[Player],
    bytes_at_once: int = _BYTES_AT_ONCE,
) -> NDArray[np.float64]:
    """Return the mean score of each pair with the features of each coalition, the others replaced.

    What is absent is taken from one reference pair at a time, all of it from the same. The ids stay those
    of the pair, since a model may know by them which RNAs were in training.
    """
    n_coalitions, n_reference = 1 << len(players), len(reference)
    n_cells = len(table) * n_coalitions
    step = max(1, bytes_at_once // (_bytes_a_pair(table) * n_reference))
    values = np.empty(n_cells)
    for start in range(0, n_cells, step):
        cell = np.arange(start, min(start + step, n_cells))
        pair, coalition = np.divmod(cell, n_coalitions)
        mixed = mix(table, reference, players, pair, coalition)
        values[cell] = decide(mixed).reshape(len(cell), n_reference).mean(axis=1)
    return values.reshape(len(table), n_coalitions)


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


def mix(
    table: PairTable, reference: PairTable, players: Sequence[Player], pair: Numbers, coalition: Numbers
) -> PairTable:
    """Make pairs with the features of coalitions, each once with every reference pair."""
    n_reference = len(reference)
    other = np.tile(np.arange(n_reference), len(pair))
    evidence = {name: block[pair].repeat(n_reference, axis=0) for name, block in table.evidence.items()}
    for number, player in enumerate(players):
        absent = (((coalition >> number) & 1) == 0).repeat(n_reference)
        for channel, columns in player.columns.items():
            replacement = reference.evidence[channel][other[absent]]
            evidence[channel][np.ix_(absent, columns)] = replacement[:, columns]
    # The RNAs of coalitions that differ in evidence alone are the same: they are made and encoded once.
    of_scales = sum(1 << number for number, player in enumerate(players) if player.scales)
    keys = np.column_stack([pair, coalition & of_scales])
    distinct, which = np.unique(keys, axis=0, return_inverse=True)
    sides = [
        _mix_side(
            (getattr(table, side), table.rows[distinct[:, 0], column]),
            (getattr(reference, side), reference.rows[:, column]),
            {scale: (distinct[:, 1] >> i) & 1 == 0 for i, p in enumerate(players) for scale in p.scales},
        )
        for column, side in enumerate(SIDES)
    ]
    row = which.ravel().repeat(n_reference) * n_reference + other
    return PairTable(sides[0], sides[1], np.column_stack([row, row]), evidence)


def _mix_side(
    own: tuple[RNATable, Numbers], reference: tuple[RNATable, Numbers], absent: dict[str, NDArray[np.bool_]]
) -> RNATable:
    """Make the RNAs of one side: each own row once with every reference row, absent scales replaced."""
    (table, rows), (reference_table, reference_rows) = own, reference
    mixed = table.take(rows.repeat(len(reference_rows)))
    other = reference_table.take(np.tile(reference_rows, len(rows)))
    for scale, is_absent in absent.items():
        replaced = is_absent.repeat(len(reference_rows))
        for blocks, others in ((mixed.scales, other.scales), (mixed.propagated, other.propagated)):
            if scale in blocks:
                blocks[scale][replaced] = others[scale][replaced]
    return mixed


def _bytes_a_pair(table: PairTable) -> int:
    """Return about how much memory a pair takes that shares its RNAs with no other."""
    blocks = list(table.evidence.values())
    for side in SIDES:
        blocks += [*getattr(table, side).scales.values(), *getattr(table, side).propagated.values()]
    return max(1, _COPIES * sum(block.shape[1] * block.itemsize for block in blocks))
