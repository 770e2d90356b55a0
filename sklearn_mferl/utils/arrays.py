"""Short names for arrays, and loops over them that numba compiles: it is imported when the first one runs."""

from collections.abc import Callable
from functools import update_wrapper
from threading import Lock
from typing import Any, Generic, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Letters = NDArray[np.uint8]  # of RNAs, as numbers
Ints = NDArray[np.int64]
Singles = NDArray[np.float32]
Doubles = NDArray[np.float64]
Objects = NDArray[np.object_]  # strings mostly: ids and sequences

P = ParamSpec("P")
R = TypeVar("R")

_LOCK = Lock()


class _Loop(Generic[P, R]):
    """A function that is compiled at its first call, from Python or while another loop is compiled."""

    def __init__(self, function: Callable[P, R], options: dict[str, Any]) -> None:
        update_wrapper(self, function)
        self._function = function
        self._options = options
        self._compiled: Any = None

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return (self._compiled or self._compile())(*args, **kwargs)

    @property
    def _numba_type_(self) -> Any:
        return self._compile()._numba_type_

    def _compile(self) -> Any:
        import numba

        with _LOCK:
            if self._compiled is None:
                try:
                    self._compiled = numba.njit(**self._options)(self._function)
                except RuntimeError:  # neither the package's folder nor the user's cache can be written
                    self._compiled = numba.njit(**{**self._options, "cache": False})(self._function)
        return self._compiled


def njit(**options: Any) -> Callable[[Callable[P, R]], _Loop[P, R]]:
    """Compile a function as `numba.njit` does, with its options, but not before it is used."""
    return lambda function: _Loop(function, options)
