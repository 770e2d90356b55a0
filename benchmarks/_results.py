"""The tables of finished cells on disk."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from _cells import (
    COLUMNS,
    COLUMNS_OF_BINS,
    FIGURES,
    FIGURES_OF_RANKING,
    KEY,
    NEGATIVES,
    SPLITS,
    Cell,
)
from _models import MODELS

CELLS: Final = "accuracy.csv"
BINS: Final = "reliability.csv"
_COUNTS: Final = ("n_ranked", "n_hidden")  # empty where there is no ranking
_TEXTS: Final = ("data", "sequences", "vectors", "version")
_ORDERS: Final[dict[str, tuple[Any, ...]]] = {
    "split": SPLITS,
    "negatives": NEGATIVES,
    "model": tuple(MODELS),
    "linear": (False, True),
}


class Results:
    """Finished cells, and their bins of reliability; each change is on disk at once and as a whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cells = _read(folder / CELLS, COLUMNS)
        self.bins = _read(folder / BINS, COLUMNS_OF_BINS)

    def finished(self) -> set[Cell]:
        return {Cell(*key) for key in self.cells[list(KEY)].itertuples(index=False, name=None)}

    def refuse_mixture(self, cells: Iterable[Cell], facts: Mapping[str, Mapping[str, Any]]) -> None:
        """Raise ValueError where finished cells are of other folds or data, and could not be compared."""
        folds = {(cell.data, cell.split): cell.folds for cell in cells}
        linear = {cell.data: cell.linear for cell in cells}
        for row in self.cells.to_dict("records"):
            name, split = row["data"], row["split"]
            now = {"folds": folds.get((name, split), row["folds"]), "linear": linear.get(name, row["linear"])}
            for what, value in {**now, **facts.get(name, {})}.items():
                if row[what] != value:
                    raise ValueError(
                        f"{self.folder / CELLS} has cells of {name}, split {split}, with {what}={row[what]}, "
                        f"and now it is {value}; remove these rows, or give another folder as --out."
                    )

    def add(self, row: dict[str, Any], bins: list[dict[str, Any]]) -> None:
        self.forget([Cell(**{name: row[name] for name in KEY})], save=False)
        self.cells = _sorted(_appended(self.cells, [row]))
        self.bins = _sorted(_appended(self.bins, bins))
        self._save()

    def forget(self, cells: Iterable[Cell], *, save: bool = True) -> None:
        keys = {astuple(cell) for cell in cells}
        self.cells, self.bins = (_without(table, keys) for table in (self.cells, self.bins))
        if save:
            self._save()

    def _save(self) -> None:
        # The bins first: a cell counts as finished when it stands in the table of cells.
        for name, table in ((BINS, self.bins), (CELLS, self.cells)):
            partial = self.folder / f"{name}.partial"
            table.to_csv(partial, index=False, lineterminator="\n")
            os.replace(partial, self.folder / name)


def _read(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    if not path.is_file():
        return pd.DataFrame(columns=list(columns))
    try:
        table = pd.read_csv(
            path,
            dtype={"data": str, "version": str},
            keep_default_na=False,  # a folder may be called NA
            na_values=[""],
        )
    except ValueError as error:  # no text, nothing at all, or a line with too many cells
        raise ValueError(
            f"{path} cannot be read as a table ({' '.join(str(error).split())}); remove it, or give another "
            "folder as --out."
        ) from error
    missing = [name for name in columns if name not in table]
    if missing:
        raise ValueError(
            f"{path} is not a table of this benchmark, or one of another version: it has no column "
            f"{missing[0]!r}; remove it, or give another folder as --out."
        )
    damage = _damage(table[list(columns)])
    if damage is not None:
        raise ValueError(
            f"{path} is damaged, or of another version of the benchmark: {damage}; mend it, remove it, or "
            "give another folder as --out."
        )
    return table.astype({name: "Int64" for name in _COUNTS if name in table})


def _damage(table: pd.DataFrame) -> str | None:
    """Return what is wrong with a table, first things first; None where all is well."""
    if table.empty:
        return None
    for name in table.columns.difference([*FIGURES, *FIGURES_OF_RANKING], sort=False):
        blank = table[name].isna()
        if blank.any():
            return f"{_line(blank)} has no {name}"
    for name in table.columns.difference([*_TEXTS, *_ORDERS], sort=False):
        if not pd.api.types.is_numeric_dtype(table[name]):
            found = pd.to_numeric(table[name], errors="coerce").isna() & table[name].notna()
            return f"{_line(found)} has a {name} that is no number"
    for name, allowed in _ORDERS.items():
        unknown = ~table[name].astype(str).isin([str(value) for value in allowed])
        if unknown.any():
            return f"{_line(unknown)} has the {name} {table.loc[unknown, name].iloc[0]!r}, which is unknown"
    twice = table.duplicated([name for name in (*KEY, "lower") if name in table])
    if twice.any():
        return f"{_line(twice)} is of a cell that stands there already"
    return None


def _line(chosen: pd.Series) -> str:
    return f"line {int(np.argmax(chosen)) + 2}"  # the header is line 1


def _appended(table: pd.DataFrame, rows: list[dict[str, Any]]) -> pd.DataFrame:
    new = pd.DataFrame([*table.to_dict("records"), *rows], columns=table.columns)
    return new.astype({name: "Int64" for name in _COUNTS if name in new})


def _without(table: pd.DataFrame, keys: set[tuple[Any, ...]]) -> pd.DataFrame:
    kept = [key not in keys for key in table[list(KEY)].itertuples(index=False, name=None)]
    return table.loc[np.array(kept, dtype=bool)]


def _sorted(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows in an order that does not depend on which was finished first."""

    def rank(column: pd.Series) -> pd.Series:
        order = _ORDERS.get(str(column.name))
        return column if order is None else column.map(order.index)

    by = ["data", "split", "negatives", "seed", "model", "linear", "folds"]
    if "lower" in table:
        by.append("lower")
    return table.sort_values(by, key=rank, kind="stable", ignore_index=True)
