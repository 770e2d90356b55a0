"""The models of the benchmark by name, and what each of them needs of a data folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from sklearn_mferl import make_mferl_pipeline
from sklearn_mferl.baselines import (
    DegreeProduct,
    PathCount,
    SeedCount,
    SVDFactorizer,
    make_boosting_pipeline,
)
from sklearn_mferl.datasets import CMIData

SIDES: Final = ("circrna", "mirna")


class Model(NamedTuple):
    make: Callable[[CMIData, bool, int], Any]  # data, whether its RNAs are linear, seed
    needs: str  # "pairs" alone, "features" of both sides (sequences or vectors), or "sequences" of both
    is_simple: bool  # a score that any model has to beat
    reads: str  # what the page says of it


def _preset(name: str, **dropped: str) -> Callable[[CMIData, bool, int], Any]:
    def make(data: CMIData, linear: bool, seed: int) -> Any:
        model = make_mferl_pipeline(
            data.circrna,
            data.mirna,
            preset=name,
            embeddings=data.embeddings or None,
            random_state=seed,
            features__circular=not linear,
        )
        return model.set_params(**dropped)

    return make


def _boosting(data: CMIData, linear: bool, seed: int) -> Any:
    return make_boosting_pipeline(
        data.circrna,
        data.mirna,
        embeddings=data.embeddings or None,
        random_state=seed,
        features__circular=not linear,
    )


MODELS: Final[dict[str, Model]] = {
    "best": Model(
        _preset("best"), "features", False, "target sites and the training pairs around a pair; the default"
    ),
    "paper": Model(_preset("paper"), "features", False, "the publication's network on its scales"),
    "sites-only": Model(
        _preset("best", features__neighborhood="drop"),
        "sequences",
        False,
        "`best` without what the training pairs say",
    ),
    "neighborhood-only": Model(
        _preset("best", features__sites="drop"), "sequences", False, "`best` without target sites"
    ),
    "SeedCount": Model(
        lambda data, linear, seed: SeedCount(data.circrna, data.mirna, circular=not linear),
        "sequences",
        True,
        "seed sites in the circRNA, against what chance would give; nothing is learnt",
    ),
    "PathCount": Model(
        lambda data, linear, seed: PathCount(), "pairs", True, "paths of three steps in the training graph"
    ),
    "DegreeProduct": Model(
        lambda data, linear, seed: DegreeProduct(), "pairs", True, "how many partners both RNAs have"
    ),
    "SVDFactorizer": Model(
        lambda data, linear, seed: SVDFactorizer(random_state=seed),
        "pairs",
        True,
        "the training graph, as a product of two low-rank matrices",
    ),
    "boosting": Model(
        _boosting, "features", True, "features of the two single RNAs side by side, by gradient boosting"
    ),
}


def why_left_out(name: str, sequences: set[str], vectors: set[str]) -> str | None:
    """Return why a folder with these sequences and vectors cannot serve a model; None where it can."""
    needs = MODELS[name].needs
    if needs == "sequences" and (lacking := [side for side in SIDES if side not in sequences]):
        return f"it needs sequences of both sides, and there are none of {' and '.join(lacking)}" + (
            " (without them it is the same as best)" if name == "neighborhood-only" else ""
        )
    if needs == "features" and (lacking := [side for side in SIDES if side not in sequences | vectors]):
        return f"it needs sequences or vectors of both sides, and there are none of {' and '.join(lacking)}"
    return None
