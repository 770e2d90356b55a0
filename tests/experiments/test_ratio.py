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


def test_each_ratio_has_the_figures_of_cv_at_this_ratio(known):
    found = ratio(known, ratios=(1, 2.5), models=MODELS, random_state=1)
    for value in (1, 2.5):
        of_ratio = found[found["ratio"] == value].drop(columns=["ratio", "positives"])
        expected = cv(known, models=MODELS, ratio=value, random_state=1)
        pd.testing.assert_frame_equal(of_ratio.reset_index(drop=True), expected, check_exact=True)


def test_the_share_of_positives_stands_beside(known):
    found = ratio(known, ratios=(1, 4), models=MODELS, n_splits=2)
    np.testing.assert_allclose(found["positives"], 1 / (1 + found["ratio"]))


def test_a_model_that_knows_nothing_has_the_aupr_of_the_share_of_positives(known):
    found = ratio(known, ratios=(1, 4), models=MODELS, split="both")
    blind = found[found["model"] == "paths"].groupby("ratio")
    np.testing.assert_allclose(blind["aupr"].mean(), blind["positives"].first(), atol=0.1)
    assert (found["auc"] == 0.5).all()


def test_tables_and_figures_are_written_and_further_ratios_go_on(known, tmp_path):
    ratio(known, ratios=[1], models=MODELS, n_splits=2, out=tmp_path)
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "cells" / "ratio").iterdir()}
    found = ratio(known, ratios=[1.0, 2], models=MODELS, n_splits=2, out=tmp_path)
    assert all(path.stat().st_mtime_ns == when for path, when in kept.items())
    written = {path.name for path in tmp_path.iterdir()}
    assert written == {"cells", "ratio.csv", "ratio_figures.png", "ratio_figures.svg"}
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "ratio.csv"), found)


def test_bad_input_is_named(known):
    with pytest.raises(ValueError, match="Give ratios"):
        ratio(known, models=MODELS, ratio=2)
    for ratios in ((), (1, 1.0)):
        with pytest.raises(ValueError, match="each once"):
            ratio(known, ratios=ratios, models=MODELS)
    with pytest.raises(ValueError, match="lower ratio"):
        ratio(known, ratios=(1, 1000), models=MODELS)
