"""A user's typed script passes ``mypy --strict``, and one that calls what is not there does not."""

import shutil
from pathlib import Path

import pytest
from _processes import run_python

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".mypy_cache" / "strict"  # of the libraries, which take longer to read than the script


@pytest.mark.slow
def test_a_typed_script_passes_the_strict_type_checker(tmp_path):
    pytest.importorskip("mypy", reason="mypy is not installed")
    assert (ROOT / "sklearn_mferl" / "py.typed").exists()
    shutil.copy(ROOT / "tests" / "_typed_use.py", tmp_path / "script.py")
    # elsewhere, so that the settings of this project do not hold; what is installed is not checked again, and
    # torch, of which a user sees nothing, takes longer to read than all the rest
    (tmp_path / "mypy.ini").write_text("[mypy]\n[mypy-torch.*]\nfollow_imports = skip\n")
    arguments = ("--strict", "--follow-imports=silent", "--cache-dir", CACHE, "script.py")
    done = run_python("-m", "mypy", *arguments, cwd=tmp_path, MYPYPATH=str(ROOT))
    assert done.returncode == 0, done.stdout + done.stderr
