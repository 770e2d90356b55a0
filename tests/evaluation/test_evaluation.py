"""Cross-validation and hidden pairs: figures of pairs that training has not seen, and no leak."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import average_precision_score
from sklearn.model_selection import KFold, RepeatedKFold, cross_val_score

from sklearn_mferl.baselines import DegreeProduct, PathCount
from sklearn_mferl.evaluation import cross_validate_pairs, rank_hidden_pairs
from sklearn_mferl.metrics import (
    best_f1_threshold,
    interaction_scores,
    precision_at_k,
    probability_scores,
)
from sklearn_mferl.model_selection import ColdStartKFold, labelled_pairs
from sklearn_mferl.utils.random_state import spawn_seeds

MODELS = {"degree product": DegreeProduct(), "path count": PathCount()}
FIGURES = ["auc", "aupr", "f1", "accuracy", "recall", "precision"]
OF_PROBABILITIES = ["brier", "log_loss", "ece"]
each_split = pytest.mark.parametrize("split", ["pair", "circrna", "mirna", "both"])


class Memory(ClassifierMixin, BaseEstimator):
    """Know the label of each training pair and nothing else; its clones share what they were given."""

    seen: list[tuple[pd.DataFrame, np.ndarray]] = []
    asked: list[pd.DataFrame] = []

    def fit(self, X, y):
        self.seen.append((X, y))
        self.labels_ = dict(zip(X.itertuples(index=False, name=None), y, strict=True))
        return self

    def predict_proba(self, X):
        self.asked.append(X)
        score = np.array([self.labels_.get(pair, 0.5) for pair in X.itertuples(index=False, name=None)])
        return np.column_stack([1 - score, score])


@pytest.fixture(autouse=True)
def _forget():
    Memory.seen.clear()
    Memory.asked.clear()


@pytest.fixture(scope="module")
def labelled(known):
    return labelled_pairs(known.pairs, random_state=0)


@pytest.fixture(scope="module")
def result(labelled):
    return cross_validate_pairs(MODELS, *labelled, n_splits=3, random_state=0)


@each_split
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


@each_split
def test_a_model_sees_the_training_pairs_with_their_labels_and_nothing_of_the_test(labelled, split):
    pairs, y = labelled
    result = cross_validate_pairs(Memory(), pairs, y, split=split, random_state=0)
    scores = result.scores
    assert (len(scores) < len(pairs)) == (split == "both")  # off the diagonal no pair is tested
    pd.testing.assert_frame_equal(scores[["circrna", "mirna"]], pairs.loc[scores.index])
    np.testing.assert_array_equal(scores["label"], y[scores.index])
    assert sum(len(labels) for labels, _ in result.by_fold()["Memory"]) == len(scores)
    assert len(Memory.seen) == (3 if split == "both" else 5)
    for fold, (train, labels) in enumerate(Memory.seen, start=1):
        rows = pairs.reset_index().merge(train, on=["circrna", "mirna"])["index"]
        np.testing.assert_array_equal(labels, y[rows])
        test = scores[scores["fold"] == fold]
        assert not set(rows) & set(test.index)
        if split != "both":
            assert len(rows) + len(test) == len(pairs)
        for side in {"pair": [], "both": ["circrna", "mirna"]}.get(split, [split]):
            assert not set(train[side]) & set(test[side])


@each_split
def test_what_is_remembered_of_a_repeated_pair_says_nothing_of_a_test_fold(labelled, split):
    pairs, y = labelled
    repeated, labels = pd.concat([pairs, pairs[::-1]], ignore_index=True), np.concatenate([y, y[::-1]])
    labels[::7] = 1 - labels[::7]  # some of the repeats contradict each other
    result = cross_validate_pairs(Memory(), repeated, labels, split=split, random_state=0)
    assert (result.figures["auc"] == 0.5).all()
    assert (result.scores.groupby(["circrna", "mirna"])["fold"].nunique() == 1).all()


def test_the_figures_are_those_of_the_scores_of_each_fold(result):
    assert list(result.figures.columns) == ["model", "fold", *FIGURES, *OF_PROBABILITIES]
    curves = result.by_fold()
    assert list(curves) == list(MODELS)
    for name, folds in curves.items():
        rows = result.figures.loc[result.figures["model"] == name].iloc[:, 2:].to_dict("records")
        expected = [interaction_scores(*fold) | probability_scores(*fold) for fold in folds]
        assert rows == [pytest.approx(figures) for figures in expected]


def test_the_summaries_are_mean_and_sample_deviation(result):
    of_model = result.figures[result.figures["model"] == "path count"]
    summaries = (result.summary(), FIGURES), (result.probability_summary(), OF_PROBABILITIES)
    for summary, names in summaries:
        assert list(summary.columns) == names
        assert list(summary.index) == list(MODELS)
        for name in names:
            values = of_model[name]
            assert summary.loc["path count", name] == f"{values.mean():.3f} ± {np.std(values, ddof=1):.3f}"


def test_the_threshold_of_a_fold_is_chosen_on_the_scores_of_the_other_folds(result):
    figures = result.figures_at("train")
    assert list(figures.columns) == ["model", "fold", "threshold", *FIGURES]
    for row in figures.itertuples():
        others = result.scores[result.scores["fold"] != row.fold]
        test = result.scores[result.scores["fold"] == row.fold]
        assert row.threshold == best_f1_threshold(others["label"], others[row.model])
        expected = interaction_scores(test["label"], test[row.model], row.threshold)
        assert [row.f1, row.recall] == [expected["f1"], expected["recall"]]


def test_the_best_f1_of_the_test_fold_is_the_highest_of_the_three(result):
    best, train, half = (result.figures_at(threshold) for threshold in ("best_f1", "train", 0.5))
    assert (best["f1"] >= train["f1"]).all()
    assert (best["f1"] >= half["f1"]).all()
    pd.testing.assert_frame_equal(best[["auc", "aupr"]], half[["auc", "aupr"]])
    pd.testing.assert_frame_equal(half[FIGURES], result.figures[FIGURES])
    mean = best.groupby("model", sort=False)["f1"].mean()
    assert result.summary("best_f1")["f1"].str[:5].tolist() == [f"{value:.3f}" for value in mean]


def test_a_bad_threshold_is_named(result):
    for threshold in ("test", None, True):
        with pytest.raises(ValueError, match=r"threshold must be a number, 'train' or 'best_f1'; got"):
            result.figures_at(threshold)
    single = result._replace(figures=result.figures[:1])
    with pytest.raises(ValueError, match="needs another fold"):
        single.figures_at("train")


def test_the_random_state_decides_the_folds(labelled):
    first, again, other = (
        cross_validate_pairs(Memory(), *labelled, random_state=seed).scores["fold"] for seed in (0, 0, 1)
    )
    assert first.equals(again)
    assert not first.equals(other)


def test_a_single_model_goes_by_the_name_of_its_class_and_stays_unfitted(labelled):
    model = DegreeProduct()
    assert set(cross_validate_pairs(model, *labelled, n_splits=2).figures["model"]) == {"DegreeProduct"}
    assert not hasattr(model, "classes_")


def test_bad_input_is_named(labelled):
    pairs, y = labelled
    repeated = {"pairs": pd.concat([pairs, pairs], ignore_index=True), "y": np.concatenate([y, y])}
    separated = f"Row 0, the pair {str(tuple(pairs.loc[0]))[1:-1]}, is tested in fold 1 and in its training"
    twice = RepeatedKFold(n_splits=3, n_repeats=2)
    for changed, message in (
        ({"split": twice}, "Row 0 is tested in 2 folds; give a splitter that"),
        ({**repeated, "split": KFold(2)}, separated),
        ({"split": "gene"}, r"split must be one of .* got 'gene'"),
        ({"y": np.r_[y[:1], 2, y[2:]]}, r"label of row 1 is .*2.*; labels must be 0 or 1"),
        ({"y": y[:-1]}, "inconsistent numbers of samples"),
        ({"pairs": pairs[:4], "y": [1] * 4, "n_splits": 2}, r"fold 1 have the label 1 only; .* n_splits=2"),
        ({"models": {"fold": PathCount()}}, r"names other than .*'fold'"),
        ({"split": "mirna", "n_splits": 31}, "number of groups"),
    ):
        with pytest.raises(ValueError, match=message):
            cross_validate_pairs(**{"models": MODELS, "pairs": pairs, "y": y, **changed})


# Hidden pairs -----------------------------------------------------------------------------------------------


class Noise(Memory):
    """Score pairs by their names alone."""

    def predict_proba(self, X):
        self.asked.append(X)
        score = [np.random.default_rng(list("".join(pair).encode())).random() for pair in X.to_numpy()]
        return np.column_stack([1 - np.array(score), score])


def as_set(pairs):
    return set(pairs.itertuples(index=False, name=None))


def rank_noise(known, **parameters):
    (figures,) = rank_hidden_pairs(Noise(), known.pairs, random_state=0, **parameters).to_dict("records")
    (train, y), asked = Noise.seen[0], pd.concat(Noise.asked)
    return figures, train[y == 1], train[y == 0], asked


def test_a_fifth_of_the_known_pairs_is_hidden_among_all_that_training_does_not_know(known):
    figures, positives, negatives, asked = rank_noise(known, chunk_size=50)
    pairs = known.pairs
    assert as_set(positives) < as_set(pairs)
    assert figures["n_hidden"] == len(pairs) - len(positives) == round(0.2 * len(pairs))
    assert len(negatives) == len(positives)
    assert not as_set(negatives) & as_set(pairs)
    grid = set(product(pairs["circrna"], pairs["mirna"]))
    assert len(as_set(asked)) == len(asked)
    assert as_set(asked) == grid - as_set(positives)
    assert as_set(negatives) < as_set(asked)
    assert max(len(part) for part in Noise.asked) == 50


def test_the_figures_of_a_ranking_are_those_of_all_scores(known):
    figures, positives, _, asked = rank_noise(known, hidden=0.5, ks=(10, 10**6))
    wanted = as_set(known.pairs) - as_set(positives)
    hidden = [pair in wanted for pair in asked.itertuples(index=False, name=None)]
    scores = Noise().predict_proba(asked)[:, 1]
    assert figures["n_ranked"] == len(asked)
    assert figures["ap"] == pytest.approx(average_precision_score(hidden, scores))
    assert figures["p@10"] == precision_at_k(hidden, scores, 10)
    assert np.isnan(figures["p@1000000"])


def test_models_are_ranked_on_the_same_hidden_pairs_in_any_order_of_the_known_ones(known):
    shuffled = known.pairs.sample(frac=1, random_state=1)
    first, again, other = (
        rank_hidden_pairs(MODELS, pairs, random_state=seed)
        for pairs, seed in ((known.pairs, 0), (shuffled, 0), (known.pairs, 1))
    )
    pd.testing.assert_frame_equal(first, again)
    assert first["model"].tolist() == list(MODELS)
    assert first["n_hidden"].nunique() == 1
    assert not first.equals(other)


def test_only_the_pairs_of_the_rnas_given_are_ranked(known):
    circrnas = sorted(set(known.pairs["circrna"]))[:10]
    figures, positives, _, asked = rank_noise(known, circrna=circrnas)
    assert set(asked["circrna"]) == set(circrnas)
    hidden = as_set(known.pairs) - as_set(positives)
    assert figures["n_hidden"] == sum(c in circrnas for c, _ in hidden)


def test_negatives_of_another_strategy_and_ratio(known):
    _, positives, negatives, _ = rank_noise(known, ratio=0.5, strategy="near")
    expected, y = labelled_pairs(positives, 0.5, strategy="near", random_state=0)
    assert len(negatives) == (y == 0).sum()
    assert PathCount().fit(expected, y).predict_proba(negatives)[:, 1].min() > 0


def test_a_bad_ranking_is_named(known):
    for changed, message in (
        *(({"hidden": share}, "hidden must be a share between 0 and 1") for share in (0, 1, "0.2", True)),
        ({"chunk_size": 0}, "chunk_size must be a whole number of at least 1; got 0"),
        ({"known": known.pairs[:1]}, r"All 1 known pairs would be hidden \(hidden=0.2\)"),
        ({"circrna": ["other"]}, "None of the hidden pairs"),
        ({"strategy": "hard"}, "strategy must be one of"),
    ):
        with pytest.raises(ValueError, match=message):
            rank_hidden_pairs(**{"models": PathCount(), "known": known.pairs, **changed})
