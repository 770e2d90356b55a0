"""`cold` has the splits that leave RNAs out beside the usual one."""

from __future__ import annotations

import pandas as pd
import pytest
from _light import MODELS, contents, times, written_names

from sklearn_mferl.experiments import cold, cv

SPLITS = ["pair", "circrna", "mirna", "both"]


@pytest.fixture(scope="module")
def written(known, tmp_path_factory):
    """Return the folder and the result of two runs, and the times of the files of the first."""
    folder = tmp_path_factory.mktemp("cold")
    options = {"models": MODELS, "n_splits": 3, "random_state": 2, "out": folder}
    cold(known, splits=["mirna"], **options)
    before = times(folder)
    return folder, cold(known, **options), before


def test_each_split_has_the_figures_of_cv(known, written):
    found = written[1]
    assert found["split"].unique().tolist() == SPLITS
    for split in SPLITS:
        of_split = found[found["split"] == split].drop(columns="split").reset_index(drop=True)
        expected = cv(known, models=MODELS, split=split, n_splits=3, random_state=2)
        pd.testing.assert_frame_equal(of_split, expected, check_exact=True)


@pytest.mark.parametrize(("split", "sides"), [("circrna", ["circrna"]), ("both", ["circrna", "mirna"])])
def test_training_has_not_seen_the_rnas_of_a_test_fold(known, written, split, sides):
    scores = pd.read_csv(written[0] / "cold_scores.csv").query("split == @split")
    for side in sides:
        folds = scores.groupby(side)["fold"].nunique()
        assert (folds == 1).all()
        assert set(folds.index) <= set(known.pairs[side])


def test_tables_and_figures_are_written_and_further_splits_go_on(written):
    folder, found, before = written
    assert before.items() <= times(folder).items()
    assert set(contents(folder)) == written_names("cold", "_scores", figure="cold_curves")
    pd.testing.assert_frame_equal(pd.read_csv(folder / "cold.csv"), found)


@pytest.mark.parametrize("splits", [[], ["pair", "pair"], ["gene"]])
def test_splits_that_do_not_exist_are_refused(known, splits):
    with pytest.raises(ValueError, match="splits must be some of"):
        cold(known, models=MODELS, splits=splits)
