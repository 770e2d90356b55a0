"""The experiment `ratio`: more and more negatives for each known pair."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sklearn_mferl.baselines import DegreeProduct, PathCount
from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.experiments import cv, ratio

MODELS = {"paths": PathCount(), "degree": DegreeProduct()}


@pytest.fixture(scope="module")
def known():
    return make_cmi(60, 30, random_state=0)


@pytest.fixture(scope="module")
def written(known, tmp_path_factory):
    """Return the folder and the result of two runs, and the times of the files of the first."""
    folder = tmp_path_factory.mktemp("ratio")
    options = {"models": MODELS, "n_splits": 2, "random_state": 1, "out": folder}
    ratio(known, ratios=[1], **options)
    times = {path: path.stat().st_mtime_ns for path in (folder / "cells" / "ratio").iterdir()}
    return folder, ratio(known, ratios=[1.0, 2.5], **options), times


def test_each_ratio_has_the_figures_of_cv_at_this_ratio(known, written):
    found = written[1]
    assert found["ratio"].unique().tolist() == [1, 2.5]
    for value in (1, 2.5):
        of_ratio = found[found["ratio"] == value].drop(columns=["ratio", "positives"])
        expected = cv(known, models=MODELS, ratio=value, n_splits=2, random_state=1)
        pd.testing.assert_frame_equal(of_ratio.reset_index(drop=True), expected, check_exact=True)


def test_the_share_of_positives_stands_beside(written):
    found = written[1]
    np.testing.assert_allclose(found["positives"], 1 / (1 + found["ratio"]))


def test_a_model_that_knows_nothing_has_the_aupr_of_the_share_of_positives(known):
    found = ratio(known, ratios=(1, 4), models=MODELS, split="both")
    blind = found[found["model"] == "paths"].groupby("ratio")
    np.testing.assert_allclose(blind["aupr"].mean(), blind["positives"].first(), atol=0.1)
    assert (found["auc"] == 0.5).all()


def test_tables_and_figures_are_written_and_further_ratios_go_on(written):
    folder, found, times = written
    assert all(path.stat().st_mtime_ns == when for path, when in times.items())
    names = {path.name for path in folder.iterdir()}
    assert names == {"cells", "ratio.csv", "ratio_figures.png", "ratio_figures.svg"}
    pd.testing.assert_frame_equal(pd.read_csv(folder / "ratio.csv"), found)


def test_bad_input_is_named(known):
    with pytest.raises(ValueError, match="Give ratios"):
        ratio(known, models=MODELS, ratio=2)
    for ratios in ((), (1, 1.0)):
        with pytest.raises(ValueError, match="each once"):
            ratio(known, ratios=ratios, models=MODELS)
    with pytest.raises(ValueError, match="lower ratio"):
        ratio(known, ratios=(1, 1000), models=MODELS)
