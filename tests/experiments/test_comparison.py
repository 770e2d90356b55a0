"""`compare` has the statistics of the differences between models."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sklearn_mferl.baselines import DegreeProduct, PathCount
from sklearn_mferl.experiments import Settings, compare, corrected_t_test, cv, repeated_cv
from sklearn_mferl.plotting.experiments import plot_effects

MODELS = {"MFERL": PathCount(), "the same": PathCount(), "degree": DegreeProduct()}
SIGNED = ["difference", "t", "t_corrected", "d", "d_paired"]


@pytest.fixture(scope="module")
def compared(known):
    return compare(known, models=MODELS)


def test_there_is_a_row_for_each_metric_and_model(known):
    found = compare(known, models=MODELS, metrics=["auc", "brier"], n_splits=2)
    assert found[["metric", "model"]].values.tolist() == [[m, n] for m in ("auc", "brier") for n in MODELS]
    assert not found.isna().any(axis=None)


def test_statistics_are_those_of_the_folds_of_cv(known, compared):
    folds = cv(known, models=MODELS).set_index("model")
    for metric in ("auc", "aupr"):
        reference, model = folds.loc["MFERL", metric].to_numpy(), folds.loc["degree", metric].to_numpy()
        row = compared.set_index(["metric", "model"]).loc[(metric, "degree")]
        difference = reference - model
        corrected = difference.mean() / np.sqrt((1 / 5 + 1 / 4) * difference.var(ddof=1))
        pooled = np.sqrt((reference.var(ddof=1) + model.var(ddof=1)) / 2)
        expected = {"n_folds": 5, "mean": model.mean(), "sd": model.std(ddof=1)}
        expected |= dict(zip("tp", stats.ttest_rel(reference, model), strict=True))
        expected |= {"difference": difference.mean(), "t_corrected": corrected}
        expected |= {"p_corrected": 2 * stats.t.sf(abs(corrected), 4), "d": difference.mean() / pooled}
        expected |= {"d_paired": difference.mean() / difference.std(ddof=1)}
        assert row.to_dict() == pytest.approx(expected)


def test_the_reference_and_its_equal_do_not_differ_from_it(compared):
    equal = compared[compared["model"] != "degree"]
    assert (equal[SIGNED] == 0).all(axis=None)
    assert (equal[["p", "p_corrected"]] == 1).all(axis=None)


def test_a_better_reference_has_positive_signs(known, compared):
    found = compared.query("metric == 'auc'").set_index("model").loc["degree"]
    turned = compare(known, models=MODELS, metrics=["auc"], reference="degree").set_index("model")
    assert (found[SIGNED] > 0).all()
    assert turned.loc["MFERL", "t"] == pytest.approx(-found["t"])


def test_repeats_give_the_folds_of_repeated_cv_and_files(known, tmp_path):
    found = compare(known, models=MODELS, n_repeats=2, n_splits=2, out=tmp_path)
    expected = repeated_cv(known, models=MODELS, n_repeats=2, n_splits=2)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "compare_folds.csv"), expected)
    assert set(found["n_folds"]) == {4}
    auc = expected.set_index("model")["auc"]
    row = found[(found["metric"] == "auc") & (found["model"] == "degree")].iloc[0]
    corrected = corrected_t_test(auc["MFERL"], auc["degree"], n_splits=2)
    assert (row["t_corrected"], row["p_corrected"]) == pytest.approx(corrected)
    figures = {f"compare_{figure}.{kind}" for figure in ("boxes", "effects") for kind in ("png", "svg")}
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"cells", "compare.csv", "compare_folds.csv"} | figures
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "compare.csv"), found)


def test_a_single_model_has_no_figure_of_effects(known, tmp_path):
    compare(known, models={"MFERL": PathCount()}, n_splits=2, out=tmp_path)
    assert not list(tmp_path.glob("compare_effects*"))


def test_the_figure_shows_each_effect_against_the_reference():
    effects = {"auc": [0.0, 30.0, -0.5], "aupr": [0.0, np.inf, 2.0]}
    comparison = pd.DataFrame(effects, index=pd.Index(["MFERL", "a", "b"], name="model"))
    comparison = comparison.melt(var_name="metric", value_name="d", ignore_index=False).reset_index()
    ax = plot_effects(comparison, "MFERL").axes[0]
    drawn = {line.get_label(): list(line.get_xdata()) for line in ax.lines}
    assert drawn["AUC"] == [30.0, -0.5]
    assert drawn["AUPR"] == [ax.get_xlim()[1], 2.0]  # what is infinite stands on the edge
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]


def test_boosting_is_among_the_models_of_the_settings(known, monkeypatch):
    asked = []
    monkeypatch.setattr(Settings, "make_models", lambda *_, **options: asked.append(options) or MODELS)
    compare(known, n_splits=2)
    assert asked[0] == {"boosting": True}
