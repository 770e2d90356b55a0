"""The most probable of all pairs that nobody has reported."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from sklearn_mferl._validation import SIDES, check_ids, check_pairs
from sklearn_mferl.features import PairFeatures


def rank_interactions(
    model: Any,
    circrna: Any = None,
    mirna: Any = None,
    *,
    top_k: int = 100,
    known: Any = None,
    chunk_size: int = 200_000,
    progress: bool = False,
) -> pd.DataFrame:
    """Score all pairs of some circRNAs and miRNAs and return the best.

    Parameters
    ----------
    model : estimator
        A fitted classifier of pairs with `predict_proba`, such as the pipeline of `make_mferl_pipeline`.
    circrna, mirna : 1-D collection of str, default=None
        Ids, in any order; one that stands twice counts once. None takes all that the model has sequences
        or embeddings of, whether they were in training or not.
    top_k : int, default=100
        How many pairs to return, at least 1; fewer where there are not so many.
    known : DataFrame, list of tuples or array of str, shape (n_known, 2), default=None
        Pairs to leave out, such as all known interactions. A model does not remember its training pairs:
        without this they are ranked too.
    chunk_size : int, default=200_000
        How many pairs to score at a time, at least 1; memory grows with it, the result stays the same.
    progress : bool, default=False
        Whether to show a progress bar on stderr.

    Returns
    -------
    DataFrame, shape (n_ranked, 4)
        ``rank`` from 1, ``circrna``, ``mirna`` and ``score``, the probability of an interaction. Equal
        scores are in the order of the ids.

    Raises
    ------
    ValueError
        If an id is not known to the model, there is no pair to rank, or the ids are None and the model has
        no `PairFeatures` that knows any.

    See Also
    --------
    PairFeatures.add_rnas : Makes further RNAs known to a fitted model.

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
    """
    for name, value in (("top_k", top_k), ("chunk_size", chunk_size)):
        if not isinstance(value, (int, np.integer)) or value < 1:
            raise ValueError(f"{name} must be an integer of 1 or more; got {value!r}.")
    circrnas, mirnas = (
        np.array(sorted(set(known_rnas(model, side) if ids is None else check_ids(ids))), dtype=object)
        for side, ids in zip(SIDES, (circrna, mirna), strict=True)
    )
    n_cells = len(circrnas) * len(mirnas)  # a pair is one number, its cell of the grid, row by row
    left_out = _cells(known, circrnas, mirnas)
    best, best_scores = np.empty(0, dtype=np.int64), np.empty(0)
    with tqdm(total=n_cells, disable=not progress, unit="pair", unit_scale=True, leave=False) as bar:
        for start in range(0, n_cells, chunk_size):
            chunk = np.arange(start, min(start + chunk_size, n_cells))
            cells = chunk[~np.isin(chunk, left_out)]
            if len(cells):
                scores = model.predict_proba(_pairs(cells, circrnas, mirnas))[:, 1]
                best, best_scores = _keep_best(
                    np.concatenate([best, cells]), np.concatenate([best_scores, scores]), top_k
                )
            bar.update(len(chunk))
    if not len(best):
        raise ValueError(
            f"All {n_cells} pairs of these {len(circrnas)} circRNAs and {len(mirnas)} miRNAs are known; "
            "there is none to rank."
        )
    order = np.argsort(-best_scores, kind="stable")  # cells ascend, so equal scores stay in order of the ids
    ranking = _pairs(best[order], circrnas, mirnas)
    ranking.insert(0, "rank", np.arange(1, len(order) + 1))
    return ranking.assign(score=best_scores[order])


def find_pair_features(model: Any) -> PairFeatures | None:
    """Return the fitted features of a model of pairs.

    Parameters
    ----------
    model : estimator
        A pipeline, a `MFERLClassifier` or any other.

    Returns
    -------
    PairFeatures or None
        The step of a pipeline, or the default features of a classifier; None where there are none.

    Examples
    --------
    >>> from sklearn_mferl import make_mferl_pipeline
    >>> from sklearn_mferl.ranking import find_pair_features
    >>> find_pair_features(make_mferl_pipeline({"circ_1": "ACGUACGU"}, {"miR-1": "UGAGGUAG"}))
    PairFeatures(...)
    """
    candidates = [step for _, step in getattr(model, "steps", [])] + [getattr(model, "features_", None)]
    return next((step for step in candidates if isinstance(step, PairFeatures)), None)


def known_rnas(model: Any, side: str) -> list[str]:
    """Return the ids that a fitted model can score.

    Parameters
    ----------
    model : estimator
        A fitted model with `PairFeatures`.
    side : {"circrna", "mirna"}
        Which RNAs.

    Returns
    -------
    list of str
        Sorted: those with a sequence and, where embeddings were given, an embedding; of a model for which a
        sequence is its own id, the sequences of training.

    Raises
    ------
    ValueError
        If the model has no fitted `PairFeatures`.

    Examples
    --------
    >>> from sklearn_mferl import PairFeatures
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_mferl.ranking import known_rnas
    >>> circrna, mirna = {"circ_1": "ACGUACGU", "circ_2": "GGGUACCA"}, {"miR-1": "UGAGGUAG"}
    >>> model = make_pipeline(PairFeatures(circrna, mirna, output="array"), LogisticRegression())
    >>> model = model.fit([("circ_1", "miR-1"), ("circ_2", "miR-1")], [0, 1])
    >>> known_rnas(model, "circrna")
    ['circ_1', 'circ_2']
    """
    features = find_pair_features(model)
    if features is None or not hasattr(features, "scales_"):
        raise ValueError(
            f"This {type(model).__name__} does not say which RNAs it knows: it has no fitted PairFeatures; "
            f"give the ids as {side}=."
        )
    return features.known_ids(side)


def _cells(known: Any, circrnas: NDArray[np.object_], mirnas: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the cells of those known pairs whose two ends are in the grid."""
    if known is None or (hasattr(known, "__len__") and len(known) == 0):
        return np.empty(0, dtype=np.int64)
    ids = check_pairs(known)
    rows = pd.Index(circrnas).get_indexer(pd.Index(ids[:, 0]))
    columns = pd.Index(mirnas).get_indexer(pd.Index(ids[:, 1]))
    inside = (rows >= 0) & (columns >= 0)
    return np.unique(rows[inside] * len(mirnas) + columns[inside])


def _pairs(
    cells: NDArray[np.int64], circrnas: NDArray[np.object_], mirnas: NDArray[np.object_]
) -> pd.DataFrame:
    ends = circrnas[cells // len(mirnas)], mirnas[cells % len(mirnas)]
    return pd.DataFrame(dict(zip(SIDES, ends, strict=True)))


def _keep_best(
    cells: NDArray[np.int64], scores: NDArray[np.float64], top_k: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the cells with the highest scores, the first of those that tie, in ascending order."""
    if len(cells) <= top_k:
        return cells, scores
    limit = np.partition(scores, -top_k)[-top_k]
    above, tied = np.flatnonzero(scores > limit), np.flatnonzero(scores == limit)
    kept = np.sort(np.concatenate([above, tied[: top_k - len(above)]]))
    return cells[kept], scores[kept]
