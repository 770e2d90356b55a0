"""Checks of parameters, of fitting, and of rows that must not depend on one another."""

import inspect
import pickle
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Final

import joblib
import numpy as np
import pandas as pd
from sklearn.base import clone

from sklearn_mferl.testing.case import Case, only_where
from sklearn_mferl.testing.comparing import (
    _NOT_NUMBERS,
    as_frame,
    assert_close,
    check_finite,
    check_not_fitted,
    global_generators,
    identical,
    refusal,
    signature,
)

_WRONG_VALUES: Final[dict[type, tuple[Any, ...]]] = {  # by the type of the default
    bool: ("False", 2),
    int: (*_NOT_NUMBERS, 1.5),
    float: _NOT_NUMBERS,
}


@only_where(lambda case: case.kind != "ids")  # which need a table
def check_parameters_have_defaults(case: Case) -> None:
    """Construct the class without any argument."""
    cls = type(case.estimator)
    defaults = signature(case.estimator)
    required = [name for name, default in defaults.items() if default is inspect.Parameter.empty]
    assert not required, f"{cls.__name__}() needs the parameters {required}; give them defaults."
    cls()


def check_init_only_assigns(case: Case) -> None:
    """Ask that ``__init__`` stores each parameter as it is given, checks none, and does nothing else."""
    values = {name: object() for name in signature(case.estimator)}
    estimator = type(case.estimator)(**values)
    for name, value in values.items():
        assert getattr(estimator, name) is value, f"__init__ changes the parameter {name!r}."
    more = set(vars(estimator)) - set(values)
    assert not more, f"__init__ sets {sorted(more)}, which are not parameters."


def check_set_params_takes_what_get_params_gives(case: Case) -> None:
    """Ask that `get_params` names every parameter, and `set_params` sets these and refuses others."""
    estimator = clone(case.estimator)
    params = estimator.get_params(deep=False)
    assert set(params) == set(signature(estimator)), (
        f"get_params gives {sorted(params)}, __init__ takes {sorted(signature(estimator))}."
    )
    assert estimator.set_params(**params) is estimator, "set_params does not return self."
    assert identical(estimator.get_params(deep=False), params), "set_params changes the parameters."
    refusal(partial(estimator.set_params, no_such_parameter=1), "set_params(no_such_parameter=1)")


def check_parameters_of_the_wrong_kind_are_refused(case: Case) -> None:
    """Ask `fit` for a ValueError that names a switch that is no bool, or a number that is none.

    Text is true, "False" too; True is 1; NaN and infinity pass many comparisons.
    """
    for name, default in signature(case.estimator).items():
        takes_any_number = isinstance(default, float) and not np.isfinite(default)
        if name not in ("random_state", "verbose") and not takes_any_number:
            for wrong in _WRONG_VALUES.get(type(default), ()):
                estimator = case.make(**{name: wrong})
                refusal(partial(case.fit, estimator, case.X, case.y), f"fit with {name}={wrong!r}", name)


def check_fit_leaves_parameters_alone(case: Case) -> None:
    """Ask that `fit` neither replaces nor changes a parameter, nested ones included."""
    estimator = case.make()
    params, before = estimator.get_params(deep=False), joblib.hash(estimator.get_params())
    case.fit(estimator, case.X, case.y)
    assert identical(estimator.get_params(deep=False), params), "fit replaces a parameter."
    assert joblib.hash(estimator.get_params()) == before, "fit changes a parameter in place."


def check_fit_leaves_its_input_alone(case: Case) -> None:
    """Ask that `fit` changes neither X nor y."""
    X, y = as_frame(case, case.X), case.y.copy()
    case.fit(case.make(), X, y)
    pd.testing.assert_frame_equal(X, as_frame(case, case.X))
    np.testing.assert_array_equal(y, case.y, err_msg="fit changes y.")


def check_clone_is_not_fitted(case: Case) -> None:
    """Ask that a clone of a fitted estimator has its parameters and nothing else."""
    copied = clone(case.fitted)
    more = set(vars(copied)) - set(signature(copied))
    assert not more, f"A clone has {sorted(more)}; is a parameter changed by fit?"
    check_not_fitted(case, copied)


def check_use_before_fit_raises_not_fitted_error(case: Case) -> None:
    """Ask for a NotFittedError from whatever needs `fit`."""
    check_not_fitted(case, case.make())


def check_fit_returns_self(case: Case) -> None:
    """Ask that `fit` returns the estimator."""
    estimator = case.make()
    assert case.fit(estimator, case.X, case.y) is estimator, "fit does not return self."


def check_n_features_in_counts_the_columns(case: Case) -> None:
    """Ask that ``n_features_in_``, where there is one, is 1 for single RNAs and 2 for pairs."""
    expected = 2 if case.takes_pairs else 1
    found = getattr(case.fitted, "n_features_in_", expected)
    assert found == expected, f"n_features_in_ is {found}; X has {expected} columns."


def check_fit_twice_gives_the_same(case: Case) -> None:
    """Fit two estimators on the same rows, and ask for the same, bit by bit."""
    first, second = (case.output(case.fit_anew(), [*case.X, *case.new_X]) for _ in range(2))
    np.testing.assert_array_equal(first, second, err_msg="Two fits on the same rows differ.")


def check_fit_forgets_an_earlier_fit(case: Case) -> None:
    """Ask that an estimator fitted on other rows before is like a fresh one."""
    estimator = case.fit(case.make(), case.new_X, case.new_y)
    case.output(estimator, case.new_X)
    again = case.output(case.fit(estimator, case.X, case.y), case.X)
    np.testing.assert_array_equal(again, case.expected, err_msg="An earlier fit leaves a trace.")


def check_global_generators_are_left_alone(case: Case) -> None:
    """Ask that nothing draws from the global generators of numpy, Python and torch, or seeds them."""
    state = np.random.get_state()  # noqa: NPY002, put back below
    np.random.random()  # noqa: NPY002, so that a seed that another fit has left behind shows
    before = global_generators()
    estimator = case.fit_anew()
    for method in case.methods:
        getattr(estimator, method)(case.X)
    untouched = global_generators() == before
    np.random.set_state(state)  # noqa: NPY002
    assert untouched, "A global random generator is touched."


def check_use_leaves_state_and_input_alone(case: Case) -> None:
    """Ask that `transform`, `predict` and the like change neither the fitted estimator nor X."""
    estimator, X = case.fit_anew(), as_frame(case, case.new_X)
    for method in case.methods:
        before = pickle.dumps(estimator)
        getattr(estimator, method)(X)
        assert pickle.dumps(estimator) == before, f"{method} changes the fitted estimator."
    pd.testing.assert_frame_equal(X, as_frame(case, case.new_X))


def check_rows_do_not_depend_on_other_rows(case: Case) -> None:
    """Compare the output of some of the rows, known RNAs and new ones, with that of all."""
    X = [*case.X, *case.new_X]
    choices = [range(3), range(1, len(X), 2), range(len(case.X), len(X))]
    _compare_rows(case, X, choices, "The output of a row depends on the other rows of the call.")


def check_rows_do_not_depend_on_their_order(case: Case) -> None:
    """Compare the output of the rows in another order."""
    X = [*case.X, *case.new_X]
    order = np.random.default_rng(1).permutation(len(X)).tolist()
    _compare_rows(case, X, [order], "The output of a row depends on the order of the rows.")


def check_a_single_row_is_enough(case: Case) -> None:
    """Compare one row alone, of known RNAs or new ones, with the same among others."""
    for X in (case.X, case.new_X):
        message = "The output of a single row differs from that of the row among others."
        _compare_rows(case, X, [[0], [1], [2]], message)


def _compare_rows(case: Case, X: list[Any], choices: Iterable[Sequence[int]], message: str) -> None:
    """Compare the output of chosen rows with that of the same among all."""
    together = case.output(case.fitted, X)
    for rows in choices:
        assert_close(case.output(case.fitted, [X[row] for row in rows]), together[list(rows)], message)


def check_new_rnas_are_accepted(case: Case) -> None:
    """Ask that RNAs that `fit` has not seen give rows like any other."""
    estimator = case.fitted
    known, new = case.output(estimator, case.X), case.output(estimator, case.new_X)
    assert new.shape == (len(case.new_X), *known.shape[1:]), (
        f"{len(case.new_X)} rows of new RNAs give shape {new.shape}; known ones {known.shape}."
    )
    check_finite(case, new, "New RNAs give")


def check_equal_rows_give_equal_output(case: Case) -> None:
    """Ask that a row that stands twice gives the same twice."""
    estimator = case.fitted
    for X in ([*case.X, case.X[0]], [*case.new_X, case.new_X[0]]):
        output = case.output(estimator, X)
        assert_close(output[-1:], output[:1], "Equal rows give different output.")
