"""Short names for what decides a result, to tell a resumed experiment from another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import joblib

from sklearn_mferl.datasets import CMIData


def describe_data(data: CMIData) -> str:
    """Return a name for the content of the data."""
    digest = hashlib.sha256(data.pairs.to_csv(index=False).encode())
    for sequences in (data.circrna, data.mirna):
        digest.update(json.dumps(sequences, sort_keys=True).encode())
    for side, table in sorted(data.embeddings.items()):
        digest.update(side.encode() + table.to_csv().encode())
    return digest.hexdigest()[:16]


def describe_value(value: Any) -> str:
    """Return what tells a value from another: itself, or its class and the hash of its content."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return repr(value)
    return f"{type(value).__name__} {joblib.hash(value)[:12]}"


def describe_models(models: Mapping[str, Any]) -> dict[str, str]:
    """Return class and hash of each model with its parameters."""
    return {name: describe_value(model) for name, model in models.items()}
