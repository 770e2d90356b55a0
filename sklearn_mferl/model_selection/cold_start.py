"""Cross-validation on RNAs that training has not seen."""

import warnings
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from sklearn.base import clone

from sklearn_mferl.datasets.sequences import load_sequences
from sklearn_mferl.model_selection.pair_kfold import PairSplitter
from sklearn_mferl.utils.parameters import check_whole
from sklearn_mferl.utils.random_state import spawn_seeds
from sklearn_mferl.utils.validation import SIDES

_SIDES_OF: Final = {"circrna": ("circrna",), "mirna": ("mirna",), "both": SIDES}


class ColdStartKFold(PairSplitter):
    """Split pairs so that the RNAs of a test fold are new to training.

    With ``on="circrna"`` all pairs of a circRNA are in one fold, with ``on="mirna"`` all pairs of a miRNA,
    each in folds of about as many pairs. With ``on="both"`` the circRNAs and the miRNAs are each dealt into
    `n_splits` groups: fold i is tested on the pairs with both ends in group i, and trains on those with both
    ends outside of it. Pairs with one end inside are in neither: with 3 groups a fold trains on about 4/9 of
    the pairs and is tested on 1/9, with 5 on 16/25 and on 1/25.

    Parameters
    ----------
    n_splits : int, default=None
        Number of folds, at least 2. None is 5, and 3 with ``on="both"``, where more folds leave few
        pairs to test on.
    on : {"circrna", "mirna", "both"}, default="circrna"
        What a test fold has that training has not seen.
    similarity : estimator, DataFrame, Series or mapping, default=None
        Which RNAs are near-copies, such as isoforms of one gene: they are kept in one fold, directly or
        through others that are similar to both (connected components). For each side one of

        - a transformer with a method ``graph``, fitted or not, such as
          ``LevenshteinSimilarity(threshold=0.9)`` or `CosineSimilarity`: a clone is fitted on the RNAs of
          the pairs, and its neighbours belong together;
        - a square DataFrame with the ids as index and columns, dense or sparse, such as ``matrix >= 0.9``:
          RNAs with a value other than 0 in their cell belong together;
        - a Series of clusters, indexed by id: equal values belong together, a missing value stands alone.

        A mapping ``{"circrna": ..., "mirna": ...}`` gives one to each side; anything else counts for every
        side of `on`. What it says of a side that is not split is not used.
    sequences : mapping of {"circrna", "mirna"} to mapping, Series, str or Path, default=None
        Sequences by id, or the path of a FASTA file: what a transformer in `similarity` compares in place
        of the ids, unless it looks these up itself (`CosineSimilarity`).
    shuffle : bool, default=True
        Whether chance decides on the folds. False deals the RNAs with most pairs first, equal ones by id.
    random_state : int, RandomState, Generator or None, default=None
        Seeds the folds. With an int, they depend on the set of pairs, not on their order.

    Raises
    ------
    ValueError
        In `split`, if there are fewer groups of RNAs than folds, a fold of ``on="both"`` has no pair, an
        RNA is missing in `similarity` or `sequences`, or a parameter is not among those above.

    Warns
    -----
    UserWarning
        In `split`, if one group of similar RNAs has more than 1 / `n_splits` of the pairs: its fold is larger
        than the others.

    See Also
    --------
    sklearn_mferl.evaluation.cross_validate_pairs : Takes the name of a split, or this splitter.

    Notes
    -----
    The RNAs are dealt one by one to the fold with the fewest pairs, those with many pairs before those with
    few and in random order where the numbers are within a factor of two. Labels are not looked at.

    Examples
    --------
    >>> from sklearn.model_selection import cross_val_score
    >>> from sklearn_mferl.baselines import PathCount
    >>> from sklearn_mferl.datasets import make_cmi
    >>> from sklearn_mferl.features import LevenshteinSimilarity
    >>> from sklearn_mferl.model_selection import ColdStartKFold, labelled_pairs
    >>> data = make_cmi(40, 20, random_state=0)
    >>> pairs, y = labelled_pairs(data.pairs, random_state=0)
    >>> near, sequences = LevenshteinSimilarity(threshold=0.8), {"mirna": data.mirna}
    >>> folds = ColdStartKFold(3, on="mirna", similarity=near, sequences=sequences, random_state=0)
    >>> cross_val_score(PathCount(), pairs, y, cv=folds).shape
    (3,)
    """

    def __init__(
        self,
        n_splits: int | None = None,
        *,
        on: Literal["circrna", "mirna", "both"] = "circrna",
        similarity: Any = None,
        sequences: Mapping[str, Any] | None = None,
        shuffle: bool = True,
        random_state: Any = None,
    ) -> None:
        self.n_splits = n_splits
        self.on = on
        self.similarity = similarity
        self.sequences = sequences
        self.shuffle = shuffle
        self.random_state = random_state

    def _count_folds(self) -> int:
        if self.on not in list(_SIDES_OF):
            raise ValueError(f"on must be one of {', '.join(map(repr, _SIDES_OF))}; got {self.on!r}.")
        if self.n_splits is None:
            return 3 if self.on == "both" else 5
        check_whole("n_splits", self.n_splits, 2, or_none=True)
        return int(self.n_splits)

    def _split(self, names: NDArray[np.object_]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        n_splits = self.get_n_splits()
        if not self.shuffle and self.random_state is not None:
            raise ValueError("random_state has no effect with shuffle=False; leave it None.")
        seeds = dict(zip(SIDES, spawn_seeds(self.random_state, 2), strict=True))
        folds = {
            side: self._deal(side, names[:, SIDES.index(side)], n_splits, seeds[side])
            for side in _SIDES_OF[self.on]
        }
        for fold in range(n_splits):
            inside = np.array([fold_of == fold for fold_of in folds.values()])
            train, test = np.flatnonzero(~inside.any(axis=0)), np.flatnonzero(inside.all(axis=0))
            for rows, part in ((train, "training"), (test, "test")):
                if len(rows) == 0:  # on="both" alone: a side by itself has a pair in every fold
                    raise ValueError(
                        f"Fold {fold + 1} has no {part} pair: no pair has both ends "
                        f"{'in' if part == 'test' else 'outside'} its groups; lower n_splits={n_splits} "
                        "or give more pairs."
                    )
            yield train, test

    def _deal(self, side: str, names: NDArray[np.object_], n_splits: int, seed: int) -> NDArray[np.int64]:
        """Return the fold of each pair, as far as one of its ends decides on it."""
        # sorted, so that the order of the rows is forgotten
        distinct, name_of = np.unique(names, return_inverse=True)
        group_of_name = self._group(side, distinct)
        group_of = group_of_name[name_of]
        sizes = np.bincount(group_of)
        if len(sizes) < n_splits:
            few = f"n_splits={n_splits} is more than the number of groups of {side}s, {len(sizes)}"
            if len(sizes) == len(distinct):
                raise ValueError(f"{few}; lower n_splits.")
            raise ValueError(
                f"{few}, into which similarity joins {len(distinct)}; make it stricter or lower n_splits."
            )
        largest = int(sizes.argmax())
        n_joined = int((group_of_name == largest).sum())
        if n_joined > 1 and sizes[largest] * n_splits > len(names):
            warnings.warn(
                f"{n_joined} similar {side}s have {sizes[largest]} of {len(names)} pairs, more than one of "
                f"{n_splits} folds should have; make similarity stricter, or lower n_splits.",
                UserWarning,
                stacklevel=5,
            )
        return _balance(sizes, n_splits, np.random.default_rng(seed) if self.shuffle else None)[group_of]

    def _group(self, side: str, names: NDArray[np.object_]) -> NDArray[np.int64]:
        """Return the group of each RNA, numbered from 0; without similarity each RNA is one."""
        similarity = _of_side(self.similarity, side, "similarity")
        if similarity is None:
            return np.arange(len(names))
        if isinstance(similarity, pd.Series):
            return _groups_of_clusters(similarity, side, names)
        if isinstance(similarity, pd.DataFrame):
            return _groups_of_matrix(similarity, side, names)
        if isinstance(similarity, type) or not hasattr(similarity, "graph"):
            raise ValueError(
                f"similarity of the {side}s is {similarity!r}; give a transformer with a method graph, a "
                "square DataFrame or a Series of clusters."
            )
        if not isinstance(self.sequences, Mapping | None):
            raise ValueError('sequences must be a mapping such as {"circrna": path, "mirna": path}.')
        sequences = load_sequences(_of_side(self.sequences, side, "sequences"), side, names)
        if sequences is not None:
            _refuse_missing(names, pd.Index(sequences), side, "sequences")
            names = np.array([sequences[name] for name in names], dtype=object)
        try:
            return _groups_of_transformer(similarity, names)
        except ValueError as error:
            hint = "" if sequences is not None else f"; if these are ids, give sequences={{{side!r}: ...}}"
            raise ValueError(
                f"similarity cannot compare the {side}s: {str(error).rstrip('.')}{hint}."
            ) from error


def _of_side(value: Any, side: str, parameter: str) -> Any:
    """Return what a parameter says of a side: one thing for all sides, or a mapping of side to thing."""
    if not isinstance(value, Mapping):
        return value
    unknown = [key for key in value if key not in SIDES]
    if unknown:
        raise ValueError(f"{parameter} has the key {unknown[0]!r}; allowed are {' and '.join(SIDES)}.")
    return value.get(side)


def _groups_of_transformer(similarity: Any, names: NDArray[np.object_]) -> NDArray[np.int64]:
    fitted = clone(similarity).fit(names)
    _, component_of = connected_components(fitted.graph(), directed=False)
    # Two ids of one sequence, or one sequence in upper and lower case, share a reference.
    checked = fitted._check_input(names) if hasattr(fitted, "_check_input") else names
    return _renumber(component_of[pd.Index(fitted.references_).get_indexer(pd.Index(checked))])


def _groups_of_matrix(matrix: pd.DataFrame, side: str, names: NDArray[np.object_]) -> NDArray[np.int64]:
    if not matrix.index.is_unique or set(matrix.index) != set(matrix.columns) or len(set(matrix.shape)) > 1:
        raise ValueError(
            f"similarity of the {side}s must have the same ids as index and columns, each once; got shape "
            f"{matrix.shape}."
        )
    _refuse_missing(names, matrix.index, side, "similarity")
    matrix = matrix[matrix.index]
    is_sparse = all(isinstance(dtype, pd.SparseDtype) for dtype in matrix.dtypes)
    accessor: Any = matrix.sparse if is_sparse else None
    values = sparse.csr_array(accessor.to_coo() if is_sparse else matrix.to_numpy(dtype=np.float64))
    if np.isnan(values.data).any():
        raise ValueError(f"similarity of the {side}s has missing values (NaN); fill them, with 0 for unlike.")
    values.eliminate_zeros()
    _, component_of = connected_components(values, directed=False)
    return _renumber(component_of[matrix.index.get_indexer(pd.Index(names))])


def _groups_of_clusters(clusters: pd.Series, side: str, names: NDArray[np.object_]) -> NDArray[np.int64]:
    if not clusters.index.is_unique:
        twice = clusters.index[clusters.index.duplicated()][0]
        raise ValueError(f"similarity of the {side}s has {twice!r} in two rows; give one cluster to each id.")
    _refuse_missing(names, clusters.index, side, "similarity")
    groups, _ = pd.factorize(clusters.loc[list(names)])
    alone = groups < 0
    groups[alone] = len(groups) + np.arange(alone.sum())
    return _renumber(groups)


def _renumber(groups: NDArray[Any]) -> NDArray[np.int64]:
    """Return groups numbered from 0 without a gap, in order of appearance."""
    return pd.factorize(groups)[0].astype(np.int64)


def _refuse_missing(names: NDArray[np.object_], known: pd.Index, side: str, parameter: str) -> None:
    missing = names[~pd.Index(names).isin(known)]
    if len(missing):
        raise ValueError(
            f"The {side} {missing[0]!r} is not in {parameter}, like {len(missing) - 1} more; add them or "
            "leave their pairs out."
        )


def _balance(sizes: NDArray[np.int64], n_folds: int, rng: np.random.Generator | None) -> NDArray[np.int64]:
    """Deal groups of pairs, large ones first, each to the fold that has the fewest pairs so far."""
    if rng is None:
        order = np.argsort(-sizes, kind="stable")
    else:
        # In random order within a factor of two: by size alone, the folds of large groups would always
        # be the same. Small ones come last and even the folds out.
        order = rng.permutation(len(sizes))
        order = order[np.argsort(-np.frexp(sizes[order])[1], kind="stable")]
    fold_of, filled = np.empty(len(sizes), dtype=np.int64), np.zeros(n_folds, dtype=np.int64)
    for group in order:
        fold_of[group] = filled.argmin()
        filled[fold_of[group]] += sizes[group]
    return fold_of if rng is None else rng.permutation(n_folds)[fold_of]
