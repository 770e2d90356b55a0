"""Tests of models' differences agree with calculations by hand, and with what must hold of any figures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from sklearn_mferl.experiments import cohen_d, corrected_t_test, paired_t_test

FIVE = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
ZEROS = np.zeros(5)
figures = arrays(float, 6, elements=st.floats(0, 1, width=16))


def test_the_paired_test_is_that_of_scipy():
    rng = np.random.default_rng(0)
    first, second = rng.uniform(size=(2, 50))
    expected = stats.ttest_rel(first, second)
    assert paired_t_test(first, second) == (expected.statistic, expected.pvalue)


def test_the_corrected_test_agrees_with_a_calculation_by_hand():
    # differences 1 to 5: mean 3, variance 2.5; 5 folds of 1/5 of the pairs: factor 1/5 + 1/4
    for share in ({"n_splits": 5}, {"test_share": 1 / 5}):
        found = corrected_t_test(FIVE, ZEROS, **share)
        assert found.statistic == pytest.approx(3 / np.sqrt(0.45 * 2.5))
        assert found.pvalue == pytest.approx(2 * stats.t.sf(found.statistic, 4))


@given(figures, figures)
def test_the_correction_never_makes_a_difference_more_certain_and_without_overlap_does_nothing(first, second):
    plain, corrected = paired_t_test(first, second), corrected_t_test(first, second, n_splits=5)
    assert corrected.pvalue >= plain.pvalue - 1e-12
    assert np.sign(corrected.statistic) == np.sign(plain.statistic)
    assert corrected_t_test(first, second, test_share=0) == pytest.approx(plain, rel=1e-9)


def test_repeats_alone_do_not_make_a_difference_significant_for_the_corrected_test():
    first, second = np.tile(FIVE, 20), np.tile(FIVE[::-1] - 0.5, 20)
    assert paired_t_test(first, second).pvalue < 0.1
    assert corrected_t_test(first, second, n_splits=5).pvalue > 0.5


def test_cohens_d_agrees_with_calculations_by_hand():
    # means 5 and 2, both variances 2; differences 3 and 3.5 have the standard deviation 0.5 / sqrt(2)
    assert cohen_d([4, 6], [1, 3]) == pytest.approx(3 / np.sqrt(2))
    assert cohen_d([4, 6], [1, 2.5], paired=True) == pytest.approx(3.25 / (0.5 / np.sqrt(2)))
    # variances 2.5 and 10 are pooled to 6.25
    assert cohen_d(FIVE, 2 * FIVE) == pytest.approx(-3 / 2.5)


@given(figures, figures)
def test_the_sign_turns_with_the_models(first, second):
    there, back = (paired_t_test(*both) for both in ((first, second), (second, first)))
    assert there.statistic == -back.statistic
    assert there.pvalue == back.pvalue
    for paired in (False, True):
        assert cohen_d(first, second, paired=paired) == -cohen_d(second, first, paired=paired)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        *((values, values.copy()) for values in (FIVE, np.full(5, 0.9), FIVE / 7)),
        (FIVE, FIVE * (1 + 1e-15)),
        (np.full(5, 0.3), np.full(5, 0.1 + 0.2)),
    ],
)
def test_models_that_are_equal_or_differ_by_rounding_do_not_differ(first, second):
    assert paired_t_test(first, second) == (0, 1)
    assert corrected_t_test(first, second, n_splits=5) == (0, 1)
    assert cohen_d(first, second) == cohen_d(first, second, paired=True) == 0


def test_a_difference_that_never_varies_is_certain():
    first = FIVE / 10
    for found in (paired_t_test(first + 0.1, first), corrected_t_test(first + 0.1, first, n_splits=5)):
        assert found == (np.inf, 0)
    assert cohen_d(first, first + 0.1, paired=True) == -np.inf
    assert np.isfinite(cohen_d(first, first + 0.1))


@pytest.mark.parametrize("compare", [paired_t_test, cohen_d])
def test_what_cannot_be_compared_is_refused(compare):
    for first, second, message in (
        ([1, 2], [1, 2, 3], "same folds"),
        ([1], [2], "At least 2 folds"),
        ([1, np.nan], [1, 2], "missing or infinite"),
    ):
        with pytest.raises(ValueError, match=message):
            compare(first, second)


@pytest.mark.parametrize(
    ("share", "message"),
    [
        ({}, "Give either n_splits, the number of folds, or test_share"),
        ({"n_splits": 5, "test_share": 0.2}, "Give either n_splits"),
        *(({"test_share": share}, "test_share must be") for share in (-0.1, 1, 5, np.nan)),
        *(({"n_splits": number}, "n_splits must be") for number in (1, 0.2, True)),
    ],
)
def test_an_impossible_share_of_test_pairs_is_refused(share, message):
    with pytest.raises(ValueError, match=message):
        corrected_t_test(FIVE, ZEROS, **share)
