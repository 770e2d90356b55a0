"""Compute the cells of an experiment, keep what is finished, and join the tables."""

import json
from collections.abc import Callable, Mapping, MutableMapping
from functools import partial
from typing import Any

import pandas as pd

from sklearn_mferl.datasets import CMIData
from sklearn_mferl.experiments.settings import Settings
from sklearn_mferl.utils.atomic import Resumable
from sklearn_mferl.utils.progress import progress_bar
from sklearn_mferl.utils.scheduling import run_unordered


def run_cells(
    compute: Callable[..., Mapping[str, pd.DataFrame]],
    cells: Mapping[str, dict[str, Any]],
    experiment: str,
    settings: Settings,
    data: CMIData,
    **options: Any,
) -> dict[str, pd.DataFrame]:
    """Call a function with the arguments of each cell that is not finished, and join the tables of all.

    The result depends neither on the number of processes nor on interruptions: tables are kept as JSON,
    which holds every float exactly. `options` are those of the experiment that decide the result.
    """
    kept: MutableMapping[str, Any] = {}
    if settings.folder is not None:
        folder = settings.folder / "cells" / experiment
        identity = settings.identify(data, **options)
        kept = Resumable(
            folder, identity, lambda packed: json.dumps(packed).encode(), json.loads, suffix=".json"
        )
    finished = {name: kept[name] for name in cells if name in kept}
    waiting = [name for name in cells if name not in finished]
    calls = [cells[name] for name in waiting]
    computed = run_unordered(partial(_compute, compute), calls, n_jobs=settings.n_jobs)
    with progress_bar(
        settings.progress, total=len(cells), initial=len(finished), desc=experiment, unit="cell"
    ) as bar:
        for number, packed in computed:
            kept[waiting[number]] = finished[waiting[number]] = packed
            bar.update()
    tables = [{name: pd.DataFrame(table) for name, table in finished[cell].items()} for cell in cells]
    return {name: pd.concat([each[name] for each in tables], ignore_index=True) for name in tables[0]}


def _compute(
    compute: Callable[..., Mapping[str, pd.DataFrame]], /, **arguments: Any
) -> dict[str, dict[str, list[Any]]]:
    """Return tables as lists of Python's own values, so that computed ones are the same as kept ones."""
    tables = compute(**arguments)
    return {
        name: {str(column): values.tolist() for column, values in table.items()}
        for name, table in tables.items()
    }
