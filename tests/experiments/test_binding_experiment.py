"""`binding` asks the list, the reads and labelled sites of each model, and lets none into another."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from _builders import random_rna
from _light import assert_goes_on, contents, pairs_of, written_names
from sklearn.metrics import average_precision_score, roc_auc_score

from sklearn_mferl import SiteClassifier
from sklearn_mferl.baselines import PathCount, SeedCount, SiteScore
from sklearn_mferl.experiments import binding

LET7 = "UGAGGUAGUAGGUUGUAUAGUU"
SEED_COUNT = {"seed count": SeedCount(circular=False)}
SITE_MODELS = {"binding": SiteClassifier(channels=(4, 4, 4), max_epochs=1, random_state=0), **SEED_COUNT}


@pytest.fixture(scope="module")
def sites():
    """Return sites of four chromosomes, and some of none, of which those with a seed match are bound."""
    rng = np.random.default_rng(0)
    targets = [random_rna(50, rng) for _ in range(60)]
    targets[::2] = [rna[:20] + "CUACCUCA" + rna[28:] for rna in targets[::2]]
    chromosome = ["1", "2", "3", "X", ""] * 12
    return pd.DataFrame({"target": targets, "mirna": LET7, "label": [1, 0] * 30, "chromosome": chromosome})


@pytest.fixture(scope="module")
def half(known):
    """Return data whose list has every second interaction, and the others as if reads had found them."""
    return replace(known, pairs=known.pairs[::2].reset_index(drop=True)), known.pairs[1::2]


@pytest.fixture(scope="module")
def seeds(known):
    return {"seeds": SeedCount(known.circrna, known.mirna)}


@pytest.fixture(scope="module")
def run(half, seeds, sites):
    """Call `binding` on these data, with two models of pairs and of sites if not told otherwise."""
    options = {"models": {**seeds, "paths": PathCount()}, "sites": sites, "site_models": SITE_MODELS}
    return partial(binding, *half, n_splits=3, **options)


@pytest.fixture(scope="module")
def written(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("binding")
    return folder, run(out=folder)


def of_models(figures, *names):
    return figures[figures["model"].isin(names)].reset_index(drop=True)


def test_every_truth_is_asked_of_every_model_and_fold(half, written):
    (data, reads), (folder, figures) = half, written
    counts = figures.groupby(["model", "truth"]).size()
    assert counts.to_dict() == {
        **{(model, truth): 3 for model in ("seeds", "paths") for truth in ("list", "reads")},
        **{(model, "sites"): 3 for model in SITE_MODELS},
    }
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
    assert set(contents(folder)) == written_names("binding", "_scores", figure="binding_auc")


def test_a_stopped_run_goes_on(run, written):
    assert_goes_on(run, *written)


def test_reads_come_from_a_file_and_unsure_ones_support_nothing(half, seeds, written, tmp_path):
    data, reads = half
    table = reads.assign(fraction_identical=[0.95, 0.8] * (len(reads) // 2) + [1.0] * (len(reads) % 2))
    table.to_csv(tmp_path / "reads.csv", index=False)
    figures = binding(data, tmp_path / "reads.csv", models=seeds, n_splits=3)
    pd.testing.assert_frame_equal(figures, binding(data, table, models=seeds, n_splits=3))
    all_reads = of_models(written[1], "seeds")
    of_reads = figures["truth"] == "reads"
    assert (figures["positives"] < all_reads["positives"])[of_reads].all()
    assert (figures["positives"] == all_reads["positives"])[~of_reads].all()


def test_reads_of_other_rnas_are_refused(half, seeds):
    data, reads = half
    with pytest.raises(ValueError, match=r"support 0 of 0 .*Are the ids those of the data"):
        binding(data, reads.assign(circrna="another"), models=seeds)


def test_a_site_score_reads_one_column(known):
    pairs, y = known.pairs, np.arange(len(known.pairs)) % 2
    model = SiteScore(known.circrna, known.mirna, column="target_log_length").fit(pairs, y)
    lengths = np.log([len(known.circrna[name]) for name in pairs["circrna"]])
    assert np.corrcoef(model.decision_function(pairs), lengths)[0, 1] == pytest.approx(1)
    with pytest.raises(ValueError, match="column must be one of 'site_8mer'"):
        SiteScore(known.circrna, known.mirna, column="length").fit(pairs, y)


# Sites ----------------------------------------------------------------------------------------------------


def test_a_chromosome_is_tested_in_one_fold_and_sites_of_none_in_no_fold(sites, written):
    folder, figures = written
    scores = pd.read_csv(folder / "binding_scores.csv")
    tested = scores[(scores["truth"] == "sites") & (scores["model"] == "seed count")]
    tested = tested.merge(sites, left_on=["circrna", "mirna"], right_on=["target", "mirna"])
    assert len(tested) == (sites["chromosome"] != "").sum()
    assert tested.groupby("chromosome")["fold"].nunique().eq(1).all()
    np.testing.assert_array_equal(tested["label_x"], tested["label_y"])
    rows = of_models(figures, "seed count").itertuples()
    for row, (fold, of_fold) in zip(rows, tested.groupby("fold"), strict=True):
        assert row.fold == fold
        assert row.aupr == pytest.approx(average_precision_score(of_fold["label_x"], of_fold["score"]))


def test_the_rows_of_list_and_reads_are_those_without_sites(run, written):
    alone = run(sites=None)
    pd.testing.assert_frame_equal(written[1][: len(alone)], alone)


@pytest.mark.parametrize(
    "names",
    [{}, {"target": "target_sequence", "mirna": "mirna_sequence"}, {"target": "gene", "chromosome": "chr"}],
)
def test_sites_of_a_file_are_those_of_a_frame(run, seeds, sites, written, names, tmp_path):
    table = sites.rename(columns=names)
    if "mirna" in names:  # the name of the miRNA beside its sequence
        table = table.assign(mirna="hsa-let-7a-5p")
    table.to_csv(tmp_path / "sites.csv", index=False)
    chromosome = [{"": np.nan, "1": 1}.get(name, name) for name in sites["chromosome"]]
    for given in (tmp_path / "sites.csv", sites.assign(chromosome=chromosome)):  # as pandas may read it
        found = run(sites=given, models=seeds, site_models=SEED_COUNT)
        pd.testing.assert_frame_equal(found, of_models(written[1], "seeds", "seed count"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("target,label\nACGU,1\n", r"sites\.csv has no column 'mirna'"),
        ("target,mirna,label\n", r"sites\.csv lists no site"),
        ("target,mirna,label\nACGU,ACGU\n", r"sites\.csv, line 2: 2 cells under 3 columns"),
        ("target,mirna,label\nACGU,ACGU,maybe\n", r"sites\.csv, line 2: the label is 'maybe'"),
        ("target,mirna,label\nACGU,hsa-let-7a,1\n", r"mirna in .*sites\.csv, line 2, has the letter '-'"),
        ("target,mirna,label\nACGU,ACGU,1\n", r"of 0 chromosomes, and each of 3 folds"),
        (None, "sites has no column 'label'"),
    ],
)
def test_sites_are_refused_by_file_and_line(run, sites, text, message, tmp_path):
    (tmp_path / "sites.csv").write_text(text or "")
    given = sites.drop(columns="label") if text is None else tmp_path / "sites.csv"
    with pytest.raises(ValueError, match=message):
        run(sites=given)
