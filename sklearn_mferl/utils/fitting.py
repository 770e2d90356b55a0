"""A fit is whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar, cast

_Fit = TypeVar("_Fit", bound=Callable[..., Any])


def whole_or_nothing(fit: _Fit) -> _Fit:
    """Let a `fit` begin without what an earlier one left, and leave nothing where it fails or is stopped."""

    @wraps(fit)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        _forget(self, vars(self).pop("_names_of_fit", []))
        before = set(vars(self))  # parameters, and what scikit-learn notes of outputs, requests and callbacks
        try:
            result = fit(self, *args, **kwargs)
        except BaseException:
            _forget(self, set(vars(self)) - before)
            raise
        self._names_of_fit = sorted(set(vars(self)) - before)
        return result

    return cast(_Fit, wrapper)


def _forget(estimator: Any, names: Iterable[str]) -> None:
    for name in names:
        vars(estimator).pop(name, None)
