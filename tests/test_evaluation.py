from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GroupKFold, KFold, cross_val_score

from sklearn_mferl._random import spawn_seeds
from sklearn_mferl.baselines import DegreeProduct, PathCount
from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.evaluation import cross_validate_pairs
from sklearn_mferl.metrics import interaction_scores
from sklearn_mferl.model_selection import labelled_pairs

MODELS = {"degree product": DegreeProduct(), "path count": PathCount()}
FIGURES = ["auc", "aupr", "f1", "accuracy", "recall", "precision"]


class Spy(ClassifierMixin, BaseEstimator):
    """Remember what it was given; its clones share the list."""

    seen: list[tuple[pd.DataFrame, np.ndarray]] = []

    def fit(self, X, y):
        self.seen.append((X, y))
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.full((len(X), 2), 0.5)


@pytest.fixture(scope="module")
def labelled():
    return labelled_pairs(make_cmi(60, 30, random_state=0).pairs, random_state=0)


def test_each_pair_is_tested_once_and_scored_by_each_model(labelled):
    pairs, y = labelled
    figures, scores = cross_validate_pairs(MODELS, pairs, y, n_splits=4, random_state=0)
    pd.testing.assert_frame_equal(scores[["circrna", "mirna"]], pairs)
    np.testing.assert_array_equal(scores["label"], y)
    assert set(scores["fold"]) == {1, 2, 3, 4}
    assert np.isfinite(scores[list(MODELS)]).all(axis=None)
    assert list(figures.columns) == ["model", "fold", *FIGURES]
    assert len(figures) == 8


@pytest.mark.parametrize("split", ["pair", "circrna", "mirna"])
def test_the_figures_are_those_of_scikit_learn_on_the_same_folds(labelled, split):
    pairs, y = labelled
    seed = spawn_seeds(3, 1)[0]
    groups = None if split == "pair" else pairs[split].astype(str)
    splitter = (KFold if split == "pair" else GroupKFold)(5, shuffle=True, random_state=seed)
    figures, _ = cross_validate_pairs(MODELS, pairs, y, split=split, random_state=3)
    for name, model in MODELS.items():
        for scorer, figure in (("roc_auc", "auc"), ("average_precision", "aupr"), ("f1", "f1")):
            expected = cross_val_score(model, pairs, y, groups=groups, cv=splitter, scoring=scorer)
            np.testing.assert_allclose(figures.loc[figures["model"] == name, figure], expected, atol=1e-12)


@pytest.mark.parametrize("split", ["circrna", "mirna"])
def test_no_rna_of_a_test_fold_is_in_training(labelled, split):
    Spy.seen.clear()
    _, scores = cross_validate_pairs(Spy(), *labelled, split=split, random_state=0)
    for fold, (train, _) in enumerate(Spy.seen, start=1):
        assert not set(train[split]) & set(scores.loc[scores["fold"] == fold, split])


def test_a_model_sees_the_training_pairs_with_their_labels_and_no_others(labelled):
    pairs, y = labelled
    Spy.seen.clear()
    _, scores = cross_validate_pairs(Spy(), pairs, y, n_splits=3, random_state=0)
    for fold, (train, labels) in enumerate(Spy.seen, start=1):
        rows = (scores["fold"] != fold).to_numpy()
        np.testing.assert_array_equal(train, pairs[rows])
        np.testing.assert_array_equal(labels, y[rows])


def test_scores_by_fold_give_the_figures(labelled):
    result = cross_validate_pairs(MODELS, *labelled, n_splits=3, random_state=0)
    curves = result.by_fold()
    assert list(curves) == list(MODELS)
    for name, folds in curves.items():
        rows = result.figures.loc[result.figures["model"] == name, FIGURES].to_dict("records")
        assert rows == [pytest.approx(interaction_scores(label, score)) for label, score in folds]


def test_the_summary_is_mean_and_sample_deviation(labelled):
    result = cross_validate_pairs(MODELS, *labelled, n_splits=3, random_state=0)
    auc = result.figures.loc[result.figures["model"] == "path count", "auc"]
    summary = result.summary()
    assert list(summary.columns) == FIGURES
    assert list(summary.index) == list(MODELS)
    assert summary.loc["path count", "auc"] == f"{auc.mean():.3f} ± {np.std(auc, ddof=1):.3f}"


def test_the_random_state_decides_the_folds(labelled):
    folds = [
        cross_validate_pairs(Spy(), *labelled, random_state=seed).scores["fold"].tolist()
        for seed in (0, 0, 1)
    ]
    assert folds[0] == folds[1] != folds[2]


def test_a_single_model_goes_by_the_name_of_its_class(labelled):
    assert set(cross_validate_pairs(PathCount(), *labelled, n_splits=2).figures["model"]) == {"PathCount"}


def test_the_models_given_stay_unfitted(labelled):
    model = DegreeProduct()
    cross_validate_pairs(model, *labelled, n_splits=2)
    assert not hasattr(model, "classes_")


def test_the_progress_bar_is_on_stderr(labelled, capsys):
    cross_validate_pairs(MODELS, *labelled, n_splits=2, progress=True)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "fold 2 of 2, path count" in captured.err
    cross_validate_pairs(MODELS, *labelled, n_splits=2)
    assert capsys.readouterr().err == ""


def test_bad_input_is_named(labelled):
    pairs, y = labelled
    with pytest.raises(ValueError, match=r"split must be one of .* got 'gene'"):
        cross_validate_pairs(MODELS, pairs, y, split="gene")
    with pytest.raises(ValueError, match=r"label of row 1 is .*2.*; labels must be 0 or 1"):
        cross_validate_pairs(MODELS, pairs, np.r_[y[:1], 2, y[2:]])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        cross_validate_pairs(MODELS, pairs, y[:-1])
    with pytest.raises(ValueError, match=r"fold 1 have the label 1 only; .* lower n_splits=2"):
        cross_validate_pairs(MODELS, pairs[:4], [1, 1, 1, 1], n_splits=2)
    with pytest.raises(ValueError, match=r"names other than .*'fold'"):
        cross_validate_pairs({"fold": PathCount()}, pairs, y)
    with pytest.raises(ValueError, match="number of groups"):
        cross_validate_pairs(MODELS, pairs, y, split="mirna", n_splits=31)
