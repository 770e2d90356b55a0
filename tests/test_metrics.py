"""Figures of scores, rankings and probabilities."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, log_loss

from sklearn_mferl.metrics import (
    best_f1_threshold,
    expected_calibration_error,
    interaction_scores,
    precision_at_k,
    probability_scores,
    ranking_scores,
    reliability_curve,
)

# scores on a coarse grid, so that they tie
scored = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 8)), min_size=2, max_size=12)


def split(pairs):
    y, score = np.array(pairs).T
    return y, score / 8


@pytest.mark.slow
@given(scored)
def test_no_threshold_has_a_higher_f1_than_the_best(pairs):
    y, score = split(pairs)
    assume(y.any())
    thresholds = np.append(np.unique(score), 2)  # at the last one no pair is called positive
    labels = np.repeat(y[:, None], len(thresholds), axis=1)
    f1 = f1_score(labels, score[:, None] >= thresholds, average=None, zero_division=0)
    assert f1[thresholds == best_f1_threshold(y, score)] == pytest.approx(f1.max())


def test_f1_weighs_precision_and_recall_alike():
    # precision 1 and recall 0.5 at 0.9, both 0.7 at 0.5, and 1/3 and 1 at 0.1
    y, score = [*[1] * 5, *[0] * 3, *[1] * 2, *[0] * 17, *[1] * 3], [*[0.9] * 5, *[0.5] * 5, *[0.1] * 20]
    assert best_f1_threshold(y, score) == 0.5


def test_the_six_figures_on_an_example():
    figures = interaction_scores([0, 0, 1, 1], [0.1, 0.6, 0.7, 0.4])
    assert figures == pytest.approx(
        {"auc": 0.75, "aupr": 5 / 6, "f1": 0.5, "accuracy": 0.5, "recall": 0.5, "precision": 0.5}
    )
    assert interaction_scores([0, 0, 1, 1], [0.1, 0.6, 0.7, 0.4], 0.4)["recall"] == 1.0
    nothing = interaction_scores([0, 1], [0.1, 0.2])  # is called an interaction
    assert [nothing[name] for name in ("f1", "recall", "precision")] == [0, 0, 0]


@given(scored, st.integers(1, 12))
def test_precision_at_k_is_the_mean_over_all_top_lists_that_the_ties_allow(pairs, k):
    y, score = split(pairs)
    assume(k <= len(y))
    best = sum(sorted(score)[-k:])
    lists = [rows for rows in combinations(range(len(y)), k) if np.isclose(score[list(rows)].sum(), best)]
    expected = np.mean([y[list(rows)].mean() for rows in lists])
    assert precision_at_k(y, score, k) == pytest.approx(expected)


def test_a_ranking_has_average_precision_and_precision_at_each_k():
    rng = np.random.default_rng(0)
    hidden, score = rng.integers(0, 2, 100), rng.random(100)
    figures = ranking_scores(hidden, score)
    assert list(figures) == ["ap", "p@20", "p@50", "p@200", "p@1000"]
    assert figures["ap"] == average_precision_score(hidden, score)
    top = np.argsort(-score)
    assert figures["p@50"] == pytest.approx(hidden[top[:50]].mean())
    assert np.isnan([figures["p@200"], figures["p@1000"]]).all()
    assert ranking_scores(hidden, 1000 * score, ks=(100,))["p@100"] == hidden.mean()


@given(scored, st.integers(1, 6), st.sampled_from(["uniform", "quantile"]))
def test_the_reliability_curve_is_that_of_scikit_learn_with_the_pairs_of_each_bin(pairs, n_bins, strategy):
    y, p = split(pairs)
    assume(0 < y.mean() < 1)
    bins = reliability_curve(y, p, n_bins, strategy)
    observed, predicted = calibration_curve(y, p, n_bins=n_bins, strategy=strategy)
    np.testing.assert_allclose(bins["observed"], observed)
    np.testing.assert_allclose(bins["predicted"], predicted)
    assert bins["n_pairs"].sum() == len(y)
    assert (bins["n_pairs"] > 0).all()
    assert bins["predicted"].between(bins["lower"] - 1e-9, bins["upper"] + 1e-9).all()


def test_ten_bins_of_one_width_are_usual():
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 2, 200), rng.beta(1, 3, 200)
    assert reliability_curve(y, p).equals(reliability_curve(y, p, 10, "uniform"))
    assert expected_calibration_error(y, p) == expected_calibration_error(y, p, 10, "uniform")
    assert expected_calibration_error(y, p, 4) != expected_calibration_error(y, p, 4, "quantile")


def test_the_calibration_error_is_the_mean_distance_weighted_by_pairs():
    # three pairs of mean 0.2, none positive; one of 0.9, positive
    y, p = [0, 0, 0, 1], [0.1, 0.2, 0.3, 0.9]
    assert expected_calibration_error(y, p, n_bins=2) == pytest.approx((3 * 0.2 + 1 * 0.1) / 4)


def test_brier_score_and_log_loss_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 2, 50), rng.random(50).astype(np.float32)
    figures = probability_scores(y, p)
    assert list(figures) == ["brier", "log_loss", "ece"]
    assert figures["brier"] == pytest.approx(brier_score_loss(y, p))
    assert figures["log_loss"] == pytest.approx(log_loss(y, p))
    assert figures["ece"] == expected_calibration_error(y, p)
    # pairs of one class have figures, too
    assert probability_scores([1, 1], [1.0, 0.5])["brier"] == 0.125
    assert np.isfinite(probability_scores([1, 1], [1.0, 0.0])["log_loss"])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: precision_at_k([0, 1], [0.1, 0.2], 3), "k must be an integer from 1 to .* 2; got 3"),
        (lambda: precision_at_k([0, 1], [0.1, 0.2], 0), "got 0"),
        (lambda: precision_at_k([0, 1], [0.1, 0.2], 1.0), "got 1.0"),
        (lambda: precision_at_k([0, 2], [0.1, 0.2], 1), "label of row 1 is .*2.*; labels must be 0 or 1"),
        (lambda: precision_at_k([0, 1], [np.nan, 0.2], 1), "score of row 0 is missing"),
        (lambda: precision_at_k([], [], 1), "^Found 0 pairs"),
        (lambda: precision_at_k([0, 1], [0.2], 1), "inconsistent numbers"),
        (lambda: ranking_scores([0, 0], [0.1, 0.2]), "^No pair is hidden"),
        (lambda: ranking_scores([0, 1], [0.1, 0.2], ks=(0,)), "k must be .* got 0"),
        (
            lambda: probability_scores([0, 1], [0.1, 1.2]),
            r"probability of row 1 is 1.2; it must be from 0 to 1, as predict_proba gives it\.$",
        ),
        (lambda: reliability_curve([0, 1], [-0.1, 1]), "probability of row 0 is -0.1"),
        (
            lambda: reliability_curve([0, 1], [0.1, 1], 0),
            "n_bins must be a whole number of at least 1; got 0",
        ),
        (lambda: reliability_curve([0, 1], [0.1, 1], 5, "equal"), "strategy must be 'uniform' or 'quantile'"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
