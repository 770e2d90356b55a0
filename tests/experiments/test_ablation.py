"""`ablation` is the model without each of its parts, on the same folds."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from _light import EVIDENCE, NETWORK, SIX, assert_goes_on, contents, embedded_only, written_names
from matplotlib.collections import PathCollection

from sklearn_mferl.evaluation import cross_validate_pairs, pair_folds
from sklearn_mferl.experiments import Settings, ablation, corrected_t_test
from sklearn_mferl.plotting.experiments import plot_ablation

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
    "w/o binding": {"features__binding": "drop"},
    **{f"w/o {scale}": {f"features__{scale}": "drop"} for scale in ("kmer", "ctd", "similarity")},
    "w/o network": {"mferl__network": "drop"},
    "w/o evidence network": {"mferl__evidence": "drop"},
    "w/o trees": {"mferl__boosting": "drop"},
    "w/o cl": {"mferl__network__contrastive_weight": 0},
    "w/o views": {"mferl__network__new_share": 0},
    "w/o calibration": {"mferl__calibrate": False},
}
# the evidence alone, read by the trees and their network
CHANNELS = {name: value for name, value in EVIDENCE.items() if "__network__" not in name}
CHANNELS |= {"mferl__network": "drop", "mferl__calibrate": False}
OF_CHANNELS = ["w/o sites", "w/o neighborhood", "w/o binding"]
OF_BOTH = {
    "network": list(OF_NETWORK),
    "evidence": ["whole", *OF_CHANNELS, "w/o evidence network", "w/o trees"],
}
LIGHT = {"n_splits": 2, "params": {**NETWORK, **CHANNELS}}
# what of it the whole model on evidence has
WHOLE = {name: value for name, value in NETWORK.items() if "features" in name} | EVIDENCE


class FirstFold:
    """The first of two folds, which has every variant, and is half of the work."""

    def __init__(self, on="pair"):
        self.on = on

    def split(self, X, y):
        yield pair_folds(X, y, self.on, n_splits=2, random_state=0)[0]


@pytest.fixture(scope="module")
def written(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ablation")
    return folder, ablation(data, out=folder, **LIGHT)


@pytest.fixture(scope="module")
def figures(written):
    return written[1]


def assert_refitted(data, figures, preset, light, expected, split="pair"):
    """Compare each variant with a whole pipeline that has its parameters from the beginning."""
    settings = Settings(preset=preset, params=light)
    pairs, y = settings.draw_pairs(data)
    models = {name: settings.make_model(data).set_params(**params) for name, params in expected.items()}
    alone = cross_validate_pairs(models, pairs, y, split=split, n_splits=2, random_state=0).figures
    columns = ["variant", "fold", *alone.columns[2:]]
    found, alone = (
        table[columns].sort_values(["variant", "fold"], ignore_index=True)
        for table in (figures, alone.rename(columns={"model": "variant"}))
    )
    pd.testing.assert_frame_equal(found, alone, check_exact=True)


def test_each_variant_of_the_network_is_the_pipeline_with_that_part_switched_off(data, figures):
    assert_refitted(data, figures[figures["part"] == "network"], "paper", NETWORK, OF_NETWORK)


def test_a_channel_left_out_is_a_channel_that_was_never_computed(data):
    found = ablation(data, parts=["evidence"], split=FirstFold(), params=WHOLE)
    assert found["variant"].tolist() == list(OF_EVIDENCE)
    assert_refitted(data, found, "best", WHOLE, OF_EVIDENCE, FirstFold())
    # so few pairs are held out here that there is no calibration to leave out
    assert found.loc[found["variant"] != "w/o calibration", "log_loss"].is_unique


def test_so_it_is_where_circrnas_are_new(data):
    new, params = FirstFold("circrna"), {**CHANNELS, "features__scales": []}
    found = ablation(data, parts=["evidence"], split=new, params=params)
    channels = {name: OF_EVIDENCE[name] for name in ("whole", *OF_CHANNELS)}
    assert_refitted(data, found[found["variant"].isin(channels)], "best", params, channels, new)


def test_the_rows_are_sorted_by_part_variant_and_fold_and_the_variants_differ(figures):
    rows = figures[["part", "variant", "repeat", "fold"]].itertuples(index=False, name=None)
    expected = [(part, variant, 1, n) for part, names in OF_BOTH.items() for variant in names for n in (1, 2)]
    assert list(rows) == expected
    assert not figures.isna().any(axis=None)
    assert not figures.duplicated(["part", "fold", "log_loss"]).any()


def test_the_first_repeat_is_the_run_without_repeats(data, figures):
    repeated = ablation(data, n_repeats=2, parts=["network"], n_splits=2, params=NETWORK)
    first, second = (repeated[repeated["repeat"] == n].reset_index(drop=True) for n in (1, 2))
    of_network = figures[figures["part"] == "network"].reset_index(drop=True)
    pd.testing.assert_frame_equal(first, of_network, check_exact=True)
    assert (first["log_loss"] != second["log_loss"]).all()


def test_an_interrupted_run_goes_on_to_the_same_files_and_one_of_other_parameters_does_not(data, written):
    assert set(contents(written[0])) == written_names("ablation", "_summary", figure="ablation")
    # a cell of the network, which is faster
    assert_goes_on(partial(ablation, data, **LIGHT), *written, cells="network*.json")
    with pytest.raises(ValueError, match="params was"):
        ablation(data, out=written[0], **LIGHT | {"params": NETWORK})


def test_vectors_in_place_of_sequences_leave_one_channel(data):
    with pytest.warns(UserWarning, match="no variant 'w/o evidence': there is only neighborhood"):
        found = ablation(embedded_only(data), parts=["evidence"], split=FirstFold(), params=CHANNELS)
    assert found["variant"].tolist() == [name for name in OF_BOTH["evidence"] if name not in OF_CHANNELS]


@pytest.mark.parametrize(
    ("params", "reason", "left_out"),
    [
        ({"features__similarity": "drop"}, "no scale says which RNAs", {"w/o homo", "change_homo"}),
        ({"mferl__attention": None}, "'w/o mcam': the whole network is like that", {"w/o mcam"}),
    ],
)
def test_what_the_whole_network_lacks_is_not_left_out(data, params, reason, left_out):
    with pytest.warns(UserWarning, match=reason) as caught:
        found = ablation(data, parts=["network"], split=FirstFold(), params={**NETWORK, **params})
    assert len(caught) == len(left_out)
    assert set(found["variant"]) == set(OF_NETWORK) - left_out


def test_the_summary_has_the_corrected_test_of_the_differences(data, figures, written):
    summary = pd.read_csv(written[0] / "ablation_summary.csv")
    assert len(summary) == sum(map(len, OF_BOTH.values())) * 9
    folds = pair_folds(*Settings().draw_pairs(data), n_splits=2, random_state=0)
    per_train = np.mean([len(test) / len(train) for train, test in folds])
    folds = figures[figures["part"] == "network"].set_index("variant")["auc"]
    for row in summary.query("part == 'network' and metric == 'auc'").itertuples():
        values, whole = folds[row.variant].to_numpy(), folds["whole"].to_numpy()
        expected = corrected_t_test(values, whole, test_share=per_train / (1 + per_train)).pvalue
        difference = values - whole
        assert (row.mean, row.sd) == pytest.approx((values.mean(), values.std(ddof=1)))
        assert row.difference == pytest.approx(difference.mean())
        assert row.p == pytest.approx(np.nan if row.variant == "whole" else expected, nan_ok=True)


def test_the_figure_has_a_mean_and_all_folds_in_each_row_of_each_panel(figures):
    panels = plot_ablation(figures).axes
    assert [ax.get_title() for ax in panels] == ["AUC", "AUPR", "F1", "Accuracy", "Recall", "Precision"]
    means = figures.groupby(["part", "variant"], sort=False)[SIX].mean()
    for ax, metric in zip(panels, SIX, strict=True):
        dots = [c.get_offsets() for c in ax.collections if isinstance(c, PathCollection)]
        np.testing.assert_allclose([drawn[0][0] for drawn in dots[1::2]], means[metric])
        assert [len(folds) for folds in dots[::2]] == [2] * len(means)
    labels = [label.get_text() for label in panels[0].get_yticklabels()]
    assert labels == [
        f"{part}: {name}" if name == "whole" else name for part, names in OF_BOTH.items() for name in names
    ]
