"""`binding` with labelled sites also cross-validates what reads a site, by chromosomes."""

import numpy as np
import pandas as pd
import pytest
from _builders import random_rna
from sklearn.metrics import average_precision_score

from sklearn_mferl import SiteClassifier
from sklearn_mferl.baselines import SeedCount
from sklearn_mferl.experiments import binding

LET7 = "UGAGGUAGUAGGUUGUAUAGUU"
SITE_MODELS = {
    "binding": SiteClassifier(channels=(4, 4, 4), max_epochs=1, random_state=0),
    "seed count": SeedCount(circular=False),
}


@pytest.fixture(scope="module")
def sites():
    """Return sites of four chromosomes, and some of none, of which those with a seed match are bound."""
    rng = np.random.default_rng(0)
    targets = [random_rna(50, rng) for _ in range(60)]
    targets[::2] = [rna[:20] + "CUACCUCA" + rna[28:] for rna in targets[::2]]
    chromosome = ["1", "2", "3", "X", ""] * 12
    return pd.DataFrame({"target": targets, "mirna": LET7, "label": [1, 0] * 30, "chromosome": chromosome})


@pytest.fixture(scope="module")
def run(known):
    """Call `binding` on a list of which reads have found every second interaction."""
    data = known.__class__("half", known.pairs[::2].reset_index(drop=True), known.circrna, known.mirna)
    models = {"seeds": SeedCount(known.circrna, known.mirna)}

    def call(sites, **options):
        options = {"n_splits": 2, "site_models": SITE_MODELS, **options}
        return binding(data, known.pairs[1::2], models=models, sites=sites, **options)

    return call


def test_a_chromosome_is_tested_in_one_fold_and_sites_of_none_in_no_fold(run, sites, tmp_path):
    figures = run(sites, out=tmp_path)
    of_sites = figures[figures["truth"] == "sites"]
    assert of_sites[["model", "fold"]].to_numpy().tolist() == [[m, f] for m in SITE_MODELS for f in (1, 2)]
    scores = pd.read_csv(tmp_path / "binding_scores.csv")
    tested = scores[(scores["truth"] == "sites") & (scores["model"] == "seed count")]
    tested = tested.merge(sites, left_on=["circrna", "mirna"], right_on=["target", "mirna"])
    assert len(tested) == (sites["chromosome"] != "").sum()
    assert tested.groupby("chromosome")["fold"].nunique().eq(1).all()
    np.testing.assert_array_equal(tested["label_x"], tested["label_y"])
    for fold, rows in tested.groupby("fold"):
        (row,) = of_sites[(of_sites["model"] == "seed count") & (of_sites["fold"] == fold)].itertuples()
        assert row.aupr == pytest.approx(average_precision_score(rows["label_x"], rows["score"]))


def test_the_rows_of_list_and_reads_are_those_without_sites(run, sites):
    figures = run(sites)
    alone = run(None)
    pd.testing.assert_frame_equal(figures[: len(alone)], alone)


@pytest.mark.parametrize(
    "names",
    [{}, {"target": "target_sequence", "mirna": "mirna_sequence"}, {"target": "gene", "chromosome": "chr"}],
)
def test_sites_of_a_file_are_those_of_a_frame(run, sites, names, tmp_path):
    table = sites.rename(columns=names)
    if "mirna" in names:  # the name of the miRNA beside its sequence
        table = table.assign(mirna="hsa-let-7a-5p")
    table.to_csv(tmp_path / "sites.csv", index=False)
    few = {"site_models": {"seed count": SITE_MODELS["seed count"]}}
    pd.testing.assert_frame_equal(run(tmp_path / "sites.csv", **few), run(sites, **few))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("target,label\nACGU,1\n", r"sites\.csv has no column 'mirna'"),
        ("target,mirna,label\n", r"sites\.csv lists no site"),
        ("target,mirna,label\nACGU,ACGU\n", r"sites\.csv, line 2: 2 cells under 3 columns"),
        ("target,mirna,label\nACGU,ACGU,maybe\n", r"sites\.csv, line 2: the label is 'maybe'"),
        ("target,mirna,label\nACGU,hsa-let-7a,1\n", r"mirna in .*sites\.csv, line 2, has the letter '-'"),
        ("target,mirna,label\nACGU,ACGU,1\n", r"of 0 chromosomes, and each of 2 folds"),
    ],
)
def test_a_table_of_sites_is_refused_by_file_and_line(run, text, message, tmp_path):
    (tmp_path / "sites.csv").write_text(text)
    with pytest.raises(ValueError, match=message):
        run(tmp_path / "sites.csv")


def test_a_frame_without_labels_is_refused(run, sites):
    with pytest.raises(ValueError, match="sites has no column 'label'"):
        run(sites.drop(columns="label"))
