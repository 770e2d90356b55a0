"""What surrounds the package says the same as the package: versions, commands, links and files."""

import re
import runpy
import tomllib
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

import sklearn_mferl

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def test_package_metadata_citation_and_changelog_agree_on_the_version():
    version = PROJECT["version"]
    assert sklearn_mferl.__version__ == version
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^version: (\S+)$", citation, flags=re.M) == [version]
    assert re.findall(r"^## \[(\d[^\]]*)\]", changelog, flags=re.M)[0] == version
    assert f"license: {PROJECT['license']}\n" in citation


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


def test_links_to_files_of_the_project_lead_somewhere():
    pages = [page for folder in (".", "docs", ".github") for page in (ROOT / folder).glob("*.md")]
    links = [
        (page.name, page.parent / target)
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
        if not re.match(r"https?:", target)
    ]
    assert len(links) > 5
    assert not [(page, target) for page, target in links if not target.exists()]


def test_the_pin_of_torch_takes_the_cpu_build_of_the_index_that_the_readme_names():
    (pin,) = re.findall(r"^torch(==\S+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), flags=re.M)
    (index,) = re.findall(r"PIP_EXTRA_INDEX_URL=(\S+)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert index == "https://download.pytorch.org/whl/cpu"
    cuda, cpu = Version(pin.removeprefix("==")), Version(f"{pin.removeprefix('==')}+cpu")
    assert max(SpecifierSet(pin).filter([cuda, cpu])) == cpu  # so pip takes it where both are offered


def test_the_oldest_versions_are_tested_of_all_but_torch_which_the_constraints_pin(capsys):
    least = dict(each.split(">=") for each in PROJECT["dependencies"])
    runpy.run_path(str(ROOT / ".ci" / "minima.py"))
    pinned = dict(line.split("==") for line in capsys.readouterr().out.splitlines() if "==" in line)
    assert {**pinned, "torch": least["torch"]}.items() >= least.items()
    (torch,) = re.findall(r"^torch==([\d.]+)$", (ROOT / "constraints.txt").read_text(), flags=re.M)
    assert [*map(int, torch.split("."))] >= [*map(int, least["torch"].split("."))]
    assert "torch" not in pinned


def test_the_recipe_for_conda_has_the_version_and_the_dependencies_of_the_package():
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    recipe = yaml.safe_load((ROOT / "recipe" / "recipe.yaml").read_text(encoding="utf-8"))
    assert recipe["context"]["version"] == PROJECT["version"]
    assert recipe["about"]["license"] == PROJECT["license"]
    assert recipe["about"]["summary"] == PROJECT["description"]
    names = {"torch": "pytorch"}  # where conda has another one
    wanted = (each.lower().split(">=") for each in PROJECT["dependencies"])
    wanted = [f"{names.get(name, name)} >={version}" for name, version in wanted]
    assert recipe["requirements"]["run"] == [f"python {PROJECT['requires-python']}", *wanted]
    commands = [f"{name} = {target}" for name, target in PROJECT["scripts"].items()]
    assert recipe["build"]["python"]["entry_points"] == commands
