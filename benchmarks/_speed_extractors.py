"""Sequences to numbers: k-mers and CTD, target sites, Doc2Vec."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from itertools import product
from typing import Any, Final

import numpy as np
from _speed_inputs import real_circrnas, simulated_circrnas, simulated_mirnas
from _speed_limits import against_bandwidth, bytes_per_second
from _speed_rows import FIGURE, Call, Row, Settings, alternate, grow, once, sizes
from _speed_words import threads
from sklearn.feature_extraction.text import CountVectorizer

from sklearn_mferl import CTDTransformer, Doc2VecEmbedder, KmerTransformer, TargetSites

_COMPLEMENT: Final = str.maketrans("ACGU", "UGCA")
_FEW: Final = ["ACGUACGUACGUACGUACGUACGU", "GGCAUCGAUCGAAUCGCCUAAUCG"]  # to compile and import


def kmers(settings: Settings, call: Call) -> list[Row]:
    """k-mers and CTD against scikit-learn's n-grams of letters."""
    rows: list[Row] = call(_kmers, settings)
    return rows


def sites(settings: Settings, call: Call) -> list[Row]:
    """Target sites with one thread and with more."""
    rows: list[Row] = call(_sites, settings)
    return rows


def doc2vec(settings: Settings, call: Call) -> list[Row]:
    """Doc2Vec with one worker and with more."""
    rows: list[Row] = call(_doc2vec, settings)
    return rows


def _kmers(settings: Settings) -> list[Row]:
    sequences, names = real_circrnas(settings.data)
    if not sequences:
        sequences, names = list(simulated_circrnas(settings.pick(2000, 20)).values()), "simulated"
    n_letters = sum(map(len, sequences))
    data = f"{len(sequences):,} circRNAs ({names}), {n_letters:,} nucleotides"
    words, ctd = KmerTransformer(), CTDTransformer()
    peer = CountVectorizer(analyzer="char", ngram_range=(1, 4), lowercase=False)
    for transformer in (words, ctd):
        transformer.fit_transform(_FEW)
    calls: dict[str, Callable[[], Any]] = {
        "k-mers, k = 1 to 4": lambda: words.fit_transform(sequences),
        "k-mers and CTD": lambda: (words.fit_transform(sequences), ctd.fit_transform(sequences)),
        "CTD": lambda: ctd.fit_transform(sequences),
        "peer": lambda: peer.fit_transform(sequences),
    }
    seconds = alternate(calls, settings.repeats)
    called = "CountVectorizer(analyzer='char', ngram_range=(1, 4))"
    counted = {"k-mers, k = 1 to 4": 40, "k-mers and CTD": np.nan}
    rows = [
        Row("kmers", FIGURE, what, data, len(sequences), seconds[what], called, seconds["peer"], aim)
        for what, aim in counted.items()
    ]
    rate = bytes_per_second(settings)
    for what, transformer in (("k-mers, k = 1 to 4", words), ("CTD", ctd)):
        n_bytes = n_letters + 4 * transformer.n_features_out_ * len(sequences)
        rows.append(against_bandwidth("kmers", what, data, len(sequences), seconds[what], n_bytes, rate))
    for what, transformer in (("k-mers", words), ("CTD", ctd)):
        rows += grow(
            "kmers",
            what,
            "simulated circRNAs",
            sizes(settings.pick(1000, 5)),
            lambda n, transformer=transformer: _extract(transformer, n),  # type: ignore[misc]
            settings.repeats,
        )
    return rows


def _extract(transformer: Any, n: int) -> Callable[[], Any]:
    sequences = list(simulated_circrnas(n).values())
    return lambda: transformer.fit_transform(sequences)


def _sites(settings: Settings) -> list[Row]:
    n = settings.pick(500, 10)
    circrna, mirna = simulated_circrnas(n), simulated_mirnas(settings.pick(200, 5))
    pairs = list(product(circrna, mirna))
    n_letters = sum(map(len, circrna.values()))
    models = {
        n_jobs: TargetSites(circrna, mirna, n_jobs=n_jobs).fit(pairs[:1])
        for n_jobs in dict.fromkeys((1, settings.threads))
    }
    described = [model.transform(pairs) for model in models.values()]  # also compiles
    same = all(np.array_equal(described[0], table) for table in described)
    calls: dict[str, Callable[[], Any]] = {
        str(n_jobs): lambda model=model: model.transform(pairs)  # type: ignore[misc]
        for n_jobs, model in models.items()
    }
    few = list(mirna)[: settings.pick(10, 2)]  # the rest takes as long
    calls["peer"] = lambda: _search(circrna, [mirna[name] for name in few])
    seconds = alternate(calls, settings.pick(3, 1))
    searched = seconds.pop("peer") * len(mirna) / len(few)
    data = f"{n:,} simulated circRNAs × {len(mirna)} miRNAs"
    rows = []
    for name, of_ours in seconds.items():
        rates = (
            f"{len(pairs) / of_ours:,.0f} pairs/s, {n_letters / of_ours:,.0f} nucleotides/s with all miRNAs"
        )
        rows.append(
            Row(
                "sites",
                FIGURE,
                f"target sites, {threads(int(name))}",
                data,
                n,
                of_ours,
                f"places of the 6mers by Python's re, {len(few)} of {len(mirna)} miRNAs, scaled",
                searched,
                note=f"{rates}. The peer finds the two 6mers alone: no types, no context, no duplexes.",
            )
        )
    if len(seconds) > 1:
        one, more = seconds["1"], seconds[str(settings.threads)]
        what = f"target sites, {threads(settings.threads)} against 1"
        equal = "same result" if same else "RESULTS DIFFER"
        rows.append(Row("sites", FIGURE, what, data, n, more, "1 thread", one, note=f"{equal}."))
    n_bytes = n_letters + 4 * described[0].size
    last = seconds[str(settings.threads)]
    rows.append(
        against_bandwidth("sites", "target sites", data, n, last, n_bytes, bytes_per_second(settings))
    )
    what = f"target sites × {len(mirna)} miRNAs"
    first = settings.pick(100, 5)
    return rows + grow(
        "sites",
        what,
        "simulated circRNAs",
        sizes(first),
        lambda n: _describe(n, mirna, settings.threads),
        settings.pick(3, 1),
    )


def _describe(n: int, mirna: dict[str, str], n_jobs: int) -> Callable[[], Any]:
    circrna = simulated_circrnas(n)
    pairs = list(product(circrna, mirna))
    model = TargetSites(circrna, mirna, n_jobs=n_jobs).fit(pairs[:1])
    return lambda: model.transform(pairs)


def _search(circrna: dict[str, str], mirnas: list[str]) -> int:
    """Find the sites of 6mer and offset-6mer, overlapping ones too, as a short script would."""
    n_found = 0
    for mirna in mirnas:
        seeds = (mirna[1:7], mirna[2:8])
        pattern = re.compile(f"(?={'|'.join(seed.translate(_COMPLEMENT)[::-1] for seed in seeds)})")
        for sequence in circrna.values():
            n_found += sum(1 for _ in pattern.finditer(sequence + sequence[:7]))
    return n_found


def _doc2vec(settings: Settings) -> list[Row]:
    n = settings.pick(200, 5)
    sequences = list(simulated_circrnas(n).values())
    data = f"{n:,} simulated circRNAs, {sum(map(len, sequences)):,} nucleotides, fit and transform"
    what = "Doc2Vec, 256 numbers"
    if "n_jobs" not in inspect.signature(Doc2VecEmbedder).parameters:
        seconds = once(lambda: Doc2VecEmbedder(random_state=0).fit_transform(sequences))
        return [
            Row("doc2vec", FIGURE, what, data, n, seconds, note="One worker: it has no parameter n_jobs.")
        ]
    made: dict[str, Any] = {}

    def embed(n_jobs: int) -> None:
        made[str(n_jobs)] = Doc2VecEmbedder(random_state=0).set_params(n_jobs=n_jobs).fit_transform(sequences)

    calls: dict[str, Callable[[], Any]] = {
        str(n_jobs): lambda n_jobs=n_jobs: embed(n_jobs)  # type: ignore[misc]
        for n_jobs in dict.fromkeys((1, settings.threads))
    }
    timed = alternate(calls, settings.pick(2, 1))
    same = np.array_equal(made["1"], made[str(settings.threads)])
    return [
        Row(
            "doc2vec",
            FIGURE,
            f"{what}, {settings.threads} workers",
            data,
            n,
            timed[str(settings.threads)],
            "1 worker",
            timed["1"],
            note="Same result." if same else "RESULTS DIFFER.",
        )
    ]
