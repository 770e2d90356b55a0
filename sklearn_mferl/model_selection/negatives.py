"""Negative sampling: pairs that nobody has reported, to stand against the known ones."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sklearn_mferl._random import spawn_seeds
from sklearn_mferl._validation import SIDES, check_pairs

_STRATEGIES: Final = ("uniform", "degree")
# Up to this many pairs, all unknown ones are listed (one weight each: 32 MB); beyond, they are drawn blindly.
_FEW_PAIRS: Final = 4_000_000
_MAX_ROUNDS: Final = 50


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
    strategy : {"uniform", "degree"}, default="uniform"
        ``"uniform"`` gives every unknown pair the same chance. Hubs then have many positives and few
        negatives, and a model may score well by degree alone. ``"degree"`` draws a pair in proportion to
        the product of the degrees of its two ends, so that degree tells (nearly) nothing.
    exclude : as `pairs`, default=None
        Further known pairs, never drawn. When `pairs` is one fold, give the known pairs of all folds here:
        a hidden positive that is drawn as a negative carries a wrong label, and a training set that
        calls a test pair negative leaks the test.
    random_state : int, RandomState, Generator or None, default=None
        Seeds the drawing. With an int, the result depends on the set of known pairs, not on their order.

    Returns
    -------
    DataFrame, shape (n_negatives, 2)
        Columns ``circrna`` and ``mirna``, in random order: no pair twice, none that is known or excluded.

    Raises
    ------
    ValueError
        If fewer unknown pairs are left than wanted (the message says how many), or a parameter or pair is
        invalid.

    See Also
    --------
    labelled_pairs : Known pairs and sampled negatives with their labels.

    Notes
    -----
    An unknown pair is not a pair that does not interact: some negatives are interactions that nobody has
    looked for. All pairs of the grid are listed only where they are few; else the cost depends on the
    number of known and drawn pairs alone.

    Examples
    --------
    >>> from sklearn_mferl.model_selection import sample_negatives
    >>> known = [("circ_1", "miR-1"), ("circ_1", "miR-2"), ("circ_2", "miR-1")]
    >>> sample_negatives(known, ratio=1 / 3, random_state=0)
      circrna  mirna
    0  circ_2  miR-2
    """
    if strategy not in _STRATEGIES:
        raise ValueError(f"strategy must be one of {_STRATEGIES}; got {strategy!r}.")
    if isinstance(ratio, bool) or not isinstance(ratio, (int, float, np.number)) or not 0 < ratio < np.inf:
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
            f"these {len(circrnas)} circRNAs and {len(mirnas)} miRNAs are left; lower ratio."
        )
    rng = np.random.default_rng(spawn_seeds(random_state, 1)[0])
    if strategy == "uniform":
        cells = _nth_unknown(rng.choice(n_unknown, n_negatives, replace=False), known)
    else:
        degrees = (
            np.bincount(positives // len(mirnas), minlength=len(circrnas)),
            np.bincount(positives % len(mirnas), minlength=len(mirnas)),
        )
        cells = _draw_by_degree(n_negatives, n_unknown, known, degrees, rng)
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
    if exclude is None or (hasattr(exclude, "__len__") and len(exclude) == 0):
        return np.empty(0, dtype=np.int64)
    ids = check_pairs(exclude)
    rows = pd.Index(circrnas).get_indexer(pd.Index(ids[:, 0]))
    columns = pd.Index(mirnas).get_indexer(pd.Index(ids[:, 1]))
    inside = (rows >= 0) & (columns >= 0)
    return (rows * len(mirnas) + columns)[inside].astype(np.int64)


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


def _draw_blindly(
    n_negatives: int,
    known: NDArray[np.int64],
    degrees: tuple[NDArray[np.int64], NDArray[np.int64]],
    rng: np.random.Generator,
) -> NDArray[np.int64] | None:
    """Draw both ends by degree and drop what is known or drawn already; None where that takes too long."""
    chance_circrna, chance_mirna = (degree / degree.sum() for degree in degrees)
    found = np.empty(0, dtype=np.int64)
    for _ in range(_MAX_ROUNDS):
        rows = rng.choice(len(chance_circrna), 2 * n_negatives, p=chance_circrna)
        columns = rng.choice(len(chance_mirna), 2 * n_negatives, p=chance_mirna)
        drawn = rows * len(chance_mirna) + columns
        found = np.concatenate([found, drawn[~np.isin(drawn, known)]])
        _, first = np.unique(found, return_index=True)
        found = found[np.sort(first)]
        if len(found) >= n_negatives:
            return found[:n_negatives]
    return None
