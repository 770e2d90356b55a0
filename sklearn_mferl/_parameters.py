"""What each parameter of the classifier may be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import torch


def check_parameters(estimator: Any) -> None:
    """Raise a ValueError that names the first parameter of `MFERLClassifier` out of its range."""
    for name, allowed, words in _RULES:
        value = getattr(estimator, name)
        try:
            valid = allowed(value)
        except TypeError:
            valid = False
        if not valid:
            raise ValueError(f"{name} must be {words}; got {value!r}.")


def one_of(*values: str | None) -> str:
    """List values in words."""
    return "one of " + ", ".join(map(repr, values))


def _is_count(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and bool(value >= 1)


def _is_device(value: Any) -> bool:
    try:
        return value == "auto" or bool(torch.device(value))
    except RuntimeError:
        return False


_RULES: Final[list[tuple[str, Callable[[Any], bool], str]]] = [
    ("embedding_dim", _is_count, "a whole number of at least 1"),
    ("lr", lambda v: v > 0, "above 0"),
    ("max_epochs", _is_count, "a whole number of at least 1"),
    ("batch_size", lambda v: v == "auto" or _is_count(v), "'auto' or a whole number of at least 1"),
    ("temperature", lambda v: v > 0, "above 0"),
    ("contrastive_weight", lambda v: v >= 0, "at least 0"),
    ("contrastive_balance", lambda v: v >= 0, "at least 0"),
    ("weight_decay", lambda v: v >= 0, "at least 0"),
    ("dropout", lambda v: 0 <= v < 1, "in [0, 1)"),
    ("validation_fraction", lambda v: 0 < v < 1, "in (0, 1)"),
    ("n_iter_no_change", _is_count, "a whole number of at least 1"),
    (
        "homogeneous",
        lambda v: v in ("aggregate_first", "fuse_first", None),
        one_of("aggregate_first", "fuse_first", None),
    ),
    ("attention", lambda v: v in ("feature", "node", None), one_of("feature", "node", None)),
    ("device", _is_device, "'auto' or a torch device such as 'cpu' or 'cuda:0'"),
    ("mixed_precision", lambda v: isinstance(v, (bool, np.bool_)), "True or False"),
    ("compile", lambda v: isinstance(v, (bool, np.bool_)), "True or False"),
    ("lr_schedule", lambda v: v in ("one_cycle", "constant"), one_of("one_cycle", "constant")),
    ("prevalence", lambda v: v is None or 0 < v < 1, "None or in (0, 1)"),
]
