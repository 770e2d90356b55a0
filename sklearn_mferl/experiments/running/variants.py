"""Variants of a model that share the features of a fold, which are computed once."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from sklearn_mferl.evaluation.cross_validation import figures_of
from sklearn_mferl.pairs import PairFeatures, PairTable, RNATable
from sklearn_mferl.pairs.background import find_seed_reader
from sklearn_mferl.pairs.steps import scale_of


class Variant(NamedTuple):
    """What of a model is different."""

    name: str
    params: dict[str, Any] = {}  # of the classifier
    without: str | None = None  # scale or channel of evidence that it does not see


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

    def make_tables(features: PairFeatures) -> tuple[PairTable, PairTable]:
        training = cast(PairTable, features.fit_transform(pairs.iloc[train], y[train]))
        return training, cast(PairTable, features.transform(pairs.iloc[test]))

    features = clone(model["features"])
    shared, rows = make_tables(features), []
    for variant in variants:
        if _finds_hard_negatives(features, variant.without):  # without it others are drawn, or none
            training, tested = make_tables(clone(features).set_params(**{str(variant.without): "drop"}))
        else:
            training, tested = (drop_input(table, variant.without) for table in shared)
        classifier = clone(model["mferl"]).set_params(**variant.params)
        scores = classifier.fit(training, y[train]).predict_proba(tested)[:, 1]
        if np.isfinite(scores).all():
            figures = figures_of(y[test], scores)
        else:  # the network has diverged: that is a result, too
            figures = dict.fromkeys(figures_of(y[test], np.zeros(len(test))), np.nan)
        rows.append({**keys, "variant": variant.name, **figures})
    return {"figures": pd.DataFrame(rows)}


def _finds_hard_negatives(features: PairFeatures, channel: Any) -> bool:
    named = {name: each for name, each in features.evidence or [] if name == channel}
    return bool(features.background and features.hard_negatives) and find_seed_reader(named) is not None


def drop_input(table: PairTable, name: str | None) -> PairTable:
    """Return a table without a scale or a channel of evidence, as if it had never been computed."""
    if name is None:
        return table
    features = table.origin.features
    if features is not None:  # which the calibration fits again
        features = clone(features).set_params(**{name: "drop"})
    return replace(
        table,
        circrna=_drop_scale(table.circrna, name),
        mirna=_drop_scale(table.mirna, name),
        origin=replace(table.origin, features=features),
        evidence={channel: block for channel, block in table.evidence.items() if channel != name},
        cold_evidence={channel: views for channel, views in table.cold_evidence.items() if channel != name},
        background=None if table.background is None else drop_input(table.background, name),
        hard_negatives=None if table.hard_negatives is None else drop_input(table.hard_negatives, name),
    )


def _drop_scale(rnas: RNATable, name: str) -> RNATable:
    """Leave out a scale, and that which a channel of this name gives."""
    kept = [
        {scale: block for scale, block in blocks.items() if scale not in (name, scale_of(name))}
        for blocks in (rnas.scales, rnas.propagated, rnas.cold_scales, rnas.cold_propagated)
    ]
    return RNATable(rnas.ids, *kept)
