"""The experiments behind a page, each kept when it is finished."""

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import pandas as pd
from sklearn.base import clone

from sklearn_mferl.datasets import CMIData
from sklearn_mferl.evaluation import CrossValidation
from sklearn_mferl.evaluation.folds import SPLITS
from sklearn_mferl.experiments.ablation import ablation
from sklearn_mferl.experiments.binding import binding
from sklearn_mferl.experiments.case_study import rank_unknown, write_ranking
from sklearn_mferl.experiments.cold_start import cold
from sklearn_mferl.experiments.running.folds import join_folds
from sklearn_mferl.experiments.running.runner import run_cells
from sklearn_mferl.experiments.settings import Settings
from sklearn_mferl.inspection import EmbeddingMaps, Explanation, explain
from sklearn_mferl.report.maps import run_maps
from sklearn_mferl.utils.validation import SIDES

BY: Final = {"best": "family", "paper": "channel"}
"""What scores are shared among: the network has one family only, its scales."""

_TABLES: Final = ("summary", "sites", "voters", "attention")
ABLATED: Final = {"best": ["evidence"], "paper": ["network"]}
_LEFT_OUT: Final = "The ablation has no variant"
_QUICK_FOLDS: Final = 3
QUICK_EXPLAINED: Final = 10  # an explanation takes a second and its pictures another


class Ablation(NamedTuple):
    """What `ablation` found."""

    figures: pd.DataFrame  # of each fold
    summary: pd.DataFrame
    notes: list[str]  # what could not be left out, and why


class Predictions(NamedTuple):
    """What a model of all known pairs puts first, and why."""

    candidates: pd.DataFrame  # as `case_study` returns and writes them, and the counts
    score_counts: pd.DataFrame
    explanation: Explanation | None  # a row for each of the first candidates
    reason: str  # why the others have none


class Runs(NamedTuple):
    """All that was computed for a page."""

    data: CMIData
    settings: Settings  # `out` is the folder of the finished parts
    folds: dict[str, CrossValidation]  # by split, "pair" first
    ablation: Ablation | None  # None in a quick report
    maps: dict[str, EmbeddingMaps] | str  # by method, or why there are none
    predictions: Predictions
    quick: bool  # whether the page leaves out what takes long
    binding: pd.DataFrame | None = None  # what `binding` found, where there are reads


def run_experiments(
    data: CMIData,
    settings: Settings,
    folder: Path,
    *,
    n_splits: int | None,
    top: int,
    quick: bool,
    reads: Any = None,
) -> Runs:
    """Run the experiments, or read what is finished."""
    settings = replace(settings, out=folder)
    given = vars(settings)
    if quick and n_splits is None:
        n_splits = _QUICK_FOLDS
    folds = _by_split(cold(data, splits=SPLITS[:1] if quick else SPLITS, n_splits=n_splits, **given), folder)
    predictions = run_predictions(data, settings, top, min(top, QUICK_EXPLAINED) if quick else top)
    return Runs(
        data=data,
        settings=settings,
        folds=folds,
        ablation=None if quick else _ablate(data, n_splits, given),
        maps=run_maps(data, settings, n_splits, quick=quick),
        predictions=predictions,
        quick=quick,
        binding=None if reads is None else binding(data, reads, n_splits=n_splits, **given),
    )


def _by_split(figures: pd.DataFrame, folder: Path) -> dict[str, CrossValidation]:
    """Join the figures with the scores, which `cold` leaves in a file."""
    # as text first: an RNA may be called NA, and Python reads every float as it was written
    scores = pd.read_csv(folder / "cold_scores.csv", dtype=str, keep_default_na=False)
    scores = scores.astype({"fold": int, "row": int, "label": int, "score": float})
    return {
        split: join_folds(figures[figures["split"] == split], scores[scores["split"] == split])
        for split in figures["split"].unique()
    }


def _ablate(data: CMIData, n_splits: int | None, given: dict[str, Any]) -> Ablation:
    """Run the ablation; what it warns of is for the page."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        figures = ablation(data, n_splits=n_splits, parts=ABLATED[given["preset"]], **given)
    notes = [str(each.message) for each in caught if str(each.message).startswith(_LEFT_OUT)]
    for each in caught:
        if not str(each.message).startswith(_LEFT_OUT):
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
    summary = pd.read_csv(Path(given["out"]) / "ablation_summary.csv")
    return Ablation(figures, summary, notes)


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
