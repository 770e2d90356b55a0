"""Readers of labels and weights: of classifiers, and of what learns from known interactions."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, _check_y, check_consistent_length, column_or_1d


def find_interactions(y: Any, n_pairs: int, reader: str) -> NDArray[np.bool_]:
    """Tell which pairs are interactions: those with the larger of two labels, or all without labels."""
    if y is None:
        return np.ones(n_pairs, dtype=bool)
    labels = np.asarray(y)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.shape != (n_pairs,):
        raise ValueError(f"y must hold one label a pair, shape ({n_pairs},); got shape {labels.shape}.")
    missing = np.flatnonzero(pd.isna(labels))
    if len(missing):
        raise ValueError(f"The label of row {missing[0]} is missing (NaN); drop the pair or label it.")
    try:
        classes = sorted(set(labels.tolist()))
    except TypeError:
        raise ValueError("The labels in y cannot be sorted; use one type, such as 0 and 1.") from None
    if len(classes) > 2:
        raise ValueError(f"y must hold two classes; got {len(classes)}, such as {classes[:3]}.")
    if len(classes) == 1 and classes[0] != 1:
        raise ValueError(
            f"No pair is positive: all {n_pairs} labels are {classes[0]!r}. {reader} needs interactions; "
            "label them 1, or leave y out where all pairs are."
        )
    return labels == classes[-1]


def read_two_classes(y: Any, n_pairs: int, estimator: Any) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the two classes, and the label of each pair as 0 or 1."""
    y = _check_y(y, estimator=estimator)
    check_classification_targets(y)
    check_consistent_length(y, np.empty(n_pairs))
    classes, labels = np.unique(y, return_inverse=True)
    if len(classes) > 2:
        raise ValueError(
            "Only binary classification is supported. The type of the target is "
            f"{type_of_target(y)}: y has the {len(classes)} classes {classes.tolist()[:5]}."
        )
    if len(classes) < 2:
        raise ValueError(
            f"y holds one class only, {classes.tolist()[0]!r}; give pairs of both classes, for instance by "
            "sample_negatives."
        )
    return classes, labels


def check_labels(y: Any, n_pairs: int) -> NDArray[np.int64]:
    """Return labels of 0 and 1, one for each pair."""
    try:
        labels = column_or_1d(y)
        wrong = ~np.isin(labels, (0, 1))
    except (ValueError, TypeError) as error:
        raise ValueError(f"The labels must be 0 or 1, one a pair: {error}") from error
    check_consistent_length(labels, np.empty(n_pairs))
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(f"The label of row {row} is {labels[row]!r}; labels must be 0 or 1.")
    return labels.astype(np.int64)


def has_weight(sample_weight: Any, pairs: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Tell which pairs have a weight above 0."""
    if sample_weight is None:
        return np.ones(len(pairs), dtype=bool)
    weights = _check_sample_weight(sample_weight, np.empty(len(pairs)), ensure_non_negative=True)
    return np.asarray(weights > 0)


def leave_out(pairs: NDArray[np.object_], y: Any, used: NDArray[np.bool_]) -> tuple[NDArray[np.object_], Any]:
    """Return the pairs in use and their labels; with all of them, both as they are."""
    if used.all():
        return pairs, y
    if y is not None:
        check_consistent_length(pairs, y)
        y = column_or_1d(y)[used]
    return pairs[used], y
