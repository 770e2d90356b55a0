"""The table of cases: which models are measured on which data, splits, negatives and seeds."""

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any, Final, NamedTuple

from sklearn_mferl import make_mferl_pipeline
from sklearn_mferl.baselines import DegreeProduct, PathCount, SeedCount, SVDFactorizer, make_boosting_pipeline
from sklearn_mferl.datasets import CMIData
from sklearn_mferl.utils.validation import SIDES

RANKING: Final = "ranking"
SPLITS: Final = ("pair", "circrna", "mirna", "both", RANKING)
NEGATIVES: Final = ("uniform", "degree", "near", "reliable")
TOP: Final = (20, 50, 200, 1000)
WITHOUT_SITES_MODEL: Final = {"features__binding": "drop"}
TREES: Final = {
    **WITHOUT_SITES_MODEL,
    "mferl__network": "drop",
    "mferl__evidence": "drop",
    "features__scales": [],
}


class Model(NamedTuple):
    label: str  # what runs, in words
    make: Callable[[CMIData, bool, int], Any]  # data, whether its RNAs are linear, seed
    needs: str  # "pairs" alone, "features" of both sides (sequences or vectors), or "sequences" of both
    reads: str


def _pipeline(make: Callable[..., Any] = make_mferl_pipeline, **params: Any) -> Callable[..., Any]:
    return lambda data, linear, seed: make(
        data.circrna,
        data.mirna,
        embeddings=data.embeddings or None,
        random_state=seed,
        features__circular=not linear,
        **params,
    )


MODELS: Final[dict[str, Model]] = {
    "best": Model(
        "two networks and trees (default)",
        _pipeline(),
        "features",
        "scales of both RNAs, target sites and training pairs around a pair",
    ),
    "evidence": Model(
        "the default without M ⊙ C",
        _pipeline(mferl__network="drop", features__scales=[], **WITHOUT_SITES_MODEL),
        "features",
        "target sites and training pairs around a pair",
    ),
    "trees": Model(
        "evidence boosting", _pipeline(**TREES), "features", "target sites and training pairs around a pair"
    ),
    "paper": Model(
        "MFERL network (paper)",
        _pipeline(preset="paper"),
        "features",
        "the publication's scales of both RNAs",
    ),
    "sites-only": Model(
        "evidence boosting on sites alone",
        _pipeline(features__neighborhood="drop", **TREES),
        "sequences",
        "target sites",
    ),
    "neighborhood-only": Model(
        "evidence boosting without sites",
        _pipeline(features__sites="drop", **TREES),
        "sequences",
        "the training pairs",
    ),
    "SeedCount": Model(
        "seed count",
        lambda data, linear, seed: SeedCount(data.circrna, data.mirna, circular=not linear),
        "sequences",
        "seed sites in the circRNA, against what chance would give; nothing is learnt",
    ),
    "PathCount": Model(
        "path count", lambda *_: PathCount(), "pairs", "paths of three steps in the training graph"
    ),
    "DegreeProduct": Model(
        "degree product", lambda *_: DegreeProduct(), "pairs", "how many partners both RNAs have"
    ),
    "SVDFactorizer": Model(
        "SVD of the graph",
        lambda data, linear, seed: SVDFactorizer(random_state=seed),
        "pairs",
        "the training graph, as a product of two low-rank matrices",
    ),
    "boosting": Model(
        "boosting on single RNAs", _pipeline(make_boosting_pipeline), "features", "the two RNAs side by side"
    ),
}
# the rows and columns of the README's table
README_ROWS: Final = {
    ("cmi-9589", "pair"): "`cmi-9589`, new pairs of known RNAs",
    ("cmi-9589", "both"): "`cmi-9589`, both RNAs new",
    ("starbase", "pair"): "`starbase`, new pairs of known RNAs",
    ("starbase", "both"): "`starbase`, both RNAs new",
    ("lmi-ingi", "both"): "`lmi-ingi` (lncRNAs), both RNAs new",
    ("cmi-9589", RANKING): "`cmi-9589`, all unknown pairs ranked",
}
README_MODELS: Final = ("best", "trees", "paper", "SeedCount", "PathCount", "SVDFactorizer")


class Cell(NamedTuple):
    """What is measured; two equal cells give the same figures, but for seconds and memory."""

    data: str
    linear: bool
    split: str
    negatives: str
    seed: int
    folds: int  # 0 for the ranking
    model: str


def plan(linear: Mapping[str, bool], options: Any) -> list[Cell]:
    """List the cells, each once, seed by seed: a run that is stopped has whole tables of the first seeds.

    The ranking is trained on uniform negatives only: it ranks all unknown pairs, whatever training had.
    """
    folds = {**dict.fromkeys(SPLITS, options.folds or 5), "both": options.folds or 3, RANKING: 0}
    wanted = product(options.seeds, linear, options.splits, options.negatives, options.models)
    cells = (
        Cell(data, linear[data], split, kind, seed, folds[split], model)
        for seed, data, split, kind, model in wanted
        if split != RANKING or kind == "uniform"
    )
    return list(dict.fromkeys(cells))


def facts(data: CMIData) -> dict[str, Any]:
    """Say how large the data are and what is known of their RNAs."""
    return {
        "known_pairs": len(data.pairs),
        "circrnas": data.pairs["circrna"].nunique(),
        "mirnas": data.pairs["mirna"].nunique(),
        "sequences": "+".join(side for side in SIDES if getattr(data, side) is not None) or "-",
        "vectors": "+".join(side for side in SIDES if side in data.embeddings) or "-",
    }


def why_left_out(model: str, known: Mapping[str, Any]) -> str | None:
    """Return why data with these facts cannot serve a model; None where they can."""
    needs = MODELS[model].needs
    there = f"{known['sequences']}+{known['vectors']}" if needs == "features" else known["sequences"]
    lacking = [side for side in SIDES if needs != "pairs" and side not in there.split("+")]
    what = "sequences or vectors" if needs == "features" else needs
    return f"needs {what} of both sides; none of {' and '.join(lacking)}" if lacking else None
