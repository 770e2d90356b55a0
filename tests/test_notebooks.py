"""The notebooks run from top to bottom, and are stored without what they print."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat", reason="needs the extra 'notebooks'")
NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
# that a notebook runs does not depend on how good the default model is
FEW_TREES = "from sklearn_mferl.models import evidence_model\nevidence_model.DEFAULTS['max_iter'] = 20"
each_notebook = pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in NOTEBOOKS])


@each_notebook
def test_a_notebook_is_stored_without_outputs(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            assert not cell.outputs
            assert cell.execution_count is None


@each_notebook
def test_a_notebook_runs(path, tmp_path, monkeypatch):
    nbclient = pytest.importorskip("nbclient", reason="needs the extra 'notebooks'")
    pytest.importorskip("ipykernel", reason="needs the extra 'notebooks'")
    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path))  # nothing of the user's settings, nothing left behind
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(FEW_TREES))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Jupyter's own packages deprecate is theirs
        nbclient.NotebookClient(
            notebook,
            timeout=None,
            startup_timeout=900,  # seconds: a busy machine is no mistake of the notebook
            kernel_name="python3",
            resources={"metadata": {"path": os.fspath(tmp_path)}},
        ).execute()
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")
