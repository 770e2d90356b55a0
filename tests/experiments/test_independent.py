"""`independent` trains on some data, and tests on others without a leak."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from _light import FAST, contents, embedded_only, pairs_of, written_names
from sklearn.base import BaseEstimator, ClassifierMixin

from sklearn_mferl.baselines import PathCount, SeedCount
from sklearn_mferl.datasets import save_cmi
from sklearn_mferl.experiments import Settings, independent
from sklearn_mferl.metrics import interaction_scores

NOVELTIES = ["all", "neither new", "miRNA new", "circRNA new", "both new"]


@pytest.fixture(scope="module")
def train(known):
    """Return the pairs of two thirds of the RNAs, and no sequence of the others."""
    circrna, mirna = dict(list(known.circrna.items())[:40]), dict(list(known.mirna.items())[:20])
    chosen = known.pairs["circrna"].isin(circrna) & known.pairs["mirna"].isin(mirna)
    return replace(known, pairs=known.pairs[chosen].reset_index(drop=True), circrna=circrna, mirna=mirna)


@pytest.fixture(scope="module")
def seeds(known):
    return {"seeds": SeedCount(known.circrna, known.mirna)}


@pytest.fixture(scope="module")
def written(known, train, seeds, tmp_path_factory):
    """Return the folder and the result of a run with two models."""
    folder = tmp_path_factory.mktemp("independent")
    return folder, independent(train, known, models={**seeds, "paths": PathCount()}, out=folder)


@pytest.fixture(scope="module")
def scores(written):
    return pd.read_csv(written[0] / "independent_scores.csv")


class Remember(ClassifierMixin, BaseEstimator):
    """Keep what the model was trained and tested on."""

    trained: list = []
    tested: list = []

    def fit(self, X, y):
        self.trained.append((X, y))
        return self

    def predict_proba(self, X):
        self.tested.append(X)
        return np.full((len(X), 2), 0.5)


@pytest.mark.parametrize("step", [1, 2])
def test_training_is_that_of_its_own_data_and_tested_is_what_it_has_not_seen(known, train, step, tmp_path):
    test = replace(known, pairs=known.pairs[::step])
    independent(train, test, models={"m": Remember()}, out=tmp_path)
    (trained, labels), tested = Remember.trained.pop(), Remember.tested.pop()
    pairs, y = Settings().draw_pairs(train)
    pd.testing.assert_frame_equal(trained, pairs)
    np.testing.assert_array_equal(labels, y)
    scores = pd.read_csv(tmp_path / "independent_scores.csv")
    positives, negatives = (pairs_of(scores[scores["label"] == label]) for label in (1, 0))
    assert positives == pairs_of(test.pairs) - pairs_of(trained)
    assert not negatives & (pairs_of(trained) | pairs_of(test.pairs))
    assert len(negatives) == len(positives)
    assert pairs_of(tested) == positives | negatives


def test_novelty_says_which_rnas_training_has_not_seen(train, scores):
    new = [~scores[side].isin(train.pairs[side]) for side in ("circrna", "mirna")]
    expected = np.select([new[0] & new[1], *new], ["both new", "circRNA new", "miRNA new"], "neither new")
    assert scores["novelty"].tolist() == expected.tolist()
    assert scores["novelty"].nunique() == 4


def test_figures_are_those_of_the_scores_of_each_novelty(written, scores):
    found = written[1]
    assert found["novelty"].tolist() == NOVELTIES * 2
    for row in found.to_dict("records"):
        chosen = scores[scores["model"] == row["model"]]
        if row["novelty"] != "all":
            chosen = chosen[chosen["novelty"] == row["novelty"]]
        label, score = chosen["label"], chosen["score"]
        assert (row["positives"], row["negatives"]) == (label.sum(), (label == 0).sum())
        figures = interaction_scores(label, score) if label.nunique() == 2 else {"auc": np.nan, "f1": np.nan}
        for name, value in figures.items():
            assert row[name] == pytest.approx(value, nan_ok=True)
    # training has all known pairs of its own RNAs
    assert found["auc"].isna().tolist() == [False, True, False, False, False] * 2


def test_a_copy_under_another_id_is_not_new(known, train, tmp_path, seeds):
    """Test pairs that training has under other names would be leaks."""
    rnas = ({"x" + name: rna for name, rna in side.items()} for side in (known.circrna, known.mirna))
    copy = replace(known, pairs="x" + known.pairs, **dict(zip(("circrna", "mirna"), rnas, strict=True)))
    both = replace(known, circrna={**known.circrna, **copy.circrna}, mirna={**known.mirna, **copy.mirna})
    models = {"seeds": SeedCount(both.circrna, both.mirna)}
    for name, test in (("same", known), ("copy", copy)):
        independent(train, test, models=models, out=tmp_path / name)
    same, copied = (pd.read_csv(tmp_path / name / "independent_scores.csv") for name in ("same", "copy"))
    positives, expected = (pairs_of(scores[scores["label"] == 1]) for scores in (copied, same))
    assert {(circrna[1:], mirna[1:]) for circrna, mirna in positives} == expected
    seen = pairs_of(Settings().draw_pairs(train)[0]) | pairs_of(known.pairs)
    negatives = pairs_of(copied[copied["label"] == 0])
    assert not {(circrna[1:], mirna[1:]) for circrna, mirna in negatives} & seen
    is_new = ~copied["circrna"].str[1:].isin(train.pairs["circrna"])
    assert (copied["novelty"].isin(["circRNA new", "both new"]) == is_new).all()
    overlap = pd.read_csv(tmp_path / "copy" / "independent_overlap.csv", index_col="of")
    assert (overlap["same_id"] == 0).all()
    assert overlap.loc["pair", "same_sequence"] == len(train.pairs)


def test_the_overlap_is_counted(known, train, written):
    overlap = pd.read_csv(written[0] / "independent_overlap.csv", index_col="of")
    for side in ("circrna", "mirna"):
        n_train = train.pairs[side].nunique()
        assert overlap.loc[side].tolist() == [n_train, known.pairs[side].nunique(), n_train, n_train]
    assert overlap.loc["pair"].tolist() == [len(train.pairs), len(known.pairs), *[len(train.pairs)] * 2]


def test_the_model_scores_rnas_that_only_the_test_has(known, train, tmp_path):
    found = independent(train, known, params=FAST, out=tmp_path)
    assert found["model"].unique().tolist()[0] == "default model"
    # the same as training on one folder and adding the other's RNAs to the fitted features
    model = Settings(params=FAST).make_model(train).fit(*Settings().draw_pairs(train))
    model["features"].add_rnas(known.circrna, known.mirna)
    scores = pd.read_csv(tmp_path / "independent_scores.csv", converters={"score": float})
    scores = scores[scores["model"] == "default model"]
    np.testing.assert_array_equal(model.predict_proba(scores)[:, 1], scores["score"])


def test_folders_are_read_and_files_written(known, train, tmp_path, seeds, written):
    folder, expected = written
    save_cmi(train, tmp_path / "train")
    save_cmi(known, tmp_path / "test")
    found = independent(tmp_path / "train", tmp_path / "test", models=seeds)
    pd.testing.assert_frame_equal(found, expected[expected["model"] == "seeds"])
    assert set(contents(folder)) == written_names(
        "independent", "_scores", "_overlap", figure="independent_curves"
    )
    pd.testing.assert_frame_equal(pd.read_csv(folder / "independent.csv"), expected)
    with pytest.raises(ValueError, match="test was"):
        independent(train, replace(known, pairs=known.pairs[1:]), models=seeds, out=folder)


def test_an_rna_with_two_sequences_is_refused_or_left_out(known, train, tmp_path, seeds):
    name = train.pairs["circrna"][0]
    conflicting = replace(known, circrna={**known.circrna, name: "ACGUACGUACGU"})
    with pytest.raises(ValueError, match=f"The circrna '{name}' has another sequence"):
        independent(train, conflicting, models=seeds)
    independent(train, conflicting, models=seeds, conflicts="drop", out=tmp_path)
    scores = pd.read_csv(tmp_path / "independent_scores.csv")
    assert name not in set(scores["circrna"])
    lower_case = replace(known, mirna={k: v.lower().replace("u", "t") for k, v in known.mirna.items()})
    independent(train, lower_case, models=seeds)


def test_vectors_are_used_where_both_have_them(known):
    both = embedded_only(known)
    train, test = replace(both, pairs=known.pairs[:90]), replace(both, pairs=known.pairs[60:])
    found = independent(train, test, params=FAST)
    assert found["model"].unique().tolist()[0] == "default model"
    assert "seed count" not in set(found["model"])


def test_vectors_and_sequences_that_do_not_go_together_are_refused(known, train):
    vectors = np.random.default_rng(0).normal(size=(2, len(known.circrna), 4))
    first, second, short = (
        replace(known, embeddings={"circrna": pd.DataFrame(values, index=list(known.circrna))})
        for values in (*vectors, vectors[0, :, :3])
    )
    for data, test, message in (
        (train, first, "Only the test data have vectors of the circrnas"),
        (first, known, "Only the training data have vectors of the circrnas"),
        (first, replace(first, circrna=None), "Only the training data have sequences of the circrnas"),
        (first, second, r"like 59 more\. Vectors must be of one embedding"),
        (first, short, "have 4 numbers in the training data and 3"),
    ):
        with pytest.raises(ValueError, match=message):
            independent(data, test)


def test_bad_input_is_named(known, seeds):
    with pytest.raises(ValueError, match="conflicts must be"):
        independent(known, known, conflicts="ignore")
    with pytest.raises(ValueError, match="All 180 known pairs to test on are pairs of training"):
        independent(known, known, models=seeds)
