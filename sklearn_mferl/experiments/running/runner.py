"""Compute the cells of an experiment, keep what is finished, and join the tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pandas as pd

from sklearn_mferl.utils.atomic import replacing
from sklearn_mferl.utils.progress import progress_bar
from sklearn_mferl.utils.scheduling import run_unordered

Tables = Mapping[str, pd.DataFrame]


class Cell(NamedTuple):
    """The smallest part of an experiment that is kept when it is interrupted.

    Attributes
    ----------
    name : str
        Unique within the experiment; names its file.
    arguments : dict
        What the experiment's function is called with.
    """

    name: str
    arguments: dict[str, Any]


def run_cells(
    compute: Callable[..., Tables],
    cells: Sequence[Cell],
    *,
    experiment: str,
    identity: Mapping[str, Any],
    out: Path | None,
    n_jobs: int | None = 1,
    progress: bool = False,
) -> dict[str, pd.DataFrame]:
    """Compute the cells that are not finished, and join the tables of all in the order given.

    The result depends neither on the number of processes nor on interruptions: tables are kept as JSON,
    which holds every float exactly.
    """
    names = pd.Index([cell.name for cell in cells])
    if not names.is_unique:
        raise ValueError(f"Two parts of {experiment} are named {names[names.duplicated()][0]!r}.")
    folder = None if out is None else _open(out / "cells" / experiment, identity)
    found = {cell.name: tables for cell in cells if (tables := _read(folder, cell.name)) is not None}
    waiting = [cell for cell in cells if cell.name not in found]
    computed = run_unordered(partial(_compute, compute), [cell.arguments for cell in waiting], n_jobs=n_jobs)
    n_cells, n_found = len(cells), len(found)
    with progress_bar(progress, total=n_cells, initial=n_found, desc=experiment, unit="cell") as bar:
        for number, tables in computed:
            name = waiting[number].name
            if folder is not None:
                _write(_file(folder, name), {table: _pack(frame) for table, frame in tables.items()})
            found[name] = tables
            bar.update()
    parts = [found[cell.name] for cell in cells]
    return {table: pd.concat([part[table] for part in parts], ignore_index=True) for table in parts[0]}


def _compute(compute: Callable[..., Tables], /, **arguments: Any) -> dict[str, pd.DataFrame]:
    # packed and unpacked, so that a computed cell is the same to the last bit as one that was kept
    tables = compute(**arguments)
    return {name: _unpack(json.loads(json.dumps(_pack(table)))) for name, table in tables.items()}


def _open(folder: Path, identity: Mapping[str, Any]) -> Path:
    """Make the folder of the cells, or make sure that those in it are of the same experiment."""
    folder.mkdir(parents=True, exist_ok=True)
    path, wanted = folder / "settings.json", json.loads(json.dumps(identity))
    if not path.exists():
        _write(path, wanted)
        return folder
    kept = _load(path, "remove the folder, and all of it")
    differing = [name for name in {**kept, **wanted} if kept.get(name) != wanted.get(name)]
    if differing:
        name = min(differing)
        raise ValueError(
            f"{folder} holds finished parts of another run: its {name} was {kept.get(name)!r} and is "
            f"{wanted.get(name)!r} now. Give another folder, or remove that one."
        )
    return folder


def _read(folder: Path | None, name: str) -> dict[str, pd.DataFrame] | None:
    if folder is None or not _file(folder, name).exists():
        return None
    packed = _load(_file(folder, name), "remove it, and it")
    return {table: _unpack(frame) for table, frame in packed.items()}


def _load(path: Path, remedy: str) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is damaged ({error}); {remedy} is computed anew.") from error


def _write(path: Path, content: Any) -> None:
    """Write a file that is there whole or not at all, however the program ends."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content), encoding="utf-8")


def _file(folder: Path, name: str) -> Path:
    return folder / f"{quote(name, safe='=,')}.json"  # another file for each name, on any system


def _pack(table: pd.DataFrame) -> dict[str, list[Any]]:
    return {str(name): column.tolist() for name, column in table.items()}


def _unpack(packed: dict[str, list[Any]]) -> pd.DataFrame:
    return pd.DataFrame(packed)
