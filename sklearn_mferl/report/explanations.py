"""The best predictions and their explanations, kept when they are finished."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import pandas as pd
from sklearn.base import clone

from sklearn_mferl.datasets import CMIData
from sklearn_mferl.experiments.case_study import rank_unknown, write_ranking
from sklearn_mferl.experiments.running.runner import run_cells
from sklearn_mferl.experiments.settings import Settings
from sklearn_mferl.inspection import Explanation, explain
from sklearn_mferl.utils.validation import SIDES

BY: Final = {"best": "family", "paper": "channel"}
"""What scores are shared among: the network has one family only, its scales."""

_TABLES: Final = ("summary", "sites", "voters", "attention")


class Predictions(NamedTuple):
    """What a model of all known pairs puts first, and why."""

    candidates: pd.DataFrame  # as `case_study` returns and writes them, and the counts
    score_counts: pd.DataFrame
    explanation: Explanation | None  # a row for each of the first candidates
    reason: str  # why the others have none


def run_predictions(data: CMIData, settings: Settings, top: int, n_explained: int) -> Predictions:
    """Train on all known pairs, once; rank as `case_study` does, and explain the first pairs."""
    cells = {"predictions": {"data": data, "settings": settings, "top": top, "n_explained": n_explained}}
    options = {"top": top, "explained": n_explained, "by": BY[settings.preset]}
    tables = run_cells(_predict, cells, "report-predictions", settings, data, **options)
    write_ranking(tables["ranking"], tables["scores"], settings.folder)
    found = tables["ranking"], tables["scores"]
    if len(tables["reason"]):
        return Predictions(*found, None, str(tables["reason"]["reason"].iloc[0]))
    lengths = tables["lengths"]
    explanation = Explanation(
        **{name: tables[name] for name in _TABLES},
        players=tuple(tables["players"]["name"]),
        lengths=pd.Series(lengths["length"].to_numpy(), index=lengths["circrna"], dtype="int64"),
        circular=settings.circular,
    )
    return Predictions(*found, explanation, f"a quick report explains the first {n_explained} pairs only.")


def _predict(data: CMIData, settings: Settings, top: int, n_explained: int) -> dict[str, pd.DataFrame]:
    """Return ranking and explanation as tables; those of a model that cannot be explained are empty."""
    training, y = settings.draw_pairs(data)
    model = clone(settings.make_model(data)).fit(training, y)
    ranked = rank_unknown(model, data, settings, top)
    first = ranked["ranking"][list(SIDES)][:n_explained]
    options: Any = {"reference": training, "known": data.pairs, "random_state": settings.random_state}
    try:
        found = explain(model, first, by=BY[settings.preset], **options)
    except ValueError as error:  # a model with other parameters than the preset's may have no contributions
        nothing = dict.fromkeys((*_TABLES, "players", "lengths"), pd.DataFrame())
        return {**ranked, **nothing, "reason": pd.DataFrame({"reason": [str(error)]})}
    return {
        **ranked,
        **{name: getattr(found, name) for name in _TABLES},
        "players": pd.DataFrame({"name": list(found.players)}),
        "lengths": pd.DataFrame({"circrna": found.lengths.index, "length": found.lengths.to_numpy()}),
        "reason": pd.DataFrame({"reason": []}),
    }
