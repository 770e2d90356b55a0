"""The experiment `compare`: statistics of the differences between models."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sklearn_mferl.baselines import DegreeProduct, PathCount
from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.experiments import compare, corrected_t_test, cv, repeated_cv
from sklearn_mferl.plotting.effects import plot_effects

MODELS = {"MFERL": PathCount(), "the same": PathCount(), "degree": DegreeProduct()}


@pytest.fixture(scope="module")
def known():
    return make_cmi(60, 30, random_state=0)


@pytest.fixture(scope="module")
def compared(known):
    return compare(known, models=MODELS)


def test_there_is_a_row_for_each_metric_and_model(known):
    found = compare(known, models=MODELS, metrics=["auc", "brier"], n_splits=2)
    assert found[["metric", "model"]].values.tolist() == [[m, n] for m in ("auc", "brier") for n in MODELS]
    assert not found.isna().any(axis=None)


def test_statistics_are_those_of_the_folds_of_cv(known, compared):
    found = compared.set_index(["metric", "model"])
    folds = cv(known, models=MODELS).set_index("model")
    for metric in ("auc", "aupr"):
        reference, model = folds.loc["MFERL", metric].to_numpy(), folds.loc["degree", metric].to_numpy()
        row = found.loc[(metric, "degree")]
        expected = stats.ttest_rel(reference, model)
        difference = reference - model
        assert row["n_folds"] == 5
        assert row["mean"] == pytest.approx(model.mean())
        assert row["sd"] == pytest.approx(model.std(ddof=1))
        assert row["difference"] == pytest.approx(difference.mean())
        assert (row["t"], row["p"]) == pytest.approx((expected.statistic, expected.pvalue))
        corrected = difference.mean() / np.sqrt((1 / 5 + 1 / 4) * difference.var(ddof=1))
        assert row["t_corrected"] == pytest.approx(corrected)
        assert row["p_corrected"] == pytest.approx(2 * stats.t.sf(abs(corrected), 4))
        pooled = np.sqrt((reference.var(ddof=1) + model.var(ddof=1)) / 2)
        assert row["d"] == pytest.approx(difference.mean() / pooled)
        assert row["d_paired"] == pytest.approx(difference.mean() / difference.std(ddof=1))


def test_the_reference_and_its_equal_do_not_differ_from_it(compared):
    equal = compared[compared["model"] != "degree"]
    assert (equal[["difference", "t", "t_corrected", "d", "d_paired"]] == 0).all(axis=None)
    assert (equal[["p", "p_corrected"]] == 1).all(axis=None)


def test_a_better_reference_has_positive_signs(known, compared):
    found = compared.query("metric == 'auc'").set_index("model").loc["degree"]
    turned = compare(known, models=MODELS, metrics=["auc"], reference="degree").set_index("model")
    assert (found[["difference", "t", "t_corrected", "d", "d_paired"]] > 0).all()
    assert turned.loc["MFERL", "t"] == pytest.approx(-found["t"])


def test_repeats_give_as_many_folds_as_repeated_cv(known, tmp_path):
    found = compare(known, models=MODELS, n_repeats=2, n_splits=2, out=tmp_path)
    expected = repeated_cv(known, models=MODELS, n_repeats=2, n_splits=2)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "compare_folds.csv"), expected)
    assert set(found["n_folds"]) == {4}
    auc = expected.set_index("model")["auc"]
    row = found[(found["metric"] == "auc") & (found["model"] == "degree")].iloc[0]
    corrected = corrected_t_test(auc["MFERL"], auc["degree"], n_splits=2)
    assert (row["t_corrected"], row["p_corrected"]) == pytest.approx(corrected)


def test_tables_and_figures_are_written(known, tmp_path):
    found = compare(known, models=MODELS, n_splits=2, out=tmp_path)
    written = {path.name for path in tmp_path.iterdir()}
    figures = {f"compare_{figure}.{kind}" for figure in ("boxes", "effects") for kind in ("png", "svg")}
    assert written == {"cells", "compare.csv", "compare_folds.csv"} | figures
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "compare.csv"), found)


def test_a_single_model_has_no_figure_of_effects(known, tmp_path):
    compare(known, models={"MFERL": PathCount()}, n_splits=2, out=tmp_path)
    assert not list(tmp_path.glob("compare_effects*"))


def test_the_figure_shows_each_effect_against_the_reference():
    comparison = pd.DataFrame(
        {
            "metric": ["auc"] * 3 + ["aupr"] * 3,
            "model": ["MFERL", "a", "b"] * 2,
            "d": [0.0, 30.0, -0.5, 0.0, np.inf, 2.0],
        }
    )
    ax = plot_effects(comparison, "MFERL").axes[0]
    drawn = {line.get_label(): list(line.get_xdata()) for line in ax.lines}
    assert drawn["AUC"] == [30.0, -0.5]
    assert drawn["AUPR"] == [ax.get_xlim()[1], 2.0]  # what is infinite stands on the edge
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]


def test_boosting_is_among_the_models_of_the_settings(known, monkeypatch):
    asked = []

    def remember(self, data, **options):
        asked.append(options)
        return MODELS

    monkeypatch.setattr("sklearn_mferl.experiments.Settings.make_models", remember)
    compare(known, n_splits=2)
    assert asked[0] == {"boosting": True}


def test_bad_input_is_named(known):
    with pytest.raises(ValueError, match=r"reference must be one of the models, \['a'\]; got 'MFERL'"):
        compare(known, models={"a": PathCount()})
    for metrics in (["accurracy"], []):
        with pytest.raises(ValueError, match="metrics must be some of"):
            compare(known, models=MODELS, metrics=metrics)
