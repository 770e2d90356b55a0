"""Rooms import in one direction and only what they use, and none is too large to be read."""

from pathlib import Path

import pytest
from _processes import run_python

import sklearn_mferl

PACKAGE = Path(sklearn_mferl.__file__).parent
LARGEST_ROOT, LARGEST_FOLDER = 5, 12
LONGEST_FILE = 500  # lines
FOLDERS = [PACKAGE, *(path.parent for path in sorted(PACKAGE.glob("*/**/__init__.py")))]


def test_a_room_imports_from_those_below_it():
    importlinter = pytest.importorskip("importlinter.cli", reason="needs import-linter, of the extra 'dev'")
    config = str(PACKAGE.parent / "pyproject.toml")
    assert importlinter.lint_imports(config_filename=config, no_cache=True) == 0


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_folder_is_small_enough_to_be_known(folder):
    files = [path for path in folder.iterdir() if path.is_file() and path.suffix != ".typed"]
    assert len(files) <= (LARGEST_ROOT if folder == PACKAGE else LARGEST_FOLDER)


def test_a_file_is_short_enough_to_be_read():
    lengths = {path.name: path.read_text(encoding="utf-8").count("\n") for path in PACKAGE.rglob("*.py")}
    assert not [name for name, length in lengths.items() if length > LONGEST_FILE]


# times depend on the machine, names of modules do not
HEAVY = {"torch", "skorch", "numba", "gensim", "matplotlib", "networkx", "umap", "pooch", "dask"}
SCIENTIFIC = {*HEAVY, "numpy", "scipy", "pandas", "sklearn", "joblib"}


def loaded_by(code):
    """Return the top-level modules that a fresh interpreter has after some code."""
    code = (
        f"import sys\n{code}\nprint(*{{name.partition('.')[0] for name in sys.modules}}, file=sys.__stdout__)"
    )
    result = run_python("-W", "error", "-c", code)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    return set(result.stdout.splitlines()[-1].split())


SHOW_NAMES = """
import pkgutil, sklearn_mferl
names = {module.name for module in pkgutil.iter_modules(sklearn_mferl.__path__) if module.name[0] != "_"}
names -= {"cli", "demo", "train_sites", "utils"}
assert {*names, *sklearn_mferl.__all__, "__version__"} <= set(dir(sklearn_mferl))
"""


def call(*arguments):
    """Return code that runs the command line."""
    return (
        f"sys.argv = ['mferl', *{arguments}]\n"
        "from sklearn_mferl.cli import app\n"
        "try:\n    app()\n"
        "except SystemExit as end:\n    assert not end.code"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "absent"),
    [
        (SHOW_NAMES, SCIENTIFIC),
        ("import sklearn_mferl.datasets", {*HEAVY, "sklearn"}),
        (
            "import sklearn_mferl.model_selection, sklearn_mferl.metrics, sklearn_mferl.baselines\n"
            "sklearn_mferl.features\nsklearn_mferl.PairFeatures",
            {*HEAVY, "rapidfuzz"},
        ),
        (call("--help"), SCIENTIFIC),
        (call("train", "--help"), SCIENTIFIC),
        (call("--version"), SCIENTIFIC),
    ],
)
def test_nothing_is_loaded_before_it_is_used(code, absent):
    assert not loaded_by(code) & absent


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'sklearn_mferl' has no attribute 'absent'"):
        sklearn_mferl.absent  # noqa: B018
