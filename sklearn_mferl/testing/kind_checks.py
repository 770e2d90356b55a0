"""Checks of transformers, of what reads pairs, and of classifiers."""

from functools import partial

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import expit
from sklearn.compose import ColumnTransformer

from sklearn_mferl.testing.case import (
    Case,
    as_array,
    of_classifiers,
    of_pairs,
    of_single_rnas,
    of_transformers,
)
from sklearn_mferl.testing.comparing import ATOL, RTOL, as_frame, assert_close, check_finite, refusal


@of_transformers
def check_fit_transform_equals_fit_and_transform(case: Case) -> None:
    """Compare `fit_transform` with `fit` and `transform`."""
    estimator = case.make()
    output = estimator.fit_transform(case.X, case.y) if case.takes_pairs else estimator.fit_transform(case.X)
    assert_close(as_array(output), case.expected, "fit_transform differs from fit and transform.")
    assert_close(case.output(estimator, case.X), case.expected, "fit_transform fits differently from fit.")


@of_transformers
def check_features_are_finite_float32(case: Case) -> None:
    """Ask for a matrix of float32, dense or CSR, with a row for each row of X, finite but for allowed NaN."""
    features = case.fitted.transform(case.X)
    assert isinstance(features, np.ndarray) or (sparse.issparse(features) and features.format == "csr"), (
        f"transform gives a {type(features).__name__}, not an array or a CSR matrix."
    )
    assert features.dtype == np.float32, f"transform gives {features.dtype}, not float32."
    assert features.ndim == 2, f"transform gives shape {features.shape}; a matrix has two."
    assert features.shape[0] == len(case.X), f"transform gives {features.shape[0]} rows for {len(case.X)}."
    check_finite(case, as_array(features), "transform gives")


@of_transformers
def check_each_column_has_a_name_of_its_own(case: Case) -> None:
    """Ask for distinct strings as feature names, as many as columns and as ``n_features_out_`` says."""
    estimator = case.fitted
    names, width = estimator.get_feature_names_out(), case.output(estimator, case.X).shape[1]
    assert isinstance(names, np.ndarray), f"get_feature_names_out gives a {type(names).__name__}, no array."
    assert all(isinstance(name, str) for name in names), "A feature name is not a string."
    assert len(set(names)) == len(names), "Two columns have the same name."
    assert len(names) == width, f"There are {len(names)} feature names for {width} columns."
    n_features_out = getattr(estimator, "n_features_out_", width)
    assert n_features_out == width, f"n_features_out_ is {n_features_out}; there are {width} columns."


@of_transformers
def check_set_output_pandas_gives_named_columns(case: Case) -> None:
    """Ask ``set_output(transform="pandas")`` for the same values under the feature names."""
    if sparse.issparse(case.fitted.transform(case.X)):
        return  # pandas does not take sparse matrices from scikit-learn
    expected = pd.DataFrame(case.expected, columns=case.fitted.get_feature_names_out())
    estimator = case.make().set_output(transform="pandas")
    fitted_frame = estimator.fit_transform(case.X, case.y)
    for frame in (fitted_frame, estimator.transform(case.X)):
        assert isinstance(frame, pd.DataFrame), f"transform gives a {type(frame).__name__}, not a DataFrame."
        pd.testing.assert_frame_equal(frame, expected, rtol=RTOL, atol=ATOL)


@of_transformers
def check_set_output_default_gives_no_frame(case: Case) -> None:
    """Ask that a transformer set back to ``"default"`` gives no DataFrame, not even for one."""
    features = case.fit_anew().set_output(transform="default").transform(as_frame(case, case.X))
    assert not isinstance(features, pd.DataFrame), "transform gives a DataFrame by default."
    assert_close(as_array(features), case.expected, "set_output changes the values.")


@of_single_rnas
def check_y_is_not_needed(case: Case) -> None:
    """Ask that a transformer of single RNAs takes labels and does not look at them."""
    estimator = case.make().fit(case.X, case.y)
    assert_close(case.output(estimator, case.X), case.expected, "The labels change the features.")
    output = case.make().fit_transform(case.X, 1 - case.y)
    assert_close(as_array(output), case.expected, "The labels change the features.")


@of_single_rnas
def check_column_transformer_runs(case: Case) -> None:
    """Give a ColumnTransformer the column to read, and compare values and names."""
    frame = pd.DataFrame({"number": np.arange(len(case.X)), "rna": case.X})
    columns = ColumnTransformer([("scale", case.make(), "rna")], sparse_threshold=0)
    features = columns.fit_transform(frame)
    assert_close(features, case.expected, "In a ColumnTransformer it gives something else.")
    names = [f"scale__{name}" for name in case.fitted.get_feature_names_out()]
    assert list(columns.get_feature_names_out()) == names, "In a ColumnTransformer its columns lose names."


@of_pairs
def check_fit_does_not_depend_on_the_order_of_pairs(case: Case) -> None:
    """Fit on the same pairs in another order."""
    order = np.random.default_rng(0).permutation(len(case.X))
    estimator = case.fit(case.make(), [case.X[row] for row in order], case.y[order])
    assert_close(
        case.output(estimator, case.X), case.expected, "The order of the training pairs changes the fit."
    )


@of_classifiers
def check_classes_keep_their_labels(case: Case) -> None:
    """Ask for labels of any type in ``classes_``, sorted, and from `predict`."""
    for labels in (np.array(["absent", "present"]), np.array([-1, 1]), np.array([False, True])):
        model = case.make().fit(case.X, labels[case.y])
        np.testing.assert_array_equal(model.classes_, labels, err_msg="classes_ are not the sorted labels.")
        predicted = model.predict(case.X)
        assert set(predicted) <= set(labels), f"predict gives {set(predicted)} for labels {labels}."
        assert_close(model.decision_function(case.X), case.expected, f"Labels {labels} change the model.")


@of_classifiers
def check_predictions_agree(case: Case) -> None:
    """Ask that `predict`, `predict_proba` and `decision_function` agree."""
    model, X = case.fitted, [*case.X, *case.new_X]
    logits, probabilities = model.decision_function(X), model.predict_proba(X)
    assert_close(probabilities[:, 1], expit(logits), "predict_proba is not the sigmoid of the logits.")
    np.testing.assert_array_equal(
        model.predict(X),
        model.classes_[(logits > 0).astype(int)],
        err_msg="predict does not follow the sign of decision_function.",
    )


@of_classifiers
def check_probabilities_are_float64_and_sum_to_one(case: Case) -> None:
    """Ask for two columns of probabilities, of float64, that sum to 1."""
    probabilities = case.fitted.predict_proba(case.X)
    assert probabilities.shape == (len(case.X), 2), f"predict_proba gives shape {probabilities.shape}."
    assert probabilities.dtype == np.float64, f"predict_proba gives {probabilities.dtype}, not float64."
    assert ((probabilities >= 0) & (probabilities <= 1)).all(), "A probability is not from 0 to 1."
    assert_close(probabilities.sum(axis=1), np.ones(len(case.X)), "The probabilities do not sum to 1.")


@of_classifiers
def check_one_class_is_refused(case: Case) -> None:
    """Ask for a ValueError that names the class where there is only one."""
    for label in ("the-only-class", 1, 0):
        y = np.full(len(case.X), label)
        refusal(partial(case.make().fit, case.X, y), f"fit with the one class {label!r}", str(label))


@of_classifiers
def check_three_classes_are_refused(case: Case) -> None:
    """Ask for a ValueError for labels of three classes."""
    refusal(partial(case.make().fit, case.X, np.arange(len(case.X)) % 3), "fit with three classes")


@of_classifiers
def check_labels_of_another_length_are_refused(case: Case) -> None:
    """Ask for a ValueError for more or fewer labels than pairs, and for none."""
    for y in (case.y[:-1], np.append(case.y, 1), None):
        refusal(partial(case.make().fit, case.X, y), "fit with labels that do not match the pairs")


@of_classifiers
def check_weight_zero_equals_absence(case: Case) -> None:
    """Ask that pairs with ``sample_weight`` 0 leave no trace, nor their RNAs."""
    X, y = [*case.X, *case.new_X], np.append(case.y, case.new_y)
    weights = np.repeat([1.0, 0.0], [len(case.X), len(case.new_X)])
    model = case.make().fit(X, y, sample_weight=weights)
    assert_close(case.output(model, X), case.output(case.fitted, X), "Pairs of weight 0 change the model.")


@of_classifiers
def check_weight_two_equals_repetition(case: Case) -> None:
    """Compare pairs with ``sample_weight`` 2 with pairs that stand twice."""
    rows = np.append(np.arange(len(case.X)), np.arange(0, len(case.X), 3))
    weights = np.bincount(rows).astype(float)
    model = case.make().fit(case.X, case.y, sample_weight=weights)
    repeated = case.output(case.make().fit([case.X[row] for row in rows], case.y[rows]), case.X)
    assert_close(case.output(model, case.X), repeated, "A weight of 2 differs from a repeated pair.")
