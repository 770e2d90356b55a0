"""The best binding sites of all pairs of some RNAs, without any list of interactions."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from sklearn_mferl.datasets.sequences import load_sequences
from sklearn_mferl.evidence.sites.energy import fold_duplexes, import_vienna
from sklearn_mferl.evidence.sites.free_duplex import align_freely
from sklearn_mferl.evidence.sites.rna_pairs import RNAPairs
from sklearn_mferl.evidence.sites.seed_index import SITE_TYPES, WINDOW, SeedIndex
from sklearn_mferl.evidence.target_sites import find_model
from sklearn_mferl.features.rna_codes import FOREIGN, SEED, RNACodes, encode_rnas
from sklearn_mferl.models.sites.along_target import Peaks, list_peaks, refine_peaks
from sklearn_mferl.models.sites.letters import read_windows
from sklearn_mferl.models.sites.seen_seeds import level_of_reads
from sklearn_mferl.ranking.files import check_out, open_store, piece_name
from sklearn_mferl.utils.atomic import replacing
from sklearn_mferl.utils.parameters import check_share, check_whole
from sklearn_mferl.utils.progress import progress_bar
from sklearn_mferl.utils.scheduling import run_unordered
from sklearn_mferl.utils.validation import SIDES
from sklearn_mferl.utils.versions import identify_code

# Letters of targets at once: the more, the quicker, and the more is lost by an interrupt. Of few targets a
# quarter, for cores to share; it may not hang on their number, or another machine could not go on.
_LETTERS_AT_ONCE: Final = 24_000
_FEWEST_LETTERS: Final = 6_000
_LONGEST_MIRNA: Final = 30  # nucleotides that are drawn
_N_CANDIDATES: Final = 2  # for each site that is listed: at every window some rise above others
_SLACK: Final = 1.0  # log-odds that a site may win by it


def rank_sites(
    circrna: Any,
    mirna: Any,
    *,
    binding: Any = "pretrained",
    circular: bool = True,
    top_k: int = 1000,
    min_probability: float = 0.5,
    energy: bool = False,
    n_jobs: int | None = None,
    out: Any = None,
    progress: bool = False,
) -> pd.DataFrame:
    r"""List the best binding sites of all circRNAs with all miRNAs.

    First the model reads every eighth window of each target. Then the best of these, twice as many as are
    asked for, move to the best of all windows within 8 nucleotides, and have the score that the model gives
    it by `SiteClassifier.decision_function`. A site is a window whose score is not below that of any within
    24 nucleotides; the duplex is the best alignment of the miRNA within the window.

    Parameters
    ----------
    circrna, mirna : mapping, Series, str or Path
        Sequences by id, or the path of a FASTA file.
    binding : "pretrained" or SiteClassifier, default="pretrained"
        The model that scores the windows.
    circular : bool, default=True
        Whether the targets are circles, and sites may lie across the junction.
    top_k : int, default=1000
        How many sites to list at most, at least 1.
    min_probability : float, default=0.5
        Sites below it are not listed, in (0, 1).
    energy : bool, default=False
        Whether to compute the free energy of each duplex, which needs ViennaRNA
        (``pip install 'sklearn-mferl[vienna]'``).
    n_jobs : int, default=None
        Threads, or inside of ``joblib.parallel_config("dask")`` workers of the cluster; -1 takes all cores.
    out : path, default=None
        A file, ``.csv`` or ``.tsv``, to write the table to, too. Until it is written, what is finished is
        kept in a folder beside it, from which the same call goes on after a stop.
    progress : bool, default=False
        Whether to show a progress bar on stderr, if that is a terminal.

    Returns
    -------
    DataFrame
        A row for each site, the most probable first: ``rank`` from 1, ``circrna``, ``mirna``,
        ``probability`` of binding, ``start`` and ``end`` of the duplex and ``crosses_junction`` as in
        `TargetSites.sites`, ``seed`` (the strongest type of seed site in the window, "none" without one),
        ``seed_reads`` (bound sites that the model was trained on with a miRNA of this seed),
        ``applicability`` ("known" with at least 10 of them, "near" with fewer, "far" with none: there the
        probability is an extrapolation), ``target_3to5``, ``bars`` and ``mirna_5to3`` of the duplex,
        and with `energy` that of the miRNA with the window, by RNAduplex, in kcal/mol.

    Raises
    ------
    ValueError
        If a sequence is not RNA, a parameter is out of range, or what is kept beside `out` is of another run.
    ImportError
        If ``energy=True`` and ViennaRNA is not installed.

    Examples
    --------
    >>> from sklearn_mferl.ranking import rank_sites
    >>> circrna, mirna = {"circ": "AACUAUACAACCUACUACCUCAGCAGCC" * 2}, {"let-7": "UGAGGUAGUAGGUUGUAUAGUU"}
    >>> site = rank_sites(circrna, mirna).iloc[0]
    >>> print(site["seed"], site["target_3to5"], site["bars"], site["mirna_5to3"], sep="\n")
    8mer
    ACUCCAUCAUCCAACAUAUCAA
    ||||||||||||||||||||||
    UGAGGUAGUAGGUUGUAUAGUU
    """
    check_whole("top_k", top_k)
    check_share("min_probability", min_probability)
    if energy:
        import_vienna()
    path = None if out is None else check_out(out, (".csv", ".tsv"))
    model = find_model(binding)
    if model is None:
        raise ValueError("binding must be 'pretrained' or a fitted SiteClassifier; got None.")
    known = [_load(given, side) for side, given in zip(SIDES, (circrna, mirna), strict=True)]
    ids = [np.array(list(sequences), dtype=object) for sequences in known]
    targets, mirnas = (encode_rnas(sequences.values()) for sequences in known)
    opened: AbstractContextManager[Any] = nullcontext({})
    if path is not None:
        identity = {
            **identify_code(),
            "circular": circular,
            "top_k": int(top_k),
            "min_probability": float(min_probability),
            "RNAs": hashlib.sha256(repr(known).encode()).hexdigest()[:16],
            "model": _identify(model),
        }
        opened = open_store(path, identity, Found)
    shared = {"targets": targets, "mirnas": mirnas, "model": model, "circular": circular}
    candidates = {"least": float(logit(min_probability)) - _SLACK, "top_k": _N_CANDIDATES * top_k}
    with opened as store:
        n_targets = len(targets.lengths)
        total = targets.lengths.cumsum()
        n_letters = min(_LETTERS_AT_ONCE, max(total[-1] // 4, _FEWEST_LETTERS))
        pieces = np.flatnonzero(np.diff(total // n_letters, prepend=-1))
        ends = dict(zip(pieces.tolist(), [*pieces[1:].tolist(), n_targets], strict=True))
        left = {first: end for first, end in ends.items() if piece_name(first) not in store}
        tasks = [{"first": first, "end": end, **shared, **candidates} for first, end in left.items()]
        n_done = n_targets - sum(end - first for first, end in left.items())
        with progress_bar(progress, total=n_targets, initial=n_done, desc="finding", unit="circRNA") as bar:
            for number, sites in run_unordered(_find, tasks, n_jobs=n_jobs, prefer="threads"):
                first, end = list(left.items())[number]
                store[piece_name(first)] = sites
                bar.update(end - first)
        coarse = Found.join([store[piece_name(first)] for first in ends])
        coarse = coarse.take_best(_N_CANDIDATES * top_k)
        of_targets = [{"coarse": coarse.of_target(row), **shared} for row in np.unique(coarse.target)]
        refined = [Found.none()] * len(of_targets)
        with progress_bar(progress, total=len(of_targets), desc="refining", unit="circRNA") as bar:
            for number, sites in run_unordered(_refine, of_targets, n_jobs=n_jobs, prefer="threads"):
                refined[number] = sites
                bar.update()
        best = Found.join([Found.none(), *refined]).take_best(top_k, float(logit(min_probability)))
        pairs = RNAPairs(targets, mirnas, best.target, best.mirna, circular)
        seen = [model.seed_counts_.get(rna[SEED], 0) for rna in known[1].values()]
        table = _tabulate(best, ids, pairs, model, seen, energy)
        if path is not None:
            with replacing(path) as temporary:
                table.to_csv(temporary, index=False, sep="\t" if path.suffix == ".tsv" else ",")
            store.clear()
    return table


class Found(NamedTuple):
    """Sites as numbers."""

    target: NDArray[np.int64]
    mirna: NDArray[np.int64]
    start: NDArray[np.int64]  # of the window
    logit: NDArray[np.float64]

    @classmethod
    def join(cls, parts: list[Found]) -> Found:
        """Put sites below each other."""
        target, mirna, start, logit = (np.concatenate(column) for column in zip(*parts, strict=True))
        return cls(target, mirna, start, logit)

    @classmethod
    def none(cls) -> Found:
        """Return no site."""
        empty = np.empty(0, np.int64)
        return cls(empty, empty, empty, np.empty(0))

    def take_best(self, top_k: int, least: float = -np.inf) -> Found:
        """Return the best that are not below a log-odds, in the order of logit, target, miRNA and start."""
        order = np.lexsort([self.start, self.mirna, self.target, -self.logit])
        return self._take(order[self.logit[order] >= least][:top_k])

    def of_target(self, target: int) -> Found:
        """Return the sites of one target."""
        return self._take(np.flatnonzero(self.target == target))

    def _take(self, rows: NDArray[np.int64]) -> Found:
        return Found(self.target[rows], self.mirna[rows], self.start[rows], self.logit[rows])


def _find(
    first: int,
    end: int,
    targets: RNACodes,
    mirnas: RNACodes,
    model: Any,
    circular: bool,
    least: float,
    top_k: int,
) -> Found:
    """Find the best sites of some targets."""
    target, mirna = np.indices((end - first, len(mirnas.lengths))).reshape(2, -1)
    pairs = RNAPairs(targets, mirnas, first + target, mirna, circular)
    peaks = list_peaks(model, pairs, least)
    found = Found(pairs.target[peaks.pair], pairs.mirna[peaks.pair], peaks.start, peaks.logit)
    return found.take_best(top_k)


def _refine(coarse: Found, targets: RNACodes, mirnas: RNACodes, model: Any, circular: bool) -> Found:
    """Score all windows around the sites of one target, and keep the best."""
    mirna, pair = np.unique(coarse.mirna, return_inverse=True)
    pairs = RNAPairs(targets, mirnas, np.full(len(mirna), coarse.target[0]), mirna, circular)
    peaks = refine_peaks(model, pairs, Peaks(pair.ravel(), coarse.start, coarse.logit))
    return Found(pairs.target[peaks.pair], mirna[peaks.pair], peaks.start, peaks.logit)


def _tabulate(
    best: Found, ids: list[NDArray[np.object_]], pairs: RNAPairs, model: Any, seen: list[int], energy: bool
) -> pd.DataFrame:
    """Describe sites in a row each."""
    lengths, window = pairs.targets.lengths[best.target], model.window
    letters = read_windows(pairs.targets, best.target, best.start, window, pairs.circular)
    if pairs.circular:  # of a circle shorter than a window no letter stands twice
        letters[np.arange(window) >= lengths[:, None]] = FOREIGN
    duplexes = align_freely(letters, pairs.mirnas.first_letters(_LONGEST_MIRNA)[best.mirna])
    start = best.start + window - duplexes.end
    start = np.where(lengths > 0, start % lengths, start) if pairs.circular else start
    end = start + duplexes.end - duplexes.first
    reads = np.array(seen, dtype=np.int64)[best.mirna]
    table = pd.DataFrame(
        {
            "rank": np.arange(1, len(best.target) + 1),
            "circrna": ids[0][best.target],
            "mirna": ids[1][best.mirna],
            "probability": expit(best.logit),
            "start": start,
            "end": end,
            "crosses_junction": end > lengths,
            "seed": _strongest_seeds(best, pairs, model.window),
            "seed_reads": reads,
            "applicability": level_of_reads(reads),
            "target_3to5": duplexes.target,
            "bars": duplexes.bars,
            "mirna_5to3": duplexes.mirna,
        }
    )
    if energy:
        # ViennaRNA takes both strands from 5' to 3'
        table["energy"] = fold_duplexes(
            pairs.mirnas.first_letters(int(pairs.mirnas.lengths.max()))[best.mirna], letters[:, ::-1]
        )
    return table


def _strongest_seeds(best: Found, pairs: RNAPairs, window: int) -> NDArray[np.object_]:
    """Return the strongest type of seed site that lies in each window."""
    distinct, place = RNAPairs.distinct(
        pairs.targets, pairs.mirnas, np.column_stack([best.target, best.mirna]), pairs.circular
    )
    place = np.arange(len(best.target)) if place is None else place
    sites = SeedIndex(pairs.mirnas).find(distinct)
    strongest = np.full(len(place), len(SITE_TYPES))
    first, end = np.searchsorted(sites.pair, [place, place + 1])
    for row in range(len(place)):
        some = slice(first[row], end[row])
        offset = sites.window[some] - best.start[row]
        if pairs.circular:
            offset = offset % pairs.targets.lengths[best.target[row]]
        inside = (offset >= 0) & (offset + WINDOW <= window)
        strongest[row] = sites.type[some][inside].min(initial=len(SITE_TYPES))
    return np.array([*SITE_TYPES, "none"], dtype=object)[strongest]


def _load(given: Any, side: str) -> dict[str, str]:
    """Return sequences in the order of their ids."""
    sequences = load_sequences(given, side)
    if sequences is None:
        raise ValueError(f"Give the sequences of the {side}s: a mapping, or the path of a FASTA file.")
    return dict(sorted(sequences.items()))


def _identify(model: Any) -> list[float]:
    """Return scores by which a model is known: pickles of equal models differ."""
    letters = "ACGU" * 20
    sites = [(letters[start:][:40], "UGAGGUAGUAGGUUGUAUAGUU") for start in range(4)]
    return [float(score) for score in model.decision_function(sites)]
