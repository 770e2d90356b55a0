from __future__ import annotations

import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import joblib
import pandas as pd
import pytest

from sklearn_mferl import demo
from sklearn_mferl.datasets import load_cmi, make_cmi

FILES = {
    "curves-circrna.png",
    "curves-pair.png",
    "data/circrna.fasta",
    "data/interactions.csv",
    "data/mirna.fasta",
    "metrics.csv",
    "model.joblib",
    "ranking.csv",
    "reliability.png",
    "scores.png",
}
MODELS = ["MFERL", "MFERL, preset paper", "degree product", "path count", "svd factors", "seed count"]
SMALL = {"n_circrna": 30, "n_mirna": 15, "n_splits": 2, "max_epochs": 2, "device": "cpu"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("demo") / "new" / "demo-output"


@pytest.fixture(scope="module")
def printed(folder):
    with redirect_stdout(StringIO()) as output:
        demo.run_demo(folder, **SMALL)
    return output.getvalue()


def test_it_leaves_every_file_and_says_where(folder, printed):
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == FILES
    assert str(folder.resolve()) in printed
    for name in FILES:
        assert f"  {name}\n" in printed


def test_it_says_that_the_data_are_simulated(printed):
    assert printed.startswith("These data are SIMULATED")


def test_it_prints_the_model_beside_the_publication_and_the_baselines_on_both_splits(printed):
    for name in MODELS:
        rows = [line for line in printed.splitlines() if re.match(rf"{name} +\d", line)]
        assert [row.count(" ± ") for row in rows] == [6, 6]


def test_the_metrics_file_has_each_fold_of_each_model_and_split(folder, printed):
    metrics = pd.read_csv(folder / "metrics.csv")
    assert metrics.groupby(["split", "model"]).size().to_list() == [2] * 2 * len(MODELS)


def test_the_ranking_holds_pairs_that_are_not_known(folder, printed):
    ranking = pd.read_csv(folder / "ranking.csv")
    known = load_cmi(folder / "data").pairs
    assert len(ranking) == 20
    assert len(ranking.merge(known)) == 0
    assert ranking["score"].is_monotonic_decreasing


def test_the_saved_model_gives_the_scores_of_the_ranking(folder, printed):
    ranking = pd.read_csv(folder / "ranking.csv")
    scores = joblib.load(folder / "model.joblib").predict_proba(ranking)[:, 1]
    assert scores == pytest.approx(ranking["score"].to_numpy())


def test_the_number_of_seed_sites_is_that_of_the_ranking(folder, printed):
    n_sites = pd.read_csv(folder / "ranking.csv")["seed_site"].sum()
    assert f"{n_sites} of these 20" in printed


def test_it_is_the_same_each_time(tmp_path, folder, printed):
    demo.run_demo(tmp_path, **SMALL)
    for name in ("metrics.csv", "ranking.csv", "data/interactions.csv"):
        assert (tmp_path / name).read_text() == (folder / name).read_text()


def test_most_interactions_of_the_simulator_have_a_seed_site():
    data = make_cmi(60, 30, noise=0.0, random_state=1)
    assert all(demo.seed_sites(data.pairs, data))


def test_the_folder_is_an_argument(tmp_path, monkeypatch):
    called = []
    monkeypatch.setattr(demo, "run_demo", called.append)
    demo.main(["--out", str(tmp_path)])
    demo.main([])
    assert called == [tmp_path, Path("demo-output")]
