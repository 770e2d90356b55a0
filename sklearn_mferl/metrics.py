"""The figures of a binary predictor that the field reports."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    f1_score,
    precision_recall_curve,
    precision_score,
    recall_score,
    roc_auc_score,
)


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
    precision, recall, thresholds = precision_recall_curve(y_true, y_score)
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
        flatters; one chosen beforehand does not.

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
    called = (np.asarray(y_score) >= threshold).astype(int)
    return {
        "auc": float(roc_auc_score(y_true, y_score)),
        "aupr": float(average_precision_score(y_true, y_score)),
        "f1": float(f1_score(y_true, called, zero_division=0)),
        "accuracy": float(accuracy_score(y_true, called)),
        "recall": float(recall_score(y_true, called, zero_division=0)),
        "precision": float(precision_score(y_true, called, zero_division=0)),
    }
