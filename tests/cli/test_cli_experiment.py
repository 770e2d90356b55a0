"""The command ``mferl experiment``; what the experiments compute is tested in ``tests/experiments``."""

import json
from dataclasses import replace

import pandas as pd
import pytest
from _commands import refused, run

from sklearn_mferl.cli import experiment
from sklearn_mferl.datasets import save_cmi
from sklearn_mferl.experiments import EXPERIMENTS, Settings, cv


@pytest.fixture(scope="module")
def folder(tmp_path_factory, known):
    folder = tmp_path_factory.mktemp("experiment") / "data"
    save_cmi(known, folder)
    return folder


@pytest.fixture
def called(monkeypatch):
    """Return what the experiments are called with, in place of running them."""
    calls = []

    def pretend(name, run):
        def remember(data, **options):
            calls.append((name, {"data": data, **options}))
            return pd.DataFrame({"model": ["m"], "auc": [0.5]})

        remember.__wrapped__ = run  # keeps the signature
        return remember

    changed = {name: pretend(name, run) for name, run in EXPERIMENTS.items()}
    monkeypatch.setattr("sklearn_mferl.experiments.EXPERIMENTS", changed)
    return calls


@pytest.fixture
def start(folder, tmp_path):
    """Return a function that runs an experiment, and what it writes is in the folder out."""
    return lambda *words: run("experiment", *words, "--data", folder, "--out", tmp_path / "out")


def test_the_table_is_that_of_the_function_and_its_summary_is_printed(start, folder, tmp_path):
    options = ["--folds=2", "--seed=3", "--negatives=degree", "--ratio=0.5", "--n-jobs=1"]
    result = start("cv", *options, "--preset=binding")
    expected = cv(folder, n_splits=2, random_state=3, negatives="degree", ratio=0.5, preset="binding")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "out" / "cv.csv"), expected)
    header, first, *others = result.stdout.splitlines()
    assert header.split() == ["model", "auc", "aupr", "f1", "accuracy", "recall", "precision"]
    auc = expected.loc[expected["model"] == "binding", "auc"]
    assert f"binding {auc.mean():.3f} ± {auc.std():.3f}" in " ".join(first.split())
    assert len(others) == expected["model"].nunique() - 1
    assert "cv:" not in result.stderr  # a bar, which is for a terminal
    assert result.stderr.endswith(f"Tables and figures are in {tmp_path / 'out'}.\n")


def test_the_help_names_each_experiment():
    text = " ".join(run("experiment", "--help").stdout.split())
    assert all(f"{name}: " in text for name in EXPERIMENTS)


def test_an_independent_test_prints_the_overlap(folder, known, tmp_path):
    save_cmi(replace(known, pairs=known.pairs[:120]), tmp_path / "train")
    arguments = ["--data", tmp_path / "train", "--test", folder, "--out", tmp_path / "out"]
    result = run("experiment", "independent", *arguments, "--preset=binding")
    assert "both new" in result.stdout
    overlap = result.stdout.split("How much of the test is in training\n")[1]
    assert overlap.splitlines()[0].split() == ["of", "n_train", "n_test", "same_id", "same_sequence"]
    assert overlap.splitlines()[3].split() == ["pair", "120", "180", "120", "120"]


@pytest.mark.parametrize("name", [name for name in EXPERIMENTS if name != "independent"])
def test_each_name_calls_its_function_with_the_settings(called, start, folder, tmp_path, name):
    reads = {"reads": folder} if name == "binding" else {}
    start(name, *(f"--reads={path}" for path in reads.values()), "--linear", "--seed", "7")
    (found, options), *others = called
    assert (found, others) == (name, [])
    for argument, path in {"data": folder, **reads}.items():
        assert options.pop(argument) == path
    settings = Settings(**options)
    assert (settings.circular, settings.random_state) == (False, 7)
    assert (settings.out, settings.progress) == (tmp_path / "out", True)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("cv --folds 4 --split both --ratio 2", {"n_splits": 4, "split": "both", "ratio": 2.0}),
        ("cv --jobs 2 --device cpu", {"n_jobs": 2, "device": "cpu"}),
        ("ratio --ratio 1 --ratio 2.5", {"ratios": [1.0, 2.5]}),
        ("repeated-cv --repeats 3", {"n_repeats": 3}),
        ("compare --reference boosting", {"reference": "boosting"}),
        ("compare --metric auc --metric f1", {"metrics": ["auc", "f1"]}),
        ("ablation --part evidence", {"parts": ["evidence"]}),
        (
            "sensitivity --grid lr=[0.001,0.01] --grid mferl__attention=[null]",
            {"grid": {"lr": [0.001, 0.01], "mferl__attention": [None]}},
        ),
        ("case-study --holdout 0.2 --top 7", {"holdout": 0.2, "top": 7}),
        ("cv --preset paper --epochs 3", {"preset": "paper", "params": {"mferl__max_epochs": 3}}),
        ("cv --epochs 3", {"params": {"mferl__network__max_epochs": 3}}),
        ("sensitivity --epochs 3", {"preset": "paper", "params": {"mferl__max_epochs": 3}}),
    ],
)
def test_options_become_keyword_arguments(called, start, arguments, expected):
    start(*arguments.split())
    options = called[0][1]
    assert {name: options[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("1e-3", 0.001), ("drop", "drop"), ("null", None), ("true", True), ("False", False)),
        *(("None", None), ("[1, 2]", [1, 2]), ('"1"', "1"), ("a=b", "a=b"), ("", "")),
    ],
)
def test_a_parameter_is_json_or_a_word(called, start, text, value):
    start("cv", "--param", "mferl__prevalence=0.1", "--param", f"features__sites={text}")
    assert called[0][1]["params"] == {"mferl__prevalence": 0.1, "features__sites": value}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("cv --test {data}", "takes no --test; leave it out. It is for independent."),
        ("independent --test {data} --split pair", "takes no --split"),
        ("cv --metric auc", "takes no --metric; leave it out. It is for compare."),
        ("case-study --folds 3", "takes no --folds"),
        ("cold --repeats 3", "takes no --repeats"),
        ("ablation --holdout 0.2", "takes no --holdout"),
        ("cold --part network", "takes no --part"),
        ("ablation --grid lr=[0.1]", "takes no --grid"),
        ("sensitivity --preset best", "takes no --preset"),
        ("cv --ratio 1 --ratio 2", "takes one --ratio; got 2"),
        ("cvv", "There is no experiment 'cvv'; there are cv, repeated-cv"),
        ("independent", "needs --test"),
        ("independent --test {data}/none", "no folder"),
        ("cv --param mferl__lr", "NAME=VALUE"),
        ("cv --param features__fourmer__k=3", "features__fourmer"),
        ("cv --param mferl__calibrat=false", "--param mferl__calibrat: "),
        ("cv --param mferl__calibrat=false", "did you mean mferl__calibrate?"),
        ("cv --param mferl__calibrat=false", "mferl__prevalence, "),
        ("sensitivity --grid speed=[3]", "'speed'"),
        ("sensitivity --grid lr=0.1", "a list in JSON"),
        ("compare --metric loudness", "'loudness'"),
        ("ablation --part roof", "'roof'"),
    ],
)
def test_a_wrong_option_is_one_line_before_any_work(folder, tmp_path, arguments, words):
    line = refused("experiment", *arguments.format(data=folder).split(), "--data", folder, "--out", tmp_path)
    assert words in line
    assert not list(tmp_path.iterdir())


def test_finished_parts_of_another_run_are_one_line(folder, tmp_path):
    cells = tmp_path / "cells" / "cv"
    cells.mkdir(parents=True)
    (cells / "settings.json").write_text(json.dumps({"ratio": 5.0}))
    line = refused("experiment", "cv", "--data", folder, "--out", tmp_path, "--folds=2")
    assert "holds finished parts of another run" in line


def test_a_summary_has_means_over_folds_and_repeats_and_no_more_than_fits():
    figures = pd.DataFrame(
        {"split": "pair", "model": "m", "repeat": [1, 1, 2], "fold": [1, 2, 1], "auc": [0.5, 0.7, 0.9]}
    )
    summary = experiment.summarize(figures)
    assert summary.values.tolist() == [["pair", "m", "0.700 ± 0.200"]]
    wide = pd.DataFrame(0, index=range(100), columns=[f"c{number}" for number in range(30)])
    assert experiment.summarize(wide).shape == (20, 12)
