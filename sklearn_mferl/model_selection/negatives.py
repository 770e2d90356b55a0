"""Negative sampling: pairs that nobody has reported, to stand against the known ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from sklearn_mferl.pairs.cells import find_cells, read_known
from sklearn_mferl.utils.parameters import is_number
from sklearn_mferl.utils.random_state import spawn_seeds
from sklearn_mferl.utils.validation import SIDES, check_pairs

STRATEGIES: Final = ("uniform", "degree", "near", "reliable")
# Up to this many pairs, all unknown ones are listed (one weight each: 32 MB); beyond, they are drawn blindly,
# or listed in blocks of this many.
_FEW_PAIRS: Final = 4_000_000
_MAX_ROUNDS: Final = 50
# Paths of so many drawn pairs are counted at a time.
_CHUNK: Final = 4096


def sample_negatives(
    pairs: Any,
    *,
    ratio: float = 1.0,
    strategy: str = "uniform",
    exclude: Any = None,
    random_state: Any = None,
) -> pd.DataFrame:
    """Draw unknown pairs of the circRNAs and miRNAs that occur in the known pairs.

    Parameters
    ----------
    pairs : DataFrame, list of tuples or array of str, shape (n_pairs, 2)
        Known interactions: columns ``circrna`` and ``mirna``. A pair that stands there twice counts once.
    ratio : float, default=1.0
        Negatives for each known pair, above 0; the number is rounded, and is 1 at least.
    strategy : {"uniform", "degree", "near", "reliable"}, default="uniform"
        Which unknown pairs are drawn:

        - ``"uniform"`` gives every one the same chance. Hubs then have many positives and few negatives, and
          a model may score well by degree alone.
        - ``"degree"`` draws in proportion to the product of the degrees of the two ends, so that degree
          tells (nearly) nothing.
        - ``"near"`` draws hard negatives, next to known pairs: one end of a known pair is kept, the other
          replaced by an RNA that shares a partner with it. The chance of a pair is in proportion to the
          number of paths of three steps circRNA – miRNA' – circRNA' – miRNA that join it. Good for training
          a model that has to tell more than the neighbourhood, and for a lower bound of its figures:
          such pairs are where undiscovered interactions are most likely, so that more of these labels are
          wrong than of others, and figures are pessimistic.
        - ``"reliable"`` draws the pairs that look least like known ones, as learning from positive
          and unlabelled examples calls them: first those without any path of three steps, in proportion
          to the product of the degrees, then, if they do not suffice, those with one path, and so on.
          Good for training with few wrong labels. Never test on them: they are chosen to be easy, a
          count of paths tells them at once, and figures flatter.
    exclude : as `pairs`, default=None
        Further known pairs, never drawn, and not read otherwise. When `pairs` is one fold, give the known
        pairs of all folds here: a hidden positive that is drawn as a negative carries a wrong label, and a
        training set that calls a test pair negative leaks the test. ``"near"`` would draw many of them.
        Pairs with an RNA that is not in `pairs` are passed over.
    random_state : int, RandomState, Generator or None, default=None
        Seeds the drawing. With an int, the result depends on the set of known pairs, not on their order.

    Returns
    -------
    DataFrame, shape (n_negatives, 2)
        Columns ``circrna`` and ``mirna``, in random order: no pair twice, none that is known or excluded.

    Raises
    ------
    ValueError
        If fewer unknown pairs are left than wanted, or fewer that are near (the message says how many), none
        of the pairs to exclude has one of these RNAs, or a parameter or pair is invalid.

    See Also
    --------
    labelled_pairs : Known pairs and sampled negatives with their labels.

    Notes
    -----
    An unknown pair is not a pair that does not interact: some negatives are interactions that nobody has
    looked for. All pairs of the grid are listed only where they are few; else memory depends on the number
    of known and drawn pairs alone. So does time, but for ``"near"``, whose time grows with the number of
    pairs that a path joins, and for ``"reliable"`` where few pairs are without one.

    ``"near"`` and ``"reliable"`` read the graph of the known pairs. Where they are drawn once, before a
    cross-validation, the known pairs of the test folds have shaped all of them; for test pairs that were not
    chosen by their paths take ``"uniform"`` or ``"degree"``.

    References
    ----------
    Liu B, Dai Y, Li X, Lee WS, Yu PS. Building text classifiers using positive and unlabeled examples. ICDM
    (2003): reliable negatives.

    Bekker J, Davis J. Learning from positive and unlabeled data: a survey. Machine Learning 109, 719 (2020).

    Examples
    --------
    >>> from sklearn_mferl.model_selection import sample_negatives
    >>> known = [("circ_1", "miR-1"), ("circ_1", "miR-2"), ("circ_2", "miR-1")]
    >>> sample_negatives(known, ratio=1 / 3, random_state=0)
      circrna  mirna
    0  circ_2  miR-2
    """
    if strategy not in STRATEGIES:
        raise ValueError(f"strategy must be one of {STRATEGIES}; got {strategy!r}.")
    if not is_number(ratio):
        raise ValueError(f"ratio must be a number above 0; got {ratio!r}.")
    ids = check_pairs(pairs)
    circrnas, circrna_of = np.unique(ids[:, 0], return_inverse=True)
    mirnas, mirna_of = np.unique(ids[:, 1], return_inverse=True)
    positives = np.unique(circrna_of * len(mirnas) + mirna_of)  # a pair is one number: its cell of the grid
    known = np.union1d(positives, _excluded_cells(exclude, circrnas, mirnas))
    n_unknown = len(circrnas) * len(mirnas) - len(known)
    n_negatives = max(1, round(float(ratio) * len(positives)))
    if n_negatives > n_unknown:
        raise ValueError(
            f"{n_negatives} negatives are wanted (ratio={ratio}), but only {n_unknown} unknown pairs of "
            f"these {len(circrnas)} circRNAs and {len(mirnas)} miRNAs are left; "
            + (f"lower ratio={ratio}, " if n_unknown else "")
            + "add interactions of other RNAs, or give labelled negatives of your own (--labels on the "
            "command line)."
        )
    rng = np.random.default_rng(spawn_seeds(random_state, 1)[0])
    rows, columns = positives // len(mirnas), positives % len(mirnas)
    degrees = np.bincount(rows, minlength=len(circrnas)), np.bincount(columns, minlength=len(mirnas))
    graph = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(circrnas), len(mirnas)))
    if strategy == "uniform":
        cells = _nth_unknown(rng.choice(n_unknown, n_negatives, replace=False), known)
    elif strategy == "degree":
        cells = _draw_by_degree(n_negatives, n_unknown, known, degrees, rng)
    elif strategy == "near":
        cells = _draw_near(n_negatives, known, graph, rng)
    else:
        cells = _draw_reliable(n_negatives, n_unknown, known, degrees, graph, rng)
    chosen = (circrnas[cells // len(mirnas)], mirnas[cells % len(mirnas)])
    return pd.DataFrame(dict(zip(SIDES, chosen, strict=True)))


def labelled_pairs(
    known: Any,
    ratio: float = 1.0,
    random_state: Any = None,
    *,
    strategy: str = "uniform",
    exclude: Any = None,
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Put known pairs and sampled negatives together, ready for ``fit(pairs, y)``.

    Parameters
    ----------
    known : DataFrame, list of tuples or array of str, shape (n_known, 2)
        Known interactions: columns ``circrna`` and ``mirna``.
    ratio, random_state, strategy, exclude
        As in `sample_negatives`.

    Returns
    -------
    pairs : DataFrame, shape (n_known + n_negatives, 2)
        Columns ``circrna`` and ``mirna``: the known pairs in the order given, each once, then the
        negatives. They are not shuffled: use a splitter that does.
    y : ndarray of int, shape (n_known + n_negatives,)
        1 for a known pair, 0 for a negative.

    Raises
    ------
    ValueError
        As `sample_negatives`.

    See Also
    --------
    sample_negatives : Says what a negative is.

    Examples
    --------
    >>> from sklearn_mferl.model_selection import labelled_pairs
    >>> pairs, y = labelled_pairs([("circ_1", "miR-1"), ("circ_2", "miR-2")], random_state=0)
    >>> pairs.shape, y
    ((4, 2), array([1, 1, 0, 0]))
    """
    positives = pd.DataFrame(check_pairs(known), columns=list(SIDES)).drop_duplicates()
    negatives = sample_negatives(
        positives, ratio=ratio, strategy=strategy, exclude=exclude, random_state=random_state
    )
    y = np.repeat(np.array([1, 0], dtype=np.int64), [len(positives), len(negatives)])
    return pd.concat([positives, negatives], ignore_index=True), y


def _excluded_cells(
    exclude: Any, circrnas: NDArray[np.object_], mirnas: NDArray[np.object_]
) -> NDArray[np.int64]:
    """Return the cells of those excluded pairs whose two ends are in the grid."""
    ids = read_known(exclude)
    if len(ids) and not (pd.Index(ids[:, 0]).isin(circrnas) | pd.Index(ids[:, 1]).isin(mirnas)).any():
        raise ValueError(
            f"None of the {len(ids)} pairs to exclude, such as {ids[0, 0]!r} and {ids[0, 1]!r}, has a "
            "circRNA or miRNA of the known pairs; give the same ids, or leave exclude out."
        )
    return find_cells(ids, circrnas, mirnas)


def _nth_unknown(ranks: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the cells that stand at these ranks when the unknown cells are counted through from 0.

    `known` is sorted, so ``known[i] - i`` unknown cells come before ``known[i]``: each rank is moved up by
    the number of known cells it has to step over, without a list of the unknown ones.
    """
    stepped_over = np.searchsorted(known - np.arange(len(known)), ranks, side="right")
    return ranks + stepped_over


def _draw_by_degree(
    n_negatives: int,
    n_unknown: int,
    known: NDArray[np.int64],
    degrees: tuple[NDArray[np.int64], NDArray[np.int64]],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Draw unknown cells one after the other, in proportion to the product of their degrees."""
    if n_unknown > _FEW_PAIRS:
        cells = _draw_blindly(n_negatives, known, degrees, rng)
        if cells is not None:
            return cells
    cells = _nth_unknown(np.arange(n_unknown), known)
    log_circrna, log_mirna = (np.log(degree) for degree in degrees)
    weight = log_circrna[cells // len(log_mirna)] + log_mirna[cells % len(log_mirna)]
    # The largest of log-weights with Gumbel noise are a weighted sample without replacement, in order.
    keys = weight + rng.gumbel(size=n_unknown)
    return cells[np.argsort(-keys)[:n_negatives]]


def _draw_near(
    n_negatives: int, known: NDArray[np.int64], graph: sparse.csr_array, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw unknown cells one after the other, in proportion to the paths of three steps that join them."""
    n_columns = graph.shape[1]
    shared = (graph.T @ graph).tocsr()  # circRNAs that two miRNAs have in common
    # As many cells of a row have a path at most.
    width = np.minimum(graph @ np.diff(shared.indptr), n_columns)
    best, n_found = _Best(n_negatives), 0
    for first, last in _row_blocks(width):
        # Walks from one end of an unknown pair to the other repeat no RNA: they are paths.
        walks = (graph[first:last] @ shared).tocsr()
        walks.sort_indices()
        rows = np.repeat(np.arange(first, last), np.diff(walks.indptr))
        cells = rows * n_columns + walks.indices
        unknown = ~_is_in(cells, known)
        cells, n_paths = cells[unknown], walks.data[unknown]
        n_found += len(cells)
        best.add(cells, np.zeros(len(cells)), np.log(n_paths) + rng.gumbel(size=len(cells)))
    if n_found < n_negatives:
        raise ValueError(
            f"{n_negatives} near negatives are wanted, but only {n_found} unknown pairs are joined by a path "
            "of three steps; lower ratio or take another strategy."
        )
    return best.cells


def _draw_reliable(
    n_negatives: int,
    n_unknown: int,
    known: NDArray[np.int64],
    degrees: tuple[NDArray[np.int64], NDArray[np.int64]],
    graph: sparse.csr_array,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Draw unknown cells with the fewest paths, among equal ones in proportion to the degrees."""
    n_columns = graph.shape[1]
    shared = (graph.T @ graph).tocsr()
    if n_unknown > _FEW_PAIRS:
        cells = _draw_blindly(n_negatives, known, degrees, rng, (graph, shared))
        if cells is not None:
            return cells
    log_circrna, log_mirna = (np.log(degree) for degree in degrees)
    best = _Best(n_negatives)
    for first, last in _row_blocks(np.full(graph.shape[0], n_columns)):
        cells = np.arange(first * n_columns, last * n_columns)
        n_paths = (graph[first:last] @ shared).toarray().ravel()
        unknown = ~_is_in(cells, known)
        cells, n_paths = cells[unknown], n_paths[unknown]
        weight = log_circrna[cells // n_columns] + log_mirna[cells % n_columns]
        best.add(cells, n_paths, weight + rng.gumbel(size=len(cells)))
    return best.cells


class _Best:
    """Keep the cells of the lowest levels, of one level those with the highest keys, while blocks come in."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.cells = np.empty(0, dtype=np.int64)
        self.levels, self.keys = np.empty(0), np.empty(0)

    def add(self, cells: NDArray[np.int64], levels: NDArray[np.float64], keys: NDArray[np.float64]) -> None:
        """Take further cells into account; afterwards `cells` is in order, best first."""
        cells = np.concatenate([self.cells, cells])
        levels, keys = np.concatenate([self.levels, levels]), np.concatenate([self.keys, keys])
        kept = np.lexsort((-keys, levels))[: self.size]
        self.cells, self.levels, self.keys = cells[kept], levels[kept], keys[kept]


def _row_blocks(width: NDArray[Any]) -> Iterator[tuple[int, int]]:
    """Cut rows into blocks of at most `_FEW_PAIRS` cells, of one row at least; `width` is by row."""
    first, filled = 0, 0
    for row, cells in enumerate(width.tolist()):
        if filled + cells > _FEW_PAIRS and row > first:
            yield first, row
            first, filled = row, 0
        filled += cells
    yield first, len(width)


def _is_in(cells: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which cells are known; `known` is sorted and not empty."""
    place = np.searchsorted(known, cells)
    return known[np.minimum(place, len(known) - 1)] == cells


def _has_path(
    cells: NDArray[np.int64], graph: sparse.csr_array, shared: sparse.csr_array
) -> NDArray[np.bool_]:
    """Tell which cells a walk of three steps joins."""
    joined = []
    for part in np.split(cells, np.arange(_CHUNK, len(cells), _CHUNK)):
        rows, columns = part // graph.shape[1], part % graph.shape[1]
        n_walks = np.asarray(graph[rows].multiply(shared[columns]).sum(axis=1)).ravel()
        joined.append(n_walks > 0)
    return np.concatenate(joined)


def _draw_blindly(
    n_negatives: int,
    known: NDArray[np.int64],
    degrees: tuple[NDArray[np.int64], NDArray[np.int64]],
    rng: np.random.Generator,
    pathless: tuple[sparse.csr_array, sparse.csr_array] | None = None,
) -> NDArray[np.int64] | None:
    """Draw both ends by degree and drop what is known or drawn already; None where that takes too long.

    With `pathless`, the graph and the circRNAs that miRNAs share, what a path joins is dropped as well.
    """
    chance_circrna, chance_mirna = (degree / degree.sum() for degree in degrees)
    found = np.empty(0, dtype=np.int64)
    for _ in range(_MAX_ROUNDS):
        rows = rng.choice(len(chance_circrna), 2 * n_negatives, p=chance_circrna)
        columns = rng.choice(len(chance_mirna), 2 * n_negatives, p=chance_mirna)
        drawn = rows * len(chance_mirna) + columns
        drawn = drawn[~_is_in(drawn, known)]
        if pathless is not None:
            drawn = drawn[~_has_path(drawn, *pathless)]
        found = np.concatenate([found, drawn])
        _, first = np.unique(found, return_index=True)
        found = found[np.sort(first)]
        if len(found) >= n_negatives:
            return found[:n_negatives]
    return None
