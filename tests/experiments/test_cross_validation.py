"""`cv` is `cross_validate_pairs` with files, `repeated_cv` is `cv` with other seeds."""

import numpy as np
import pandas as pd
import pytest
from _light import MODELS, contents, times, written_names

from sklearn_mferl.baselines import DegreeProduct, PathCount, SVDFactorizer
from sklearn_mferl.datasets import make_cmi, save_cmi
from sklearn_mferl.evaluation import cross_validate_pairs
from sklearn_mferl.experiments import Settings, cv, repeated_cv
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.utils.random_state import spawn_seeds


def in_order(table):
    return table.sort_values(["model", "fold"], ignore_index=True)


@pytest.mark.parametrize(("split", "n_folds"), [("pair", 5), ("both", 3)])
def test_figures_and_scores_are_those_of_cross_validate_pairs(known, tmp_path, split, n_folds):
    options = {"models": MODELS, "split": split, "random_state": 3}
    found = cv(known, **options, negatives="degree", ratio=0.5, out=tmp_path)
    pairs, y = labelled_pairs(known.pairs, 0.5, 3, strategy="degree")
    expected = cross_validate_pairs(pairs=pairs, y=y, **options)
    assert len(found) == 2 * n_folds
    pd.testing.assert_frame_equal(in_order(found), in_order(expected.figures), check_exact=True)
    scores = pd.read_csv(tmp_path / "cv_scores.csv", converters={"score": float})
    for model in MODELS:
        of_model = scores[scores["model"] == model].set_index("row").sort_index()
        np.testing.assert_array_equal(of_model["score"], expected.scores[model])
        columns = ["circrna", "mirna", "label", "fold"]
        assert (of_model[columns] == expected.scores[columns]).all(axis=None)


@pytest.mark.usefixtures("own_processes")
def test_two_processes_give_the_same_as_one(known):
    one, two = (cv(known, models=MODELS, n_splits=2, n_jobs=n_jobs) for n_jobs in (1, 2))
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_folders_are_read_and_written(known, tmp_path):
    save_cmi(known, tmp_path / "data")
    folder = tmp_path / "new" / "folder"
    found = cv(tmp_path / "data", models=MODELS, n_splits=2, out=folder)
    pd.testing.assert_frame_equal(cv(known, models=MODELS, n_splits=2), found)
    assert set(contents(folder)) == written_names("cv", "_scores", figure="cv_curves")
    pd.testing.assert_frame_equal(pd.read_csv(folder / "cv.csv"), found)


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
    seeds = []
    monkeypatch.setattr(
        Settings, "make_models", lambda self, *_, **__: seeds.append(self.random_state) or MODELS
    )
    repeated_cv(known, n_repeats=4, n_splits=2)
    assert len(set(seeds)) == 4


def test_more_repeats_go_on_where_fewer_ended(known, tmp_path):
    options = {"models": MODELS, "n_splits": 2, "out": tmp_path}
    few = repeated_cv(known, n_repeats=2, **options)
    kept = times(tmp_path)
    more = repeated_cv(known, n_repeats=3, **options)
    pd.testing.assert_frame_equal(more[: len(few)], few, check_exact=True)
    assert kept.items() <= times(tmp_path).items()
    assert len(times(tmp_path)) == len(kept) + 4
    assert set(contents(tmp_path)) == written_names("repeated_cv", figure="repeated_cv_boxes")
