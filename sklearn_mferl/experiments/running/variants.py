"""Variants of a model that share the features of a fold, which are computed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from sklearn_mferl.experiments.running.folds import describe_fold
from sklearn_mferl.pairs import PairTable


class Variant(NamedTuple):
    """What of a model is different.

    Attributes
    ----------
    name : str
        Unique among the variants.
    params : dict
        Parameters of the classifier.
    without : str or None
        Channel of evidence that it does not see.
    """

    name: str
    params: dict[str, Any] = {}
    without: str | None = None


def score_variants(
    model: Pipeline,
    variants: Sequence[Variant],
    pairs: pd.DataFrame,
    y: NDArray[np.int64],
    train: NDArray[np.int64],
    test: NDArray[np.int64],
    keys: dict[str, Any],
) -> dict[str, pd.DataFrame]:
    """Fit the features on the training pairs of a fold, and each variant of the classifier on them."""
    features = clone(model["features"])
    learned = cast(PairTable, features.fit_transform(pairs.iloc[train], y[train]))
    asked = cast(PairTable, features.transform(pairs.iloc[test]))
    rows = []
    for variant in variants:
        classifier = clone(model["mferl"]).set_params(**variant.params)
        classifier.fit(drop_channel(learned, variant.without), y[train])
        found = classifier.predict_proba(drop_channel(asked, variant.without))[:, 1]
        rows.append(_figures(found, pairs, y, test, {**keys, "variant": variant.name}))
    return {"figures": pd.concat(rows, ignore_index=True)}


def drop_channel(table: PairTable, name: str | None) -> PairTable:
    """Return a table without one channel of its evidence, as if the channel had never been computed."""
    if name is None:
        return table
    return replace(
        table,
        evidence={channel: block for channel, block in table.evidence.items() if channel != name},
        cold_evidence={channel: views for channel, views in table.cold_evidence.items() if channel != name},
        background=None if table.background is None else drop_channel(table.background, name),
    )


def _figures(
    found: NDArray[np.float64],
    pairs: pd.DataFrame,
    y: NDArray[np.int64],
    test: NDArray[np.int64],
    keys: dict[str, Any],
) -> pd.DataFrame:
    """Return the row of figures, NaN where a network has diverged: that is a result, too."""
    diverged = not np.isfinite(found).all()
    row = describe_fold(np.zeros(len(test)) if diverged else found, pairs, y, test, keys)["figures"]
    if diverged:
        row[row.columns.difference(list(keys))] = np.nan
    return row
