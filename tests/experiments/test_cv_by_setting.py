"""`cold` and `ratio` are `cv` with each of several splits or ratios."""

import numpy as np
import pandas as pd
import pytest
from _light import MODELS, contents, times, written_names

from sklearn_mferl.experiments import cold, cv, ratio

SPLITS, RATIOS = ["pair", "circrna", "mirna", "both"], [1, 2.5]
OF_SPLITS, OF_RATIOS = {"n_splits": 3, "random_state": 2}, {"n_splits": 2, "random_state": 1}


def run_twice(experiment, known, first, further, **options):
    """Return the folder and the result of two runs, and the times of the files of the first."""
    experiment(known, models=MODELS, **first, **options)
    before = times(options["out"])
    return options["out"], experiment(known, models=MODELS, **further, **options), before


@pytest.fixture(scope="module")
def by_split(known, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cold")
    return run_twice(cold, known, {"splits": ["mirna"]}, {}, out=folder, **OF_SPLITS)


@pytest.fixture(scope="module")
def by_ratio(known, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ratio")
    return run_twice(ratio, known, {"ratios": [1]}, {"ratios": [1.0, 2.5]}, out=folder, **OF_RATIOS)


@pytest.mark.parametrize(
    ("name", "column", "values", "options"),
    [("by_split", "split", SPLITS, OF_SPLITS), ("by_ratio", "ratio", RATIOS, OF_RATIOS)],
)
def test_each_setting_has_the_figures_of_cv(known, name, column, values, options, request):
    found = request.getfixturevalue(name)[1]
    assert found[column].unique().tolist() == values
    for value in values:
        of_value = found[found[column] == value].drop(columns=[column, "positives"], errors="ignore")
        expected = cv(known, models=MODELS, **{column: value}, **options)
        pd.testing.assert_frame_equal(of_value.reset_index(drop=True), expected, check_exact=True)


@pytest.mark.parametrize(
    ("name", "table", "files"),
    [
        ("by_split", "cold.csv", written_names("cold", "_scores", figure="cold_curves")),
        ("by_ratio", "ratio.csv", written_names("ratio", figure="ratio_figures")),
    ],
)
def test_tables_and_figures_are_written_and_further_settings_go_on(name, table, files, request):
    folder, found, before = request.getfixturevalue(name)
    assert before.items() <= times(folder).items()
    assert set(contents(folder)) == files
    pd.testing.assert_frame_equal(pd.read_csv(folder / table), found)


def test_a_model_that_knows_nothing_has_the_aupr_of_the_share_of_positives(known, by_ratio):
    np.testing.assert_allclose(by_ratio[1]["positives"], 1 / (1 + by_ratio[1]["ratio"]))
    found = ratio(known, ratios=(1, 4), models=MODELS, split="both")
    blind = found[found["model"] == "paths"].groupby("ratio")
    np.testing.assert_allclose(blind["aupr"].mean(), blind["positives"].first(), atol=0.1)
    assert (found["auc"] == 0.5).all()
