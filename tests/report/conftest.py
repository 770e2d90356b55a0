"""One small report for all tests of the page."""

from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import pandas as pd
import pytest

from sklearn_mferl.datasets import CMIData, make_cmi
from sklearn_mferl.inspection import explain
from sklearn_mferl.report import maps, runs, write_report
from tests.experiments._light import EVIDENCE

ODD = '<b>&"$'
"""Stands before every second id: markup, and what matplotlib takes for mathematics."""


class Report(NamedTuple):
    """A page, and what it was made of."""

    path: Any
    cells: Any
    data: CMIData
    options: dict[str, Any]
    odd: str = ODD

    @property
    def text(self):
        return self.path.read_text(encoding="utf-8")


def with_odd_ids(data):
    """Give every second RNA an id that a careless page would choke on."""
    new = {
        name: f"{ODD}{name}" if number % 2 else name
        for side in (data.circrna, data.mirna)
        for number, name in enumerate(side)
    }
    return replace(
        data,
        pairs=pd.DataFrame({side: data.pairs[side].map(new) for side in data.pairs}),
        circrna={new[name]: sequence for name, sequence in data.circrna.items()},
        mirna={new[name]: sequence for name, sequence in data.mirna.items()},
    )


@pytest.fixture(scope="session")
def light():
    """Return options that make a report quick."""
    return {"n_splits": 2, "top": 6, "params": {**EVIDENCE, "mferl__calibrate": False}}


@pytest.fixture(scope="session")
def short_work():
    """Leave MDA out, and explain beside a single pair."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(maps, "find_spec", lambda name: None)
        patch.setattr(runs, "explain", partial(explain, n_reference=1))
        yield


@pytest.fixture(scope="session")
def report(tmp_path_factory, light, short_work):
    """Return a report with all its sections, of data with odd ids."""
    folder = tmp_path_factory.mktemp("report")
    data = with_odd_ids(make_cmi(30, 15, circrna_length=(60, 200), random_state=0))
    path = write_report(data, folder / "report.html", cells=folder / "cells", **light)
    return Report(path, folder / "cells", data, light)
