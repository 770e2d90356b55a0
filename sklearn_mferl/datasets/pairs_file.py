"""Tables of pairs as files: known interactions, labelled pairs, and pairs to score."""

from pathlib import Path
from typing import Final

import pandas as pd

from sklearn_mferl.datasets.text import read_rows
from sklearn_mferl.utils.validation import SIDES, cut, find_columns, fold_name

_LABELS: Final = {
    **dict.fromkeys(("1", "true", "t", "yes", "y", "positive", "pos"), 1),
    **dict.fromkeys(("0", "-1", "false", "f", "no", "n", "negative", "neg"), 0),
}


def read_pairs(path: Path) -> pd.DataFrame:
    """Read a table of pairs with all its columns."""
    rows = read_rows(path)
    _, header = next(rows, (0, list[str]()))
    if not header:
        raise ValueError(f"{path} is empty; a table of pairs begins with a line 'circrna,mirna'.")
    sides = [header.index(name) for name in find_columns(header, f"{path} has")]
    if len(set(header)) < len(header):
        raise ValueError(f"{path} has two columns of one name; its first line is {cut(','.join(header))!r}.")
    lines, table = [], []
    for line, cells in rows:
        if len(cells) != len(header):
            raise ValueError(
                f"{path}, line {line}: {len(cells)} cells under {len(header)} columns; quote a cell that "
                "holds the separator."
            )
        for side, column in zip(SIDES, sides, strict=True):
            if not cells[column]:
                raise ValueError(f"{path}, line {line}: the {side} id is missing.")
        lines.append(line)
        table.append(cells)
    if not table:
        raise ValueError(f"{path} lists no pair.")
    return pd.DataFrame(table, columns=header, index=lines, dtype=object)


def pair_ids(table: pd.DataFrame) -> pd.DataFrame:
    """Return the ids alone, as columns ``circrna`` and ``mirna``."""
    return table[find_columns(table.columns, "The table has")].set_axis(list(SIDES), axis=1)


def read_known(path: Path) -> pd.DataFrame:
    """Read known interactions: each pair is one, so a column of labels is refused."""
    table = read_pairs(path)
    for column in table.columns.difference(find_columns(table.columns, f"{path} has"), sort=False):
        if _holds_labels(column, set(table[column])):
            raise ValueError(
                f"{path} has a column {column!r} of labels that is not used, so that pairs labelled 0, -1 or "
                f"no would count as interactions: give --labels {column} to mferl train or evaluate; "
                "elsewhere keep the interactions alone, or remove the column if it says something else."
            )
    return pair_ids(table)


def read_labels(path: Path, column: str) -> tuple[pd.DataFrame, pd.Series]:
    """Read labelled pairs."""
    table = read_pairs(path)
    same = [name for name in table.columns if name == column] or [
        name for name in table.columns if fold_name(name) == fold_name(column)
    ]
    if len(same) != 1 or same[0] in find_columns(table.columns, f"{path} has"):
        raise ValueError(
            f"{path} has no column {column!r} of labels; the columns are {cut(', '.join(table.columns))!r}."
        )
    labels = table[same[0]].map(label_of)
    if labels.isna().any():
        line = labels.index[labels.isna()][0]
        raise ValueError(
            f"{path}, line {line}: the label is {cut(table[same[0]][line])!r}; it must be 0 or 1."
        )
    labelled = pair_ids(table).assign(label=labels.astype("int64")).drop_duplicates()
    both = labelled.duplicated(list(SIDES))
    if both.any():
        line = labelled.index[both][0]
        circrna, mirna = labelled.loc[line, list(SIDES)]
        raise ValueError(f"{path}, line {line}: the pair {circrna!r}, {mirna!r} has both labels; keep one.")
    return labelled[list(SIDES)], labelled["label"]


def _holds_labels(column: str, cells: set[str]) -> bool:
    """Tell whether some cells of a column say no, and the others nothing but yes."""
    labels = {label_of(cell) for cell in cells if cell}
    name = fold_name(column)
    if None in labels:
        return name in ("label", "labels") and len(cells) > 1
    return 0 in labels and "strand" not in name  # a strand may be -1 or 1


def label_of(cell: str) -> int | None:
    """Return what a cell says as a label: 0, 1 or nothing."""
    try:
        cell = f"{float(cell):g}"
    except ValueError:
        cell = fold_name(cell)
    return _LABELS.get(cell)
