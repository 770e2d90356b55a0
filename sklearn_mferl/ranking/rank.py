"""Score a grid of pairs chunk by chunk, and keep the best."""

import hashlib
from collections.abc import Generator, Iterator, MutableMapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from itertools import chain
from pathlib import Path
from typing import Any, Final, Literal, TypedDict, Unpack, get_args, overload

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sklearn_mferl.pairs.cells import pairs_of_cells
from sklearn_mferl.ranking.best import Best, Scored
from sklearn_mferl.ranking.files import check_out, open_store, piece_name, write_frames
from sklearn_mferl.ranking.grid import Grid, make_grid
from sklearn_mferl.ranking.models import find_pair_features, known_rnas
from sklearn_mferl.ranking.scorers import Scorer, make_scorer
from sklearn_mferl.utils.parameters import check_whole, one_of
from sklearn_mferl.utils.progress import progress_bar
from sklearn_mferl.utils.scheduling import (
    count_threads,
    one_blas_thread,
    one_openmp_thread,
    run_unordered,
    uses_cluster,
)
from sklearn_mferl.utils.validation import SIDES, check_ids
from sklearn_mferl.utils.versions import identify_code

Per = Literal["all", "circrna", "mirna"]
Candidates = Literal["all", "seed"]

Store = MutableMapping[str, Scored]  # what is finished, by the number of the chunk

_N_PROBES: Final = 64
_ROWS_AT_ONCE: Final = 500_000  # of a table that is written


class _Options(TypedDict, total=False):
    top_k: int
    per: Per
    known: Any
    candidates: Candidates
    chunk_size: int | None
    n_jobs: int | None
    progress: bool


@overload
def rank_interactions(
    model: Any, circrna: Any = ..., mirna: Any = ..., *, out: None = ..., **options: Unpack[_Options]
) -> pd.DataFrame: ...
@overload
def rank_interactions(
    model: Any, circrna: Any = ..., mirna: Any = ..., *, out: str | Path, **options: Unpack[_Options]
) -> Path: ...
def rank_interactions(
    model: Any,
    circrna: Any = None,
    mirna: Any = None,
    *,
    top_k: int = 100,
    per: Per = "all",
    known: Any = None,
    candidates: Candidates = "all",
    chunk_size: int | None = None,
    n_jobs: int | None = None,
    out: str | Path | None = None,
    progress: bool = False,
) -> pd.DataFrame | Path:
    """Score all pairs of some circRNAs and miRNAs and keep the best.

    Parameters
    ----------
    model : estimator
        A fitted classifier of pairs with `predict_proba`, such as the pipeline of `make_mferl_pipeline`.
    circrna, mirna : 1-D collection of str, default=None
        Ids, in any order; one that stands twice counts once. None takes all that the model can score.
    top_k : int, default=100
        How many pairs to keep, at least 1; fewer where there are not so many.
    per : {"all", "circrna", "mirna"}, default="all"
        Whether to keep the best of all pairs, or of each circRNA or each miRNA.
    known : DataFrame, list of tuples or array of str, shape (n_known, 2), default=None
        Pairs to leave out, such as all known interactions: a model does not remember its training pairs.
    candidates : {"all", "seed"}, default="all"
        Which pairs to score. ``"seed"``: those in whose circRNA nucleotides 2 to 8 of the miRNA have a
        perfect match, across the junction of a circle too: one in fifteen or so; see Notes.
    chunk_size : int, default=None
        How many pairs to score at a time, at least 1, those of one circRNA always together; the result
        stays the same. None takes 200,000, and 4 million for a network without evidence.
    n_jobs : int, default=None
        Threads that share the chunks, as scikit-learn counts them; the result does not depend on it.
    out : str or Path, default=None
        A file to write, ending in ``.csv`` or ``.parquet``, which needs pyarrow. It is written whole or not
        at all; finished chunks are kept in a folder beside it, its name with ``.part`` behind: where a run
        was stopped, the same call goes on.
    progress : bool, default=False
        Whether to show a progress bar on stderr, if that is a terminal.

    Returns
    -------
    DataFrame of shape (n_ranked, 4), or Path
        ``rank`` from 1, ``circrna``, ``mirna`` and ``score``, the probability of an interaction; equal ones
        are in the order of the ids. With `per`, each RNA has its own ranks. With `out` this is in the file,
        whose path is returned.

    Raises
    ------
    ValueError
        If an id is not known to the model, or the model does not say which it knows, there is no pair to
        rank, no known pair is of RNAs of the model, a parameter is not among those above,
        ``candidates="seed"`` has no sequences to read, or what is beside `out` is of another ranking.
    FileNotFoundError, ImportError
        If the folder of `out`, or pyarrow for Parquet, is missing.

    Warns
    -----
    UserWarning
        If some of the known pairs are of RNAs that the model does not know.

    Notes
    -----
    Nearly all listed interactions have a match of nucleotides 2 to 8 (99 % of starBase's, whose authors asked
    for one), and models trained on them give other pairs low scores: with ``candidates="seed"`` the best of
    all are the same, but not the end of a long ranking per RNA, nor where lists were made otherwise.

    Examples
    --------
    >>> from sklearn_mferl import make_mferl_pipeline
    >>> from sklearn_mferl.datasets import make_cmi
    >>> from sklearn_mferl.model_selection import labelled_pairs
    >>> from sklearn_mferl.ranking import rank_interactions
    >>> data = make_cmi(20, 10, random_state=0)
    >>> model = make_mferl_pipeline(data.circrna, data.mirna, random_state=0)
    >>> model = model.fit(*labelled_pairs(data.pairs, random_state=0))
    >>> rank_interactions(model, top_k=3, known=data.pairs)[["rank", "circrna", "mirna"]].shape
    (3, 3)
    >>> len(rank_interactions(model, top_k=2, per="mirna"))
    20
    """
    check_whole("top_k", top_k)
    check_whole("chunk_size", chunk_size, or_none=True)
    for name, text, kind in (("per", per, Per), ("candidates", candidates, Candidates)):
        if text not in get_args(kind):
            raise ValueError(f"{name} must be {one_of(*get_args(kind))}; got {text!r}.")
    path = None if out is None else check_out(out)
    circrnas, mirnas = (
        np.array(sorted(set(known_rnas(model, side) if ids is None else check_ids(ids))), dtype=object)
        for side, ids in zip(SIDES, (circrna, mirna), strict=True)
    )
    grid = make_grid(model, circrnas, mirnas, known, candidates)
    scorer = make_scorer(model, grid)
    chunk_size = scorer.chunk_size if chunk_size is None else int(chunk_size)
    best = Best(per, int(top_k), len(mirnas))
    opened: AbstractContextManager[Store] = nullcontext({})
    if path is not None:
        options = {"top_k": int(top_k), "per": per, "candidates": candidates, "chunk_size": chunk_size}
        opened = open_store(path, _identify(model, grid, **options), Scored)
    with opened as store:
        _score_chunks(grid, scorer, best, store, chunk_size, n_jobs, progress)
        frames = _frames(grid, best, store)
        first = next(frames, None)
        if first is None:
            store.clear()
            raise ValueError(_why_none(grid))
        if path is None:
            return pd.concat([first, *frames], ignore_index=True)
        write_frames(chain([first], frames), path)
        store.clear()
    return path


def _identify(model: Any, grid: Grid, **parameters: Any) -> dict[str, Any]:
    """Return what decides a ranking, as JSON takes it."""
    # a model is known by what it says of some pairs: pickles of equal models differ
    n_mirnas = len(grid.mirnas)
    cells = np.unique(np.linspace(0, len(grid.circrnas) * n_mirnas - 1, _N_PROBES).astype(np.int64))
    probes = model.predict_proba(pairs_of_cells(cells, grid.circrnas, grid.mirnas))[:, 1]
    return {
        **identify_code(),
        **parameters,
        "circRNAs": _digest_rnas(model, "circrna", grid.circrnas),
        "miRNAs": _digest_rnas(model, "mirna", grid.mirnas),
        "known pairs": hashlib.sha256(grid.left_out.tobytes()).hexdigest()[:16],
        "model": [float(score) for score in probes],
    }


def _digest_rnas(model: Any, side: str, ids: NDArray[np.object_]) -> str:
    """Return a short name for ids and, where they are known, their sequences."""
    features = find_pair_features(model)
    sequences = None if features is None else features._sequences(side, ids)
    digest = hashlib.sha256()
    for lines in (ids, sequences or []):
        for line in lines:
            digest.update(line.encode() + b"\n")
    return digest.hexdigest()[:16]


def _score_chunks(
    grid: Grid, scorer: Scorer, best: Best, store: Store, chunk_size: int, n_jobs: int | None, progress: bool
) -> None:
    """Score the chunks that are not finished, and put what they leave into the store."""
    sizes, blocks = grid.sizes(), grid.blocks(chunk_size)
    if best.is_final:
        left = [number for number in range(len(blocks)) if piece_name(number) not in store]
    else:  # kept is the state after the last chunk
        n_finished = max(map(int, store), default=-1) + 1
        left = list(range(n_finished, len(blocks)))
        if n_finished:
            best.add(store[piece_name(n_finished - 1)])
    n_pairs = [int(sizes[block].sum()) for block in blocks]
    n_done = sum(n_pairs) - sum(n_pairs[number] for number in left)
    scored = _score_in_order([blocks[number] for number in left], grid, scorer, best, n_jobs)
    with (
        closing(scored),
        progress_bar(progress, total=sum(n_pairs), initial=n_done, unit="pair", unit_scale=True) as bar,
    ):
        for number, pairs in zip(left, scored, strict=True):
            if best.is_final:
                store[piece_name(number)] = pairs
            else:
                best.add(pairs)
                store[piece_name(number)] = best.pairs
                if number:
                    del store[piece_name(number - 1)]
            bar.update(n_pairs[number])


def _score_in_order(
    blocks: Sequence[slice], grid: Grid, scorer: Scorer, best: Best, n_jobs: int | None
) -> Generator[Scored]:
    """Yield what each chunk leaves, while others are at work."""
    n_threads = count_threads(n_jobs)
    if uses_cluster():
        calls = [{"block": block, "grid": grid, "scorer": scorer, "best": best} for block in blocks]
        yield from _sort_results(run_unordered(_score_block, calls))
        return
    if n_threads == 1:
        yield from (_score_block(block, grid, scorer, best) for block in blocks)
        return

    def score_alone(block: slice) -> Scored:
        # the chunks share the cores, so nothing within a chunk does
        with joblib.parallel_config(backend="sequential"), one_openmp_thread():
            return _score_block(block, grid, scorer, best)

    with one_blas_thread():
        parallel = joblib.Parallel(n_threads, backend="threading", return_as="generator")
        yield from parallel(joblib.delayed(score_alone)(block) for block in blocks)


def _score_block(block: slice, grid: Grid, scorer: Scorer, best: Best) -> Scored:
    """Score the pairs of a chunk, and keep those that may be among the best."""
    cells = grid.cells(block)
    if not len(cells):
        return Scored.none()
    scores = scorer.score(block, cells)
    if np.isnan(scores).any():
        first = pairs_of_cells(cells[np.isnan(scores)][:1], grid.circrnas, grid.mirnas).iloc[0]
        raise ValueError(
            f"The model scores {first['circrna']!r} and {first['mirna']!r} as NaN, which has no rank; give a "
            "model whose scores are numbers."
        )
    return best.sift(Scored(cells, scores))


def _sort_results(results: Iterator[tuple[int, Scored]]) -> Iterator[Scored]:
    """Yield numbered results in the order of their numbers, from 0."""
    waiting: dict[int, Scored] = {}
    wanted = 0
    for number, result in results:
        waiting[number] = result
        while wanted in waiting:
            yield waiting.pop(wanted)
            wanted += 1


def _frames(grid: Grid, best: Best, store: Store) -> Iterator[pd.DataFrame]:
    """Yield the ranking piece by piece, in its order."""
    for pairs in store.values() if best.is_final else [best.pairs]:
        ordered, rank = best.order(pairs)
        for start in range(0, len(rank), _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            frame = pairs_of_cells(ordered.cells[rows], grid.circrnas, grid.mirnas)
            frame.insert(0, "rank", rank[rows])
            yield frame.assign(score=ordered.scores[rows])


def _why_none(grid: Grid) -> str:
    n_candidates = int(grid.sizes().sum())
    rnas = f"these {len(grid.circrnas)} circRNAs and {len(grid.mirnas)} miRNAs"
    if n_candidates == 0:
        return f"No pair of {rnas} has a match of nucleotides 2 to 8; take candidates='all'."
    return f"All {n_candidates} pairs of {rnas} are known; there is none to rank."
