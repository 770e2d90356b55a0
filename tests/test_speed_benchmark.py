"""The command that measures speed, on tiny sizes; nothing here depends on how long anything takes."""

from __future__ import annotations

import importlib
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sklearn_mferl.datasets import make_cmi, save_cmi

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
PNG = b"\x89PNG\r\n\x1a\n"
PARTS = {"kmers", "similarity", "role2vec", "doc2vec", "sites", "folds", "ranking"}


@pytest.fixture(scope="module")
def modules():
    """Import the modules of the command, which find each other by their short names."""
    names = [path.stem for path in BENCHMARKS.glob("*.py")]
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        yield {name: importlib.import_module(name) for name in names}
        for name in names:
            del sys.modules[name]  # short names may be those of others


@pytest.fixture(scope="module")
def run(modules):
    """Return a function that runs the command in this process and returns its exit code."""

    def here(function, *arguments):
        try:
            return function(*arguments)
        except Exception as error:
            raise RuntimeError(str(error)) from error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(modules["speed"], "call", here)
        patch.setattr(modules["speed"], "limit_threads", lambda settings: None)  # this process has its own
        patch.setitem(sys.modules, "karateclub", None)  # takes long to import; it counts as not installed
        yield lambda *words: modules["speed"].main(["--quick", "--threads", "1", *map(str, words)])


@pytest.fixture(scope="module")
def finished(run, tmp_path_factory):
    """Return the folder of a whole run."""
    out = tmp_path_factory.mktemp("out") / "new"
    assert run("--out", out) == 0
    return out


@pytest.fixture(scope="module")
def table(finished):
    return pd.read_csv(finished / "speed.csv")


@pytest.fixture
def row(modules):
    """Return a function that makes a row."""
    return lambda seconds, **more: modules["_speed_rows"].Row(
        "kmers", "figure", "k-mers", "all", 1, seconds, **more
    )


# A whole run --------------------------------------------------------------------------------------------


def test_every_part_is_measured(modules, table):
    assert set(modules["speed"].BENCHMARKS) == PARTS
    assert set(table["benchmark"]) == PARTS
    assert (table["seconds"] > 0).all()


def test_every_ratio_is_of_the_row_it_stands_in(table):
    np.testing.assert_allclose(table["ratio"], table["peer_seconds"] / table["seconds"], rtol=1e-4)


def test_every_figure_but_those_without_a_peer_has_a_ratio(table):
    figures = table[table["kind"] == "figure"]
    # no karateclub here, no published time for simulated data, and perhaps one worker of Doc2Vec
    without = set(figures.loc[figures["ratio"].isna(), "benchmark"])
    assert {"role2vec", "folds"} <= without <= {"role2vec", "folds", "doc2vec"}


def test_a_peer_that_is_not_installed_is_named(table):
    chosen = table[(table["benchmark"] == "role2vec") & (table["kind"] == "figure")].iloc[0]
    assert chosen["peer"] == "karateclub, not installed"
    assert chosen["note"].startswith("AUC of the publication's network with them, in 3 folds: native 0.")
    assert "karateclub" not in chosen["note"]


def test_a_growth_curve_has_n_times_1_2_4_and_8(table):
    curves = table[table["kind"] == "growth"].groupby("what")["n"]
    starts = ("k-mers", "CTD", "similarity", "Role2Vec", "target sites", "ranking by ta", "ranking by the")
    for start in starts:
        assert sum(what.startswith(start) for what, _ in curves) == 1
    for _, ns in curves:
        assert list(ns / ns.min()) == [1, 2, 4, 8]


def test_a_ranking_is_as_predict_proba_says_and_its_extrapolation_is_marked(table):
    ranking = table[table["benchmark"] == "ranking"]
    for note in ranking.loc[ranking["kind"] == "figure", "note"]:
        assert float(note.split("predict_proba by ")[1].split()[0]) < 1e-6
    whole = ranking[ranking["kind"] == "whole"]
    assert len(whole) == 2
    assert whole["note"].str.startswith("EXTRAPOLATED").all()
    assert (whole["peak_gb"] > 0).all()


def test_physical_limits_stand_beside(table):
    limits = table[table["kind"] == "limit"]
    assert limits["peer"].str.contains(r" MB at .* GB/s| GFLOP at .* GFLOP/s").all()
    assert set(limits["benchmark"]) == {"kmers", "sites", "ranking"}


def test_the_page_shows_figures_growth_plan_and_machine(finished, table):
    page = (finished / "speed.md").read_text(encoding="utf-8")
    assert page.startswith("# Performance and scale\n")
    assert "not a measurement" in page  # small sizes
    for title in ("Against their peers", "How it grows", "Large inputs", "Against the physical limit"):
        assert f"\n## {title}\n\n| what |" in page
    assert "\n## The plan for a million RNAs\n" in page
    assert "not measured in this run" not in page
    assert table["version"][0] in page
    assert "{" not in page
    assert "reached (extrapolated)" in page
    assert "(<speed-growth.png>)" in page
    assert (finished / "speed-growth.png").read_bytes().startswith(PNG)


# Options ------------------------------------------------------------------------------------------------


def test_only_what_is_named_is_measured_and_printed(run, tmp_path, capsys):
    assert run("--only", "kmers", "--out", tmp_path) == 0
    assert set(pd.read_csv(tmp_path / "speed.csv")["benchmark"]) == {"kmers"}
    assert "CountVectorizer" in capsys.readouterr().out
    page = (tmp_path / "speed.md").read_text(encoding="utf-8")
    assert "**Target sites**: not measured in this run" in page


def test_real_rnas_are_those_of_all_folders_with_sequences(run, tmp_path, capsys):
    folders = []
    for seed, name in enumerate(("one", "two")):
        folders.append(tmp_path / name)
        save_cmi(make_cmi(10, 6, circrna_length=(60, 120), random_state=seed), folders[-1])
    (folders[0] / "circrna.fasta").unlink()  # its ids without sequences
    assert run("--data", *folders, "--only", "similarity") == 0
    assert "| 10 target RNAs (two) |" in capsys.readouterr().out


def test_full_measures_what_is_extrapolated_otherwise(run, tmp_path):
    assert run("--full", "--only", "similarity", "--out", tmp_path) == 0
    table = pd.read_csv(tmp_path / "speed.csv")
    (whole,) = table[table["kind"] == "whole"].itertuples()
    assert whole.note == "Measured."
    largest = table[table["kind"] == "growth"].iloc[-1]  # so that its curve ends there
    assert (largest["n"], largest["seconds"]) == (whole.n, whole.seconds)


def test_a_folder_that_is_missing_is_named(run, tmp_path, capsys):
    assert run("--data", tmp_path / "missing") == 2
    assert "missing is no folder" in capsys.readouterr().err


def test_a_part_that_fails_is_named_and_the_others_are_measured(modules, run, tmp_path, monkeypatch, capsys):
    def fail(settings, call):
        raise RuntimeError("too little memory")

    monkeypatch.setitem(modules["speed"].BENCHMARKS, "similarity", fail)
    assert run("--only", "similarity", "kmers", "--out", tmp_path) == 1
    assert "Failed: similarity: too little memory" in capsys.readouterr().err
    assert set(pd.read_csv(tmp_path / "speed.csv")["benchmark"]) == {"kmers"}


def test_the_command_runs_in_processes_of_its_own(tmp_path):
    command = [sys.executable, BENCHMARKS / "speed.py", "--quick", "--threads", "1", "--only", "kmers"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "k-mers and CTD" in done.stdout
    assert not list(tmp_path.iterdir())  # nothing is written without --out


# Its parts ----------------------------------------------------------------------------------------------


def test_the_exponent_of_a_power_law_is_found(modules):
    ns = np.array([100, 200, 400, 800])
    law = modules["_speed_rows"].fit_power(ns, 3e-4 * ns**1.7)
    assert law == pytest.approx((3e-4, 1.7))
    assert law.at(1000) == pytest.approx(3e-4 * 1000**1.7)


def test_an_extrapolation_goes_on_from_the_last_step_at_least_in_proportion(modules):
    extrapolate = modules["_speed_rows"].extrapolate
    assert extrapolate([10, 100, 200], [9, 10, 40]).at(400) == pytest.approx(160)
    assert extrapolate([100, 200], [10, 11]).at(2000) == pytest.approx(110)


def test_calls_are_timed_in_turns(modules):
    order = []
    calls = {name: lambda name=name: order.append(name) for name in "ab"}
    assert set(modules["_speed_rows"].alternate(calls, 3)) == {"a", "b"}
    assert order == ["a", "b"] * 3


@pytest.mark.parametrize(
    ("aims", "verdict"),
    [
        ({}, ""),
        ({"peer_seconds": 40, "aim_ratio": 20}, "reached"),
        ({"peer_seconds": 39, "aim_ratio": 20}, "not reached"),
        ({"aim_ratio": 20}, ""),  # no peer to judge by
        ({"aim_seconds": 2}, "reached"),
        ({"aim_seconds": 3, "peak_gb": 7, "aim_gb": 6}, "not reached"),
    ],
)
def test_a_verdict_is_of_all_aims_that_can_be_judged(row, aims, verdict):
    assert row(2, **aims).verdict == verdict


def test_an_aim_that_is_missed_is_said_plainly(modules, row, tmp_path):
    missed = row(2, peer="slow", peer_seconds=6, aim_ratio=40)
    settings = modules["_speed_rows"].Settings()
    modules["_speed_page"].write_page([missed], settings, {"sklearn_mferl": "0"}, tmp_path)
    page = (tmp_path / "speed.md").read_text(encoding="utf-8")
    assert "- **Not reached:** k-mers: ≥ 40 ×; found 3 ×" in page
    assert "not a measurement" not in page
    assert not (tmp_path / "speed-growth.png").exists()  # there is no curve


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.00234, "2.34 ms"), (5, "5.0 s"), (119, "119.0 s"), (180, "3.0 min"), (597_600, "6.9 days")],
)
def test_times_are_told_in_fitting_units(modules, seconds, words):
    assert modules["_speed_words"].seconds(seconds) == words
    assert modules["_speed_words"].seconds(math.nan) == "–"


def test_more_simulated_circrnas_begin_with_the_fewer(modules):
    inputs = modules["_speed_inputs"]
    many, few = inputs.simulated_circrnas(3000), inputs.simulated_circrnas(7)
    assert list(many.items())[:7] == list(few.items())
    lengths = [len(sequence) for sequence in many.values()]
    assert np.median(lengths) == pytest.approx(500, rel=0.1)
    assert max(lengths) <= 30_000


def test_simulated_pairs_are_distinct_and_as_many_as_asked(modules):
    pairs = modules["_speed_inputs"].simulated_pairs(2115, 821, 9589)
    assert len(pairs) == 9589
    assert not pairs.duplicated().any()
    assert pairs.nunique().to_dict() == {"circrna": 2115, "mirna": 821}
