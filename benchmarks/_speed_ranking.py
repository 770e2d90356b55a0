"""All circRNAs against all miRNAs of man."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import joblib
import numpy as np
import pandas as pd
from _cells import _peak_gb
from _speed_inputs import N_CIRCRNAS, N_MIRNAS, ranking_data, simulated_circrnas, simulated_mirnas
from _speed_limits import against_products, flops_per_second
from _speed_rows import FIGURE, GROWTH, WHOLE, Call, Row, Settings, extrapolate, once, sizes
from _speed_words import threads

from sklearn_mferl import CTDTransformer, KmerTransformer, make_mferl_pipeline
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.ranking import rank_interactions


class _Kind(NamedTuple):
    what: str
    candidates: str
    aim_seconds: float
    aim_gb: float


class _Point(NamedTuple):
    seconds: float
    peak_gb: float
    peer_seconds: float
    difference: float  # of the scores of the best pairs from the peer's
    flops: float
    flops_per_second: float


_KINDS: Final = {
    "evidence": _Kind("ranking by target sites, seed candidates", "seed", 600, 6),
    "network": _Kind("ranking by the network on k-mers and CTD, all pairs", "all", 120, 6),
}
_TOP: Final = 100


def ranking(settings: Settings, call: Call) -> list[Row]:
    """Measure growth, then every human circRNA: with `--full` measured, otherwise extrapolated."""
    rows = []
    with TemporaryDirectory() as folder:
        for name, kind in _KINDS.items():
            path = Path(folder) / f"{name}.joblib"
            trained_on = call(_train, settings, name, path)
            rows += _rows(settings, call, kind, path, trained_on)
    return rows


def _rows(settings: Settings, call: Call, kind: _Kind, path: Path, trained_on: str) -> list[Row]:
    ns = sizes(settings.pick(1000, 5))
    n_mirnas = settings.pick(N_MIRNAS, 20)
    data = f"simulated circRNAs × {n_mirnas:,} miRNAs; model of {trained_on}"
    points = {n: call(_rank, settings, kind.candidates, path, n, n == ns[-1]) for n in ns}
    last = points[ns[-1]]
    n_all = settings.pick(N_CIRCRNAS, 80)
    if settings.full:
        points[n_all] = call(_rank, settings, kind.candidates, path, n_all, True)
        whole = _against_peer(WHOLE, settings, kind, data, n_all, n_mirnas, points[n_all])
    else:
        whole = _extrapolated(kind, f"{n_all:,} {data}", n_all, points)
    rows = [
        Row("ranking", GROWTH, kind.what, data, n, point.seconds, peak_gb=point.peak_gb)
        for n, point in points.items()
    ]
    rows.append(_against_peer(FIGURE, settings, kind, data, ns[-1], n_mirnas, last))
    if last.flops:
        rows.append(
            against_products(
                "ranking", kind.what, data, ns[-1], last.seconds, last.flops, last.flops_per_second
            )
        )
    return [*rows, whole]


def _extrapolated(kind: _Kind, data: str, n_all: int, points: dict[int, _Point]) -> Row:
    ns, peaks = list(points), [point.peak_gb for point in points.values()]
    law = extrapolate(ns, [point.seconds for point in points.values()])
    slope, constant = np.polyfit(ns, peaks, 1)
    return Row(
        "ranking",
        WHOLE,
        kind.what,
        data,
        n_all,
        law.at(n_all),
        aim_seconds=kind.aim_seconds,
        peak_gb=max(slope * n_all + constant, peaks[-1]),
        aim_gb=kind.aim_gb,
        note=f"EXTRAPOLATED from N = {ns[-1]:,}, exponent {law.exponent:.2f}; memory on a straight line.",
    )


def _against_peer(
    row_kind: str, settings: Settings, kind: _Kind, data: str, n: int, n_mirnas: int, point: _Point
) -> Row:
    whole = row_kind == WHOLE
    return Row(
        "ranking",
        row_kind,
        f"{kind.what}, {threads(settings.threads)}",
        f"{n:,} {data}",
        n,
        point.seconds,
        "predict_proba for all pairs of some random circRNAs, scaled",
        point.peer_seconds,
        aim_seconds=kind.aim_seconds if whole else np.nan,
        peak_gb=point.peak_gb,
        aim_gb=kind.aim_gb if whole else np.nan,
        note=f"{n * n_mirnas / point.seconds:,.0f} pairs/s decided; scores of the best {_TOP} differ from "
        f"predict_proba by {point.difference:.0e} at most."
        + (" The peer scores all pairs." if kind.candidates == "seed" else "")
        + (" Measured." if whole else ""),
    )


def _train(settings: Settings, name: str, path: Path) -> str:
    """Train a model, apart from the ranking so that its memory is not counted; return what on."""
    data, trained_on = ranking_data(settings)
    if name == "evidence":
        model = make_mferl_pipeline(data.circrna, data.mirna, random_state=0)
    else:
        model = make_mferl_pipeline(
            data.circrna,
            data.mirna,
            preset="paper",
            random_state=0,
            features__scales=[("kmer", KmerTransformer()), ("ctd", CTDTransformer())],
            mferl__max_epochs=2,  # the time of a ranking does not depend on what the weights are
        )
    model.fit(*labelled_pairs(data.pairs, random_state=0))
    joblib.dump(model, path)
    return trained_on


def _rank(settings: Settings, candidates: Any, path: Path, n: int, with_peer: bool) -> _Point:
    model = joblib.load(path)
    circrna, mirna = simulated_circrnas(n), simulated_mirnas(settings.pick(N_MIRNAS, 20))
    found: list[pd.DataFrame] = []

    def rank(circrna: dict[str, str]) -> None:
        model[0].add_rnas(circrna=circrna, mirna=mirna)
        found.append(
            rank_interactions(
                model,
                list(circrna),
                list(mirna),
                top_k=_TOP,
                candidates=candidates,
                n_jobs=settings.threads,
            )
        )

    rank(dict(islice(circrna.items(), settings.pick(50, 5))))  # compiles
    seconds = once(lambda: rank(circrna))
    peak_gb = _peak_gb()  # before the peer, which may take more
    if not with_peer:
        return _Point(seconds, peak_gb, np.nan, np.nan, 0, np.nan)
    chosen = np.random.default_rng(0).choice(n, min(n, settings.pick(16, 2)), replace=False)
    names = np.array(list(circrna), dtype=object)[chosen]
    pairs = pd.DataFrame({"circrna": names.repeat(len(mirna)), "mirna": np.tile(list(mirna), len(names))})
    peer_seconds = once(lambda: model.predict_proba(pairs)) * n / len(names)
    best = found[-1]
    scores = model.predict_proba(best[["circrna", "mirna"]])[:, 1]
    difference = float(np.abs(scores - best["score"]).max())
    flops = 0.0
    if candidates == "all":
        width = model[-1].net_.module_.head.linear.weight.shape[1]
        flops = 2.0 * n * len(mirna) * width
    return _Point(seconds, peak_gb, peer_seconds, difference, flops, flops_per_second(settings))
