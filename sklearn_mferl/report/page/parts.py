"""What a page is made of: tables, pictures and sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup


@dataclass(frozen=True)
class Table:
    """A table as text."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    n_keys: int = 1  # how many of the first columns say what a row is about

    @classmethod
    def from_frame(cls, caption: str, frame: pd.DataFrame, n_keys: int = 1) -> Table:
        """Make a table of a frame."""
        rows = [[text(value) for value in row] for row in frame.itertuples(index=False)]
        return cls(caption, [str(name) for name in frame.columns], rows, n_keys)


@dataclass(frozen=True)
class Picture:
    """A figure, with a caption for all."""

    svg: Markup
    caption: str
    wide: bool = False  # too wide for a telephone, so that it has to be moved


@dataclass(frozen=True)
class Section:
    """A section of the page."""

    name: str  # for links to it
    title: str
    paragraphs: Sequence[str] = ()
    pictures: Sequence[Picture] = ()
    tables: Sequence[Table] = ()
    missing: str = ""  # why the section cannot say what it should


@dataclass(frozen=True)
class Prediction:
    """A pair of the ranking, and why it is there."""

    circrna: str
    mirna: str
    cells: Sequence[tuple[str, Any]]  # the text of each, and what it is sorted by
    pictures: Sequence[Picture] = ()
    sites: Sequence[tuple[str, str]] = ()  # headline and duplex, three lines
    more_sites: int = 0  # that are not written out
    voters: Sequence[Table] = ()
    notes: Sequence[str] = ()  # what cannot be shown, and why


def text(value: Any) -> str:
    """Write a value of a table.

    Examples
    --------
    >>> text(np.int64(12345)), text(0.98765), text(np.nan), text(np.float32(-0.5)), text(True), text("<b>")
    ('12,345', '0.988', '–', '−0.500', 'yes', '<b>')
    >>> text(None)
    '–'
    """
    if isinstance(value, str):
        return value
    if value is None or pd.isna(value):
        return "–"
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    return (f"{value:.3f}" if isinstance(value, (float, np.floating)) else f"{value:,}").replace("-", "−")
