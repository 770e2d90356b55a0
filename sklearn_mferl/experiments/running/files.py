"""Tables and figures of an experiment as files."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sklearn_mferl.utils.atomic import replacing


def write_results(
    folder: Path | None, tables: Mapping[str, pd.DataFrame], figures: Mapping[str, Callable[[], Any]]
) -> None:
    """Write tables, and the figures that functions draw, by name, if there is a folder."""
    if folder is not None:
        for name, table in tables.items():
            write_table(table, folder, name)
        for name, draw in figures.items():
            write_figure(draw(), folder, name)


def write_table(table: pd.DataFrame, folder: Path, name: str) -> None:
    """Write a table as CSV, whole or not at all."""
    with replacing(folder / f"{name}.csv") as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")


def write_figure(figure: Any, folder: Path, name: str) -> None:
    """Write a figure as PNG and SVG, the same bytes each time."""
    import matplotlib as mpl

    with mpl.rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}):
        for suffix, options in ((".png", {}), (".svg", {"metadata": {"Date": None}})):
            with replacing(folder / f"{name}{suffix}") as temporary:
                figure.savefig(temporary, **options)
