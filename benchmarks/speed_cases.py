"""The parts whose speed is measured: ours against a peer, how they grow, and the largest inputs."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any, Final

import joblib
import numpy as np
import pandas as pd
from cases import MODELS
from Levenshtein import distance
from measuring import fastest, once, peak_gb
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline

import sklearn_mferl as mferl
from sklearn_mferl.datasets import CMIData, load_cmi, make_cmi
from sklearn_mferl.evaluation import cross_validate_pairs, pair_folds
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.ranking import rank_interactions
from sklearn_mferl.utils.validation import SIDES

FIGURE: Final = "figure"  # ours against its peer
GROWTH: Final = "growth"  # one point of a growth curve
WHOLE: Final = "whole"  # the largest inputs
TIMES: Final = (1, 2, 4, 8)  # sizes of a growth curve, as multiples of its first
_N_CIRCRNAS, _N_MIRNAS = 140_000, 2656  # of man, in circBase and miRBase
_GRAPH: Final = (2115, 821, 9589)  # cmi-9589: its nodes on either side, and its interactions
# The published code takes 32 to 39 s for a step of 128 pairs on 2 cores.
_PUBLISHED: Final = {
    "peer": "published code, about 166 h: a known value, not of this run",
    "peer_seconds": 166 * 3600,
}

Row = dict[str, Any]


@dataclass(frozen=True)
class Settings:
    """What a run of the speed benchmark measures; the same in every process."""

    data: tuple[Path, ...] = ()
    threads: int = 2
    quick: bool = False
    full: bool = False
    scratch: str = ""  # where trained models wait to be timed

    def pick(self, normal: Any, quick: Any) -> Any:
        """Return the size for this run."""
        return quick if self.quick else normal

    @property
    def repeats(self) -> int:
        """How often what takes seconds is timed."""
        return self.pick(3, 1)

    def sizes(self, normal: int, quick: int) -> list[int]:
        """Return the sizes of a growth curve, by the first."""
        return [self.pick(normal, quick) * times for times in TIMES]


def row(kind: str, what: str, data: str, n: int, seconds: float, **more: Any) -> Row:
    """Make a row of the table; `more` may be peer, peer_seconds, aim, peak_gb and note."""
    return {"kind": kind, "what": what, "data": data, "n": n, "seconds": seconds, **more}


def _against(
    what: str,
    data: str,
    n: int,
    ours: Callable[[], Any],
    peer: str,
    theirs: Callable[[], Any],
    settings: Settings,
    scale: float = 1.0,
    **more: Any,
) -> Row:
    """Time ours and the peer in turns; the peer does one part in `scale` of the work."""
    seconds = fastest({"ours": ours, "peer": theirs}, settings.repeats)
    more |= {"peer": peer, "peer_seconds": scale * seconds["peer"]}
    return row(FIGURE, what, data, n, seconds["ours"], **more)


def _grow(
    what: str, data: str, ns: Iterable[int], make: Callable[[int], Callable[[], Any]], settings: Settings
) -> Iterator[Row]:
    """Time a call for each size; `make` prepares its input, which is not timed."""
    for n in ns:
        yield row(GROWTH, what, data, n, fastest({what: make(n)}, settings.repeats)[what])


_load = cache(load_cmi)


def _data(settings: Settings, with_sequences: bool = False) -> tuple[CMIData, str]:
    """Return the data of the first folder that serves, or simulated ones, and their name."""
    for folder in settings.data:
        data = _load(folder)
        if not with_sequences or (data.circrna is not None and data.mirna is not None):
            return data, folder.name
    size = settings.pick((500, 250, 3000) if with_sequences else _GRAPH, (24, 12, 70))
    return make_cmi(*size, circrna_length=(100, 1000), random_state=0), "simulated data"


def _target_rnas(settings: Settings, n_simulated: int) -> tuple[list[str], str]:
    """Return the distinct target RNAs of all folders that have sequences, or simulated ones."""
    found = {folder.name: _load(folder).circrna for folder in settings.data}
    found = {name: each for name, each in found.items() if each} or {"simulated": circrnas(n_simulated)}
    return list(dict.fromkeys(rna for each in found.values() for rna in each.values())), " + ".join(found)


def circrnas(n: int) -> dict[str, str]:
    """Return random sequences with log-normal lengths as in circBase; fewer are the first of more."""
    lengths = np.random.default_rng(1).lognormal(np.log(500), 1.0, n)
    return _sequences("circ", np.clip(lengths, 100, 30_000).astype(np.int64), seed=2)


def mirnas(n: int) -> dict[str, str]:
    """Return random sequences of 22 nucleotides."""
    return _sequences("miR", np.full(n, 22), seed=3)


def _sequences(prefix: str, lengths: np.ndarray, seed: int) -> dict[str, str]:
    drawn = np.random.default_rng(seed).integers(0, 4, lengths.sum(), dtype=np.uint8)
    text = np.frombuffer(b"ACGU", dtype=np.uint8)[drawn].tobytes().decode("ascii")
    ends = np.cumsum(lengths).tolist()
    bounds = enumerate(zip([0, *ends[:-1]], ends, strict=True))
    return {f"speed_{prefix}_{number}": text[start:end] for number, (start, end) in bounds}


def kmers(settings: Settings) -> Iterator[Row]:
    """k-mers and CTD against scikit-learn's n-grams of letters."""
    sequences, names = _target_rnas(settings, settings.pick(2000, 20))
    n = len(sequences)
    data = f"{n:,} circRNAs ({names}), {sum(map(len, sequences)):,} nucleotides"
    words, ctd = mferl.KmerTransformer(), mferl.CTDTransformer()
    for each in (words, ctd):
        each.fit_transform(sequences[:2])  # compiles
    peer = CountVectorizer(analyzer="char", ngram_range=(1, 4), lowercase=False)
    theirs = "CountVectorizer(analyzer='char', ngram_range=(1, 4))", partial(peer.fit_transform, sequences)
    ours = partial(words.fit_transform, sequences)
    yield _against("k-mers, k = 1 to 4", data, n, ours, *theirs, settings, aim="ratio >= 40")
    both = lambda: (words.fit_transform(sequences), ctd.fit_transform(sequences))  # noqa: E731
    yield _against("k-mers and CTD", data, n, both, *theirs, settings)
    for what, transformer in (("k-mers", words), ("CTD", ctd)):
        make = lambda n, each=transformer: partial(each.fit_transform, list(circrnas(n).values()))  # noqa: E731
        yield from _grow(what, "simulated circRNAs", settings.sizes(1000, 5), make, settings)


def _graph(sequences: list[str], settings: Settings) -> Any:
    return mferl.LevenshteinSimilarity(threshold=0.5, n_jobs=settings.threads).fit(sequences).graph()


def _double_loop(sequences: list[str], rows: Iterable[int]) -> int:
    return sum(
        column != row and 1 - distance(sequences[row], other) / max(len(sequences[row]), len(other)) >= 0.5
        for row in rows
        for column, other in enumerate(sequences)
    )


def similarity(settings: Settings) -> Iterator[Row]:
    """The graph of similarities against a double loop over distances."""
    sequences, names = _target_rnas(settings, settings.pick(1000, 20))
    n = len(sequences)
    chosen = np.random.default_rng(0).choice(n, min(n, settings.pick(200, 5)), replace=False).tolist()
    n_neighbours = _graph(sequences, settings).nnz // 2  # also compiles
    yield _against(
        f"graph of similarities ≥ 0.5, {settings.threads} threads",
        f"{n:,} target RNAs ({names})",
        n,
        partial(_graph, sequences, settings),
        f"double loop over Levenshtein.distance, {len(chosen)} random rows, scaled",
        partial(_double_loop, sequences, chosen),
        settings,
        n / (2 * len(chosen)),  # it compares each chosen RNA with all others; all pairs are half of that
        aim="ratio >= 20",
        note=f"{n_neighbours:,} pairs of neighbours.",
    )
    make = lambda n: partial(_graph, list(circrnas(n).values()), settings)  # noqa: E731
    yield from _grow("similarity graph", "simulated circRNAs", settings.sizes(250, 5), make, settings)


def large_similarity(settings: Settings) -> Iterator[Row]:
    """The graph of 20,000 circRNAs."""
    n = settings.pick(20_000, 50)
    sequences = list(circrnas(n).values())
    seconds = once(partial(_graph, sequences, settings))
    yield row(GROWTH, "similarity graph", "simulated circRNAs", n, seconds)
    what = f"graph of similarities ≥ 0.5, {settings.threads} threads"
    yield row(WHOLE, what, f"{n:,} simulated circRNAs", n, seconds, peak_gb=peak_gb())


def _paper(data: CMIData, settings: Settings, **params: Any) -> Any:
    """Make the publication's network, small where `--quick` asks for it."""
    small = {"mferl__max_epochs": 1, "features__doc2vec": "drop"} if settings.quick else {}
    return MODELS["paper"].make(data, False, 0).set_params(**small, **params)


def role2vec(settings: Settings) -> Iterator[Row]:
    """The native engine of Role2Vec against karateclub's, in seconds and in what comes of the vectors."""
    data, name = _data(settings)
    engines = {each: mferl.Role2VecEmbedder(engine=each, random_state=0) for each in ("native", "karateclub")}
    peer = "karateclub"
    try:
        engines[peer].fit(data.pairs.head(20))
    except ImportError:
        del engines[peer]
        peer = "karateclub, not installed"
    calls = {each: partial(embedder.fit, data.pairs) for each, embedder in engines.items()}
    seconds = fastest(calls, settings.repeats)
    models = {}
    for each, embedder in engines.items():
        network = _paper(data, settings, features__role2vec__engine=each)
        trees = HistGradientBoostingClassifier(random_state=0)
        models |= {f"{each}, network": network, f"{each}, boosting alone": make_pipeline(embedder, trees)}
    pairs, y = labelled_pairs(data.pairs, random_state=0)
    aucs = cross_validate_pairs(models, pairs, y, n_splits=3, random_state=0).summary()["auc"]
    n_circrnas, n_mirnas = data.pairs[list(SIDES)].nunique()
    yield row(
        FIGURE,
        "Role2Vec, native engine",
        f"{name}: {n_circrnas:,} circRNAs, {n_mirnas:,} miRNAs, {len(data.pairs):,} interactions",
        n_circrnas + n_mirnas,
        seconds["native"],
        peer=peer,
        peer_seconds=seconds.get(peer, np.nan),
        aim="ratio >= 10" if peer in seconds else "",
        note="AUC in 3 folds: " + "; ".join(f"{what} {auc}" for what, auc in aucs.items()) + ".",
    )

    def prepare(n: int) -> Callable[[], Any]:
        size = (n * nodes // _GRAPH[0] for nodes in _GRAPH)
        graph = make_cmi(*size, circrna_length=(60, 120), random_state=0).pairs
        return partial(engines["native"].fit, graph)

    what = "simulated graphs as dense as cmi-9589; N is their circRNAs"
    yield from _grow("Role2Vec", what, settings.sizes(1000, 50), prepare, settings)


def doc2vec(settings: Settings) -> Iterator[Row]:
    """Doc2Vec with more workers against one."""
    n = settings.pick(200, 5)
    sequences = list(circrnas(n).values())
    one, more = (
        partial(mferl.Doc2VecEmbedder(random_state=0, n_jobs=n_jobs).fit_transform, sequences)
        for n_jobs in (1, settings.threads)
    )
    data = f"{n:,} simulated circRNAs, {sum(map(len, sequences)):,} nucleotides, fit and transform"
    what, note = f"Doc2Vec, 256 numbers, {settings.threads} workers", _same(one(), more())
    yield _against(what, data, n, more, "1 worker", one, settings, note=note)


def _same(left: np.ndarray, right: np.ndarray) -> str:
    return "Same result." if np.array_equal(left, right) else "RESULTS DIFFER."


def _places(circrna: Iterable[str], mirna: Iterable[str]) -> int:
    """Find the sites of 6mer and offset-6mer, overlapping ones too, as a short script would."""
    complement, n_found = str.maketrans("ACGU", "UGCA"), 0
    for each in mirna:
        seeds = (each[start : start + 6].translate(complement)[::-1] for start in (1, 2))
        pattern = re.compile(f"(?={'|'.join(seeds)})")
        n_found += sum(len(pattern.findall(sequence + sequence[:7])) for sequence in circrna)
    return n_found


def sites(settings: Settings) -> Iterator[Row]:
    """Target sites against Python's re, and with more threads against one."""
    n, mirna = settings.pick(500, 10), mirnas(settings.pick(200, 5))

    def prepare(n: int, n_jobs: int = settings.threads) -> Callable[[], Any]:
        circrna = circrnas(n)
        pairs = list(product(circrna, mirna))
        return partial(mferl.TargetSites(circrna, mirna, n_jobs=n_jobs).fit(pairs[:1]).transform, pairs)

    circrna, few = list(circrnas(n).values()), list(mirna.values())[: settings.pick(10, 2)]
    one, more = prepare(n, 1), prepare(n)
    note = _same(one(), more())  # also compiles
    what = f"target sites, {settings.threads} threads"
    data = f"{n:,} simulated circRNAs × {len(mirna)} miRNAs"
    yield _against(
        what,
        data,
        n,
        more,
        f"places of the 6mers by Python's re, {len(few)} of {len(mirna)} miRNAs, scaled",
        partial(_places, circrna, few),
        settings,
        len(mirna) / len(few),
        note="The peer finds the two 6mers alone: no types, no context, no duplexes.",
    )
    yield _against(f"{what} against 1", data, n, more, "1 thread", one, settings, note=note)
    what = f"target sites × {len(mirna)} miRNAs"
    yield from _grow(what, "simulated circRNAs", settings.sizes(100, 5), prepare, settings)


def folds(preset: str, aim: str, settings: Settings) -> Iterator[Row]:
    """Five folds of cross-validation, features and all."""
    data, name = _data(settings)
    model = _paper(data, settings) if preset == "paper" else MODELS[preset].make(data, False, 0)
    pairs, y = labelled_pairs(data.pairs, random_state=0)
    n_splits, results = settings.pick(5, 2), []
    call = partial(cross_validate_pairs, model, pairs, y, n_splits=n_splits, random_state=0)
    seconds = once(lambda: results.append(call()))
    what, described = f"{n_splits} folds, {MODELS[preset].label}", f"{name}, {len(pairs):,} pairs"
    more = {"aim": aim, "peak_gb": peak_gb(), "note": f"Mean AUC {results[0].figures['auc'].mean():.3f}."}
    more |= _PUBLISHED if len(data.pairs) == _GRAPH[2] else {}
    yield row(FIGURE, what, described, len(pairs), seconds, **more)


def mixed_precision(settings: Settings) -> Iterator[Row]:
    """An epoch of the publication's network in both precisions, features given; the best epoch counts."""
    data, name = _data(settings)
    features, network = (step for _, step in _paper(data, settings).steps)
    pairs, y = labelled_pairs(data.pairs, random_state=0)
    train, test = pair_folds(pairs, y, random_state=0)[0]
    table, asked = features.fit_transform(pairs.iloc[train], y[train]), features.transform(pairs.iloc[test])
    seconds, auc = [], []
    for is_mixed in (True, False):
        network.set_params(mixed_precision=is_mixed, max_epochs=settings.pick(4, 1)).fit(table, y[train])
        seconds.append(min(network.history_[:, "dur"]))
        auc.append(roc_auc_score(y[test], network.decision_function(asked)))
    yield row(
        FIGURE,
        f"an epoch of the network in mixed precision, {settings.threads} threads",
        f"{name}, {len(train):,} pairs",
        len(train),
        seconds[0],
        peer="an epoch in single precision",
        peer_seconds=seconds[1],
        note=f"AUC of the first fold after {len(network.history_)} epochs: {auc[0]:.3f}, in single precision "
        f"{auc[1]:.3f}. It pays where the processor is made for bfloat16.",
    )


_NETWORK: Final = {
    "preset": "paper",
    "features__scales": [("kmer", mferl.KmerTransformer()), ("ctd", mferl.CTDTransformer())],
    "mferl__max_epochs": 2,  # the time of a ranking does not depend on what the weights are
}
# what ranks, which pairs it scores, its parameters, and the aim for all circRNAs
_RANKERS: Final[dict[str, tuple[str, dict[str, Any], str]]] = {
    "ranking by target sites, seed candidates": ("seed", {}, "seconds <= 600 and peak_gb <= 6"),
    "ranking by the network on k-mers and CTD, all pairs": (
        "all",
        _NETWORK,
        "seconds <= 120 and peak_gb <= 6",
    ),
}


def _train(what: str, settings: Settings) -> tuple[Any, str]:
    data, name = _data(settings, with_sequences=True)
    model = mferl.make_mferl_pipeline(data.circrna, data.mirna, random_state=0, **_RANKERS[what][1])
    return model.fit(*labelled_pairs(data.pairs, random_state=0)), name


def _trained(what: str, settings: Settings) -> Any:
    """Return a fitted model and what it was trained on; it is trained at the first call and then kept."""
    return joblib.Memory(settings.scratch, verbose=0).cache(_train)(what, settings)


def train(what: str, settings: Settings) -> list[Row]:
    """Train a model apart from the ranking, whose peak of memory is then its own."""
    _trained(what, settings)
    return []


def rank(what: str, times: int, settings: Settings) -> Iterator[Row]:
    """Rank simulated circRNAs, so many times the first size (0: all of man), against all miRNAs."""
    model, trained_on = _trained(what, settings)
    candidates, _, aim = _RANKERS[what]
    n = times * settings.pick(1000, 5) or settings.pick(_N_CIRCRNAS, 80)
    circrna, mirna = circrnas(n), mirnas(settings.pick(_N_MIRNAS, 20))
    data = f"simulated circRNAs × {len(mirna):,} miRNAs; model of {trained_on}"
    found: list[pd.DataFrame] = []

    def call(some: dict[str, str]) -> None:
        model[0].add_rnas(circrna=some, mirna=mirna)
        options = {"top_k": 100, "candidates": candidates, "n_jobs": settings.threads}
        found.append(rank_interactions(model, list(some), list(mirna), **options))

    call(circrnas(settings.pick(50, 5)))  # compiles
    seconds = once(partial(call, circrna))
    point = row(GROWTH, what, data, n, seconds, peak_gb=peak_gb())  # before the peer, which may take more
    yield point
    if times not in (0, TIMES[-1]):
        return
    names = np.random.default_rng(0).choice(list(circrna), min(n, settings.pick(16, 2)), replace=False)
    pairs = pd.DataFrame(list(product(names, mirna)), columns=list(SIDES))
    peer_seconds = once(lambda: model.predict_proba(pairs)) * n / len(names)
    best = found[-1]
    difference = np.abs(model.predict_proba(best[list(SIDES)])[:, 1] - best["score"]).max()
    yield {
        **point,
        "kind": FIGURE if times else WHOLE,
        "what": f"{what}, {settings.threads} threads",
        "data": f"{n:,} {data}",
        "peer": "predict_proba for all pairs of some random circRNAs, scaled",
        "peer_seconds": peer_seconds,
        "note": f"{n * len(mirna) / seconds:,.0f} pairs/s decided; scores of the best 100 differ from "
        f"predict_proba by {difference:.0e} at most.",
        "aim": "" if times else aim,
    }


def parts(settings: Settings) -> dict[str, list[Callable[[Settings], Iterable[Row]]]]:
    """List what is timed; each call has a process of its own."""
    sizes = (*TIMES, 0) if settings.full else TIMES
    ranks = [partial(rank, what, times) for what in _RANKERS for times in sizes]
    return {
        "kmers": [kmers],
        "similarity": [similarity, large_similarity] if settings.full else [similarity],
        "role2vec": [role2vec],
        "doc2vec": [doc2vec],
        "sites": [sites],
        "folds": [
            partial(folds, "best", "seconds <= 180 and peak_gb <= 2"),
            partial(folds, "paper", ""),
            mixed_precision,
        ],
        "ranking": [*(partial(train, what) for what in _RANKERS), *ranks],
    }
