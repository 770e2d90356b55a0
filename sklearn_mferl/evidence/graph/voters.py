"""Which labelled pairs the relatives of a pair's two RNAs vote with."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from sklearn_mferl.evidence.graph.relatedness import Relatives
from sklearn_mferl.utils.arrays import Bools, Ints, Objects
from sklearn_mferl.utils.validation import SIDES

_COLUMNS: Final = ("row", "side", "kind", "voter", "similarity", "interacts")


class LabelledCells(NamedTuple):
    """The distinct labelled pairs of training RNAs."""

    cells: Ints  # each pair as a number, circRNA × number of miRNAs + miRNA; ascending
    positive: Bools
    part: Ints  # that the pair was dealt into, from 0
    n_mirnas: int

    def find(self, circrna: Any, mirna: Any) -> Ints:
        """Return the place of each pair, given as rows of training RNAs; -1 for one that is not there."""
        cells = circrna * self.n_mirnas + mirna
        place = np.minimum(np.searchsorted(self.cells, cells), len(self.cells) - 1)
        return np.where((self.cells[place] == cells) & (circrna >= 0) & (mirna >= 0), place, -1)


def find_voters(
    relatives: tuple[Relatives, Relatives], rows: Ints, part: Ints, labelled: LabelledCells
) -> pd.DataFrame:
    """List the labelled pairs that each pair would share with a relative of one of its RNAs."""
    frames: list[pd.DataFrame] = []
    for column, side in enumerate(SIDES):
        partners = relatives[1 - column].reference[rows[:, 1 - column]]
        for kind, neighbours in _widest(relatives[column]).items():
            for row in np.flatnonzero(partners >= 0):  # of a new RNA no pair is known
                nearest = slice(*neighbours.indptr[rows[row, column] : rows[row, column] + 2])
                voters, similarity = neighbours.indices[nearest].astype(np.int64), neighbours.data[nearest]
                ends = (voters, partners[row]) if column == 0 else (partners[row], voters)
                place = labelled.find(*ends)
                votes = (place >= 0) & (labelled.part[place] != part[row])
                values = row, side, kind, voters[votes], similarity[votes], labelled.positive[place[votes]]
                frames.append(pd.DataFrame(dict(zip(_COLUMNS, values, strict=True))))
    # a frame without rows would decide on the types of the columns
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=list(_COLUMNS))


def tabulate_voters(
    votes: pd.DataFrame, pairs: pd.DataFrame, training_ids: Sequence[Objects]
) -> pd.DataFrame:
    """Write ids in place of rows, in the order of the pairs and from the nearest voter to the farthest."""
    row, reference = (votes[name].to_numpy(dtype=np.int64) for name in ("row", "voter"))
    voter = [training_ids[SIDES.index(side)][i] for side, i in zip(votes["side"], reference, strict=True)]
    table = pd.DataFrame(
        {
            **{side: pairs[side].to_numpy(dtype=object)[row] for side in SIDES},
            "side": votes["side"],
            "kind": votes["kind"],
            "voter": np.array(voter, dtype=object),
            "similarity": votes["similarity"].astype(np.float64),
            "interacts": votes["interacts"].astype(bool),
        }
    )
    side, names = (table[name].to_numpy(dtype=str) for name in ("side", "voter"))
    order = np.lexsort([names, -table["similarity"].to_numpy(), side, row])
    # so that the type of a column is the same whether there are voters or not
    text = dict.fromkeys((*SIDES, "side", "kind", "voter"), str)
    return table.iloc[order].reset_index(drop=True).astype(text)


def _widest(relatives: Relatives) -> dict[str, sparse.csr_array]:
    """Return by kind the largest set of neighbours, which holds the smaller ones."""
    widest: dict[str, tuple[int, sparse.csr_array]] = {}
    for name, neighbours in relatives.neighbours.items():
        kind, number = name.rsplit("_", 1)
        if int(number) > widest.get(kind, (0, None))[0]:
            widest[kind] = int(number), neighbours
    return {kind: neighbours for kind, (_, neighbours) in widest.items()}
