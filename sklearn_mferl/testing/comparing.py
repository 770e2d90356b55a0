"""How what estimators give, keep and refuse is compared."""

import inspect
import pickle
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.exceptions import NotFittedError

from sklearn_mferl.testing.case import Case
from sklearn_mferl.utils.validation import SIDES

RTOL: Final = 1e-6
ATOL: Final = 1e-9  # for what is 0 but for rounding in double precision
_NOT_NUMBERS: Final = (float("nan"), float("inf"), "1", True)


def signature(estimator: Any) -> dict[str, Any]:
    """Return the parameters of ``__init__`` and their defaults."""
    init = type(estimator).__init__
    if init is object.__init__:
        return {}
    parameters = list(inspect.signature(init).parameters.values())[1:]
    return {parameter.name: parameter.default for parameter in parameters}


def identical(first: dict[str, Any], second: dict[str, Any]) -> bool:
    """Tell whether two sets of parameters are the same objects or equal."""
    return first.keys() == second.keys() and all(first[name] is second[name] for name in first)


def assert_close(actual: Any, expected: Any, message: str) -> None:
    """Compare arrays within rounding."""
    np.testing.assert_allclose(actual, expected, rtol=RTOL, atol=ATOL, err_msg=message)


def check_finite(case: Case, values: NDArray[Any], what: str) -> None:
    """Ask for numbers, but where the estimator may give NaN."""
    if not case.allow_nan:
        assert np.isfinite(values).all(), f"{what} values that are not finite."
        return
    assert not np.isinf(values).any(), f"{what} values that are infinite."
    assert not np.isnan(values).reshape(len(values), -1).all(axis=1).any(), f"{what} a row of NaN alone."


def check_not_fitted(case: Case, estimator: Any) -> None:
    """Ask every method for a NotFittedError."""
    calls = {method: partial(getattr(estimator, method), case.X) for method in case.methods}
    if not case.is_classifier:
        calls["get_feature_names_out"] = estimator.get_feature_names_out
    for name, call in calls.items():
        refusal(call, f"{name} before fit", kind=NotFittedError)


def refusal(call: Callable[[], Any], what: str, *words: str, kind: type[ValueError] = ValueError) -> None:
    """Ask for an error of a kind, whose message holds some words."""
    message = None
    try:
        call()
    except kind as error:
        message = str(error)
    except Exception as error:
        raise AssertionError(f"{what} raises {error!r} instead of {kind.__name__}.") from error
    assert message is not None, f"{what} raises no {kind.__name__}."
    for word in words:
        named = word in message or word in message.lower()
        assert named, f"The {kind.__name__} of {what} does not name {word!r}: {message}"


def check_refused(case: Case, X: Any, y: Any, what: str, *words: str) -> None:
    """Ask for a ValueError in `fit` and afterwards."""
    refusal(partial(case.fit, case.make(), X, y), f"fit {what}", *words)
    refusal(partial(case.output, case.fitted, X), f"{case.methods[-1]} {what}", *words)


def check_bad_name(case: Case, name: Any, *words: str) -> None:
    """Put a name in row 2, on each side of pairs, and ask for a ValueError in `fit` and afterwards."""
    bad_rows = [(name, case.X[2][1]), (case.X[2][0], name)] if case.takes_pairs else [name]
    for bad_row in bad_rows:
        X = [*case.X[:2], bad_row, *case.X[3:]]
        for container in (X, as_frame(case, X)):
            check_refused(case, container, case.y, f"with {bad_row!r}", *words)


def as_frame(case: Case, X: Sequence[Any]) -> pd.DataFrame:
    """Return rows as a frame with the names of their columns."""
    return pd.DataFrame(X, columns=list(SIDES) if case.takes_pairs else ["rna"])


def containers(case: Case) -> Iterator[tuple[str, Any]]:
    """Yield the rows of a case in every container, with its name."""
    frame = as_frame(case, case.X)
    yield "a tuple", tuple(case.X)
    yield "an array of objects", frame.to_numpy(dtype=object)[:, 0 if not case.takes_pairs else slice(None)]
    yield "an array of strings", np.array(case.X)
    yield "a DataFrame", frame.set_axis(np.arange(len(frame)) + 100, axis=0)
    if case.takes_pairs:
        yield "a list of lists", [list(pair) for pair in case.X]
        yield "a DataFrame of other columns, too", frame.assign(source="x")[["source", *SIDES[::-1]]]
        yield "a DataFrame without names", frame.set_axis([0, 1], axis=1)
    else:
        yield "a Series", pd.Series(case.X, index=np.arange(len(case.X)) + 100)
        yield "an array of one column", np.array(case.X, dtype=object)[:, None]


def map_names(X: list[Any], change: Callable[[str], str]) -> list[Any]:
    """Change the strings of all rows."""
    return [tuple(map(change, row)) if isinstance(row, tuple) else change(row) for row in X]


def global_generators() -> list[Any]:
    """Return the state of the global generators of numpy, Python and torch."""
    states = [pickle.dumps(np.random.get_state()), random.getstate()]  # noqa: NPY002, read only
    torch = sys.modules.get("torch")
    return [*states, torch.get_rng_state().tolist()] if torch else states
