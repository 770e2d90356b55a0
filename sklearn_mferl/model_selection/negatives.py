"""Negative sampling: pairs that nobody has reported, to stand against the known ones."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from sklearn_mferl.pairs.cells import find_cells, pairs_of_cells, read_known
from sklearn_mferl.utils.parameters import is_number
from sklearn_mferl.utils.random_state import spawn_seeds
from sklearn_mferl.utils.validation import SIDES, check_pairs

STRATEGIES: Final = ("uniform", "degree", "near", "reliable")
# Up to this many pairs, all unknown ones are listed (one weight each: 32 MB); beyond, they are drawn blindly,
# or listed in blocks of this many.
_FEW_PAIRS: Final = 4_000_000
_MAX_ROUNDS: Final = 50
_CHUNK: Final = 4096  # paths of so many drawn pairs are counted at a time


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
        - ``"degree"`` draws in proportion to the product of the two degrees, which then tell hardly anything.
        - ``"near"`` draws hard negatives, in proportion to the number of paths of three steps circRNA –
          miRNA' – circRNA' – miRNA that join a pair. Good for training a model that has to tell more than
          the neighbourhood, and for a lower bound of its figures: undiscovered interactions are most likely
          among such pairs, so that more of these labels are wrong than of others.
        - ``"reliable"`` draws the pairs that look least like known ones: first those without any path of
          three steps, in proportion to the product of the degrees, then those with one, and so on. Good for
          training with few wrong labels. Never test on them: a count of paths tells them at once.
    exclude : as `pairs`, default=None
        Further known pairs, never drawn, and not read otherwise. When `pairs` is one fold, give the known
        pairs of all folds here: a hidden positive that is drawn as a negative carries a wrong label, and
        leaks the test. Pairs with an RNA that is not in `pairs` are passed over.
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

    Notes
    -----
    An unknown pair is not a pair that does not interact: some negatives are interactions that nobody has
    looked for. Memory depends on the number of known and drawn pairs alone. So does time, but for ``"near"``,
    where it grows with the pairs that a path joins, and for ``"reliable"`` where few pairs are without one.

    Where ``"near"`` and ``"reliable"`` are drawn once, before a cross-validation, the known pairs of the test
    folds have shaped all of them.

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
    rows, columns = positives // len(mirnas), positives % len(mirnas)
    graph = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(circrnas), len(mirnas)))
    grid = _Grid(graph, known, np.random.default_rng(spawn_seeds(random_state, 1)[0]))
    draw = {
        "uniform": grid.draw_uniformly,
        "degree": grid.draw_by_degree,
        "near": grid.draw_near,
        "reliable": grid.draw_reliable,
    }[strategy]
    return pairs_of_cells(draw(n_negatives), circrnas, mirnas)


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
    known, ratio, random_state, strategy, exclude
        As `pairs` and the others in `sample_negatives`.

    Returns
    -------
    pairs : DataFrame, shape (n_known + n_negatives, 2)
        Columns ``circrna`` and ``mirna``: the known pairs in the order given, each once, then the
        negatives. They are not shuffled: use a splitter that does.
    y : ndarray of int, shape (n_known + n_negatives,)
        1 for a known pair, 0 for a negative.

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


class _Grid:
    """The pairs of some RNAs: the graph of the positives, and the sorted cells of those that are known."""

    def __init__(self, graph: sparse.csr_array, known: NDArray[np.int64], rng: np.random.Generator) -> None:
        self.graph, self.known, self.rng = graph, known, rng
        self.n_rows, self.n_columns = graph.shape
        self.n_unknown = self.n_rows * self.n_columns - len(known)
        rows, columns = graph.nonzero()
        self.degrees = [np.bincount(rows), np.bincount(columns)]  # every RNA has a positive

    @cached_property
    def shared(self) -> sparse.csr_array:
        """The circRNAs that two miRNAs have in common."""
        return (self.graph.T @ self.graph).tocsr()

    def draw_uniformly(self, n_negatives: int) -> NDArray[np.int64]:
        return self.nth_unknown(self.rng.choice(self.n_unknown, n_negatives, replace=False))

    def draw_by_degree(self, n_negatives: int) -> NDArray[np.int64]:
        """Draw unknown cells one after the other, in proportion to the product of their degrees."""
        drawn = self.draw_blindly(n_negatives)
        if drawn is not None:
            return drawn
        cells = self.nth_unknown(np.arange(self.n_unknown))
        # the largest of log-weights with Gumbel noise are a weighted sample without replacement, in order
        return cells[np.argsort(-self.noisy(self.log_weights(cells)))[:n_negatives]]

    def draw_near(self, n_negatives: int) -> NDArray[np.int64]:
        """Draw unknown cells one by one, in proportion to the paths of three steps that join them."""
        # as many cells of a row have a path at most
        width = np.minimum(self.graph @ np.diff(self.shared.indptr), self.n_columns)
        blocks = (
            (cells, np.zeros(len(cells)), self.noisy(np.log(n_paths)))
            for cells, n_paths in self.unknown_cells(width, joined=True)
        )
        cells = _find_best(blocks, n_negatives)
        if len(cells) < n_negatives:
            raise ValueError(
                f"{n_negatives} near negatives are wanted, but only {len(cells)} unknown pairs are joined by "
                "a path of three steps; lower ratio or take another strategy."
            )
        return cells

    def draw_reliable(self, n_negatives: int) -> NDArray[np.int64]:
        """Draw unknown cells with the fewest paths, among equal ones in proportion to the degrees."""
        drawn = self.draw_blindly(n_negatives, pathless=True)
        if drawn is not None:
            return drawn
        width = np.full(self.n_rows, self.n_columns)
        blocks = (
            (cells, n_paths, self.noisy(self.log_weights(cells)))
            for cells, n_paths in self.unknown_cells(width, joined=False)
        )
        return _find_best(blocks, n_negatives)

    def draw_blindly(self, n_negatives: int, *, pathless: bool = False) -> NDArray[np.int64] | None:
        """Draw both ends by degree and drop what is known or drawn already.

        None where the unknown cells are few enough to be listed, or where it takes too long.
        """
        chances = [degree / degree.sum() for degree in self.degrees]
        found = np.empty(0, dtype=np.int64)
        for _ in range(_MAX_ROUNDS if self.n_unknown > _FEW_PAIRS else 0):
            rows, columns = (self.rng.choice(len(chance), 2 * n_negatives, p=chance) for chance in chances)
            drawn = rows * self.n_columns + columns
            drawn = drawn[~self.is_known(drawn)]
            if pathless:
                drawn = drawn[~self.has_path(drawn)]
            found = np.concatenate([found, drawn])
            _, first = np.unique(found, return_index=True)
            found = found[np.sort(first)]
            if len(found) >= n_negatives:
                return found[:n_negatives]
        return None

    def nth_unknown(self, ranks: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the cells that stand at these ranks when the unknown cells are counted through from 0.

        ``known[i] - i`` unknown cells come before ``known[i]``: each rank is moved up by the number of known
        cells it has to step over, without a list of the unknown ones.
        """
        return ranks + np.searchsorted(self.known - np.arange(len(self.known)), ranks, side="right")

    def is_known(self, cells: NDArray[np.int64]) -> NDArray[np.bool_]:
        place = np.searchsorted(self.known, cells)
        return self.known[np.minimum(place, len(self.known) - 1)] == cells

    def has_path(self, cells: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell which cells a walk of three steps joins."""
        joined = []
        for part in np.split(cells, np.arange(_CHUNK, len(cells), _CHUNK)):
            rows, columns = part // self.n_columns, part % self.n_columns
            n_walks = np.asarray(self.graph[rows].multiply(self.shared[columns]).sum(axis=1)).ravel()
            joined.append(n_walks > 0)
        return np.concatenate(joined)

    def log_weights(self, cells: NDArray[np.int64]) -> NDArray[np.float64]:
        rows, columns = (np.log(degree) for degree in self.degrees)
        return rows[cells // self.n_columns] + columns[cells % self.n_columns]

    def noisy(self, log_weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return log_weights + self.rng.gumbel(size=len(log_weights))

    def unknown_cells(self, width: NDArray[Any], *, joined: bool) -> Iterator[tuple[NDArray[np.int64], ...]]:
        """Yield unknown cells and the numbers of paths that join them; with `joined`, those with any."""
        for first, last in _row_blocks(width):
            # walks from one end of an unknown pair to the other repeat no RNA: they are paths
            walks = (self.graph[first:last] @ self.shared).tocsr()
            if joined:
                walks.sort_indices()
                rows = np.repeat(np.arange(first, last), np.diff(walks.indptr))
                cells, n_paths = rows * self.n_columns + walks.indices, walks.data
            else:
                cells = np.arange(first * self.n_columns, last * self.n_columns)
                n_paths = walks.toarray().ravel()
            unknown = ~self.is_known(cells)
            yield cells[unknown], n_paths[unknown]


def _row_blocks(width: NDArray[Any]) -> Iterator[tuple[int, int]]:
    """Cut rows into blocks of at most `_FEW_PAIRS` cells, of one row at least; `width` is by row."""
    first, filled = 0, 0
    for row, cells in enumerate(width.tolist()):
        if filled + cells > _FEW_PAIRS and row > first:
            yield first, row
            first, filled = row, 0
        filled += cells
    yield first, len(width)


def _find_best(blocks: Iterable[tuple[NDArray[Any], ...]], size: int) -> NDArray[np.int64]:
    """Return the cells of the lowest levels, of one level those of the highest keys, best first."""
    best: tuple[NDArray[Any], ...] = (np.empty(0, dtype=np.int64), np.empty(0), np.empty(0))
    for block in blocks:
        cells, levels, keys = (np.concatenate(both) for both in zip(best, block, strict=True))
        kept = np.lexsort((-keys, levels))[:size]
        best = cells[kept], levels[kept], keys[kept]
    return best[0]
