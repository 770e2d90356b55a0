"""`binding` asks the list and the reads of each model, and lets neither into the other."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from _light import assert_goes_on, contents, pairs_of
from sklearn.metrics import roc_auc_score

from sklearn_mferl.baselines import PathCount, SeedCount, SiteScore
from sklearn_mferl.experiments import binding


@pytest.fixture(scope="module")
def half(known):
    """Return data whose list has every second interaction, and the others as if reads had found them."""
    return replace(known, pairs=known.pairs[::2].reset_index(drop=True)), known.pairs[1::2]


@pytest.fixture(scope="module")
def models(known):
    return {"seeds": SeedCount(known.circrna, known.mirna), "paths": PathCount()}


@pytest.fixture(scope="module")
def written(half, models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("binding")
    return folder, binding(*half, models=models, n_splits=3, out=folder)


def test_both_truths_are_asked_of_every_model_and_fold(half, written):
    (data, reads), (folder, figures) = half, written
    assert figures.groupby(["model", "truth"]).size().eq(3).all()
    assert len(figures) == 12
    scores = pd.read_csv(folder / "binding_scores.csv")
    listed, unlisted = (scores[scores["truth"] == truth] for truth in ("list", "reads"))
    assert not pairs_of(unlisted) & (pairs_of(data.pairs) | pairs_of(listed))
    is_supported = pd.MultiIndex.from_frame(unlisted[["circrna", "mirna"]]).isin(pairs_of(reads))
    np.testing.assert_array_equal(unlisted["label"] == 1, is_supported)
    row = figures.iloc[1]
    chosen = unlisted[(unlisted["model"] == row["model"]) & (unlisted["fold"] == row["fold"])]
    assert row["auc"] == pytest.approx(roc_auc_score(chosen["label"], chosen["score"]))
    both = [rows for _, rows in chosen.groupby("mirna") if rows["label"].nunique() == 2]
    aucs = [roc_auc_score(rows["label"], rows["score"]) for rows in both]
    weights = [rows["label"].sum() for rows in both]
    assert row["within_mirna"] == pytest.approx(np.average(aucs, weights=weights))
    assert {"binding.csv", "binding_auc.png", "binding_auc.svg"} <= set(contents(folder))


def test_a_stopped_run_goes_on(half, models, written):
    assert_goes_on(partial(binding, *half, models=models, n_splits=3), *written)


def test_reads_come_from_a_file_and_unsure_ones_support_nothing(half, models, tmp_path):
    data, reads = half
    table = reads.assign(fraction_identical=[0.95, 0.8] * (len(reads) // 2) + [1.0] * (len(reads) % 2))
    table.to_csv(tmp_path / "reads.csv", index=False)
    options = {"models": {"seeds": models["seeds"]}, "n_splits": 3}
    figures = binding(data, tmp_path / "reads.csv", **options)
    pd.testing.assert_frame_equal(figures, binding(data, table, **options))
    all_reads = binding(data, reads, **options)
    of_reads = figures["truth"] == "reads"
    assert (figures["positives"] < all_reads["positives"])[of_reads].all()
    assert (figures["positives"] == all_reads["positives"])[~of_reads].all()


def test_reads_of_other_rnas_are_refused(half, models):
    data, reads = half
    with pytest.raises(ValueError, match=r"support 0 of 0 .*Are the ids those of the data"):
        binding(data, reads.assign(circrna="another"), models=models)


def test_a_site_score_reads_one_column(known):
    pairs, y = known.pairs, np.arange(len(known.pairs)) % 2
    model = SiteScore(known.circrna, known.mirna, column="target_log_length").fit(pairs, y)
    lengths = np.log([len(known.circrna[name]) for name in pairs["circrna"]])
    assert np.corrcoef(model.decision_function(pairs), lengths)[0, 1] == pytest.approx(1)
    with pytest.raises(ValueError, match="column must be one of 'site_8mer'"):
        SiteScore(known.circrna, known.mirna, column="length").fit(pairs, y)
