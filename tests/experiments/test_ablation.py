"""The experiment `ablation`: the model without each of its parts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from _light import EVIDENCE, NETWORK, contents, embedded_only
from scipy import stats
from sklearn_mferl.experiments.running.ablation_summary import summarize_ablation

from sklearn_mferl.evaluation import pair_folds
from sklearn_mferl.experiments.ablation import ablation
from sklearn_mferl.experiments.running.folds import score_fold
from sklearn_mferl.experiments.running.variants import Variant, score_variants
from sklearn_mferl.experiments.settings import Settings
from sklearn_mferl.plotting.ablation import plot_ablation

OF_NETWORK = {
    "whole": {},
    "w/o cl": {"mferl__contrastive_weight": 0},
    "w/o homo": {"mferl__homogeneous": None},
    "w/o mcam": {"mferl__attention": None},
    "w/o heter": {"mferl__bilinear": False},
    "change_homo": {"mferl__homogeneous": "fuse_first"},
}
OF_EVIDENCE = {
    "whole": {},
    "w/o sites": {"features__sites": "drop"},
    "w/o neighborhood": {"features__neighborhood": "drop"},
}
SIX = ["auc", "aupr", "f1", "accuracy", "recall", "precision"]
LIGHT = {"n_splits": 2, "params": {**NETWORK, **EVIDENCE}}


def refitted(data, preset, params, *, split="pair", fold=0):
    """Return the figures of a whole pipeline with other parameters, fitted on its own."""
    own = NETWORK if preset == "paper" else EVIDENCE
    settings = Settings(preset=preset, params=own)
    pairs, y = settings.draw_pairs(data)
    train, test = pair_folds(pairs, y, split, 2, 0)[fold]
    model = settings.make_model(data).set_params(**params)
    return score_fold(model, pairs, y, train, test, {})["figures"]


@pytest.fixture(scope="module")
def written(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ablation")
    return folder, ablation(data, out=folder, **LIGHT)


@pytest.fixture(scope="module")
def figures(written):
    return written[1]


@pytest.mark.parametrize(
    ("part", "preset", "expected"), [("network", "paper", OF_NETWORK), ("evidence", "best", OF_EVIDENCE)]
)
def test_each_variant_is_the_pipeline_with_that_part_switched_off(data, figures, part, preset, expected):
    found = figures[(figures["part"] == part) & (figures["fold"] == 2)].set_index("variant")
    assert list(found.index) == list(expected)
    for variant, params in expected.items():
        by_itself = refitted(data, preset, params, fold=1).iloc[0]
        pd.testing.assert_series_equal(
            found.loc[variant, by_itself.index].astype(float), by_itself.astype(float), check_names=False
        )


@pytest.mark.parametrize("name", ["sites", "neighborhood"])
def test_a_channel_dropped_from_the_table_is_a_channel_that_was_never_computed(data, name):
    settings = Settings(params=EVIDENCE)
    pairs, y = settings.draw_pairs(data)
    train, test = pair_folds(pairs, y, "circrna", 2, 0)[0]
    variants = [Variant("without", without=name)]
    found = score_variants(settings.make_model(data), variants, pairs, y, train, test, {})["figures"]
    expected = refitted(data, "best", {f"features__{name}": "drop"}, split="circrna")
    pd.testing.assert_frame_equal(found.drop(columns="variant"), expected, check_exact=True)


def test_the_rows_are_sorted_by_part_variant_and_fold(figures):
    expected = [("network", variant) for variant in OF_NETWORK] + [("evidence", v) for v in OF_EVIDENCE]
    rows = figures[["part", "variant", "repeat", "fold"]].itertuples(index=False, name=None)
    assert list(rows) == [(*names, 1, fold) for names in expected for fold in (1, 2)]
    assert not figures.isna().any(axis=None)


def test_the_variants_differ(figures):
    for _, of_part in figures.groupby("part"):
        assert not of_part.duplicated(["fold", "log_loss"]).any()


def test_the_first_repeat_is_the_run_without_repeats(data, figures):
    repeated = ablation(data, n_repeats=2, parts=["evidence"], n_splits=2, params=EVIDENCE)
    first = repeated[repeated["repeat"] == 1].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        first, figures[figures["part"] == "evidence"].reset_index(drop=True), check_exact=True
    )
    assert len(repeated) == 2 * len(first)
    second = repeated[repeated["repeat"] == 2].reset_index(drop=True)
    assert (first["log_loss"] != second["log_loss"]).all()


def test_an_interrupted_run_goes_on_to_the_same_files(data, written):
    folder, result = written
    before = contents(folder)
    assert set(before) == {"ablation.csv", "ablation_summary.csv", "ablation.png", "ablation.svg"}
    cells = sorted((folder / "cells" / "ablation").glob("*fold*.json"))
    assert len(cells) == 4  # a fold of a part each
    cells[0].unlink()  # of the evidence, which is the faster one
    pd.testing.assert_frame_equal(ablation(data, out=folder, **LIGHT), result, check_exact=True)
    assert contents(folder) == before


def test_a_part_that_is_finished_serves_a_run_of_both(data, tmp_path, figures):
    ablation(data, parts=["evidence"], out=tmp_path, **LIGHT | {"params": EVIDENCE})
    with pytest.raises(ValueError, match="params was"):  # but not with other parameters
        ablation(data, out=tmp_path, **LIGHT)


def test_vectors_in_place_of_sequences_leave_one_channel(data):
    with pytest.warns(UserWarning, match="no variant 'w/o evidence': there is only neighborhood"):
        found = ablation(embedded_only(data), **LIGHT)
    assert found["variant"].tolist()[::2] == [*OF_NETWORK, "whole"]


def test_without_a_similarity_scale_there_is_no_aggregation_to_leave_out(data):
    params = {**NETWORK, "features__similarity": "drop"}
    with pytest.warns(UserWarning, match=r"no variant '\S+.*: no scale says which RNAs") as caught:
        found = ablation(data, parts=["network"], n_splits=2, params=params)
    assert len(caught) == 2
    assert found["variant"].tolist()[::2] == ["whole", "w/o cl", "w/o mcam", "w/o heter"]


def test_a_variant_that_the_whole_is_already_is_left_out(data):
    params = {**NETWORK, "mferl__attention": None}
    with pytest.warns(UserWarning, match="'w/o mcam': the whole network is like that"):
        found = ablation(data, parts=["network"], n_splits=2, params=params)
    assert "w/o mcam" not in set(found["variant"])


def test_the_summary_has_the_corrected_test_of_the_differences(figures, written):
    values = np.array([[0.9, 0.8, 0.85], [0.7, 0.75, 0.8]])
    table = pd.DataFrame(
        {
            "part": "network",
            "variant": np.repeat(["whole", "w/o cl"], 3),
            "repeat": 1,
            "fold": [1, 2, 3] * 2,
            "auc": values.ravel(),
        }
    )
    whole, less = summarize_ablation(table, test_share=1 / 3).itertuples(index=False)
    differences = values[1] - values[0]
    t = differences.mean() / np.sqrt((1 / 3 + 0.5) * differences.var(ddof=1))
    assert less.difference == pytest.approx(differences.mean())
    assert less.p == pytest.approx(2 * stats.t.sf(abs(t), 2))
    assert (less.mean, less.sd) == (pytest.approx(0.75), pytest.approx(0.05))
    assert whole.difference == 0
    assert np.isnan(whole.p)
    summary = pd.read_csv(written[0] / "ablation_summary.csv")
    assert len(summary) == (len(OF_NETWORK) + len(OF_EVIDENCE)) * 9


def test_the_summary_says_nothing_of_a_variant_that_diverged(figures):
    broken = figures.copy()
    broken.loc[broken["variant"] == "w/o cl", SIX] = np.nan
    summary = summarize_ablation(broken, test_share=0.5).query("metric == 'auc' and part == 'network'")
    assert summary.set_index("variant")["p"].isna().to_dict() == {
        name: name in ("whole", "w/o cl") for name in OF_NETWORK
    }


def test_the_figure_has_a_mean_and_all_folds_in_each_row_of_each_panel(figures):
    from matplotlib.collections import PathCollection

    panels = plot_ablation(figures).axes
    assert [ax.get_title() for ax in panels] == ["AUC", "AUPR", "F1", "Accuracy", "Recall", "Precision"]
    means = figures.groupby(["part", "variant"], sort=False)[SIX].mean()
    for ax, metric in zip(panels, SIX, strict=True):
        dots = [c.get_offsets() for c in ax.collections if isinstance(c, PathCollection)]
        folds, drawn = dots[::2], dots[1::2]
        np.testing.assert_allclose([d[0][0] for d in drawn], means[metric])
        assert [len(d) for d in folds] == [2] * len(means)
        labels = [label.get_text() for label in panels[0].get_yticklabels()]
        assert labels == ["network: whole", *list(OF_NETWORK)[1:], "evidence: whole", *list(OF_EVIDENCE)[1:]]
        assert len({ax.get_ylim() for ax in panels}) == 1


def test_bad_input_is_named(data):
    with pytest.raises(ValueError, match=r"parts must be some of .* got \['sites'\]"):
        ablation(data, parts=["sites"])
    with pytest.raises(ValueError, match="parts must be some of"):
        ablation(data, parts="network")
    with pytest.raises(ValueError, match="params has 'mferl__width', which no model"):
        ablation(data, params={"mferl__width": 3})
    with pytest.raises(ValueError, match="params has 'features__kmer', which no model of the parts"):
        ablation(data, parts=["evidence"], params={"features__kmer": "drop"})
    with pytest.raises(ValueError, match="n_repeats must be a whole number of at least 1; got 0"):
        ablation(data, n_repeats=0)
