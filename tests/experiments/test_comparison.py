"""`compare` has the statistics of the differences between models."""

import numpy as np
import pandas as pd
import pytest
from _light import contents

from sklearn_mferl.baselines import DegreeProduct, PathCount
from sklearn_mferl.experiments import (
    Settings,
    cohen_d,
    compare,
    corrected_t_test,
    cv,
    paired_t_test,
    repeated_cv,
)
from sklearn_mferl.plotting.experiments import plot_effects

MODELS = {"MFERL": PathCount(), "the same": PathCount(), "degree": DegreeProduct()}


def assert_compared(found, folds, reference, n_splits):
    """Compare each row with the statistics of its model and metric, and those of the reference."""
    by_model = folds.pivot(index=[*folds.columns.intersection(["repeat"]), "fold"], columns="model")
    for row in found.to_dict("records"):
        figures = by_model[row.pop("metric")]
        first, second = figures[reference].to_numpy(), figures[row.pop("model")].to_numpy()
        statistics = *paired_t_test(first, second), *corrected_t_test(first, second, n_splits=n_splits)
        expected = {
            "n_folds": len(folds) / len(MODELS),
            "mean": second.mean(),
            "sd": second.std(ddof=1),
            "difference": (first - second).mean(),
            **dict(zip(("t", "p", "t_corrected", "p_corrected"), statistics, strict=True)),
            "d": cohen_d(first, second),
            "d_paired": cohen_d(first, second, paired=True),
        }
        assert row == pytest.approx(expected)


@pytest.mark.parametrize("reference", [None, "degree"])
def test_each_metric_and_model_has_the_statistics_of_the_folds_of_cv(known, reference):
    found = compare(known, models=MODELS, metrics=["auc", "brier"], reference=reference, n_splits=3)
    assert found[["metric", "model"]].values.tolist() == [[m, n] for m in ("auc", "brier") for n in MODELS]
    assert_compared(found, cv(known, models=MODELS, n_splits=3), reference or "MFERL", n_splits=3)


def test_repeats_give_the_folds_of_repeated_cv_and_files(known, tmp_path):
    found = compare(known, models=MODELS, n_repeats=2, n_splits=2, out=tmp_path)
    expected = repeated_cv(known, models=MODELS, n_repeats=2, n_splits=2)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "compare_folds.csv"), expected)
    assert found["metric"].unique().tolist() == ["auc", "aupr"]
    assert_compared(found, expected, "MFERL", n_splits=2)
    figures = {f"compare_{figure}.{kind}" for figure in ("boxes", "effects") for kind in ("png", "svg")}
    assert set(contents(tmp_path)) == {"compare.csv", "compare_folds.csv"} | figures
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
