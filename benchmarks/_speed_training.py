"""Five folds of cross-validation, features and all."""

from __future__ import annotations

from typing import Final

import numpy as np
from _cells import _peak_gb
from _models import MODELS
from _speed_inputs import network_data
from _speed_rows import FIGURE, Call, Row, Settings, once

from sklearn_mferl.evaluation import CrossValidation, cross_validate_pairs
from sklearn_mferl.model_selection import labelled_pairs

# The published code takes 32 to 39 s for a step of 128 pairs on 2 cores.
_PUBLISHED_SECONDS: Final = 166 * 3600
_PUBLISHED: Final = "published code, about 166 h: a known value, not of this run"
_ITS_PAIRS: Final = 9589


def folds(settings: Settings, call: Call) -> list[Row]:
    """Both presets, each in a process of its own."""
    return [call(_folds, settings, *aims) for aims in (("best", 180, 2), ("paper", np.nan, np.nan))]


def _folds(settings: Settings, preset: str, aim_seconds: float, aim_gb: float) -> Row:
    data, name = network_data(settings)
    model = MODELS[preset].make(data, False, 0)
    if settings.quick and preset == "paper":
        model.set_params(mferl__max_epochs=1, features__doc2vec="drop")
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
