"""Explanations of the best predictions, kept when they are finished."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
from sklearn.base import clone

from sklearn_mferl._validation import SIDES
from sklearn_mferl.datasets import CMIData
from sklearn_mferl.experiments._runner import Cell, run_cells
from sklearn_mferl.experiments.settings import Settings
from sklearn_mferl.inspection import Explanation, explain

BY: Final = {"best": "family", "paper": "channel"}
"""What scores are shared among: the network has one family only, its scales."""

_TABLES: Final = ("summary", "sites", "voters", "attention")


def run_explanations(
    data: CMIData, settings: Settings, candidates: pd.DataFrame
) -> tuple[Explanation | None, str]:
    """Train as `case_study` does, on all known pairs, and explain what it ranked first.

    Parameters
    ----------
    data : CMIData
    settings : Settings
    candidates : DataFrame
        What `case_study` returned.

    Returns
    -------
    explanation : Explanation or None
        A row for each candidate.
    reason : str
        Why there is none.
    """
    tables = run_cells(
        _explain,
        [Cell("explanations", {"data": data, "settings": settings, "pairs": candidates[list(SIDES)]})],
        experiment="report-explanations",
        identity=settings.identify(data, top=len(candidates), by=BY[settings.preset]),
        out=settings.folder,
        n_jobs=settings.n_jobs,
        progress=settings.progress,
    )
    if len(tables["reason"]):
        return None, str(tables["reason"]["reason"].iloc[0])
    lengths = tables["lengths"]
    explanation = Explanation(
        **{name: tables[name] for name in _TABLES},
        players=tuple(tables["players"]["name"]),
        lengths=pd.Series(lengths["length"].to_numpy(), index=lengths["circrna"], dtype="int64"),
        circular=settings.circular,
    )
    return explanation, ""


def _explain(data: CMIData, settings: Settings, pairs: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return an explanation as tables; they are empty where the model cannot be explained."""
    training, y = settings.draw_pairs(data)
    model = clone(settings.make_model(data)).fit(training, y)
    found, reason = _try_to_explain(
        model,
        pairs,
        by=BY[settings.preset],
        reference=training,
        known=data.pairs,
        random_state=settings.random_state,
    )
    if found is None:
        return {
            **dict.fromkeys((*_TABLES, "players", "lengths"), pd.DataFrame()),
            "reason": pd.DataFrame({"reason": [reason]}),
        }
    return {
        **{name: getattr(found, name) for name in _TABLES},
        "players": pd.DataFrame({"name": list(found.players)}),
        "lengths": pd.DataFrame({"circrna": found.lengths.index, "length": found.lengths.to_numpy()}),
        "reason": pd.DataFrame({"reason": []}),
    }


def _try_to_explain(model: Any, pairs: pd.DataFrame, **options: Any) -> tuple[Explanation | None, str]:
    try:
        return explain(model, pairs, **options), ""
    except ValueError as error:  # a model with other parameters than the preset's may have no contributions
        return None, str(error)
