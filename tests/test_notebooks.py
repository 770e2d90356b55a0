"""The notebooks run from top to bottom, and are stored without what they print."""

from __future__ import annotations

import json
import runpy
import tempfile
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in NOTEBOOKS])


def code_cells(path):
    return [
        cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"
    ]


@each_notebook
def test_a_notebook_is_stored_without_outputs(path):
    for cell in code_cells(path):
        assert not cell["outputs"]
        assert cell["execution_count"] is None


@each_notebook
def test_a_notebook_runs(path, tmp_path, monkeypatch, few_trees):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    lines = [line for cell in code_cells(path) for line in [*"".join(cell["source"]).splitlines(), ""]]
    script = tmp_path / f"{path.stem}.py"
    script.write_text("\n".join(line for line in lines if not line.startswith("%")), encoding="utf-8")
    runpy.run_path(
        str(script), run_name="notebook"
    )  # a module of its own, so that its classes can be pickled
