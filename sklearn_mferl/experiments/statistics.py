"""Is one model better than another? Tests and effect sizes on the figures of folds."""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sklearn_mferl.utils.parameters import check_whole

# differences that vary by less than this share of the figures differ by rounding alone
_ROUNDING: Final = 1e-12


class TTest(NamedTuple):
    """Result of a t-test."""

    statistic: float  # above 0 where the first mean is higher; infinite where a difference does not vary
    pvalue: float  # two-sided, with n - 1 degrees of freedom


def paired_t_test(first: Any, second: Any) -> TTest:
    """Test whether two models differ, fold by fold, as the publication does.

    The test takes the folds for independent. They are not, since their training sets overlap: it finds
    differences where there are none far more often than it says (Dietterich, Neural Computation 10, 1998).
    `corrected_t_test` makes up for that.

    Parameters
    ----------
    first, second : array-like of float, shape (n_folds,)
        A figure of two models on the same folds, 2 or more.

    Returns
    -------
    TTest
        ``(statistic, pvalue)`` of `scipy.stats.ttest_rel`; the statistic is above 0 where the first mean is
        higher. Where all differences are 0, t is 0 and p is 1; where they are equal otherwise, t is infinite.

    Raises
    ------
    ValueError
        If the numbers of folds differ, there are fewer than 2, or a figure is not finite.

    Examples
    --------
    >>> from sklearn_mferl.experiments import paired_t_test
    >>> round(paired_t_test([0.9, 0.8, 0.9], [0.8, 0.6, 0.6]).statistic, 4)
    3.4641
    """
    first, second, rounding = _check(first, second)
    difference, deviation = _mean_and_deviation(first - second, rounding)
    if deviation == 0:
        return TTest(float(np.copysign(np.inf, difference)), 0.0) if difference else TTest(0.0, 1.0)
    statistic, pvalue = stats.ttest_rel(first, second)
    return TTest(float(statistic), float(pvalue))


def corrected_t_test(
    first: Any, second: Any, *, n_splits: int | None = None, test_share: float | None = None
) -> TTest:
    """Test whether two models differ, with the variance that overlapping training sets call for.

    The variance of the mean difference of n folds is taken as (1 / n + n_test / n_train) times that of the
    differences, in place of 1 / n times. More repeats of a cross-validation then do not make any
    difference significant.

    Parameters
    ----------
    first, second
        As in `paired_t_test`, of one or more cross-validations.
    n_splits : int, default=None
        Number of folds of one cross-validation, at least 2, where they are of equal size: each tests
        1 / `n_splits` of the pairs and trains on the others.
    test_share : float, default=None
        In place of `n_splits`: the number of test pairs of a fold divided by that of its training and test
        pairs together, at least 0 and below 1.

    Returns
    -------
    TTest
        As in `paired_t_test`.

    Raises
    ------
    ValueError
        As in `paired_t_test`, or if not exactly one of `n_splits` and `test_share` is given, or out of
        its range.

    References
    ----------
    Nadeau C, Bengio Y. Inference for the generalization error. Machine Learning 52, 239-281 (2003). Bouckaert
    RR, Frank E, PAKDD, 3-12 (2004): the same for repeated cross-validation.

    Examples
    --------
    >>> from sklearn_mferl.experiments import corrected_t_test
    >>> round(corrected_t_test([1, 2, 3, 4, 5], [0, 0, 0, 0, 0], n_splits=5).statistic, 4)
    2.8284
    """
    if n_splits is not None and test_share is None:
        check_whole("n_splits", n_splits, 2)
        test_per_train = 1 / (int(n_splits) - 1)
    elif n_splits is not None or test_share is None:
        raise ValueError("Give either n_splits, the number of folds, or test_share, the tested share.")
    elif not 0 <= test_share < 1:
        raise ValueError(f"test_share must be at least 0 and below 1; got {test_share!r}.")
    else:
        test_per_train = test_share / (1 - test_share)
    plain = paired_t_test(first, second)
    if plain.statistic == 0 or np.isinf(plain.statistic):
        return plain
    n = len(np.asarray(first))
    statistic = plain.statistic * np.sqrt((1 / n) / (1 / n + test_per_train))
    return TTest(float(statistic), float(2 * stats.t.sf(abs(statistic), n - 1)))


def cohen_d(first: Any, second: Any, *, paired: bool = False) -> float:
    """Compute Cohen's d (1988, sections 2.2 and 2.3), the difference of two means in standard deviations.

    Parameters
    ----------
    first, second
        As in `paired_t_test`.
    paired : bool, default=False
        False divides by the pooled standard deviation of the two models, the usual d, for which the
        publication's "above 0.8 is large" is the convention. True divides by that of the differences (d_z),
        which folds that are hard for both models do not swell.

    Returns
    -------
    float
        Above 0 where the first mean is higher; 0 where the means are equal, infinite where they differ
        and nothing varies.

    Raises
    ------
    ValueError
        As in `paired_t_test`.

    Examples
    --------
    >>> from sklearn_mferl.experiments import cohen_d
    >>> cohen_d([4, 6], [1, 3])
    2.1213203435596424
    """
    first, second, rounding = _check(first, second)
    difference, deviation = _mean_and_deviation(first - second, rounding)
    if not paired:
        of_each = [_mean_and_deviation(values, rounding)[1] for values in (first, second)]
        deviation = float(np.sqrt((of_each[0] ** 2 + of_each[1] ** 2) / 2))
    if deviation == 0:
        return float(np.copysign(np.inf, difference)) if difference else 0.0
    return difference / deviation


def _check(first: Any, second: Any) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return the figures of both models, and by how much they may differ by rounding alone."""
    first, second = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(f"Two models on the same folds are compared; got {first.shape} and {second.shape}.")
    if len(first) < 2:
        raise ValueError(f"At least 2 folds are compared; got {len(first)}.")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError("A figure is missing or infinite; compare the folds that have one of both models.")
    return first, second, float(max(np.abs(first).max(), np.abs(second).max())) * _ROUNDING


def _mean_and_deviation(values: NDArray[np.float64], rounding: float) -> tuple[float, float]:
    """Return mean and standard deviation, each 0 where it is rounding alone."""
    mean = float(np.mean(values))
    deviation = float(np.std(values, ddof=1)) if np.ptp(values) > rounding else 0.0
    return mean if abs(mean) > rounding else 0.0, deviation
