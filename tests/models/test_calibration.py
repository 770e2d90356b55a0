"""Which pairs are held out, and how their scores become probabilities."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, logit

from sklearn_mferl.models.calibration import Calibrator, hold_out, shift_prevalence
from sklearn_mferl.pairs.novelty import Novelty


def test_held_out_are_pairs_of_known_rnas_and_all_pairs_of_some_rnas(table):
    held_out = hold_out(table, seed=0)
    known = [set(column) for column in table.rows[~held_out].T]
    new = {
        tuple(rna not in side for rna, side in zip(row, known, strict=True)) for row in table.rows[held_out]
    }
    assert new == {(False, False), (True, False), (False, True), (True, True)}
    # the seed decides which, and a pair with two labels is held out whole
    np.testing.assert_array_equal(hold_out(table, seed=0), held_out)
    assert (hold_out(table, seed=1) != held_out).any()
    twice = hold_out(table[np.repeat(np.arange(len(table)), 2)], seed=0)
    np.testing.assert_array_equal(twice[::2], twice[1::2])


def draw_labels(signal, rng):
    return (rng.random(len(signal)) < expit(2 * signal)).astype(int)


def test_a_part_that_tells_nothing_gets_no_weight():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(5_000, 2))
    labels = draw_labels(scores[:, 0], rng)
    calibrator = Calibrator(2).fit(scores, np.full(5_000, Novelty.NONE), labels, np.ones(5_000))
    assert calibrator.slopes[0, 0] == pytest.approx(2, abs=0.2)
    assert calibrator.slopes[0, 1] == pytest.approx(0, abs=0.1)


def random_levels(seed, n_pairs, n_parts):
    rng = np.random.default_rng(seed)
    scores = rng.normal(0, rng.uniform(0.1, 10, n_parts), (n_pairs, n_parts))
    return scores, rng.integers(0, 4, n_pairs), rng.integers(0, 2, n_pairs), rng.uniform(0.5, 2, n_pairs)


@pytest.mark.parametrize("n_parts", [1, 2])
@pytest.mark.parametrize("n_pairs", [40, 400])
def test_a_higher_score_is_more_probable_whatever_the_labels_say(n_pairs, n_parts):
    for seed in range(20):
        scores, novelty, labels, weights = random_levels(seed, n_pairs, n_parts)
        labels = labels if seed % 2 else (scores[:, 0] < 0).astype(int)  # by chance, and the wrong way round
        calibrator = Calibrator(n_parts).fit(scores, novelty, labels, weights)
        assert (calibrator.slopes > 0).all()
        grid = np.zeros((50, n_parts))
        for part, level in product(range(n_parts), Novelty):
            grid[:, part] = np.linspace(scores.min(), scores.max(), 50)
            assert (np.diff(calibrator.log_odds(grid, np.full(50, level))) > 0).all()


def test_where_no_slope_is_at_its_bound_it_is_a_penalised_logistic_regression():
    scores, novelty, _, weights = random_levels(0, 2_000, 1)
    rng = np.random.default_rng(0)
    state = np.eye(4)[novelty]
    log_odds = rng.uniform(0.5, 2, 4)[novelty] * scores[:, 0] / scores.std() + 0.3 * (novelty - 1)
    labels = (rng.random(2_000) < expit(log_odds)).astype(int)
    calibrator = Calibrator(1).fit(scores, novelty, labels, weights)

    # a common slope and intercept, those of the levels beside them, and penalties in units of the scores
    columns = np.hstack([scores, np.ones_like(scores), state * scores, state])
    usual = np.r_[1.0, np.zeros(9)]
    penalty = np.r_[3 * scores.var(), 0, [3 * scores.var()] * 4, [1] * 4]

    def objective(values):
        found = columns @ values
        loss = (
            weights @ (np.logaddexp(0, found) - labels * found) + (penalty * (values - usual) ** 2).sum() / 2
        )
        return loss, columns.T @ (weights * (expit(found) - labels)) + penalty * (values - usual)

    found = minimize(objective, usual, jac=True, method="BFGS", options={"gtol": 1e-6})
    np.testing.assert_allclose(calibrator.log_odds(scores, novelty), columns @ found.x, atol=1e-4)


def test_parts_that_tell_the_same_count_alike_however_few_pairs_there_are():
    rng = np.random.default_rng(0)
    signal = rng.normal(size=(300, 1))
    scores = signal + rng.normal(0, 0.05, (300, 2))
    labels = draw_labels(signal[:, 0], rng)
    slopes = Calibrator(2).fit(scores, rng.integers(0, 4, 300), labels, np.ones(300)).slopes
    np.testing.assert_allclose(slopes[:, 0], slopes[:, 1], rtol=0.05)


def test_a_part_that_tells_nothing_is_not_drawn_to_the_others():
    rng = np.random.default_rng(0)
    signal = rng.normal(size=(2_000, 1))
    scores = np.hstack([signal + rng.normal(0, 0.05, (2_000, 2)), rng.normal(size=(2_000, 1))])
    labels = draw_labels(signal[:, 0], rng)
    slopes = Calibrator(3).fit(scores, rng.integers(0, 4, 2_000), labels, np.ones(2_000)).slopes
    np.testing.assert_allclose(slopes[:, 0], slopes[:, 1], rtol=0.1)
    assert (slopes[:, 2] < 0.2 * slopes[:, 0]).all()


def test_a_background_says_which_part_tells_apart_the_best_and_not_how_probable_a_score_is():
    rng = np.random.default_rng(0)
    labels, new = rng.integers(0, 2, 4_000), np.zeros(4_000, dtype=int)
    # both parts tell the held-out pairs apart alike, and one puts some of the background among the best
    scores = labels[:, None] * 2 - 1 + rng.normal(size=(4_000, 2))
    background = rng.normal(-1, 1, (4_000, 2))
    background[:400, 0] += 4
    alike = Calibrator(2).fit(scores, new, labels, np.ones(4_000))
    apart = Calibrator(2).fit(scores, new, labels, np.ones(4_000), (background, new))
    np.testing.assert_allclose(*alike.slopes[0], rtol=0.1)
    assert apart.slopes[0, 0] < 0.5 * apart.slopes[0, 1]
    probable = expit(apart.log_odds(scores, new))
    for low in (0, 0.25, 0.5, 0.75):
        hit = (probable > low) & (probable <= low + 0.25)
        assert probable[hit].mean() == pytest.approx(labels[hit].mean(), abs=0.05)


@pytest.mark.parametrize("n_positive", [0, 5])
@pytest.mark.parametrize("n_parts", [1, 2])
def test_too_few_pairs_of_a_class_leave_a_score_as_it_is_and_several_their_mean(n_parts, n_positive):
    scores = np.arange(30.0 * n_parts).reshape(30, n_parts)
    labels = np.array([1] * n_positive + [0] * (30 - n_positive))
    calibrator = Calibrator(n_parts).fit(scores, np.zeros(30, dtype=int), labels, np.ones(30))
    for level in Novelty:
        found = calibrator.log_odds(scores, np.full(30, level))
        np.testing.assert_array_equal(found, scores.mean(axis=1))


def test_a_score_that_is_the_same_for_all_pairs_leaves_finite_log_odds():
    scores, novelty, labels, weights = random_levels(0, 400, 2)
    scores[:, 1] = 5.0
    log_odds = Calibrator(2).fit(scores, novelty, labels, weights).log_odds(scores, novelty)
    assert np.isfinite(log_odds).all()


@pytest.mark.parametrize("found", [0.5, 0.2])
@pytest.mark.parametrize("stated", [0.01, 0.3, 0.9])
def test_another_prevalence_is_what_the_rule_of_bayes_says(stated, found):
    probability = np.array([0.1, 0.5, 0.9])
    odds = probability / (1 - probability) * (stated / (1 - stated)) / (found / (1 - found))
    np.testing.assert_allclose(expit(shift_prevalence(logit(probability), found, stated)), odds / (1 + odds))
    np.testing.assert_array_equal(shift_prevalence(logit(probability), found, None), logit(probability))
