"""Checks of what an estimator takes and refuses, and of what outlives it."""

import io
import itertools
import pickle
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_mferl.testing.case import Case, of_pairs, of_sequences, only_where
from sklearn_mferl.testing.comparing import assert_close, check_bad_name, check_refused, containers, map_names


def check_every_container_gives_the_same(case: Case) -> None:
    """Give the same rows as list, tuple, array, Series and DataFrame, to `fit` and afterwards."""
    labels = [case.y, list(case.y), pd.Series(case.y, index=np.arange(len(case.y)) + 100)]
    for (name, X), y in zip(containers(case), itertools.cycle(labels), strict=False):
        estimator = case.fit(case.make(), X, y)
        assert_close(case.output(estimator, X), case.expected, f"Rows given as {name} differ from a list.")


@of_sequences
def check_lower_case_and_t_give_the_same(case: Case) -> None:
    """Give the same sequences in lower case and with T for U, to `fit` and afterwards."""
    forms: list[Callable[[str], str]] = [str.lower, lambda rna: rna.replace("U", "T")]
    for form in forms:
        X = map_names(case.X, form)
        for estimator in (case.fit(case.make(), X, case.y), case.fitted):
            assert_close(case.output(estimator, X), case.expected, f"Sequences such as {X[0]!r} differ.")


def check_no_rows_are_refused(case: Case) -> None:
    """Ask for a ValueError for an empty collection and for None."""
    no_rows: list[Any] = [[], None]
    for X in no_rows:
        check_refused(case, X, [], f"of {X}")


def check_a_missing_value_is_refused(case: Case) -> None:
    """Ask for a ValueError that names the row where a sequence or id is NaN or None."""
    for missing in (np.nan, None):
        check_bad_name(case, missing, "row 2")


def check_a_single_string_is_refused(case: Case) -> None:
    """Ask for a ValueError for one string, which must not be read letter by letter."""
    name = case.X[0][0] if case.takes_pairs else case.X[0]
    check_refused(case, name, case.y[:1], "of a single string")


@of_sequences
def check_an_empty_sequence_is_refused(case: Case) -> None:
    """Ask for a ValueError that names the row of a sequence without letters."""
    check_bad_name(case, "", "row 2")


@of_sequences
def check_a_foreign_letter_is_named(case: Case) -> None:
    """Ask for a ValueError that names the row and the letter where it is none of IUPAC's."""
    check_bad_name(case, "ACGJ", "row 2", "J")


@of_pairs
def check_pairs_have_two_columns(case: Case) -> None:
    """Ask for a ValueError for rows of one or three strings, and of different lengths."""
    wrong = {
        "one column": [pair[:1] for pair in case.X],
        "three columns": [(*pair, pair[0]) for pair in case.X],
        "rows of different lengths": [*case.X[:-1], case.X[-1][:1]],
    }
    for name, X in wrong.items():
        check_refused(case, X, case.y, f"of {name}")


def check_pickle_and_joblib_give_the_same(case: Case) -> None:
    """Ask for the same, bit by bit, from an estimator that went through pickle or joblib."""
    estimator, X = case.fitted, [*case.X, *case.new_X]
    expected = case.output(estimator, X)
    joblib.dump(estimator, file := io.BytesIO())
    file.seek(0)
    for loaded in (pickle.loads(pickle.dumps(estimator)), joblib.load(file)):
        np.testing.assert_array_equal(
            case.output(loaded, X), expected, err_msg="A loaded estimator gives something else."
        )


@only_where(lambda case: "n_jobs" in case.estimator.get_params())
def check_n_jobs_gives_the_same(case: Case) -> None:
    """Ask for the same from one job and from two."""
    one, two = (case.fit(case.make(n_jobs=n_jobs), case.X, case.y) for n_jobs in (1, 2))
    assert_close(case.output(two, case.X), case.output(one, case.X), "n_jobs changes the result.")


def check_cross_validate_runs(case: Case) -> None:
    """Cross-validate a classifier itself, a transformer before a logistic regression."""
    model = case.make()
    if not case.is_classifier:
        fill = [SimpleImputer(add_indicator=True, keep_empty_features=True)] if case.allow_nan else []
        model = make_pipeline(
            model, *fill, StandardScaler(with_mean=False), LogisticRegression(max_iter=1000)
        )
    scores = cross_validate(
        model,
        case.X,
        case.y,
        cv=StratifiedKFold(2, shuffle=True, random_state=0),
        scoring="roc_auc",
        error_score="raise",
    )
    assert np.isfinite(scores["test_score"]).all(), f"The scores are {scores['test_score']}."
