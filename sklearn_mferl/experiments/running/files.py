"""Tables and figures of an experiment as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from sklearn_mferl.utils.atomic import replacing


def write_table(table: pd.DataFrame, folder: Path | None, name: str) -> None:
    """Write a table as CSV, whole or not at all."""
    if folder is not None:
        with replacing(folder / f"{name}.csv") as temporary:
            table.to_csv(temporary, index=False, lineterminator="\n")


def write_figure(figure: Any, folder: Path | None, name: str) -> None:
    """Write a figure as PNG and SVG, the same bytes each time."""
    if folder is None:
        return
    import matplotlib as mpl

    with mpl.rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}):
        for suffix, options in ((".png", {}), (".svg", {"metadata": {"Date": None}})):
            with replacing(folder / f"{name}{suffix}") as temporary:
                figure.savefig(temporary, **options)
