"""Evaluation of pair classifiers: by cross-validation, and by the rank of known pairs that were hidden."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils.validation import check_consistent_length, column_or_1d

from sklearn_mferl._bar import progress_bar
from sklearn_mferl._cells import find_cells
from sklearn_mferl._random import spawn_seeds
from sklearn_mferl._validation import SIDES, check_ids, check_pairs
from sklearn_mferl.metrics import (
    best_f1_threshold,
    interaction_scores,
    probability_scores,
    ranking_scores,
)
from sklearn_mferl.model_selection import ColdStartKFold, PairKFold, labelled_pairs
from sklearn_mferl.model_selection.pair_kfold import number_pairs
from sklearn_mferl.ranking import _pairs

SPLITS: Final = ("pair", *SIDES, "both")
_SIX: Final = ("auc", "aupr", "f1", "accuracy", "recall", "precision")
_OF_PROBABILITIES: Final = ("brier", "log_loss", "ece")


class CrossValidation(NamedTuple):
    """What `cross_validate_pairs` found.

    Attributes
    ----------
    figures : DataFrame, shape (n_models * n_splits, 11)
        A row for each model and fold: ``model``, ``fold`` (from 1), the six figures of `interaction_scores`
        at the threshold 0.5, and ``brier``, ``log_loss`` and ``ece`` of `probability_scores`.
    scores : DataFrame, shape (n_tested, 4 + n_models)
        A row for each pair that was tested, in the order given and indexed by its row there: ``circrna``,
        ``mirna``, ``label``, the ``fold`` in which it was tested, and for each model the probability that
        it gave then. All pairs are tested, but for ``split="both"``.
    """

    figures: pd.DataFrame
    scores: pd.DataFrame

    def figures_at(self, threshold: float | str) -> pd.DataFrame:
        """Return the six figures of each fold at another threshold than 0.5.

        Parameters
        ----------
        threshold : float or {"train", "best_f1"}
            A pair is called positive at this score or above:

            - a number: the same for all;
            - ``"train"``: for each model and fold the threshold of the best F1 on the training folds, that
              is on the scores that the pairs of all other folds got when they were tested. No label of the
              fold itself is looked at. (The models that gave those scores have been trained on it; who
              wants to exclude even that cross-validates scikit-learn's ``TunedThresholdClassifierCV``.)
            - ``"best_f1"``: that of the best F1 on the test fold itself, as published figures are often
              taken. It flatters: nobody knows it beforehand.

        Returns
        -------
        DataFrame, shape (n_models * n_splits, 9)
            ``model``, ``fold``, ``threshold`` and the six figures of `interaction_scores`; ``auc`` and
            ``aupr`` do not depend on the threshold.

        Raises
        ------
        ValueError
            If `threshold` is not one of those above.
        """
        is_number = isinstance(threshold, (int, float, np.number)) and not isinstance(threshold, bool)
        if not (is_number or threshold in ("train", "best_f1")):
            raise ValueError(f"threshold must be a number, 'train' or 'best_f1'; got {threshold!r}.")
        if threshold == "train" and self.figures["fold"].nunique() < 2:
            raise ValueError("threshold='train' needs another fold to choose the threshold on; there is one.")
        rows = []
        for model, fold in zip(self.figures["model"], self.figures["fold"], strict=True):
            in_fold = self.scores["fold"] == fold
            test = self.scores[in_fold]
            chosen_on = self.scores[~in_fold] if threshold == "train" else test
            chosen = (
                float(threshold) if is_number else best_f1_threshold(chosen_on["label"], chosen_on[model])
            )
            figures = interaction_scores(test["label"], test[model], chosen)
            rows.append({"model": model, "fold": fold, "threshold": chosen, **figures})
        return pd.DataFrame(rows)

    def summary(self, threshold: float | str = 0.5) -> pd.DataFrame:
        """Return the table to print: each figure as mean ± standard deviation over the folds.

        Parameters
        ----------
        threshold : float or {"train", "best_f1"}, default=0.5
            As in `figures_at`.

        Returns
        -------
        DataFrame of str, shape (n_models, 6)
            Indexed by model. The standard deviation is that of a sample (n − 1).
        """
        return _mean_and_deviation(self.figures_at(threshold), _SIX)

    def probability_summary(self) -> pd.DataFrame:
        """Return the table of the figures of `probability_scores`, as mean ± standard deviation.

        Returns
        -------
        DataFrame of str, shape (n_models, 3)
            Indexed by model: ``brier``, ``log_loss`` and ``ece``, the lower, the better.
        """
        return _mean_and_deviation(self.figures, _OF_PROBABILITIES)

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
    split: Any = "pair",
    n_splits: int | None = None,
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
    split : {"pair", "circrna", "mirna", "both"} or splitter, default="pair"
        What a test fold has that training has not seen: its pairs (`PairKFold`), its circRNAs, its miRNAs, or
        both (`ColdStartKFold`). The first is the publication's; a model may then know both RNAs well.
        The others tell how it does on an RNA of which nothing is known; with ``"both"`` some pairs are
        left out of training and most out of the test. Any splitter of scikit-learn does that tests no row
        twice and keeps the rows of a repeated pair in one fold, such as
        ``ColdStartKFold(on="circrna", similarity=...)``.
    n_splits : int, default=None
        Number of folds, at least 2. None is 5, and 3 for ``split="both"``. A splitter has its own.
    random_state : int, RandomState, Generator or None, default=None
        Seeds the folds; the models and a splitter have their own.
    progress : bool, default=False
        Whether to show a progress bar on stderr, if that is a terminal.

    Returns
    -------
    CrossValidation
        ``(figures, scores)``.

    Raises
    ------
    ValueError
        If a label is neither 0 nor 1, a fold has one class only, there are fewer circRNAs or miRNAs than
        folds, a splitter tests a row twice or has one pair in training and test, or a parameter is not among
        those above.

    See Also
    --------
    rank_hidden_pairs : Asks for the top of a ranking instead.
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
    ((6, 11), True)
    """
    ids = check_pairs(pairs)
    labels = _check_labels(y, len(ids))
    named = _name(models)
    scores = pd.DataFrame({"circrna": ids[:, 0], "mirna": ids[:, 1], "label": labels, "fold": 0})
    taken = set(named) & set(scores.columns)
    if not named or taken:
        raise ValueError(f"models needs names other than {list(scores.columns)}; got {list(named)}.")
    folds = pair_folds(ids, labels, split, n_splits, random_state)
    scores = scores.assign(**dict.fromkeys(named, np.nan))
    figures = []
    with progress_bar(progress, total=len(folds) * len(named), unit="fit") as bar:
        for fold, (train, test) in enumerate(folds, start=1):
            scores.loc[test, "fold"] = fold
            for name, model in named.items():
                bar.set_description(f"fold {fold} of {len(folds)}, {name}")
                fitted = clone(model).fit(_rows(ids, train), labels[train])
                found = fitted.predict_proba(_rows(ids, test))[:, 1]
                scores.loc[test, name] = found
                figures.append(
                    {
                        "model": name,
                        "fold": fold,
                        **interaction_scores(labels[test], found),
                        **probability_scores(labels[test], found),
                    }
                )
                bar.update()
    return CrossValidation(pd.DataFrame(figures), scores[scores["fold"] > 0])


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

    This is the question of a laboratory, which pairs to look at first, asked of pairs whose answer is
    known. Every pair that training does not know as an interaction is ranked, mostly easy ones, so that
    the AUC says little and the top of the list all.

    Parameters
    ----------
    models : estimator or mapping of str to estimator
        Classifiers with `predict_proba`; each is cloned.
    known : DataFrame, list of tuples or array of str, shape (n_known, 2)
        Known interactions: columns ``circrna`` and ``mirna``. One that stands twice counts once.
    hidden : float, default=0.2
        Share of the known pairs to hide, between 0 and 1.
    circrna, mirna : 1-D collection of str, default=None
        Ids of the RNAs whose pairs are ranked; None takes those of the known pairs.
    ratio, strategy
        How the negatives of training are drawn, as in `sample_negatives`: from the RNAs of the pairs that
        are not hidden. The hidden pairs are excluded, though training should not know them: one that is
        drawn would teach its own contrary, and the figure would fall with the luck of the draw. The
        negatives are ranked like all pairs; they are few among these.
    ks : sequence of int, default=(20, 50, 200, 1000)
        Lengths of the top lists.
    random_state : int, RandomState, Generator or None, default=None
        Seeds the choice of hidden pairs and negatives; the models have their own. With an int, the
        choice does not depend on the order of the known pairs.
    chunk_size : int, default=200_000
        How many pairs to score at a time, at least 1.
    progress : bool, default=False
        Whether to show a progress bar on stderr, if that is a terminal.

    Returns
    -------
    DataFrame, shape (n_models, 4 + len(ks))
        ``model``, ``n_ranked``, ``n_hidden`` (those among the ranked), ``ap`` and ``p@20`` and the like of
        `ranking_scores`. Interactions that nobody knows yet count as errors.

    Raises
    ------
    ValueError
        If no pair is left to hide, to train on or to find, or a parameter is not among those above.

    See Also
    --------
    sklearn_mferl.ranking.rank_interactions : The ranking itself, by a model trained on all.

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
    if isinstance(hidden, bool) or not isinstance(hidden, (int, float, np.number)) or not 0 < hidden < 1:
        raise ValueError(f"hidden must be a share between 0 and 1; got {hidden!r}.")
    if isinstance(chunk_size, bool) or not isinstance(chunk_size, (int, np.integer)) or chunk_size < 1:
        raise ValueError(f"chunk_size must be an integer of 1 or more; got {chunk_size!r}.")
    named = _name(models)
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
                scores[part] = fitted.predict_proba(_pairs(cells[part], circrnas, mirnas))[:, 1]
                bar.update(len(cells[part]))
            counts = {"model": name, "n_ranked": len(cells), "n_hidden": int(is_hidden.sum())}
            figures.append({**counts, **ranking_scores(is_hidden, scores, ks)})
    return pd.DataFrame(figures)


def pair_folds(
    pairs: Any, y: Any, split: Any = "pair", n_splits: int | None = None, random_state: Any = None
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return the folds on which `cross_validate_pairs` would test.

    Parameters
    ----------
    pairs, y, split, n_splits, random_state
        As there.

    Returns
    -------
    list of (train, test)
        Rows of the training and of the test pairs of each fold.

    Raises
    ------
    ValueError
        As there.

    Examples
    --------
    >>> from sklearn_mferl.evaluation import pair_folds
    >>> pairs = [("a", "x"), ("b", "x"), ("a", "y"), ("b", "y")]
    >>> [len(test) for train, test in pair_folds(pairs, [1, 0, 0, 1], n_splits=2, random_state=1)]
    [2, 2]
    """
    ids = check_pairs(pairs)
    labels = _check_labels(y, len(ids))
    seed = spawn_seeds(random_state, 1)[0]
    if not isinstance(split, str) and hasattr(split, "split"):
        splitter = split
    elif split == "pair":
        splitter = PairKFold(5 if n_splits is None else n_splits, random_state=seed)
    elif split in SPLITS:
        splitter = ColdStartKFold(n_splits, on=split, random_state=seed)
    else:
        raise ValueError(f"split must be one of {SPLITS}, or a splitter; got {split!r}.")
    table, pair_of = _rows(ids, np.arange(len(ids))), number_pairs(ids)
    folds = [(np.asarray(train), np.asarray(test)) for train, test in splitter.split(table, labels)]
    for fold, parts in enumerate(folds, start=1):
        for rows, part in zip(parts, ("training", "test"), strict=True):
            if len(np.unique(labels[rows])) < 2:
                raise ValueError(
                    f"The {part} pairs of fold {fold} have the label {labels[rows][0]} only; give more pairs "
                    f"or lower n_splits={len(folds)}."
                )
        train, test = parts
        seen = test[np.isin(pair_of[test], pair_of[train])]
        if len(seen):
            raise ValueError(
                f"Row {seen[0]}, the pair {', '.join(map(repr, ids[seen[0]]))}, is tested in fold {fold} and "
                "in its training set too; drop repeated pairs, or give a splitter that keeps them together, "
                "such as PairKFold."
            )
    n_tests = np.bincount(np.concatenate([test for _, test in folds]), minlength=len(ids))
    if n_tests.max() > 1:
        raise ValueError(
            f"Row {n_tests.argmax()} is tested in {n_tests.max()} folds; give a splitter that tests no pair "
            "twice."
        )
    return folds


def show_progress(search: Any) -> Any:
    """Have a search for parameters show how far it is, if standard output is a terminal.

    Parameters
    ----------
    search : estimator
        Such as `GridSearchCV` of scikit-learn; it is changed.

    Returns
    -------
    estimator
        `search`.

    Raises
    ------
    ImportError
        On a terminal, if scikit-learn is older than 1.9, which brings the bar, or rich is missing, which
        draws it.

    Examples
    --------
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn_mferl.baselines import SVDFactorizer
    >>> from sklearn_mferl.evaluation import show_progress
    >>> search = show_progress(GridSearchCV(SVDFactorizer(), {"normalize": [True, False]}))
    """
    if not sys.stdout.isatty():
        return search
    try:
        import rich  # noqa: F401  what the bar is drawn with is asked for before the work
        from sklearn.callback import ProgressBar
    except ImportError as error:
        raise ImportError(
            "A bar of a search needs scikit-learn 1.9 or later, and rich: pip install rich"
        ) from error
    return search.set_callbacks(ProgressBar(max_propagation_depth=0))


def _name(models: Any) -> dict[str, Any]:
    return dict(models) if isinstance(models, Mapping) else {type(models).__name__: models}


def _mean_and_deviation(figures: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    folds = figures.groupby("model", sort=False)[list(columns)]
    return folds.mean().map("{:.3f}".format) + " ± " + folds.std().map("{:.3f}".format)


def _rows(ids: NDArray[np.object_], rows: NDArray[np.int64]) -> pd.DataFrame:
    return pd.DataFrame(ids[rows], columns=list(SIDES))


def _check_labels(y: Any, n_pairs: int) -> NDArray[np.int64]:
    labels = column_or_1d(y)
    check_consistent_length(labels, np.empty(n_pairs))
    if not np.isin(labels, (0, 1)).all():
        row = int(np.flatnonzero(~np.isin(labels, (0, 1)))[0])
        raise ValueError(f"The label of row {row} is {labels[row]!r}; labels must be 0 or 1.")
    return labels.astype(np.int64)
