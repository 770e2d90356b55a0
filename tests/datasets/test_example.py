"""The real data that ship with the package."""

import importlib.util
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from sklearn_mferl.datasets import load_cmi, load_example

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "sklearn_mferl" / "datasets" / "example_data"
NAMES = {"PROVENANCE.md", "circrna.fasta.gz", "interactions.csv.gz", "mirna.fasta.gz"}


@pytest.fixture(scope="module")
def example():
    return load_example()


def test_every_rna_has_an_interaction_and_a_sequence_of_at_most_2000_nt(example):
    assert set(example.pairs["circrna"]) == set(example.circrna)
    assert set(example.pairs["mirna"]) == set(example.mirna)
    assert max(map(len, example.circrna.values())) <= 2000
    assert len(example.pairs) > 4000


def test_the_files_are_in_the_wheel_and_small_and_say_where_they_come_from():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["sklearn_mferl.datasets"]
    packed = {path for pattern in patterns for path in FOLDER.parent.glob(pattern)}
    assert packed == set(FOLDER.iterdir())
    shipped = {path.name: path.read_bytes() for path in packed}
    assert set(shipped) == NAMES
    assert sum(map(len, shipped.values())) <= 300_000
    provenance = shipped["PROVENANCE.md"].decode()
    for source in ("CDHGNN", "2c511e633e9f09ca66979ea4194557142e5e44aa", "miRBase", "circBase", "hg19"):
        assert source in provenance


@pytest.mark.parametrize("longest", [99, 2001, 500.0, True])
def test_a_length_out_of_range_is_refused(longest):
    with pytest.raises(ValueError, match="longest must be an integer from 100 to 2000"):
        load_example(longest)


@pytest.mark.data
def test_the_recipe_makes_the_files_that_ship(shared, example, tmp_path):
    path = ROOT / "benchmarks" / "make_example.py"
    spec = importlib.util.spec_from_file_location("make_example", path)
    recipe = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(recipe)
    recipe.main(["--data", str(shared / "starbase"), "--out", str(tmp_path)])
    made = load_cmi(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == NAMES - {"PROVENANCE.md"}
    pd.testing.assert_frame_equal(made.pairs, example.pairs)
    assert list(made.circrna.items()) == list(example.circrna.items())
    assert list(made.mirna.items()) == list(example.mirna.items())
