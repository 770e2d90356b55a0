"""The experiments `cv` and `repeated_cv`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from sklearn_mferl.baselines import DegreeProduct, PathCount, SVDFactorizer
from sklearn_mferl.datasets import make_cmi, save_cmi
from sklearn_mferl.evaluation import cross_validate_pairs
from sklearn_mferl.experiments import Settings, cv, repeated_cv
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.utils.random_state import spawn_seeds

MODELS = {"paths": PathCount(), "degree": DegreeProduct()}
FAST = {
    "mferl__boosting__estimator": HistGradientBoostingClassifier(max_iter=5),
    "features__background": 0,
    "mferl__calibrate": False,
}


@pytest.fixture(scope="module")
def known():
    return make_cmi(60, 30, circrna_length=(60, 120), random_state=0)


def in_order(table):
    return table.sort_values(["model", "fold"], ignore_index=True)


@pytest.mark.parametrize(("split", "n_folds"), [("pair", 5), ("both", 3)])
def test_figures_are_those_of_cross_validate_pairs(known, split, n_folds):
    found = cv(known, models=MODELS, split=split, random_state=3, negatives="degree", ratio=0.5)
    pairs, y = labelled_pairs(known.pairs, 0.5, 3, strategy="degree")
    expected = cross_validate_pairs(MODELS, pairs, y, split=split, random_state=3)
    assert len(found) == 2 * n_folds
    pd.testing.assert_frame_equal(in_order(found), in_order(expected.figures), check_exact=True)


def test_scores_are_those_of_cross_validate_pairs(known, tmp_path):
    cv(known, models=MODELS, n_splits=3, out=tmp_path)
    pairs, y = labelled_pairs(known.pairs, random_state=0)
    expected = cross_validate_pairs(MODELS, pairs, y, n_splits=3, random_state=0).scores
    found = pd.read_csv(tmp_path / "cv_scores.csv", converters={"score": float})
    for model in MODELS:
        of_model = found[found["model"] == model].set_index("row").sort_index()
        np.testing.assert_array_equal(of_model["score"], expected[model])
        assert (
            of_model[["circrna", "mirna", "label", "fold"]] == expected[["circrna", "mirna", "label", "fold"]]
        ).all(axis=None)


def test_the_model_stands_beside_the_baselines(known):
    found = cv(known, n_splits=2, params=FAST)
    names = ["MFERL", "degree product", "path count", "svd factors", "seed count"]
    assert found["model"].unique().tolist() == names


def test_a_folder_is_read(known, tmp_path):
    save_cmi(known, tmp_path)
    pd.testing.assert_frame_equal(cv(tmp_path, models=MODELS), cv(known, models=MODELS))


@pytest.mark.usefixtures("own_processes")
def test_two_processes_give_the_same_as_one(known):
    one, two = (cv(known, models=MODELS, n_splits=2, n_jobs=n_jobs) for n_jobs in (1, 2))
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_tables_and_figures_are_written(known, tmp_path):
    found = cv(known, models=MODELS, n_splits=2, out=tmp_path / "new" / "folder")
    written = {path.name for path in (tmp_path / "new" / "folder").iterdir()}
    assert written == {"cells", "cv.csv", "cv_scores.csv", "cv_curves.png", "cv_curves.svg"}
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "new" / "folder" / "cv.csv"), found)


def test_finished_parts_of_another_run_are_refused(known, tmp_path):
    options = {"models": MODELS, "n_splits": 2, "out": tmp_path}
    found = cv(known, **options)
    pd.testing.assert_frame_equal(cv(known, **options), found, check_exact=True)
    others = [
        {"random_state": 1},
        {"ratio": 2},
        {"split": "mirna"},
        {"n_splits": 3},
        {"models": {"paths": PathCount(), "degree": SVDFactorizer(n_components=2)}},
        {"models": {"paths": PathCount(), "degree": DegreeProduct(), "third": PathCount()}},
    ]
    for changed in others:
        name = "folds" if "n_splits" in changed else next(iter(changed))
        with pytest.raises(ValueError, match=f"another run: its {name} was"):
            cv(known, **{**options, **changed})
    other = make_cmi(60, 30, circrna_length=(60, 120), random_state=1)
    with pytest.raises(ValueError, match="data was"):
        cv(other, **options)


def test_finished_parts_of_another_parameter_of_a_model_are_refused(known, tmp_path):
    cv(known, models={"svd": SVDFactorizer(n_components=2)}, n_splits=2, out=tmp_path)
    with pytest.raises(ValueError, match="models was"):
        cv(known, models={"svd": SVDFactorizer(n_components=3)}, n_splits=2, out=tmp_path)


def test_bad_input_is_named(known, tmp_path):
    with pytest.raises(ValueError, match="models is empty"):
        cv(known, models={})
    with pytest.raises(ValueError, match="'gene'"):
        cv(known, models=MODELS, split="gene")
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="is a file"):
        Settings(out=tmp_path / "file" / "deeper")
    with pytest.raises(ValueError, match="is a file"):
        cv(known, models=MODELS, out=tmp_path / "file")


# repeated_cv ----------------------------------------------------------------------------------------------


def test_each_repeat_is_a_cross_validation_of_its_own_seed(known):
    found = repeated_cv(known, models=MODELS, n_repeats=3, n_splits=2, random_state=4)
    seeds = [4, *spawn_seeds(4, 3)[1:]]
    for repeat, seed in enumerate(seeds, start=1):
        of_repeat = found[found["repeat"] == repeat].drop(columns="repeat").reset_index(drop=True)
        expected = cv(known, models=MODELS, n_splits=2, random_state=seed)
        pd.testing.assert_frame_equal(of_repeat, expected, check_exact=True)
    assert found.groupby("repeat")["auc"].mean().nunique() == 3


def test_the_model_has_another_seed_in_each_repeat(known, monkeypatch):
    made = []

    def remember(self, data, **_):
        made.append(self.random_state)
        return MODELS

    monkeypatch.setattr("sklearn_mferl.experiments.Settings.make_models", remember)
    repeated_cv(known, n_repeats=4, n_splits=2)
    assert len(set(made)) == 4


def test_more_repeats_go_on_where_fewer_ended(known, tmp_path):
    few = repeated_cv(known, models=MODELS, n_repeats=2, n_splits=2, out=tmp_path)
    cells = tmp_path / "cells" / "repeated-cv"
    kept = {path: path.stat().st_mtime_ns for path in cells.iterdir()}
    more = repeated_cv(known, models=MODELS, n_repeats=3, n_splits=2, out=tmp_path)
    pd.testing.assert_frame_equal(more[: len(few)], few, check_exact=True)
    assert len(list(cells.iterdir())) == len(kept) + 4
    assert all(path.stat().st_mtime_ns == when for path, when in kept.items())
    assert {path.name for path in tmp_path.glob("*.*")} == {
        "repeated_cv.csv",
        "repeated_cv_boxes.png",
        "repeated_cv_boxes.svg",
    }


@pytest.mark.parametrize("n_repeats", [0, 1.5, True])
def test_a_number_of_repeats_that_is_none_is_refused(known, n_repeats):
    with pytest.raises(ValueError, match="n_repeats"):
        repeated_cv(known, models=MODELS, n_repeats=n_repeats)
