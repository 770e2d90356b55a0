"""The figures of a binary predictor that the field reports, of its ranking and of its probabilities."""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    f1_score,
    log_loss,
    precision_recall_curve,
    precision_score,
    recall_score,
    roc_auc_score,
)
from sklearn.utils.validation import column_or_1d

from sklearn_mferl.utils.labels import check_labels
from sklearn_mferl.utils.parameters import check_whole, is_whole

METRIC_NAMES: Final = {
    "auc": "AUC",
    "aupr": "AUPR",
    "f1": "F1",
    "accuracy": "Accuracy",
    "recall": "Recall",
    "precision": "Precision",
    "brier": "Brier score",
    "log_loss": "Log loss",
    "ece": "Calibration error",
}
SIX_METRICS: Final = [*METRIC_NAMES][:6]  # of the publication: `interaction_scores`
PROBABILITY_METRICS: Final = [*METRIC_NAMES][6:]  # `probability_scores`


def best_f1_threshold(y_true: Any, y_score: Any) -> float:
    """Return the threshold at which F1 is highest.

    Parameters
    ----------
    y_true : array-like of {0, 1}, shape (n_pairs,)
    y_score : array-like, shape (n_pairs,)
        Scores; a pair is called positive at the threshold or above.

    Returns
    -------
    float

    Examples
    --------
    >>> from sklearn_mferl.metrics import best_f1_threshold
    >>> best_f1_threshold([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.35
    """
    precision, recall, thresholds = precision_recall_curve(*_check_labels_and_scores(y_true, y_score))
    f1 = 2 * precision * recall / np.maximum(precision + recall, np.finfo(float).tiny)
    return float(thresholds[f1[:-1].argmax()])


def interaction_scores(y_true: Any, y_score: Any, threshold: float = 0.5) -> dict[str, float]:
    """Compute the publication's six figures.

    Parameters
    ----------
    y_true : array-like of {0, 1}, shape (n_pairs,)
        Both classes.
    y_score : array-like, shape (n_pairs,)
        Scores; a pair is called positive at the threshold or above.
    threshold : float, default=0.5
        The publication takes the one that is best on the test fold itself (`best_f1_threshold`), which
        flatters; one chosen beforehand does not (`CrossValidation.figures_at` gives either).

    Returns
    -------
    dict of str to float
        ``auc``, ``aupr`` (average precision), ``f1``, ``accuracy``, ``recall`` and ``precision``.

    Examples
    --------
    >>> from sklearn_mferl.metrics import interaction_scores
    >>> interaction_scores([0, 0, 1, 1], [0.1, 0.6, 0.7, 0.8])["accuracy"]
    0.75
    """
    y_true, y_score = _check_labels_and_scores(y_true, y_score)
    called = (y_score >= threshold).astype(int)
    return {
        "auc": float(roc_auc_score(y_true, y_score)),
        "aupr": float(average_precision_score(y_true, y_score)),
        "f1": float(f1_score(y_true, called, zero_division=0)),
        "accuracy": float(accuracy_score(y_true, called)),
        "recall": float(recall_score(y_true, called, zero_division=0)),
        "precision": float(precision_score(y_true, called, zero_division=0)),
    }


def precision_at_k(y_true: Any, y_score: Any, k: int) -> float:
    """Compute the share of positives among the `k` pairs with the highest scores.

    Parameters
    ----------
    y_true : array-like of {0, 1}, shape (n_pairs,)
    y_score : array-like, shape (n_pairs,)
        Scores.
    k : int
        How many pairs would be looked at, from 1 to n_pairs.

    Returns
    -------
    float
        From 0 to 1. Where pairs tie at the k-th place, what is expected if chance decides among them, so
        that the order of the pairs does not matter.

    Raises
    ------
    ValueError
        If `k` is not from 1 to n_pairs, or a label or score is invalid.

    Examples
    --------
    >>> from sklearn_mferl.metrics import precision_at_k
    >>> precision_at_k([0, 1, 1, 0], [0.1, 0.9, 0.5, 0.7], k=2)
    0.5
    """
    y, score = _check_labels_and_scores(y_true, y_score)
    if not is_whole(k, 1, len(y)):
        raise ValueError(f"k must be an integer from 1 to the number of pairs, {len(y)}; got {k!r}.")
    limit = np.partition(score, -k)[-k]
    above, tied = y[score > limit], y[score == limit]
    return float((above.sum() + (k - len(above)) * tied.mean()) / k)


def ranking_scores(hidden: Any, y_score: Any, ks: Iterable[int] = (20, 50, 200, 1000)) -> dict[str, float]:
    """Say how early the hidden interactions come when all unknown pairs are ranked.

    Parameters
    ----------
    hidden : array-like of {0, 1}, shape (n_pairs,)
        1 for the pairs that are interactions, though training did not know it; 0 for all others.
    y_score : array-like, shape (n_pairs,)
        Scores of all unknown pairs.
    ks : iterable of int, default=(20, 50, 200, 1000)
        Lengths of the top lists.

    Returns
    -------
    dict of str to float
        ``ap``, the average precision, and ``p@20`` and the like (see `precision_at_k`); NaN where there are
        fewer than k pairs. Pairs that are interactions, but not known to be, count as errors: these are
        lower bounds.

    Raises
    ------
    ValueError
        If no pair is hidden, a `k` is not 1 or more, or a label or score is invalid.

    See Also
    --------
    sklearn_mferl.evaluation.rank_hidden_pairs : Hides pairs, trains and ranks.

    Examples
    --------
    >>> from sklearn_mferl.metrics import ranking_scores
    >>> ranking_scores([0, 1, 1, 0], [0.1, 0.9, 0.5, 0.7], ks=(1, 2))
    {'ap': 0.833..., 'p@1': 1.0, 'p@2': 0.5}
    """
    y, score = _check_labels_and_scores(hidden, y_score)
    if not y.any():
        raise ValueError("No pair is hidden; hidden needs a 1 for each interaction to be found.")
    figures = {"ap": float(average_precision_score(y, score))}
    for k in ks:
        figures[f"p@{k}"] = precision_at_k(y, score, k) if k <= len(y) else float("nan")
    return figures


def reliability_curve(y_true: Any, y_prob: Any, n_bins: int = 10, strategy: str = "uniform") -> pd.DataFrame:
    """Compare predicted probabilities with the shares of positives, bin by bin.

    Parameters
    ----------
    y_true : array-like of {0, 1}, shape (n_pairs,)
    y_prob : array-like, shape (n_pairs,)
        Probabilities, from 0 to 1.
    n_bins : int, default=10
        Number of bins, at least 1.
    strategy : {"uniform", "quantile"}, default="uniform"
        Bins of the same width, or of about the same number of pairs.

    Returns
    -------
    DataFrame, shape (n_bins or fewer, 5)
        A row for each bin that holds a pair: its edges ``lower`` (excluded, but for the first bin) and
        ``upper``, ``n_pairs``, ``predicted``, the mean probability, and ``observed``, the share of positives.
        In a calibrated model the last two agree, up to chance.

    Raises
    ------
    ValueError
        If a probability is not from 0 to 1, or another parameter is not among those above.

    See Also
    --------
    sklearn_mferl.plotting.plot_reliability : The same as a picture.
    sklearn.calibration.calibration_curve : The last two columns alone.

    Examples
    --------
    >>> from sklearn_mferl.metrics import reliability_curve
    >>> reliability_curve([0, 0, 1, 1], [0.1, 0.3, 0.8, 1.0], n_bins=2)
       lower  upper  n_pairs  predicted  observed
    0    0.0    0.5        2        0.2       0.0
    1    0.5    1.0        2        0.9       1.0
    """
    y, p = _check_labels_and_scores(y_true, y_prob, probabilities=True)
    check_whole("n_bins", n_bins)
    if strategy not in ("uniform", "quantile"):
        raise ValueError(f"strategy must be 'uniform' or 'quantile'; got {strategy!r}.")
    shares = np.linspace(0, 1, n_bins + 1)
    edges = shares if strategy == "uniform" else np.percentile(p, 100 * shares)
    bin_of = np.searchsorted(edges[1:-1], p)
    n_pairs = np.bincount(bin_of, minlength=n_bins)
    filled = n_pairs > 0
    return pd.DataFrame(
        {
            "lower": edges[:-1][filled],
            "upper": edges[1:][filled],
            "n_pairs": n_pairs[filled],
            "predicted": np.bincount(bin_of, p, minlength=n_bins)[filled] / n_pairs[filled],
            "observed": np.bincount(bin_of, y, minlength=n_bins)[filled] / n_pairs[filled],
        }
    )


def expected_calibration_error(
    y_true: Any, y_prob: Any, n_bins: int = 10, strategy: str = "uniform"
) -> float:
    """Compute the mean distance of predicted probabilities from the shares of positives.

    Parameters
    ----------
    y_true, y_prob, n_bins, strategy
        As in `reliability_curve`.

    Returns
    -------
    float
        ``Σ_b n_b / n |observed_b − predicted_b|`` over the bins b, from 0 to 1. Chance keeps it above 0, more
        so with few pairs.

    Raises
    ------
    ValueError
        As `reliability_curve`.

    References
    ----------
    Pakdaman Naeini M, Cooper GF, Hauskrecht M. Obtaining well calibrated probabilities using Bayesian
    binning. AAAI (2015).

    Examples
    --------
    >>> from sklearn_mferl.metrics import expected_calibration_error
    >>> round(expected_calibration_error([0, 0, 1, 1], [0.1, 0.3, 0.8, 1.0], n_bins=2), 3)
    0.15
    """
    bins = reliability_curve(y_true, y_prob, n_bins, strategy)
    distance = (bins["observed"] - bins["predicted"]).abs()
    return float((bins["n_pairs"] * distance).sum() / bins["n_pairs"].sum())


def probability_scores(y_true: Any, y_prob: Any) -> dict[str, float]:
    """Say how good the scores are as probabilities; the lower, the better.

    They depend on the share of positives: compare models on the same pairs.

    Parameters
    ----------
    y_true : array-like of {0, 1}, shape (n_pairs,)
    y_prob : array-like, shape (n_pairs,)
        Probabilities, from 0 to 1.

    Returns
    -------
    dict of str to float
        ``brier``, the mean squared distance from the label (0.25 for a constant 0.5); ``log_loss``, the mean
        of −ln of the probability given to the label (ln 2 = 0.693 for a constant 0.5); and ``ece``, the
        `expected_calibration_error` in ten bins of the same width.

    Raises
    ------
    ValueError
        If a probability is not from 0 to 1, or a label is neither 0 nor 1.

    Examples
    --------
    >>> from sklearn_mferl.metrics import probability_scores
    >>> probability_scores([0, 1], [0.5, 0.5])
    {'brier': 0.25, 'log_loss': 0.693..., 'ece': 0.0}
    """
    y, p = _check_labels_and_scores(y_true, y_prob, probabilities=True)
    return {
        "brier": float(brier_score_loss(y, p, pos_label=1)),
        "log_loss": float(log_loss(y, p, labels=[0, 1])),
        "ece": expected_calibration_error(y, p),
    }


def _check_labels_and_scores(
    y_true: Any, y_score: Any, *, probabilities: bool = False
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    try:
        scores = column_or_1d(y_score).astype(np.float64)
    except (ValueError, TypeError) as error:
        raise ValueError(f"The scores must be numbers, one a pair: {error}") from error
    labels = check_labels(y_true, len(scores))
    if len(labels) == 0:
        raise ValueError("Found 0 pairs while a minimum of 1 is required.")
    if np.isnan(scores).any():
        row = np.isnan(scores).argmax()
        raise ValueError(f"The score of row {row} is missing (NaN); score all pairs.")
    outside = (scores < 0) | (scores > 1)
    if probabilities and outside.any():
        row = outside.argmax()
        raise ValueError(
            f"The probability of row {row} is {scores[row]}; it must be from 0 to 1, as predict_proba gives "
            "it."
        )
    return labels, scores
