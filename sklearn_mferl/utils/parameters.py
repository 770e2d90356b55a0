"""What each parameter of an estimator may be: the constraints of scikit-learn, in this package's words."""

from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions, make_constraint


def check_parameters(estimator: Any) -> None:
    """Refuse the first parameter outside of its ``_parameter_constraints``; True is no number here."""
    for name, constraints in estimator._parameter_constraints.items():
        value = getattr(estimator, name)
        may_be = (
            not isinstance(value, (bool, np.bool_)) or "boolean" in constraints or "verbose" in constraints
        )
        if not (may_be and any(make_constraint(each).is_satisfied_by(value) for each in constraints)):
            raise ValueError(f"{name} must be {' or '.join(map(_in_words, constraints))}; got {value!r}.")


def is_number(value: Any, low: float = 0, high: float | None = None, closed: str = "neither") -> bool:
    """Tell finite numbers of an interval, those above 0 unless told otherwise; True is none."""
    return not isinstance(value, bool) and Interval(Real, low, high, closed=closed).is_satisfied_by(value)


def is_whole(value: Any, least: int = 1, most: int | None = None) -> bool:
    """Tell whole numbers of an interval; True is none."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        return False
    return least <= int(value) and (most is None or int(value) <= most)


def check_whole(name: str, value: Any, least: int = 1, *, or_none: bool = False) -> None:
    """Refuse what is no whole number of at least so much."""
    if not (is_whole(value, least) or (or_none and value is None)):
        alternative = ", or None" if or_none else ""
        raise ValueError(f"{name} must be a whole number of at least {least}{alternative}; got {value!r}.")


def check_share(name: str, value: Any) -> None:
    """Refuse what is no number between 0 and 1."""
    if not is_number(value, 0, 1):
        raise ValueError(f"{name} must be a share between 0 and 1; got {value!r}.")


def one_of(*values: str | None) -> str:
    """List values in words."""
    return "one of " + ", ".join(map(repr, values))


def _in_words(constraint: Any) -> str:
    if isinstance(constraint, StrOptions):  # which are a set, in any order
        return one_of(*sorted(constraint.options))
    if isinstance(constraint, str) and constraint == "boolean":
        return "True or False"
    return str(make_constraint(constraint))
