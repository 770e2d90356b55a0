"""What a file may name: classes to be made without their constructors, and what may be called.

A file cannot bring code, it can only name what is installed. So the names decide what loading may do.
"""

import importlib
from collections.abc import Collection
from typing import Any, Final

import scipy.sparse

# Instances of their classes are made by `__new__`, and their state set. Nothing in these rooms acts on that.
_OWN: Final = ("baselines", "evidence", "features", "model_selection", "models", "network", "pairs")
_ROOMS: Final = (
    *(f"sklearn_mferl.{room}" for room in _OWN),
    *("torch.nn.modules", "skorch.callbacks", "skorch.history", "gensim.models", "sklearn"),
)
# Called with what a file says, as pickle does; none of them reads, writes, runs or allots by a number alone.
_CALLABLES: Final = frozenset(
    {
        "collections:OrderedDict",
        "collections:defaultdict",
        "builtins:set",
        "builtins:frozenset",
        "builtins:complex",
        "builtins:slice",
        "sklearn._loss._loss:CyHalfBinomialLoss",
        "sklearn.tree._tree:Tree",
        "sklearn.neighbors._kd_tree:newObj",
        "sklearn.neighbors._ball_tree:newObj",
    }
)
# Handed over, not called by loading.
_VALUES: Final = frozenset(
    {
        "builtins:hash",
        "builtins:list",
        "builtins:int",
        "builtins:float",
        "builtins:dict",
        "numpy:float32",
        "numpy:float64",
        "torch.optim.adam:Adam",
        "torch.optim.adamw:AdamW",
        "torch.utils.data.dataloader:DataLoader",
        "skorch.dataset:Dataset",
        "gensim.utils:call_on_class_only",
    }
)


class Allowed:
    """The names that a file may use, with those that the caller trusts besides."""

    def __init__(self, trusted: Collection[str] = ()) -> None:
        self._trusted = frozenset(trusted)

    def find_class(self, name: str) -> type:
        """Return a class whose instances may be made without a call."""
        found = self._find(name, lambda: name in self._trusted or _in_rooms(name))
        if not isinstance(found, type):
            raise ValueError(f"{name} is no class.")
        return found

    def find_callable(self, name: str) -> Any:
        """Return what may be called."""
        return self._find(name, lambda: name in _CALLABLES or name in self._trusted)

    def find_value(self, name: str) -> Any:
        """Return a class or function that a model may hold."""
        allowed = _VALUES | _CALLABLES | self._trusted
        found = self._find(name, lambda: name in allowed or _in_rooms(name))
        if name not in allowed and not isinstance(found, type):
            raise ValueError(_refusal(name))
        return found

    @staticmethod
    def _find(name: Any, is_allowed: Any) -> Any:
        if not (isinstance(name, str) and name.count(":") == 1 and is_allowed()):
            raise ValueError(_refusal(name))
        module, _, path = name.partition(":")
        try:
            found: Any = importlib.import_module(module)
            for part in path.split("."):
                found = getattr(found, part)
        except (ImportError, AttributeError) as error:
            raise ValueError(f"It needs {name}, which is not installed: {error}") from error
        # what a module has imported is not its own
        if getattr(found, "__module__", module) != module or getattr(found, "__qualname__", path) != path:
            raise ValueError(_refusal(name))
        return found


def name_of(value: Any) -> str:
    """Return the name by which a class or function is found again."""
    return f"{value.__module__}:{value.__qualname__}"


def _in_rooms(name: str) -> bool:
    module = name.partition(":")[0]
    return any(module == room or module.startswith(f"{room}.") for room in _ROOMS)


def _refusal(name: Any) -> str:
    return (
        f"It names {name}, which a model may not hold; if it is yours and you trust the file, give "
        f"trusted=[{str(name)!r}]."
    )


SPARSE: Final = {
    kind.__name__: kind
    for kind in (
        *(scipy.sparse.csr_array, scipy.sparse.csc_array),
        *(scipy.sparse.csr_matrix, scipy.sparse.csc_matrix),
    )
}
