"""The demonstration says what the labels are, measures, ranks and explains, and leaves every file."""

import re
from contextlib import redirect_stdout
from functools import partial
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from sklearn_mferl import demo, load_model, make_mferl_pipeline
from sklearn_mferl.datasets import load_cmi, load_example
from sklearn_mferl.inspection import explain

FILES = {"data/circrna.fasta", "data/interactions.csv", "data/mirna.fasta", "metrics.csv", "model.mferl"}
FILES |= {"curves-circrna.png", "curves-pair.png", "explanation.png", "ranking.csv", "reliability.png"}
MODELS = [demo.MODEL, "seed count", "path count", "degree product", "svd factors"]
LONGEST = 150


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("demo") / "new" / "demo-output"


@pytest.fixture(scope="module")
def printed(folder):
    light = {
        "mferl__network__max_epochs": 1,
        "mferl__evidence__max_epochs": 1,
        "mferl__boosting__estimator": HistGradientBoostingClassifier(max_iter=20),
        "features__background": 1,
    }
    make_light = partial(make_mferl_pipeline, **light)
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as output:
        patch.setattr(demo, "make_mferl_pipeline", make_light)
        patch.setattr(demo, "explain", partial(explain, n_reference=4))
        demo.run_demo(folder, longest=LONGEST, n_splits=2)
    return output.getvalue()


def test_it_leaves_every_file_and_says_where_and_how_long_it_took(folder, printed):
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == FILES
    assert str(folder.resolve()) in printed
    for name in FILES:
        assert f"  {name}\n" in printed
    assert re.search(r"Done in \d+ s \(\d+ s of processor time\)\.\n$", printed)
    assert load_cmi(folder / "data").pairs.equals(load_example(LONGEST).pairs)


def test_what_the_labels_are_stands_before_any_figure(printed):
    words = " ".join(printed.split())
    assert words.startswith("What the labels are: this list of pairs was made with target prediction")
    assert "not pairs shown not to interact" in re.split(r"\d", words)[0]


def test_it_prints_and_keeps_the_figures_of_the_model_and_the_baselines_on_both_splits(folder, printed):
    for name in MODELS:
        rows = [line for line in printed.splitlines() if re.match(rf"{name} +\d", line)]
        assert [row.count(" ± ") for row in rows] == [3, 3]
    metrics = pd.read_csv(folder / "metrics.csv")
    assert metrics.groupby(["split", "model"]).size().to_list() == [2] * 2 * len(MODELS)


def test_the_ranking_holds_pairs_that_are_not_known_with_the_scores_of_the_saved_model(folder, printed):
    ranking = pd.read_csv(folder / "ranking.csv")
    assert len(ranking) == 20
    assert len(ranking.merge(load_example(LONGEST).pairs)) == 0
    assert ranking["score"].is_monotonic_decreasing
    scores = load_model(folder / "model.mferl").predict_proba(ranking)[:, 1]
    assert scores == pytest.approx(ranking["score"].to_numpy())


def test_the_contributions_to_the_first_score_add_up(folder, printed):
    first = pd.read_csv(folder / "ranking.csv").iloc[0]
    found = re.search(rf"Why {first['circrna']} and {first['mirna']} come first: log-odds (\S+) are", printed)
    assert found is not None
    shares = [float(each) for each in re.findall(r"^  ([+-]\d+\.\d\d) ", printed, flags=re.MULTILINE)]
    assert sum(shares) == pytest.approx(float(found[1]), abs=0.01 * len(shares))


def test_the_folder_is_an_argument(tmp_path, monkeypatch):
    called = []
    monkeypatch.setattr(demo, "run_demo", called.append)
    demo.main(["--out", str(tmp_path)])
    demo.main([])
    assert called == [tmp_path, Path("demo-output")]
