from __future__ import annotations

import pandas as pd
import pytest

from sklearn_mferl.baselines import DegreeProduct, PathCount
from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.experiments import cold, cv
from sklearn_mferl.model_selection import labelled_pairs

MODELS = {"paths": PathCount(), "degree": DegreeProduct()}


@pytest.fixture(scope="module")
def known():
    return make_cmi(60, 30, random_state=0)


def test_each_split_has_the_figures_of_cv(known):
    found = cold(known, models=MODELS, random_state=2)
    for split in ("pair", "circrna", "mirna", "both"):
        of_split = found[found["split"] == split].drop(columns="split").reset_index(drop=True)
        expected = cv(known, models=MODELS, split=split, random_state=2)
        pd.testing.assert_frame_equal(of_split, expected, check_exact=True)


@pytest.mark.parametrize(("split", "sides"), [("circrna", ["circrna"]), ("both", ["circrna", "mirna"])])
def test_training_has_not_seen_the_rnas_of_a_test_fold(known, tmp_path, split, sides):
    cold(known, models=MODELS, splits=[split], n_splits=3, out=tmp_path)
    scores = pd.read_csv(tmp_path / "cold_scores.csv")
    pairs, _ = labelled_pairs(known.pairs, random_state=0)
    for side in sides:
        folds = scores.groupby(side)["fold"].nunique()
        assert (folds == 1).all()
        assert set(folds.index) <= set(pairs[side])


def test_tables_and_figures_are_written_and_further_splits_go_on(known, tmp_path):
    cold(known, models=MODELS, splits=["mirna"], out=tmp_path)
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "cells" / "cold").iterdir()}
    found = cold(known, models=MODELS, splits=["pair", "mirna"], out=tmp_path)
    assert found["split"].unique().tolist() == ["pair", "mirna"]
    assert all(path.stat().st_mtime_ns == when for path, when in kept.items())
    written = {path.name for path in tmp_path.iterdir()}
    assert written == {"cells", "cold.csv", "cold_scores.csv", "cold_curves.png", "cold_curves.svg"}
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "cold.csv"), found)


@pytest.mark.parametrize("splits", [[], ["pair", "pair"], ["gene"]])
def test_splits_that_do_not_exist_are_refused(known, splits):
    with pytest.raises(ValueError, match="splits must be some of"):
        cold(known, models=MODELS, splits=splits)
