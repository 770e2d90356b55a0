"""One small report for all tests of the page."""

from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest

from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.inspection import explain
from sklearn_mferl.report import maps, runs, write_report
from tests.experiments._light import EVIDENCE

ODD = '<b>&"$'
"""Stands before every second id: markup, and what matplotlib takes for mathematics."""


def with_odd_ids(data):
    """Give every second RNA an id that a careless page would choke on."""
    names = [name for side in (data.circrna, data.mirna) for name in side]
    new = {name: f"{ODD}{name}" if number % 2 else name for number, name in enumerate(names)}
    return replace(
        data,
        pairs=data.pairs.apply(lambda side: side.map(new)),
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
    """Return a page with all its sections, of data with odd ids, and what it was made of."""
    folder = tmp_path_factory.mktemp("report")
    data = with_odd_ids(make_cmi(30, 15, circrna_length=(60, 200), random_state=0))
    path = write_report(data, folder / "report.html", cells=folder / "cells", **light)
    text = path.read_text(encoding="utf-8")
    return SimpleNamespace(path=path, text=text, cells=folder / "cells", data=data, options=light, odd=ODD)
