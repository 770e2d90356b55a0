"""The rank of known pairs that were hidden."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from sklearn_mferl.evaluation.cross_validation import name_models
from sklearn_mferl.metrics import ranking_scores
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.pairs.cells import find_cells, pairs_of_cells
from sklearn_mferl.utils.parameters import check_share, check_whole
from sklearn_mferl.utils.progress import progress_bar
from sklearn_mferl.utils.random_state import spawn_seeds
from sklearn_mferl.utils.validation import SIDES, check_ids, check_pairs


def rank_hidden_pairs(
    models: Any,
    known: Any,
    *,
    hidden: float = 0.2,
    circrna: Any = None,
    mirna: Any = None,
    ratio: float = 1.0,
    strategy: str = "uniform",
    ks: Sequence[int] = (20, 50, 200, 1000),
    random_state: Any = None,
    chunk_size: int = 200_000,
    progress: bool = False,
) -> pd.DataFrame:
    """Hide some known pairs, train on the others, and see how early the hidden ones come in a ranking.

    Which pairs to look at first is the question of a laboratory. Every pair that training does not know as
    an interaction is ranked, mostly easy ones, so that the AUC says little and the top of the list all.

    Parameters
    ----------
    models, progress
        As in `cross_validate_pairs`.
    known : DataFrame, list of tuples or array of str, shape (n_known, 2)
        Known interactions: columns ``circrna`` and ``mirna``. One that stands twice counts once.
    hidden : float, default=0.2
        Share of the known pairs to hide, between 0 and 1.
    circrna, mirna : 1-D collection of str, default=None
        Ids of the RNAs whose pairs are ranked; None takes those of the known pairs.
    ratio, strategy
        How the negatives of training are drawn, as in `sample_negatives`, from the RNAs of the pairs that
        are not hidden. No hidden pair is drawn, or the figure would fall with the luck of the draw. The
        negatives are ranked like all pairs; they are few among these.
    ks : sequence of int, default=(20, 50, 200, 1000)
        Lengths of the top lists.
    random_state : int, RandomState, Generator or None, default=None
        Seeds the choice of hidden pairs, whatever their order, and negatives; the models have their own.
    chunk_size : int, default=200_000
        How many pairs to score at a time, at least 1.

    Returns
    -------
    DataFrame, shape (n_models, 4 + len(ks))
        ``model``, ``n_ranked``, ``n_hidden`` (those among the ranked), ``ap`` and ``p@20`` and the like of
        `ranking_scores`. Interactions that nobody knows yet count as errors.

    Raises
    ------
    ValueError
        If no pair is left to hide, to train on or to find, or a parameter is not among those above.

    Examples
    --------
    >>> from sklearn_mferl.baselines import DegreeProduct, PathCount
    >>> from sklearn_mferl.datasets import make_cmi
    >>> from sklearn_mferl.evaluation import rank_hidden_pairs
    >>> models = {"degree": DegreeProduct(), "paths": PathCount()}
    >>> figures = rank_hidden_pairs(models, make_cmi(60, 30, random_state=0).pairs, ks=(20,), random_state=0)
    >>> list(figures.columns)
    ['model', 'n_ranked', 'n_hidden', 'ap', 'p@20']
    """
    check_share("hidden", hidden)
    check_whole("chunk_size", chunk_size)
    named = name_models(models)
    distinct = pd.DataFrame(check_pairs(known), columns=list(SIDES)).drop_duplicates()
    ids = distinct.sort_values(list(SIDES)).to_numpy(dtype=object)
    choice, negatives = spawn_seeds(random_state, 2)
    order = np.random.default_rng(choice).permutation(len(ids))
    n_hidden = max(1, round(float(hidden) * len(ids)))
    if n_hidden == len(ids):
        raise ValueError(f"All {len(ids)} known pairs would be hidden (hidden={hidden}); give more pairs.")
    held, kept = ids[order[:n_hidden]], ids[order[n_hidden:]]
    pairs, y = labelled_pairs(kept, ratio, negatives, strategy=strategy, exclude=ids)

    circrnas, mirnas = (
        np.array(sorted(set(ids[:, column] if given is None else check_ids(given))), dtype=object)
        for column, given in enumerate((circrna, mirna))
    )
    cells = np.setdiff1d(np.arange(len(circrnas) * len(mirnas)), find_cells(kept, circrnas, mirnas))
    is_hidden = np.isin(cells, find_cells(held, circrnas, mirnas))
    if not is_hidden.any():
        raise ValueError("None of the hidden pairs is of the circRNAs and miRNAs given; give more of them.")
    figures = []
    with progress_bar(progress, total=len(cells) * len(named), unit="pair") as bar:
        for name, model in named.items():
            fitted, scores = clone(model).fit(pairs, y), np.empty(len(cells))
            for start in range(0, len(cells), chunk_size):
                part = slice(start, start + chunk_size)
                scores[part] = fitted.predict_proba(pairs_of_cells(cells[part], circrnas, mirnas))[:, 1]
                bar.update(len(cells[part]))
            counts = {"model": name, "n_ranked": len(cells), "n_hidden": int(is_hidden.sum())}
            figures.append({**counts, **ranking_scores(is_hidden, scores, ks)})
    return pd.DataFrame(figures)
