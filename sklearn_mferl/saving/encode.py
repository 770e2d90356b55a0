"""From an object to plain JSON and arrays.

Objects are taken apart by the protocol of pickle, ``__reduce_ex__``, but nothing is written that would be
run: classes and functions by name alone, arrays as arrays. What a node of the JSON means is in `decode`.
"""

import copyreg
import math
from types import BuiltinFunctionType, FunctionType
from typing import Any, Final

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from skorch import NeuralNet
from skorch.history import History

from sklearn_mferl.saving.allowed import SPARSE, Allowed, name_of

_LONG: Final = 40  # letters; longer strings stand once, in a list of their own
_NATIVE: Final = "fiub"  # kinds of numbers that safetensors has
_OF_A_NET: Final = ("module_", "criterion_", "history_", "initialized_", "was_interrupted")


class Encoder:
    """Take objects apart; one that is met twice is written once."""

    def __init__(self, allowed: Allowed) -> None:
        self.arrays: dict[str, NDArray[Any]] = {}  # by the names that the JSON uses
        self.strings: dict[str, int] = {}  # long ones, numbered
        self._allowed = allowed
        self._numbers: dict[int, int] = {}
        self._alive: list[Any] = []  # so that no number of an object is given twice

    def encode(self, value: Any) -> Any:
        """Return a node of JSON."""
        if value is None or (isinstance(value, (bool, int)) and type(value) in (bool, int)):
            return value
        if type(value) is str:
            if len(value) < _LONG:
                return value
            return {"string": self.strings.setdefault(value, len(self.strings))}
        if type(value) is float:
            return value if math.isfinite(value) else {"float": repr(value)}
        if id(value) in self._numbers:
            return {"again": self._numbers[id(value)]}
        if isinstance(value, (type, FunctionType, BuiltinFunctionType)):
            name = name_of(value)
            if self._allowed.find_value(name) is not value:
                raise ValueError(f"{name} is another than the one that is found by this name.")
            return {"name": name}
        number = len(self._alive)
        self._numbers[id(value)] = number
        self._alive.append(value)
        return {**self._take_apart(value), "number": number}

    def _take_apart(self, value: Any) -> dict[str, Any]:
        kind = type(value)
        if kind in (list, tuple):
            return {kind.__name__: [self.encode(item) for item in value]}
        if kind is dict:
            return {"dict": [[self.encode(key), self.encode(item)] for key, item in value.items()]}
        if kind in (set, frozenset):  # in an order that does not depend on hashes
            listed = [self.encode(item) for item in sorted(value, key=repr)]
            return {"call": f"builtins:{kind.__name__}", "arguments": [{"list": listed}]}
        if kind is bytes:
            return {"bytes": self._keep(np.frombuffer(value, dtype=np.uint8))}
        if isinstance(value, np.dtype):
            return {"dtype": _describe(value)}
        if isinstance(value, np.generic):
            return {"scalar": self._array(np.asarray(value))}
        if kind is np.ndarray:
            return self._array(value)
        if kind is np.ma.MaskedArray:
            return {"masked": [self._array(value.data), self._array(np.ma.getmaskarray(value))]}
        if isinstance(value, torch.Tensor):
            numbers = self._array(value.detach().cpu().numpy())
            return {"tensor": numbers, "parameter": isinstance(value, torch.nn.Parameter)}
        if kind in (np.random.RandomState, np.random.Generator):
            bits = value._bit_generator if kind is np.random.RandomState else value.bit_generator
            state = value.get_state(legacy=False) if kind is np.random.RandomState else bits.state
            return {"random": kind.__name__, "bits": type(bits).__name__, "state": self.encode(state)}
        if kind in SPARSE.values():
            parts = [self._array(each) for each in (value.data, value.indices, value.indptr)]
            return {"sparse": kind.__name__, "parts": parts, "shape": list(value.shape)}
        if kind in (pd.Index, pd.RangeIndex, pd.Series):
            array = self._array(value.to_numpy())
            described = {"values": array, "type": str(value.dtype), "label": self.encode(value.name)}
            if kind is pd.Series:
                described["of"] = self.encode(value.index)
            return {"pandas": described}
        if kind is pd.DataFrame:
            columns = [[self.encode(name), self.encode(value[name])] for name in value.columns]
            return {"frame": columns, "of": self.encode(value.index)}
        if isinstance(value, torch.dtype):
            return {"torch_dtype": str(value).removeprefix("torch.")}
        if isinstance(value, History):  # without seconds, so that the same training makes the same file
            rows = [{name: each for name, each in row.items() if name != "dur"} for row in value]
            return self._reduce(History(rows))
        return self._reduce(value)

    def _reduce(self, value: Any) -> dict[str, Any]:
        """Take apart what pickle would."""
        name = name_of(type(value))
        if isinstance(value, NeuralNet):
            self._allowed.find_class(name)
            return {"object": name, "state": self.encode(_strip(value))}
        reduced = value.__reduce_ex__(4)
        if not isinstance(reduced, tuple):
            return {"name": name_of(value)}
        make, args, state, items, entries, *_ = (*reduced, None, None, None, None)[:6]
        node: dict[str, Any] = {}
        if make is copyreg.__newobj__:  # type: ignore[attr-defined]
            self._allowed.find_class(name_of(args[0]))
            node["object"] = name_of(args[0])
            if len(args) > 1:  # a tuple with names
                node["arguments"] = [self.encode(each) for each in args[1:]]
        else:
            self._allowed.find_callable(name_of(make))
            node |= {"call": name_of(make), "arguments": [self.encode(each) for each in args]}
        if state is not None:
            node["state"] = self.encode(state)
        if items is not None:
            node["items"] = [self.encode(item) for item in items]
        if entries is not None:
            node["entries"] = [[self.encode(key), self.encode(item)] for key, item in entries]
        return node

    def _array(self, array: NDArray[Any]) -> dict[str, Any]:
        """Keep an array, as bytes where its numbers are of no common kind."""
        shape = list(array.shape)
        if array.dtype.hasobject:
            if array.dtype != object:
                raise ValueError(f"An array of {array.dtype} cannot be saved without code.")
            return {"objects": [self.encode(item) for item in array.ravel().tolist()], "shape": shape}
        array = np.ascontiguousarray(array)
        if array.dtype.kind in _NATIVE and array.dtype.isnative and array.dtype.itemsize <= 8:
            return {"array": self._keep(array.reshape(shape)), "shape": shape}
        content = np.frombuffer(array.tobytes(), dtype=np.uint8)
        return {"array": self._keep(content), "dtype": _describe(array.dtype), "shape": shape}

    def _keep(self, array: NDArray[Any]) -> str:
        name = f"a{len(self.arrays)}"
        self.arrays[name] = array
        return name


def _strip(net: NeuralNet) -> dict[str, Any]:
    """Return what a trained net needs to compute: neither optimizer nor callbacks, which hold functions."""
    state = {name: value for name, value in vars(net).items() if name in _OF_A_NET}
    params = {
        name: value
        for name, value in vars(net).items()
        if not name.endswith("_") and not name.startswith("_") and not isinstance(value, FunctionType)
    }
    return {**params, **state, "callbacks": None, "virtual_params_": {}, "cuda_dependent_attributes_": []}


def _describe(dtype: np.dtype[Any]) -> Any:
    """Return a type of numbers as JSON."""
    if dtype.hasobject:
        raise ValueError(f"{dtype} cannot be saved without code.")
    if dtype.names is None:
        return dtype.str
    offsets = [dtype.fields[name][1] for name in dtype.names]  # type: ignore[index]
    formats = [_describe(dtype[name]) for name in dtype.names]
    return {
        "names": list(dtype.names),
        "formats": formats,
        "offsets": offsets,
        "itemsize": dtype.itemsize,
    }
