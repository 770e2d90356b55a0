"""Cross-validation of pair classifiers: all models on the same folds, their scores kept for curves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import GroupKFold, KFold
from sklearn.utils.validation import check_consistent_length, column_or_1d
from tqdm import tqdm

from sklearn_mferl._random import spawn_seeds
from sklearn_mferl._validation import SIDES, check_pairs
from sklearn_mferl.metrics import interaction_scores

SPLITS: Final = ("pair", *SIDES)


class CrossValidation(NamedTuple):
    """What `cross_validate_pairs` found.

    Attributes
    ----------
    figures : DataFrame, shape (n_models * n_splits, 8)
        A row for each model and fold: ``model``, ``fold`` (from 1) and the six figures of
        `interaction_scores` at the threshold 0.5.
    scores : DataFrame, shape (n_pairs, 4 + n_models)
        A row for each pair, in the order given: ``circrna``, ``mirna``, ``label``, the ``fold`` in which
        it was tested, and for each model the probability that it gave then.
    """

    figures: pd.DataFrame
    scores: pd.DataFrame

    def summary(self) -> pd.DataFrame:
        """Return the table to print: each figure as mean ± standard deviation over the folds.

        Returns
        -------
        DataFrame of str, shape (n_models, 6)
            Indexed by model. The standard deviation is that of a sample (n − 1).
        """
        folds = self.figures.drop(columns="fold").groupby("model", sort=False)
        mean, deviation = folds.mean(), folds.std()
        return mean.map("{:.3f}".format) + " ± " + deviation.map("{:.3f}".format)

    def by_fold(self) -> dict[str, list[tuple[NDArray[np.int64], NDArray[np.float64]]]]:
        """Return labels and scores fold by fold, as the curves of `plotting` take them.

        Returns
        -------
        dict of str to list of (labels, scores)
            By model; the arrays of one fold have one entry a test pair.
        """
        folds = [fold for _, fold in self.scores.groupby("fold")]
        models = self.figures["model"].unique()
        return {
            model: [(fold["label"].to_numpy(), fold[model].to_numpy()) for fold in folds] for model in models
        }


def cross_validate_pairs(
    models: Any,
    pairs: Any,
    y: Any,
    *,
    split: str = "pair",
    n_splits: int = 5,
    random_state: Any = None,
    progress: bool = False,
) -> CrossValidation:
    """Cross-validate one or more models of pairs on the same folds.

    Parameters
    ----------
    models : estimator or mapping of str to estimator
        Classifiers with `predict_proba`; each is cloned and fitted on the training pairs of each fold.
    pairs : DataFrame, list of tuples or array of str, shape (n_pairs, 2)
        Labelled pairs; a DataFrame has the columns ``circrna`` and ``mirna``.
    y : array-like of {0, 1}, shape (n_pairs,)
        1 for an interaction.
    split : {"pair", "circrna", "mirna"}, default="pair"
        What a test fold has that training has not seen: its pairs (`KFold`), or all pairs of its circRNAs
        or of its miRNAs (`GroupKFold`). The first is the publication's; a model may then know both RNAs
        well. The others tell how it does on an RNA of which nothing is known.
    n_splits : int, default=5
        Number of folds, at least 2.
    random_state : int, RandomState, Generator or None, default=None
        Seeds the folds; the models have their own.
    progress : bool, default=False
        Whether to show a progress bar on stderr.

    Returns
    -------
    CrossValidation
        ``(figures, scores)``.

    Raises
    ------
    ValueError
        If a label is neither 0 nor 1, a test fold has one class only, there are fewer circRNAs or miRNAs
        than folds, or a parameter is not among those above.

    See Also
    --------
    sklearn_mferl.baselines : Scores to stand beside a model.

    References
    ----------
    Peng L, Wang W, Yang Z, et al. Leveraging explainable multi-scale features for fine-grained
    circRNA-miRNA interaction prediction. BMC Biology 23, 121 (2025).

    Examples
    --------
    >>> from sklearn_mferl.baselines import DegreeProduct, PathCount
    >>> from sklearn_mferl.datasets import make_cmi
    >>> from sklearn_mferl.evaluation import cross_validate_pairs
    >>> from sklearn_mferl.model_selection import labelled_pairs
    >>> pairs, y = labelled_pairs(make_cmi(60, 30, random_state=0).pairs, random_state=0)
    >>> models = {"degree": DegreeProduct(), "paths": PathCount()}
    >>> figures, scores = cross_validate_pairs(models, pairs, y, n_splits=3, random_state=0)
    >>> figures.shape, scores.shape == (len(y), 6)
    ((6, 8), True)
    """
    ids = check_pairs(pairs)
    labels = _check_labels(y, len(ids))
    named = dict(models) if isinstance(models, Mapping) else {type(models).__name__: models}
    scores = pd.DataFrame({"circrna": ids[:, 0], "mirna": ids[:, 1], "label": labels, "fold": 0})
    taken = set(named) & set(scores.columns)
    if not named or taken:
        raise ValueError(f"models needs names other than {list(scores.columns)}; got {list(named)}.")
    folds = list(_folds(ids, labels, split, n_splits, random_state))
    scores = scores.assign(**dict.fromkeys(named, np.nan))
    figures = []
    with tqdm(total=len(folds) * len(named), disable=not progress, unit="fit", leave=False) as bar:
        for fold, (train, test) in enumerate(folds, start=1):
            scores.loc[test, "fold"] = fold
            for name, model in named.items():
                bar.set_description(f"fold {fold} of {len(folds)}, {name}")
                fitted = clone(model).fit(_rows(ids, train), labels[train])
                found = fitted.predict_proba(_rows(ids, test))[:, 1]
                scores.loc[test, name] = found
                figures.append({"model": name, "fold": fold, **interaction_scores(labels[test], found)})
                bar.update()
    return CrossValidation(pd.DataFrame(figures), scores)


def _folds(
    ids: NDArray[np.object_], labels: NDArray[np.int64], split: str, n_splits: int, random_state: Any
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    if split not in SPLITS:
        raise ValueError(f"split must be one of {SPLITS}; got {split!r}.")
    splitter, groups = KFold, None
    if split != "pair":
        splitter, groups = GroupKFold, ids[:, SIDES.index(split)].astype(str)
    seed = spawn_seeds(random_state, 1)[0]
    folds = splitter(n_splits, shuffle=True, random_state=seed).split(ids, labels, groups)
    for fold, (train, test) in enumerate(folds, start=1):
        for rows, part in ((train, "training"), (test, "test")):
            if len(np.unique(labels[rows])) < 2:
                raise ValueError(
                    f"The {part} pairs of fold {fold} have the label {labels[rows][0]} only; give more pairs "
                    f"or lower n_splits={n_splits}."
                )
        yield train, test


def _rows(ids: NDArray[np.object_], rows: NDArray[np.int64]) -> pd.DataFrame:
    return pd.DataFrame(ids[rows], columns=list(SIDES))


def _check_labels(y: Any, n_pairs: int) -> NDArray[np.int64]:
    labels = column_or_1d(y)
    check_consistent_length(labels, np.empty(n_pairs))
    if not np.isin(labels, (0, 1)).all():
        row = int(np.flatnonzero(~np.isin(labels, (0, 1)))[0])
        raise ValueError(f"The label of row {row} is {labels[row]!r}; labels must be 0 or 1.")
    return labels.astype(np.int64)
