"""The documentation names every public thing and its parameters, and its examples and notebooks run."""

import importlib.util
import inspect
import json
import pkgutil
import re
import runpy
import shlex
import shutil
import tempfile
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from _commands import run
from _processes import run_python
from sklearn.base import BaseEstimator
from sklearn.utils import estimator_html_repr

import sklearn_mferl
from sklearn_mferl import datasets, inspection
from sklearn_mferl.datasets import load_example, make_cmi, save_cmi
from sklearn_mferl.experiments import EXPERIMENTS
from sklearn_mferl.utils.estimators import LinkedEstimator, page_template

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
EXAMPLES = sorted((DOCS / "examples").glob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# commands, whose documentation is --help, and what the rooms share
NOT_IMPORTED = {"cli", "demo", "train_sites", "utils"}


def public_modules():
    """Return the package and the modules that users import from."""
    names = [module.name for module in pkgutil.iter_modules(sklearn_mferl.__path__)]
    public = [name for name in names if not name.startswith("_") and name not in NOT_IMPORTED]
    return [sklearn_mferl, *(importlib.import_module(f"sklearn_mferl.{name}") for name in public)]


def public_names(module):
    """Return ``__all__``, or else the functions and classes that the module defines for others."""
    own = inspect.getmembers(module, lambda item: getattr(item, "__module__", "") == module.__name__)
    return list(getattr(module, "__all__", [name for name, _ in own if not name.startswith("_")]))


def names_in_api_page():
    """Return module and name of every entry."""
    entries, module = [], ""
    for line in (DOCS / "api.md").read_text(encoding="utf-8").splitlines():
        if line.startswith(".. currentmodule::"):
            module = line.split("::")[1].strip()
        elif re.fullmatch(r"   \w+", line):
            entries.append((module, line.strip()))
    return entries


# (module and name, object) of each public class and function, once
PUBLIC = list(
    {
        id(item): (f"{module.__name__}.{name}", item)
        for module in reversed(public_modules())
        for name in public_names(module)
        if callable(item := getattr(module, name))
    }.values()
)


def methods():
    """Yield the public methods of the public classes, but for those that other packages document."""
    for name, item in PUBLIC:
        for method_name, method in inspect.getmembers(item, inspect.isfunction):
            if not method_name.startswith("_") and method.__module__.startswith("sklearn_mferl"):
                yield f"{name}.{method_name}", method


def sections(item):
    """Return the sections of a numpydoc docstring by title; the text before them has the title ""."""
    parts = re.split(r"^(\w[\w ]*)\n-{3,}$", inspect.getdoc(item) or "", flags=re.MULTILINE)
    return dict(zip(["", *parts[1::2]], parts[::2], strict=True))


def described(item, title):
    """Return the names that a section of parameters or attributes describes."""
    heads = re.findall(r"^(\S[^:\n]*?)(?: :.*)?$", sections(item).get(title, ""), flags=re.MULTILINE)
    return {name.strip().lstrip("*") for head in heads for name in head.split(",")}


# The API page -------------------------------------------------------------------------------------------


def test_the_api_page_lists_every_name_that_users_import_and_no_other():
    entries = names_in_api_page()
    listed = [getattr(importlib.import_module(module), name) for module, name in entries]
    missing = [name for name, item in PUBLIC if not any(item is other for other in listed)]
    assert not missing, f"docs/api.md lacks {missing}"
    public = {(module.__name__, name) for module in public_modules() for name in public_names(module)}
    assert set(entries) <= public
    assert len(set(entries)) == len(entries)


ADDRESS = "https://docs.example/stable"
ESTIMATORS = [item for _, item in PUBLIC if inspect.isclass(item) and issubclass(item, BaseEstimator)]


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda item: item.__name__)
def test_the_diagram_of_an_estimator_links_to_its_page_once_there_is_an_address(monkeypatch, estimator):
    required = [() for each in inspect.signature(estimator).parameters.values() if each.default is each.empty]
    instance = estimator(*required)
    assert ADDRESS not in estimator_html_repr(instance)
    template = page_template(["Source, https://example", f"Documentation, {ADDRESS}/"])
    monkeypatch.setattr(LinkedEstimator, "_doc_link_template", template)
    pages = [f"{ADDRESS}/api/generated/{module}.{name}.html" for module, name in names_in_api_page()]
    assert [page for page in pages if f'"{page}"' in estimator_html_repr(instance)]


# Docstrings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", [pytest.param(item, id=name) for name, item in [*PUBLIC, *methods()]])
def test_every_parameter_is_described_and_nothing_that_is_none(item):
    names, parameters = described(item, "Parameters"), set(inspect.signature(item).parameters) - {"self"}
    assert names <= parameters <= names | described(item, "Attributes")


@pytest.mark.parametrize("name", sklearn_mferl.__all__)
def test_top_level_names_have_a_description_and_an_example(name):
    item = getattr(sklearn_mferl, name)
    assert item.__name__ == name
    found = sections(item)
    assert {"Parameters", "Attributes", "Returns"} & set(found)
    assert ">>> " in found["Examples"]


# Examples -----------------------------------------------------------------------------------------------


def python_blocks(page):
    """Return the Python code of a page, or the cells of a notebook."""
    if page.suffix == ".ipynb":
        return ["".join(cell["source"]) for cell in code_cells(page)]
    return re.findall(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), flags=re.M | re.S)


def code_cells(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_stored_without_outputs(notebook):
    for cell in code_cells(notebook):
        assert not cell["outputs"]
        assert cell["execution_count"] is None


def test_the_files_that_the_architecture_names_are_there():
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    named = {path for path in re.findall(r"`([\w/.]+)`", text) if "/" in path}
    bases = (ROOT, ROOT / "sklearn_mferl")
    assert not {path for path in named if not any((base / path).exists() for base in bases)}


def make_few(n_circrna=100, n_mirna=50, *args, **options):
    """Simulate half as many RNAs as asked for."""
    return make_cmi(max(n_circrna // 2, 30), max(n_mirna // 2, 12), *args, **options)


def load_few(longest):
    """Load two thirds of the shortest real pairs."""
    return load_example(160 if longest == 200 else longest)


@pytest.fixture
def run_script(tmp_path, monkeypatch, few_trees):
    """Return a function that runs code in a folder of its own, on few RNAs, with a model that is not good."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(inspection, "explain", partial(inspection.explain, n_reference=2))
    monkeypatch.setattr(datasets, "make_cmi", make_few)
    monkeypatch.setattr(datasets, "load_example", load_few)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def run_script(lines):
        script = tmp_path / "script.py"
        script.write_text("\n".join(lines), encoding="utf-8")
        # a module of its own, so that its classes can be pickled
        runpy.run_path(str(script), run_name="page")

    return run_script


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [page for page in PAGES + NOTEBOOKS if python_blocks(page)], ids=lambda path: path.name
)
def test_the_python_code_of_a_page_runs(page, run_script):
    lines = "\n".join(python_blocks(page)).splitlines()
    run_script(line for line in lines if not line.startswith("%"))


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_and_draws_a_picture(example, run_script, monkeypatch):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("agg")
    shown = []
    monkeypatch.setattr(pyplot, "show", lambda: shown.extend(pyplot.get_fignums()))
    run_script(example.read_text(encoding="utf-8").splitlines())
    pyplot.close("all")
    assert shown


def test_the_error_message_in_the_data_page_is_the_real_one():
    namespace = {}
    page = DOCS / "data.md"
    (block,) = python_blocks(page)
    exec(block, namespace)
    (shown,) = re.findall(r"^```text\n(.*?)^```$", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    assert shown.split() == namespace["message"].split()


def commands(page):
    """Return the words of each ``mferl`` command of a page."""
    found = re.findall(r"^\$ mferl (.*)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [shlex.split(line, comments=True) for line in found]


@pytest.mark.slow
def test_the_commands_of_the_quick_start_run(tmp_path, monkeypatch, few_trees):
    monkeypatch.chdir(tmp_path)
    save_cmi(make_cmi(30, 12, circrna_length=(60, 200), random_state=0), "cmi")
    for words in commands(DOCS / "quickstart.md"):
        run(*words)
    assert len(pd.read_csv("ranking.csv")) == 20
    assert "score" in pd.read_csv("scores.csv")


def test_every_picture_of_the_docs_has_a_command_that_makes_it():
    text = (DOCS / "reproduce.md").read_text(encoding="utf-8")
    patterns = re.findall(r"`([\w/*.-]+\.(?:png|svg))`", text)
    pictures = [path for ending in ("*.png", "*.svg") for path in DOCS.glob(f"**/{ending}")]
    kept = [path for path in pictures if not {"_build", "gallery"} & set(path.parts)]
    assert kept
    assert not [path for path in kept if not any(path.match(pattern) for pattern in patterns)]


def test_the_commands_that_reproduce_figures_exist():
    quoted = re.findall(r"`(?:make|python) ([^`]+)`", (DOCS / "reproduce.md").read_text(encoding="utf-8"))
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M)
    for target, *words in map(shlex.split, quoted):
        module = importlib.util.find_spec(words[0]) if target == "-m" else None
        assert target in targets or module or (ROOT / target).exists(), target
    names = [words[1] for words in quoted_commands(DOCS / "reproduce.md") if words[0] == "experiment"]
    assert set(names) <= set(EXPERIMENTS)


def quoted_commands(page):
    """Return the words of each ``mferl`` command within the text of a page, but for those of a bare name."""
    found = re.findall(r"`mferl ([^`]+)`", page.read_text(encoding="utf-8"))
    return [words for words in map(shlex.split, found) if len(words) > 1]


def test_the_readme_uses_options_that_exist():
    pages = (ROOT / "README.md", DOCS / "cli.md")
    used = [words for page in pages for words in commands(page)] + quoted_commands(DOCS / "reproduce.md")
    for command, *words in used:
        known = run(command, "--help").stdout
        for word in words:
            there = not word.startswith("-") or re.search(rf"{word}\b", known)
            assert there, f"mferl {command} has no {word}"


@pytest.mark.slow
def test_a_typed_script_of_a_user_passes_the_strict_type_checker(tmp_path):
    pytest.importorskip("mypy", reason="mypy is not installed")
    assert (ROOT / "sklearn_mferl" / "py.typed").exists()
    shutil.copy(ROOT / "tests" / "_typed_use.py", tmp_path / "script.py")
    # elsewhere, so that the settings of this project do not hold; what is installed is not checked again, and
    # torch, of which a user sees nothing, takes longer to read than all the rest
    (tmp_path / "mypy.ini").write_text("[mypy]\n[mypy-torch.*]\nfollow_imports = skip\n")
    cache = ROOT / ".mypy_cache" / "strict"  # of the libraries, which take longer to read than the script
    arguments = ("--strict", "--follow-imports=silent", "--cache-dir", cache, "script.py")
    done = run_python("-m", "mypy", *arguments, cwd=tmp_path, MYPYPATH=str(ROOT))
    assert done.returncode == 0, done.stdout + done.stderr
