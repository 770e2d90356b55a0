"""`ratio` is `cv` with more and more negatives for each known pair."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from _light import MODELS, contents, times, written_names

from sklearn_mferl.experiments import cv, ratio


@pytest.fixture(scope="module")
def written(known, tmp_path_factory):
    """Return the folder and the result of two runs, and the times of the files of the first."""
    folder = tmp_path_factory.mktemp("ratio")
    options = {"models": MODELS, "n_splits": 2, "random_state": 1, "out": folder}
    ratio(known, ratios=[1], **options)
    before = times(folder)
    return folder, ratio(known, ratios=[1.0, 2.5], **options), before


def test_each_ratio_has_the_figures_of_cv_at_this_ratio_and_the_share_of_positives(known, written):
    found = written[1]
    assert found["ratio"].unique().tolist() == [1, 2.5]
    np.testing.assert_allclose(found["positives"], 1 / (1 + found["ratio"]))
    for value in (1, 2.5):
        of_ratio = found[found["ratio"] == value].drop(columns=["ratio", "positives"])
        expected = cv(known, models=MODELS, ratio=value, n_splits=2, random_state=1)
        pd.testing.assert_frame_equal(of_ratio.reset_index(drop=True), expected, check_exact=True)


def test_a_model_that_knows_nothing_has_the_aupr_of_the_share_of_positives(known):
    found = ratio(known, ratios=(1, 4), models=MODELS, split="both")
    blind = found[found["model"] == "paths"].groupby("ratio")
    np.testing.assert_allclose(blind["aupr"].mean(), blind["positives"].first(), atol=0.1)
    assert (found["auc"] == 0.5).all()


def test_tables_and_figures_are_written_and_further_ratios_go_on(written):
    folder, found, before = written
    assert before.items() <= times(folder).items()
    assert set(contents(folder)) == written_names("ratio", figure="ratio_figures")
    pd.testing.assert_frame_equal(pd.read_csv(folder / "ratio.csv"), found)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ratio": 2}, "Give ratios"),
        ({"ratios": ()}, "each once"),
        ({"ratios": (1, 1.0)}, "each once"),
        ({"ratios": (1, 1000)}, "lower ratio"),
    ],
)
def test_bad_input_is_named(known, options, message):
    with pytest.raises(ValueError, match=message):
        ratio(known, models=MODELS, **options)
