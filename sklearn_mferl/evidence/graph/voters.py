"""Which labelled pairs the relatives of a pair's two RNAs vote with."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from sklearn_mferl.evidence.graph.relatedness import Relatives
from sklearn_mferl.utils.validation import SIDES

VOTER_COLUMNS: Final = ("row", "side", "kind", "voter", "similarity", "interacts")


class LabelledCells(NamedTuple):
    """The labelled pairs of training RNAs, each as one number: circRNA × number of miRNAs + miRNA.

    Attributes
    ----------
    cells : ndarray of int64, shape (n_labelled,)
        Ascending.
    positive : ndarray of bool, shape (n_labelled,)
        Whether it is an interaction.
    part : ndarray of int64, shape (n_labelled,)
        The part that the pair was dealt into, from 0.
    n_mirnas : int
        Number of training miRNAs.
    """

    cells: NDArray[np.int64]
    positive: NDArray[np.bool_]
    part: NDArray[np.int64]
    n_mirnas: int


def find_voters(
    relatives: tuple[Relatives, Relatives],
    rows: NDArray[np.int64],
    part: NDArray[np.int64],
    labelled: LabelledCells,
) -> pd.DataFrame:
    """List the labelled pairs that each pair would share with a relative of one of its RNAs."""
    found: list[pd.DataFrame] = []
    for column, side in enumerate(SIDES):
        partners = relatives[1 - column].reference[rows[:, 1 - column]]
        for kind, neighbours in _widest(relatives[column]).items():
            for row in np.flatnonzero(partners >= 0):  # of a new RNA no pair is known
                asked = slice(*neighbours.indptr[rows[row, column] : rows[row, column] + 2])
                voters, similarity = neighbours.indices[asked].astype(np.int64), neighbours.data[asked]
                ends = (voters, partners[row]) if column == 0 else (partners[row], voters)
                cells = ends[0] * labelled.n_mirnas + ends[1]
                place = np.minimum(np.searchsorted(labelled.cells, cells), len(labelled.cells) - 1)
                votes = (labelled.cells[place] == cells) & (labelled.part[place] != part[row])
                values = row, side, kind, voters[votes], similarity[votes], labelled.positive[place[votes]]
                found.append(pd.DataFrame(dict(zip(VOTER_COLUMNS, values, strict=True))))
    # a frame without rows would decide on the types of the columns
    some = [frame for frame in found if len(frame)]
    return pd.concat(some, ignore_index=True) if some else pd.DataFrame(columns=list(VOTER_COLUMNS))


def _widest(relatives: Relatives) -> dict[str, sparse.csr_array]:
    """Return by kind the largest set of neighbours, which holds the smaller ones."""
    widest: dict[str, tuple[int, sparse.csr_array]] = {}
    for name, neighbours in relatives.neighbours.items():
        kind, number = name.rsplit("_", 1)
        if int(number) > widest.get(kind, (0, None))[0]:
            widest[kind] = int(number), neighbours
    return {kind: neighbours for kind, (_, neighbours) in widest.items()}
