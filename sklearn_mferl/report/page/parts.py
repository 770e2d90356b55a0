"""What a page is made of: tables, pictures and sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup


@dataclass(frozen=True)
class Table:
    """A table as text.

    Attributes
    ----------
    caption : str
    header : list of str
    rows : list of list of str
        As many cells as the header has.
    n_keys : int
        How many of the first columns say what a row is about.
    """

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    n_keys: int = 1

    @classmethod
    def from_frame(cls, caption: str, frame: pd.DataFrame, n_keys: int = 1) -> Table:
        """Make a table of a frame."""
        rows = [[text(value) for value in row] for row in frame.itertuples(index=False)]
        return cls(caption, [str(name) for name in frame.columns], rows, n_keys)


@dataclass(frozen=True)
class Picture:
    """A figure as SVG, with a caption for all.

    Attributes
    ----------
    svg : Markup
    caption : str
    wide : bool
        Whether it is too wide for a telephone, so that it has to be moved.
    """

    svg: Markup
    caption: str = ""
    wide: bool = False


@dataclass(frozen=True)
class Section:
    """A section of the page: paragraphs, pictures, tables.

    Attributes
    ----------
    name : str
        For links to it.
    title : str
    paragraphs : list of str
    pictures : list of Picture
    tables : list of Table
    missing : str
        Why the section cannot say what it should; empty if it can.
    """

    name: str
    title: str
    paragraphs: Sequence[str] = ()
    pictures: Sequence[Picture] = ()
    tables: Sequence[Table] = ()
    missing: str = ""


@dataclass(frozen=True)
class Site:
    """A target site, written out.

    Attributes
    ----------
    headline : str
    duplex : str
        Three lines.
    """

    headline: str
    duplex: str


@dataclass(frozen=True)
class Prediction:
    """A pair of the ranking, and why it is there.

    Attributes
    ----------
    circrna, mirna : str
    cells : list of (str, value)
        The text of each further cell, and what it is sorted by.
    pictures : list of Picture
    sites : list of Site
    more_sites : int
        How many sites are not written out.
    voters : list of Table
    notes : list of str
        What cannot be shown, and why.
    """

    circrna: str
    mirna: str
    cells: Sequence[tuple[str, Any]]
    pictures: Sequence[Picture] = ()
    sites: Sequence[Site] = ()
    more_sites: int = 0
    voters: Sequence[Table] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Page:
    """All that the template asks for.

    Attributes
    ----------
    title, lead : str
    facts : list of (str, str)
        What is to be seen first: a number, and what it is.
    sections : list of Section
    columns : list of (str, str)
        Header of the table of predictions, and ``"number"`` or ``"text"``.
    predictions : list of Prediction
    command : str
        What makes the page again.
    parameters : list of (str, str)
        Every parameter of the model.
    date, runtime : str
    """

    title: str
    lead: str
    facts: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    columns: Sequence[tuple[str, str]]
    predictions: Sequence[Prediction]
    command: str
    parameters: Sequence[tuple[str, str]] = field(default_factory=list)
    date: str = ""
    runtime: str = ""


def text(value: Any) -> str:
    """Write a value of a table.

    Parameters
    ----------
    value : object

    Returns
    -------
    str
        Floats with three digits, whole numbers with separators, a dash for what is missing.

    Examples
    --------
    >>> text(12345), text(0.98765), text(float("nan")), text(-0.5), text(True)
    ('12,345', '0.988', '–', '−0.500', 'yes')
    """
    if isinstance(value, str):
        return value
    if value is None or pd.isna(value):
        return "–"
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    return (f"{value:.3f}" if isinstance(value, (float, np.floating)) else f"{value:,}").replace("-", "−")
