"""An experiment that was stopped goes on, to the last bit as if it had not been."""

import json
import signal

import pandas as pd
import pytest
from _commands import run
from _light import contents, times
from _processes import run_and_kill

from sklearn_mferl.baselines import PathCount
from sklearn_mferl.datasets import save_cmi
from sklearn_mferl.experiments import cv


class Interrupted(PathCount):
    """A model that can be stopped."""

    stop = True

    def fit(self, X, y):
        if self.stop:
            raise RuntimeError("interrupted")
        return super().fit(X, y)


def test_an_interrupted_run_goes_on_with_what_is_missing(known, tmp_path, monkeypatch):
    models = {"first": PathCount(), "second": Interrupted(), "third": PathCount()}
    with pytest.raises(RuntimeError, match="interrupted"):
        cv(known, models=models, n_splits=2, out=tmp_path)
    kept = times(tmp_path, "first*")
    assert [path.name for path in times(tmp_path, "[!s]*")] == [path.name for path in kept]
    assert len(kept) == 2
    assert not contents(tmp_path)
    monkeypatch.setattr(Interrupted, "stop", False)
    found = cv(known, models=models, n_splits=2, out=tmp_path)
    pd.testing.assert_frame_equal(found, cv(known, models=models, n_splits=2), check_exact=True)
    assert times(tmp_path, "first*") == kept
    assert all(path.suffix == ".json" and json.loads(path.read_text()) for path in times(tmp_path))


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
    command += ["--preset", "paper", "--epochs", "1", "--param", "features__doc2vec=drop"]
    script = "from sklearn_mferl.cli import app\nsys.argv[0] = 'mferl'\napp()"
    run_and_kill(script, *command, after=2, suffix=".json")
    kept = times(killed, "[!.]*fold*.json")
    assert len(kept) == 1  # and the settings
    assert not contents(killed)
    run(*command)
    assert kept.items() <= times(killed).items()
    cv(
        folder,
        n_splits=2,
        preset="paper",
        params={"mferl__max_epochs": 1, "features__doc2vec": "drop"},
        out=whole,
    )
    expected = contents(whole)
    assert {name: contents(killed)[name] for name in expected} == expected
