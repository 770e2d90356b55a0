"""The graph of similar RNAs, and the roles of RNAs in the graph of interactions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd
from _cells import _peak_gb
from _speed_inputs import GRAPH_SIZE, network_data, real_circrnas, simulated_circrnas, simulated_pairs
from _speed_rows import FIGURE, GROWTH, WHOLE, Call, Row, Settings, alternate, grow, once, sizes
from _speed_training import network_of_the_publication
from _speed_words import threads
from Levenshtein import distance
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline

from sklearn_mferl import LevenshteinSimilarity, Role2VecEmbedder
from sklearn_mferl.evaluation import cross_validate_pairs
from sklearn_mferl.model_selection import labelled_pairs

_THRESHOLD: Final = 0.5
_CURVE: Final = "similarity graph"
_N_FOLDS: Final = 3


def similarity(settings: Settings, call: Call) -> list[Row]:
    """The thresholded graph against a double loop over distances."""
    rows: list[Row] = call(_similarity, settings)
    if settings.full:
        rows += call(_large_similarity, settings)
    return rows


def role2vec(settings: Settings, call: Call) -> list[Row]:
    """The native engine against karateclub's."""
    rows: list[Row] = call(_role2vec, settings)
    return rows


def _similarity(settings: Settings) -> list[Row]:
    sequences, names = real_circrnas(settings.data)
    if not sequences:
        sequences, names = list(simulated_circrnas(settings.pick(1000, 20)).values()), "simulated"
    n = len(sequences)
    chosen = np.random.default_rng(0).choice(n, min(n, settings.pick(200, 5)), replace=False).tolist()
    _graph(sequences[:2], settings.threads)
    calls: dict[str, Callable[[], Any]] = {
        "ours": lambda: _graph(sequences, settings.threads),
        "peer": lambda: _loop(sequences, chosen),
    }
    seconds = alternate(calls, settings.pick(2, 1))
    # the loop compares each chosen RNA with all others; all pairs are half of that for all RNAs
    looped = seconds["peer"] * n / (2 * len(chosen))
    figure = Row(
        "similarity",
        FIGURE,
        f"graph of similarities ≥ {_THRESHOLD}, {threads(settings.threads)}",
        f"{n:,} target RNAs ({names})",
        n,
        seconds["ours"],
        f"double loop over Levenshtein.distance, {len(chosen)} random rows, scaled",
        looped,
        20,
        note=f"{_graph(sequences, settings.threads).nnz // 2:,} pairs of neighbours.",
    )
    return [
        figure,
        *grow(
            "similarity",
            _CURVE,
            "simulated circRNAs",
            sizes(settings.pick(250, 5)),
            partial(_compare, n_jobs=settings.threads),
            settings.pick(2, 1),
        ),
    ]


def _large_similarity(settings: Settings) -> list[Row]:
    n = settings.pick(20_000, 50)
    seconds = once(_compare(n, settings.threads))
    return [
        Row("similarity", GROWTH, _CURVE, "simulated circRNAs", n, seconds),
        Row(
            "similarity",
            WHOLE,
            f"graph of similarities ≥ {_THRESHOLD}, {threads(settings.threads)}",
            f"{n:,} simulated circRNAs",
            n,
            seconds,
            peak_gb=_peak_gb(),
            note="Measured.",
        ),
    ]


def _graph(sequences: list[str], n_jobs: int) -> Any:
    return LevenshteinSimilarity(threshold=_THRESHOLD, n_jobs=n_jobs).fit(sequences).graph()


def _compare(n: int, n_jobs: int) -> Callable[[], Any]:
    sequences = list(simulated_circrnas(n).values())
    return lambda: _graph(sequences, n_jobs)


def _loop(sequences: list[str], rows: list[int]) -> list[tuple[int, int]]:
    found = []
    for row in rows:
        one = sequences[row]
        for column, other in enumerate(sequences):
            if column != row and 1 - distance(one, other) / max(len(one), len(other)) >= _THRESHOLD:
                found.append((row, column))
    return found


def _role2vec(settings: Settings) -> list[Row]:
    data, name = network_data(settings)
    n_circrnas, n_mirnas = data.pairs["circrna"].nunique(), data.pairs["mirna"].nunique()
    described = f"{name}: {n_circrnas:,} circRNAs, {n_mirnas:,} miRNAs, {len(data.pairs):,} interactions"
    engines = ["native"]
    try:
        Role2VecEmbedder(engine="karateclub", random_state=0).fit(data.pairs.head(20))
    except ImportError:
        missing = "karateclub, not installed"
    else:
        engines.append("karateclub")
        missing = ""
    calls: dict[str, Callable[[], Any]] = {engine: partial(_embed, engine, data.pairs) for engine in engines}
    seconds = alternate(calls, settings.pick(2, 1))
    alone = {
        engine: make_pipeline(
            Role2VecEmbedder(engine=engine, random_state=0), HistGradientBoostingClassifier(random_state=0)
        )
        for engine in engines
    }
    in_network = {
        engine: network_of_the_publication(data, settings).set_params(features__role2vec__engine=engine)
        for engine in engines
    }
    figure = Row(
        "role2vec",
        FIGURE,
        "Role2Vec, native engine",
        described,
        n_circrnas + n_mirnas,
        seconds["native"],
        missing or "karateclub",
        seconds.get("karateclub", np.nan),
        10,
        note=f"AUC of the publication's network with them, in {_N_FOLDS} folds: "
        f"{_aucs(in_network, data.pairs)}; of boosting on the vectors alone: {_aucs(alone, data.pairs)}.",
    )
    shares = [size / GRAPH_SIZE[0] for size in GRAPH_SIZE]
    return [
        figure,
        *grow(
            "role2vec",
            "Role2Vec",
            "simulated graphs; N is their circRNAs",
            sizes(settings.pick(1000, 20)),
            lambda n: partial(_embed, "native", simulated_pairs(*(int(n * share) for share in shares))),
            settings.pick(3, 1),
        ),
    ]


def _embed(engine: str, pairs: pd.DataFrame) -> Any:
    return Role2VecEmbedder(engine=engine, random_state=0).fit(pairs)


def _aucs(models: dict[str, Any], known: pd.DataFrame) -> str:
    """Cross-validate what each engine's vectors are put into; mean ± sd of the folds."""
    pairs, y = labelled_pairs(known, random_state=0)
    found = cross_validate_pairs(models, pairs, y, n_splits=_N_FOLDS, random_state=0).figures
    of_model = found.groupby("model")["auc"]
    return ", ".join(f"{name} {of_model.mean()[name]:.3f} ± {of_model.std()[name]:.3f}" for name in models)
