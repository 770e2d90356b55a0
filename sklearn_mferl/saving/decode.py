"""From plain JSON and arrays to an object, by names that are allowed."""

from typing import Any, Final

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from skorch import NeuralNet

from sklearn_mferl.network.devices import resolve_device
from sklearn_mferl.saving.allowed import SPARSE, Allowed

_BITS: Final = {kind.__name__: kind for kind in (np.random.MT19937, np.random.PCG64)}
_DEEPEST: Final = 200  # nodes in each other; a model has some fifty


class Decoder:
    """Put together what `Encoder` took apart.

    A node is None, a number or a short string as it is, or a mapping of one of these keys: ``string`` (its
    number), ``float``, ``again`` (the number of a node before it), ``name`` (of a class or function),
    ``list``, ``tuple``, ``dict`` (pairs), ``bytes``, ``dtype``, ``scalar``, ``array``, ``objects``,
    ``tensor``, ``torch_dtype``, ``masked``, ``random``, ``sparse``, ``pandas``, ``frame``, ``object`` (a
    class, whose instance is made without a call) or ``call``.
    """

    def __init__(self, arrays: dict[str, NDArray[Any]], strings: list[str], allowed: Allowed) -> None:
        self._arrays, self._strings, self._allowed = arrays, strings, allowed
        self._made: dict[int | None, Any] = {}
        self._depth = 0

    def decode(self, node: Any) -> Any:
        """Return what a node stands for."""
        if node is None or isinstance(node, (bool, int, float, str)):
            return node
        if not isinstance(node, dict):
            raise ValueError(f"A node is a {type(node).__name__}.")
        if "again" in node:
            return self._made[node["again"]]
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError(f"Its parts are more than {_DEEPEST} deep in each other.")
        value = self._put_together(node)
        self._depth -= 1
        return value

    def _put_together(self, node: dict[str, Any]) -> Any:
        number = node.get("number")
        if "string" in node:
            return self._strings[node["string"]]
        if "float" in node:
            return float(node["float"])
        if "name" in node:
            return self._allowed.find_value(node["name"])
        if "list" in node:
            listed: list[Any] = []
            self._made[number] = listed  # known before its parts, which may hold it
            listed.extend(map(self.decode, node["list"]))
            return listed
        if "dict" in node:
            mapping: dict[Any, Any] = {}
            self._made[number] = mapping
            mapping.update((self.decode(key), self.decode(item)) for key, item in node["dict"])
            return mapping
        if "object" in node or "call" in node:
            return self._make(node)
        value = self._plain(node)
        self._made[number] = value
        return value

    def _plain(self, node: dict[str, Any]) -> Any:
        """Return what holds no object that could hold it."""
        if "tuple" in node:
            return tuple(map(self.decode, node["tuple"]))
        if "bytes" in node:
            return self._arrays[node["bytes"]].tobytes()
        if "masked" in node:
            values, mask = map(self._array, node["masked"])
            return np.ma.MaskedArray(values, mask=mask)
        if "random" in node:
            bits = _BITS[node["bits"]]()
            bits.state = self.decode(node["state"])
            return (np.random.Generator if node["random"] == "Generator" else np.random.RandomState)(bits)
        if "sparse" in node:
            parts = tuple(map(self._array, node["parts"]))
            matrix = SPARSE[node["sparse"]](parts, shape=tuple(node["shape"]))
            matrix.check_format(full_check=True)
            return matrix
        if "pandas" in node:
            return self._read_pandas(node["pandas"])
        if "frame" in node:
            columns = [(self.decode(name), self.decode(column)) for name, column in node["frame"]]
            return pd.DataFrame(dict(columns), index=self.decode(node["of"]))
        if "torch_dtype" in node:
            value = getattr(torch, str(node["torch_dtype"]), None)
            if not isinstance(value, torch.dtype):
                raise ValueError(f"{node['torch_dtype']} is no type of torch.")
            return value
        if "dtype" in node and "array" not in node:
            return _read_dtype(node["dtype"])
        if "scalar" in node:
            return self._array(node["scalar"])[()]
        if "tensor" in node:
            tensor = torch.from_numpy(self._array(node["tensor"]).copy())
            if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
                raise ValueError("It holds weights that are not finite.")
            return torch.nn.Parameter(tensor) if node["parameter"] else tensor
        return self._array(node)

    def _read_pandas(self, described: dict[str, Any]) -> pd.Index | pd.Series:
        values, label = self._array(described["values"]), self.decode(described["label"])
        if "of" in described:
            return pd.Series(values, index=self.decode(described["of"]), dtype=described["type"], name=label)
        return pd.Index(values, dtype=described["type"], name=label)

    def _make(self, node: dict[str, Any]) -> Any:
        """Make an object, and then set what it holds."""
        if "object" in node:
            kind = self._allowed.find_class(node["object"])
            made = kind.__new__(kind, *map(self.decode, node.get("arguments", ())))
        else:
            made = self._allowed.find_callable(node["call"])(*map(self.decode, node["arguments"]))
        self._made[node.get("number")] = made
        if "state" in node:
            _set_state(made, self.decode(node["state"]))
        if "items" in node:
            made.extend(map(self.decode, node["items"]))
        for key, item in node.get("entries", ()):
            made[self.decode(key)] = self.decode(item)
        return made

    def _array(self, node: dict[str, Any]) -> NDArray[Any]:
        shape = tuple(node["shape"])
        if "objects" in node:
            objects = np.empty(len(node["objects"]), dtype=object)
            objects[:] = [self.decode(item) for item in node["objects"]]
            return objects.reshape(shape)
        array = self._arrays[node["array"]]
        if "dtype" in node:
            array = np.frombuffer(array.tobytes(), dtype=_read_dtype(node["dtype"])).copy()
        return array.reshape(shape)


def _set_state(made: Any, state: Any) -> None:
    """Set a state as pickle does."""
    if isinstance(made, NeuralNet):  # whose own way reads a pickle in the state
        vars(made).update(state)
        if made.device != "cpu":
            made.device = resolve_device("auto")
        made.module_.to(made.device)
        return
    if hasattr(made, "__setstate__"):
        made.__setstate__(state)
        return
    slots = None
    if isinstance(state, tuple) and len(state) == 2:
        state, slots = state
    vars(made).update(state or {}) if state else None
    for name, value in (slots or {}).items():
        object.__setattr__(made, name, value)


def _read_dtype(described: Any) -> np.dtype[Any]:
    if isinstance(described, dict):
        described = {**described, "formats": [_read_dtype(each) for each in described["formats"]]}
    dtype: np.dtype[Any] = np.dtype(described)
    if dtype.hasobject:
        raise ValueError("An array of objects stands among the numbers.")
    return dtype
