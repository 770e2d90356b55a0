"""The rooms of the package import in one direction, and none is too large to be read."""

from pathlib import Path

import pytest

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
