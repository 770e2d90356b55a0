"""A cell of the benchmark: one model on one data folder, split, kind of negatives and seed."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import joblib
from _models import MODELS, SIDES

from sklearn_mferl.datasets import CMIData, load_cmi
from sklearn_mferl.evaluation import cross_validate_pairs, rank_hidden_pairs
from sklearn_mferl.metrics import reliability_curve
from sklearn_mferl.model_selection import labelled_pairs

RANKING: Final = "ranking"
SPLITS: Final = ("pair", "circrna", "mirna", "both", RANKING)
NEGATIVES: Final = ("uniform", "degree", "near", "reliable")
TOP: Final = (20, 50, 200, 1000)
# Bins of reliability are kept for these negatives alone: the page draws no others.
DRAWN: Final = "uniform"
_AT_THRESHOLD: Final = ("f1", "accuracy", "recall", "precision")
_THRESHOLDS: Final = (0.5, "train", "best_f1")
_DECIMALS: Final = 6


@dataclass(frozen=True)
class Cell:
    """What is measured; two equal cells give the same figures, but for seconds and memory."""

    data: str
    linear: bool
    split: str
    negatives: str
    seed: int
    folds: int  # 0 for the ranking
    model: str


KEY: Final = tuple(Cell.__dataclass_fields__)
FIGURES: Final = (
    "auc",
    "aupr",
    *(f"{name}@{threshold}" for threshold in _THRESHOLDS for name in _AT_THRESHOLD),
    "brier",
    "log_loss",
    "ece",
)
FIGURES_OF_RANKING: Final = ("n_ranked", "n_hidden", "ap", *(f"p@{k}" for k in TOP))
FACTS: Final = ("known_pairs", "circrnas", "mirnas", "sequences", "vectors")
COLUMNS: Final = (*KEY, *FACTS, *FIGURES, *FIGURES_OF_RANKING, "seconds", "peak_gb", "cores", "version")
COLUMNS_OF_BINS: Final = (*KEY, "lower", "upper", "n_pairs", "predicted", "observed")


def plan(
    data: Iterable[tuple[str, bool]],
    splits: Iterable[str],
    negatives: Iterable[str],
    seeds: Iterable[int],
    folds: int | None,
    models: Iterable[str],
) -> list[Cell]:
    """List the cells, each once, seed by seed: a run that is stopped has whole tables of the first seeds.

    The ranking is trained on uniform negatives only: it ranks all unknown pairs, whatever training had.
    """
    cells = []
    for seed in seeds:
        for name, linear in data:
            for split in splits:
                n_folds = 0 if split == RANKING else folds or (3 if split == "both" else 5)
                for kind in (DRAWN,) if split == RANKING else negatives:
                    cells += [Cell(name, linear, split, kind, seed, n_folds, model) for model in models]
    return list(dict.fromkeys(cells))


def facts(data: CMIData) -> dict[str, Any]:
    """Say how large the data are and what is known of their RNAs."""
    sequences = [side for side in SIDES if getattr(data, side) is not None]
    return {
        "known_pairs": len(data.pairs),
        "circrnas": data.pairs["circrna"].nunique(),
        "mirnas": data.pairs["mirna"].nunique(),
        "sequences": "+".join(sequences) or "-",
        "vectors": "+".join(side for side in SIDES if side in data.embeddings) or "-",
    }


def measure(cell: Cell, folder: Path, version: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Train and test the model: return the row of the table, and its bins of reliability, if any."""
    data = load_cmi(folder)
    model = MODELS[cell.model].make(data, cell.linear, cell.seed)
    start = time.perf_counter()
    figures: dict[Any, Any]
    if cell.split == RANKING:
        figures = rank_hidden_pairs(
            {cell.model: model}, data.pairs, strategy=cell.negatives, ks=TOP, random_state=cell.seed
        ).to_dict("records")[0]
        del figures["model"]
        bins: list[dict[Any, Any]] = []
    else:
        figures, bins = _cross_validate(cell, data, model)
    seconds = time.perf_counter() - start
    row = {
        **asdict(cell),
        **facts(data),
        **_rounded(figures),
        "seconds": round(seconds, 2),
        "peak_gb": round(_peak_gb(), 3),
        "cores": joblib.cpu_count(),
        "version": version,
    }
    return row, [{**asdict(cell), **_rounded(each)} for each in bins]


def _cross_validate(cell: Cell, data: CMIData, model: Any) -> tuple[dict[Any, Any], list[dict[Any, Any]]]:
    pairs, y = labelled_pairs(data.pairs, random_state=cell.seed, strategy=cell.negatives)
    result = cross_validate_pairs(
        {cell.model: model}, pairs, y, split=cell.split, n_splits=cell.folds, random_state=cell.seed
    )
    means = result.figures.drop(columns=["model", "fold"]).mean()
    figures = {name: means[name] for name in ("auc", "aupr")}
    for threshold in _THRESHOLDS:
        at_threshold = result.figures_at(threshold)[list(_AT_THRESHOLD)].mean()
        figures |= {f"{name}@{threshold}": at_threshold[name] for name in _AT_THRESHOLD}
    figures |= {name: means[name] for name in ("brier", "log_loss", "ece")}
    if cell.negatives != DRAWN:
        return figures, []
    bins = reliability_curve(result.scores["label"], result.scores[cell.model])
    return figures, bins.to_dict("records")


def _rounded(figures: dict[Any, Any]) -> dict[str, Any]:
    # numbers of numpy become Python's, so that they are written alike in every version
    return {
        name: int(value)
        if float(value).is_integer() and name.startswith("n_")
        else round(float(value), _DECIMALS)
        for name, value in figures.items()
    }


def _peak_gb() -> float:
    """Return the peak memory of this process; each cell has a process of its own."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e9 if sys.platform == "darwin" else 1e6)  # bytes there, kilobytes elsewhere
