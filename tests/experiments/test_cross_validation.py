"""`cv` is `cross_validate_pairs` with files, which outlive a stop; other experiments are `cv` of settings."""

import signal

import numpy as np
import pandas as pd
import pytest
from _commands import run
from _light import MODELS, contents, times, written_names
from _processes import run_and_kill

from sklearn_mferl.baselines import DegreeProduct, PathCount, SVDFactorizer
from sklearn_mferl.datasets import make_cmi, save_cmi
from sklearn_mferl.evaluation import cross_validate_pairs
from sklearn_mferl.experiments import Settings, cold, cv, ratio, repeated_cv
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.utils.random_state import spawn_seeds

SEEDS = [4, *spawn_seeds(4, 3)[1:]]
# by experiment: a shorter run, the whole one, the column of the settings, those of `cv`, and the files
BY_SETTING = {
    repeated_cv: (
        {"n_repeats": 2, "n_splits": 2, "random_state": 4},
        {"n_repeats": 3},
        "repeat",
        {repeat: {"random_state": seed} for repeat, seed in enumerate(SEEDS, start=1)},
        written_names("repeated_cv", figure="repeated_cv_boxes"),
    ),
    cold: (
        {"splits": ["mirna"], "n_splits": 3, "random_state": 2},
        {"splits": ("pair", "circrna", "mirna", "both")},
        "split",
        {split: {"split": split} for split in ("pair", "circrna", "mirna", "both")},
        written_names("cold", "_scores", figure="cold_curves"),
    ),
    ratio: (
        {"ratios": [1], "n_splits": 2, "random_state": 1},
        {"ratios": [1.0, 2.5]},
        "ratio",
        {value: {"ratio": value} for value in (1, 2.5)},
        written_names("ratio", figure="ratio_figures"),
    ),
}


def in_order(table):
    return table.sort_values(["model", "fold"], ignore_index=True)


@pytest.mark.parametrize(("split", "n_folds"), [("pair", 5), ("both", 3)])
def test_figures_and_scores_are_those_of_cross_validate_pairs(known, tmp_path, split, n_folds):
    save_cmi(known, tmp_path / "data")
    folder, options = tmp_path / "new" / "folder", {"models": MODELS, "split": split, "random_state": 3}
    found = cv(tmp_path / "data", **options, negatives="degree", ratio=0.5, out=folder)
    pairs, y = labelled_pairs(known.pairs, 0.5, 3, strategy="degree")
    expected = cross_validate_pairs(pairs=pairs, y=y, **options)
    assert len(found) == 2 * n_folds
    pd.testing.assert_frame_equal(in_order(found), in_order(expected.figures), check_exact=True)
    assert set(contents(folder)) == written_names("cv", "_scores", figure="cv_curves")
    pd.testing.assert_frame_equal(pd.read_csv(folder / "cv.csv"), found)
    scores = pd.read_csv(folder / "cv_scores.csv", converters={"score": float})
    for model in MODELS:
        of_model = scores[scores["model"] == model].set_index("row").sort_index()
        np.testing.assert_array_equal(of_model["score"], expected.scores[model])
        columns = ["circrna", "mirna", "label", "fold"]
        assert (of_model[columns] == expected.scores[columns]).all(axis=None)


@pytest.mark.usefixtures("own_processes")
def test_two_processes_give_the_same_as_one(known):
    one, two = (cv(known, models=MODELS, n_splits=2, n_jobs=n_jobs) for n_jobs in (1, 2))
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_finished_parts_of_another_run_are_refused(known, tmp_path):
    models = {"paths": PathCount(), "svd": SVDFactorizer(n_components=2)}
    options = {"models": models, "n_splits": 2, "out": tmp_path}
    found = cv(known, **options)
    pd.testing.assert_frame_equal(cv(known, **options), found, check_exact=True)
    for name, changed in (
        ("random_state", {"random_state": 1}),
        ("ratio", {"ratio": 2}),
        ("split", {"split": "mirna"}),
        ("folds", {"n_splits": 3}),
        ("models", {"models": {**models, "svd": SVDFactorizer(n_components=3)}}),
        ("models", {"models": {**models, "third": DegreeProduct()}}),
        ("data", {"data": make_cmi(60, 30, circrna_length=(60, 120), random_state=1)}),
    ):
        with pytest.raises(ValueError, match=f"another run: its {name} was .* and is .* now"):
            cv(**{"data": known, **options, **changed})


def test_a_damaged_file_is_named(known, tmp_path):
    options = {"models": {"m": PathCount()}, "n_splits": 2, "out": tmp_path}
    cv(known, **options)
    for name, remedy in (("m-fold=2", "remove it, and it"), ("settings", "remove the folder, and all of it")):
        path = tmp_path / "cells" / "cv" / f"{name}.json"
        path.write_text(path.read_text()[:10])
        with pytest.raises(ValueError, match=rf"{name}\.json is damaged .*; {remedy} is computed anew"):
            cv(known, **options)


def test_names_that_look_alike_have_files_of_their_own(known, tmp_path):
    models = {name: PathCount() for name in ("a b", "a_b", "a/b", "A/../b", "w/o α")}
    cv(known, models=models, n_splits=2, out=tmp_path)
    before = times(tmp_path)
    assert len(before) == 2 * len(models) + 1
    again = cv(known, models=models, n_splits=2, out=tmp_path)
    assert again["model"].tolist() == [name for name in models for _ in range(2)]
    assert times(tmp_path) == before


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_an_experiment_that_is_killed_half_way_ends_in_the_same_file(known, tmp_path):
    folder, killed, whole = (tmp_path / name for name in ("data", "killed", "whole"))
    save_cmi(known, folder)
    command = ["experiment", "cv", "--data", str(folder), "--folds", "2", "--out", str(killed)]
    command += ["--preset", "binding"]
    script = "from sklearn_mferl.cli import app\nsys.argv[0] = 'mferl'\napp()"
    run_and_kill(script, *command, after=2, suffix=".json")
    kept = times(killed, "[!.]*fold*.json")
    assert len(kept) == 1  # and the settings
    assert not contents(killed)
    run(*command)
    assert kept.items() <= times(killed).items()
    cv(folder, n_splits=2, preset="binding", out=whole)
    expected = contents(whole)
    assert {name: contents(killed)[name] for name in expected} == expected


@pytest.mark.parametrize("experiment", BY_SETTING)
def test_each_setting_has_the_figures_of_cv_and_further_ones_go_on_to_the_same_files(
    known, tmp_path, experiment
):
    options, further, column, settings, files = BY_SETTING[experiment]
    few = experiment(known, models=MODELS, out=tmp_path, **options)
    kept = times(tmp_path)
    found = experiment(known, models=MODELS, out=tmp_path, **options | further)
    assert kept.items() <= times(tmp_path).items()
    assert set(contents(tmp_path)) == files
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / f"{experiment.__name__}.csv"), found)
    assert found[column].unique().tolist() == list(settings)
    rest = {name: options[name] for name in ("n_splits", "random_state")}
    for value, setting in settings.items():
        of_value, before = (table[table[column] == value].reset_index(drop=True) for table in (found, few))
        expected = cv(known, models=MODELS, **rest | setting)
        pd.testing.assert_frame_equal(of_value[expected.columns], expected, check_exact=True)
        assert before.empty or before.equals(of_value)
    assert found.groupby(column)["auc"].mean().nunique() == len(settings)


def test_the_model_has_another_seed_in_each_repeat(known, monkeypatch):
    seeds = []
    monkeypatch.setattr(
        Settings, "make_models", lambda self, *_, **__: seeds.append(self.random_state) or MODELS
    )
    repeated_cv(known, n_repeats=4, n_splits=2)
    assert len(set(seeds)) == 4


def test_a_model_that_knows_nothing_has_the_aupr_of_the_share_of_positives(known):
    found = ratio(known, ratios=(1, 4), models={"paths": PathCount()}, split="both")
    np.testing.assert_allclose(found["positives"], 1 / (1 + found["ratio"]))
    by_ratio = found.groupby("ratio")
    np.testing.assert_allclose(by_ratio["aupr"].mean(), by_ratio["positives"].first(), atol=0.1)
    assert (found["auc"] == 0.5).all()
