from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss
from sklearn.model_selection import KFold, RepeatedKFold, cross_val_score

from sklearn_mferl.baselines import DegreeProduct, PathCount
from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.evaluation import cross_validate_pairs, rank_hidden_pairs
from sklearn_mferl.metrics import best_f1_threshold, interaction_scores, precision_at_k
from sklearn_mferl.model_selection import ColdStartKFold, labelled_pairs
from sklearn_mferl.utils.random_state import spawn_seeds

MODELS = {"degree product": DegreeProduct(), "path count": PathCount()}
FIGURES = ["auc", "aupr", "f1", "accuracy", "recall", "precision"]
OF_PROBABILITIES = ["brier", "log_loss", "ece"]


class Memory(ClassifierMixin, BaseEstimator):
    """Remember the label of each training pair, and know nothing else."""

    def fit(self, X, y):
        self.labels_ = dict(zip(X.itertuples(index=False, name=None), y, strict=True))
        return self

    def predict_proba(self, X):
        found = np.array([self.labels_.get(pair, 0.5) for pair in X.itertuples(index=False, name=None)])
        return np.column_stack([1 - found, found])


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
    assert list(figures.columns) == ["model", "fold", *FIGURES, *OF_PROBABILITIES]
    assert len(figures) == 8


@pytest.mark.parametrize("split", ["pair", "circrna", "mirna", "both"])
def test_the_figures_are_those_of_scikit_learn_on_the_same_folds(labelled, split):
    pairs, y = labelled
    seed = spawn_seeds(3, 1)[0]
    splitter = ColdStartKFold(on=split, random_state=seed)
    if split == "pair":
        splitter = KFold(5, shuffle=True, random_state=seed)
    figures, _ = cross_validate_pairs(MODELS, pairs, y, split=split, random_state=3)
    for name, model in MODELS.items():
        for scorer, figure in (("roc_auc", "auc"), ("average_precision", "aupr"), ("f1", "f1")):
            expected = cross_val_score(model, pairs, y, cv=splitter, scoring=scorer)
            np.testing.assert_allclose(figures.loc[figures["model"] == name, figure], expected, atol=1e-12)


@pytest.mark.parametrize("split", ["circrna", "mirna"])
def test_no_rna_of_a_test_fold_is_in_training(labelled, split):
    Spy.seen.clear()
    _, scores = cross_validate_pairs(Spy(), *labelled, split=split, random_state=0)
    for fold, (train, _) in enumerate(Spy.seen, start=1):
        assert not set(train[split]) & set(scores.loc[scores["fold"] == fold, split])


def test_with_both_ends_new_pairs_off_the_diagonal_have_no_score(labelled):
    Spy.seen.clear()
    pairs, y = labelled
    result = cross_validate_pairs(Spy(), pairs, y, split="both", random_state=0)
    assert set(result.scores["fold"]) == {1, 2, 3}
    assert len(result.scores) < len(pairs)
    assert np.isfinite(result.scores["Spy"]).all()
    pd.testing.assert_frame_equal(result.scores[["circrna", "mirna"]], pairs.loc[result.scores.index])
    np.testing.assert_array_equal(result.scores["label"], y[result.scores.index])
    for fold, (train, _) in enumerate(Spy.seen, start=1):
        test = result.scores[result.scores["fold"] == fold]
        for side in ("circrna", "mirna"):
            assert not set(train[side]) & set(test[side])
    assert sum(len(labels) for labels, _ in result.by_fold()["Spy"]) == len(result.scores)


def test_any_splitter_that_tests_no_pair_twice_will_do(labelled):
    pairs, y = labelled
    names = sorted(set(pairs["circrna"]))
    clusters = pd.Series(range(len(names)), index=names) // 2
    splitter = ColdStartKFold(3, on="circrna", similarity=clusters, random_state=0)
    result = cross_validate_pairs(PathCount(), pairs, y, split=splitter)
    assert (result.scores.groupby(result.scores["circrna"].map(clusters))["fold"].nunique() == 1).all()
    with pytest.raises(
        ValueError, match=r"Row 0 is tested in 2 folds; give a splitter that tests no pair twice"
    ):
        cross_validate_pairs(PathCount(), pairs, y, split=RepeatedKFold(n_splits=3, n_repeats=2))


@pytest.mark.parametrize("split", ["pair", "circrna", "mirna", "both"])
def test_what_is_remembered_of_a_repeated_pair_says_nothing_of_a_test_fold(labelled, split):
    pairs, y = labelled
    repeated, labels = pd.concat([pairs, pairs[::-1]], ignore_index=True), np.concatenate([y, y[::-1]])
    labels[::7] = 1 - labels[::7]  # some of the repeats contradict each other
    result = cross_validate_pairs(Memory(), repeated, labels, split=split, random_state=0)
    assert (result.figures["auc"] == 0.5).all()
    assert (result.scores.groupby(["circrna", "mirna"])["fold"].nunique() == 1).all()


def test_a_splitter_that_separates_the_rows_of_a_pair_is_refused(labelled):
    pairs, y = labelled
    repeated, labels = pd.concat([pairs, pairs], ignore_index=True), np.concatenate([y, y])
    with pytest.raises(
        ValueError, match=r"Row 0, the pair 'sim_circ_0001', 'sim.*', is tested in fold 1 and in its training"
    ):
        cross_validate_pairs(PathCount(), repeated, labels, split=KFold(2))


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


def test_the_figures_of_probabilities_are_those_of_the_scores(labelled):
    result = cross_validate_pairs(MODELS, *labelled, n_splits=3, random_state=0)
    for name, folds in result.by_fold().items():
        rows = result.figures[result.figures["model"] == name]
        assert rows["brier"].tolist() == pytest.approx([brier_score_loss(*fold) for fold in folds])
        assert rows["log_loss"].tolist() == pytest.approx([log_loss(*fold) for fold in folds])
    summary = result.probability_summary()
    assert list(summary.columns) == OF_PROBABILITIES
    assert summary.loc["path count", "brier"] == f"{rows['brier'].mean():.3f} ± {rows['brier'].std():.3f}"


def test_the_threshold_of_a_fold_is_chosen_on_the_scores_of_the_other_folds(labelled):
    result = cross_validate_pairs(MODELS, *labelled, n_splits=3, random_state=0)
    figures = result.figures_at("train")
    assert list(figures.columns) == ["model", "fold", "threshold", *FIGURES]
    for row in figures.itertuples():
        others = result.scores[result.scores["fold"] != row.fold]
        test = result.scores[result.scores["fold"] == row.fold]
        assert row.threshold == best_f1_threshold(others["label"], others[row.model])
        expected = interaction_scores(test["label"], test[row.model], row.threshold)
        assert [row.f1, row.recall] == [expected["f1"], expected["recall"]]


def test_the_labels_of_a_fold_do_not_move_its_training_threshold(labelled):
    result = cross_validate_pairs(PathCount(), *labelled, n_splits=3, random_state=0)
    scores = result.scores.copy()
    scores.loc[scores["fold"] == 2, "label"] = 1 - scores["label"]
    thresholds = [
        found.figures_at("train")["threshold"] for found in (result, result._replace(scores=scores))
    ]
    assert thresholds[0][1] == thresholds[1][1]


def test_the_best_f1_of_the_test_fold_is_the_highest_of_the_three(labelled):
    result = cross_validate_pairs(MODELS, *labelled, n_splits=3, random_state=0)
    best, train, half = (result.figures_at(threshold) for threshold in ("best_f1", "train", 0.5))
    assert (best["f1"] >= train["f1"]).all()
    assert (best["f1"] >= half["f1"]).all()
    pd.testing.assert_frame_equal(best[["auc", "aupr"]], half[["auc", "aupr"]])
    pd.testing.assert_frame_equal(half[FIGURES], result.figures[FIGURES])
    mean = best.groupby("model", sort=False)["f1"].mean()
    assert result.summary("best_f1")["f1"].str[:5].tolist() == [f"{value:.3f}" for value in mean]


def test_a_bad_threshold_is_named(labelled):
    result = cross_validate_pairs(PathCount(), *labelled, n_splits=2, random_state=0)
    for threshold in ("test", None, True):
        with pytest.raises(ValueError, match=r"threshold must be a number, 'train' or 'best_f1'; got"):
            result.figures_at(threshold)
    single = result._replace(figures=result.figures[:1])
    with pytest.raises(ValueError, match="needs another fold"):
        single.figures_at("train")


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


# Hidden pairs -----------------------------------------------------------------------------------------------


class Noise(ClassifierMixin, BaseEstimator):
    """Score pairs by their names alone, and remember what it was given."""

    seen: list[tuple[pd.DataFrame, np.ndarray]] = []
    asked: list[pd.DataFrame] = []

    def fit(self, X, y):
        self.seen.append((X, y))
        return self

    def predict_proba(self, X):
        self.asked.append(X)
        score = [np.random.default_rng(list("".join(pair).encode())).random() for pair in X.to_numpy()]
        return np.column_stack([1 - np.array(score), score])


@pytest.fixture(scope="module")
def known():
    return make_cmi(30, 15, random_state=0).pairs


def as_set(pairs):
    return set(pairs.itertuples(index=False, name=None))


def rank_noise(known, **parameters):
    Noise.seen.clear()
    Noise.asked.clear()
    (figures,) = rank_hidden_pairs(Noise(), known, **{"random_state": 0, **parameters}).to_dict("records")
    (train, y), asked = Noise.seen[0], pd.concat(Noise.asked)
    return figures, train[y == 1], train[y == 0], asked


def test_every_pair_that_training_does_not_know_is_ranked_once(known):
    _, positives, negatives, asked = rank_noise(known, chunk_size=50)
    grid = {(c, m) for c in set(known["circrna"]) for m in set(known["mirna"])}
    assert len(as_set(asked)) == len(asked)
    assert as_set(asked) == grid - as_set(positives)
    assert as_set(negatives) < as_set(asked)
    assert max(len(part) for part in Noise.asked) == 50


def test_a_fifth_of_the_known_pairs_is_hidden_and_no_negative_is_one_of_them(known):
    figures, positives, negatives, _ = rank_noise(known)
    assert as_set(positives) < as_set(known)
    assert figures["n_hidden"] == len(known) - len(positives) == round(0.2 * len(known))
    assert len(negatives) == len(positives)
    assert not as_set(negatives) & as_set(known)


def test_the_figures_of_a_ranking_are_those_of_all_scores(known):
    figures, positives, _, asked = rank_noise(known, hidden=0.5, ks=(10, 10**6))
    hidden = [pair in as_set(known) - as_set(positives) for pair in asked.itertuples(index=False, name=None)]
    scores = Noise().predict_proba(asked)[:, 1]
    assert figures["n_ranked"] == len(asked)
    assert figures["ap"] == pytest.approx(average_precision_score(hidden, scores))
    assert figures["p@10"] == precision_at_k(hidden, scores, 10)
    assert np.isnan(figures["p@1000000"])


def test_models_are_ranked_on_the_same_hidden_pairs_in_any_order_of_the_known_ones(known):
    first = rank_hidden_pairs(MODELS, known, random_state=0)
    again = rank_hidden_pairs(MODELS, known.sample(frac=1, random_state=1), random_state=0)
    other = rank_hidden_pairs(MODELS, known, random_state=1)
    pd.testing.assert_frame_equal(first, again)
    assert first["model"].tolist() == list(MODELS)
    assert first["n_hidden"].nunique() == 1
    assert not first.equals(other)


def test_only_the_pairs_of_the_rnas_given_are_ranked(known):
    circrnas = sorted(set(known["circrna"]))[:10]
    figures, positives, _, asked = rank_noise(known, circrna=circrnas)
    assert set(asked["circrna"]) == set(circrnas)
    hidden = as_set(known) - as_set(positives)
    assert figures["n_hidden"] == sum(c in circrnas for c, _ in hidden)


def test_negatives_of_another_strategy_and_ratio(known):
    _, positives, negatives, _ = rank_noise(known, ratio=0.5, strategy="near")
    expected, y = labelled_pairs(positives, 0.5, strategy="near", random_state=0)
    assert len(negatives) == (y == 0).sum()
    assert PathCount().fit(expected, y).predict_proba(negatives)[:, 1].min() > 0


def test_a_bad_ranking_is_named(known):
    for hidden in (0, 1, 1.5, "0.2", True):
        with pytest.raises(ValueError, match="hidden must be a share between 0 and 1"):
            rank_hidden_pairs(PathCount(), known, hidden=hidden)
    with pytest.raises(ValueError, match="chunk_size must be a whole number of at least 1; got 0"):
        rank_hidden_pairs(PathCount(), known, chunk_size=0)
    with pytest.raises(ValueError, match=r"All 1 known pairs would be hidden \(hidden=0.2\)"):
        rank_hidden_pairs(PathCount(), known[:1])
    with pytest.raises(ValueError, match="None of the hidden pairs"):
        rank_hidden_pairs(PathCount(), known, circrna=["other"])
    with pytest.raises(ValueError, match="strategy must be one of"):
        rank_hidden_pairs(PathCount(), known, strategy="hard")
