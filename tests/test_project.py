"""What surrounds the package says the same as the package: versions, commands and files."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import sklearn_mferl

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def test_one_version_is_named_everywhere():
    version = PROJECT["version"]
    assert sklearn_mferl.__version__ == version
    assert re.search(rf"^version: {version}$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_runs_what_there_is(path):
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    commands = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    assert commands
    for command in commands:
        for target in re.findall(r"\bmake ([\w-]+)", command):
            assert target in targets
        for script in re.findall(r"(?<!\S)\.ci/\w+", command):
            assert (ROOT / script).stat().st_mode & 0o100


def test_all_versions_of_python_that_are_promised_are_tested():
    promised = re.findall(r"Python :: (3\.\d+)", " ".join(PROJECT["classifiers"]))
    tested = re.findall(r'"(3\.\d+)"', WORKFLOWS[-1].read_text(encoding="utf-8"))
    assert set(promised) <= set(tested)
    assert promised[0] in PROJECT["requires-python"]


def test_links_between_the_files_of_the_project_lead_somewhere():
    pages = [*ROOT.glob("*.md"), *(ROOT / ".github").glob("*.md")]
    links = [
        (page.parent / target, page.name)
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    ]
    assert len(links) > 5
    assert not [page for target, page in links if not target.exists()]


def test_versions_are_shown(capsys):
    sklearn_mferl.show_versions()
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].startswith("Python 3.")
    assert f"sklearn-mferl {sklearn_mferl.__version__}" in shown
    assert {"numpy", "torch", "scikit-learn"} <= {line.split()[0] for line in shown}
