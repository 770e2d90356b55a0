"""Five folds of cross-validation, features and all, and a step of the network in both precisions."""

from __future__ import annotations

from typing import Final

import numpy as np
from _cells import _peak_gb
from _models import MODELS
from _speed_inputs import network_data
from _speed_rows import FIGURE, Call, Row, Settings, once
from _speed_words import threads
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline

from sklearn_mferl.datasets import CMIData
from sklearn_mferl.evaluation import CrossValidation, cross_validate_pairs
from sklearn_mferl.model_selection import labelled_pairs

# The published code takes 32 to 39 s for a step of 128 pairs on 2 cores.
_PUBLISHED_SECONDS: Final = 166 * 3600
_PUBLISHED: Final = "published code, about 166 h: a known value, not of this run"
_ITS_PAIRS: Final = 9589


def folds(settings: Settings, call: Call) -> list[Row]:
    """Both presets, each in a process of its own, and an epoch in mixed precision."""
    rows = [call(_folds, settings, *aims) for aims in (("best", 180, 2), ("paper", np.nan, np.nan))]
    return [*rows, call(_mixed_precision, settings)]


def network_of_the_publication(data: CMIData, settings: Settings) -> Pipeline:
    """Make the preset 'paper', small enough for `--quick` where that was asked for."""
    model = MODELS["paper"].make(data, False, 0)
    return model.set_params(mferl__max_epochs=1, features__doc2vec="drop") if settings.quick else model


def _folds(settings: Settings, preset: str, aim_seconds: float, aim_gb: float) -> Row:
    data, name = network_data(settings)
    if preset == "paper":
        model = network_of_the_publication(data, settings)
    else:
        model = MODELS[preset].make(data, False, 0)
    pairs, y = labelled_pairs(data.pairs, random_state=0)
    results: list[CrossValidation] = []
    seconds = once(
        lambda: results.append(
            cross_validate_pairs({preset: model}, pairs, y, n_splits=settings.pick(5, 2), random_state=0)
        )
    )
    auc = results[0].figures["auc"].mean()
    is_published = len(data.pairs) == _ITS_PAIRS
    return Row(
        "folds",
        FIGURE,
        f"{settings.pick('five', 'two')} folds, preset '{preset}'",
        f"{name}, {len(pairs):,} pairs",
        len(pairs),
        seconds,
        _PUBLISHED if is_published else "",
        _PUBLISHED_SECONDS if is_published else np.nan,
        aim_seconds=aim_seconds,
        peak_gb=_peak_gb(),
        aim_gb=aim_gb,
        note=f"Mean AUC {auc:.3f}.",
    )


def _mixed_precision(settings: Settings) -> Row:
    """Train the network of the publication on the same features in both precisions; the best epoch counts."""
    data, name = network_data(settings)
    features, network = (step for _, step in network_of_the_publication(data, settings).steps)
    pairs, y = labelled_pairs(data.pairs, random_state=0)
    train, test = next(StratifiedKFold(5, shuffle=True, random_state=0).split(pairs, y))
    table = features.fit_transform(pairs.iloc[train], y[train])
    asked = features.transform(pairs.iloc[test])
    seconds, auc = [], []
    for mixed_precision in (True, False):
        network.set_params(mixed_precision=mixed_precision, max_epochs=settings.pick(4, 1)).fit(
            table, y[train]
        )
        seconds.append(min(network.history_[:, "dur"]))
        auc.append(roc_auc_score(y[test], network.decision_function(asked)))
    return Row(
        "folds",
        FIGURE,
        f"an epoch of the network in mixed precision, {threads(settings.threads)}",
        f"{name}, {len(train):,} pairs",
        len(train),
        seconds[0],
        "an epoch in single precision",
        seconds[1],
        note=f"AUC of the first fold after {len(network.history_)} epochs: {auc[0]:.3f}, in single precision "
        f"{auc[1]:.3f}. It pays where the processor is made for bfloat16.",
    )
