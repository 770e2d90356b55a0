"""Cross-validation of pair classifiers."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from sklearn_mferl.evaluation.folds import pair_folds, rows_of
from sklearn_mferl.metrics import (
    PROBABILITY_METRICS,
    SIX_METRICS,
    best_f1_threshold,
    interaction_scores,
    probability_scores,
)
from sklearn_mferl.utils.labels import check_labels
from sklearn_mferl.utils.parameters import is_number
from sklearn_mferl.utils.progress import progress_bar
from sklearn_mferl.utils.validation import check_pairs


class CrossValidation(NamedTuple):
    """Figures and scores of `cross_validate_pairs`.

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
            - ``"train"``: for each model and fold the threshold of the best F1 on the scores that the pairs
              of all other folds got when they were tested. No label of the fold itself is looked at, though
              the models that gave those scores have been trained on it;
            - ``"best_f1"``: that of the best F1 on the test fold itself, as published figures are often
              taken. It flatters: nobody knows it beforehand.

        Returns
        -------
        DataFrame, shape (n_models * n_splits, 9)
            ``model``, ``fold``, ``threshold`` and the six figures of `interaction_scores`; ``auc`` and
            ``aupr`` do not depend on the threshold.
        """
        is_fixed = is_number(threshold, -np.inf)
        if not (is_fixed or threshold in ("train", "best_f1")):
            raise ValueError(f"threshold must be a number, 'train' or 'best_f1'; got {threshold!r}.")
        if threshold == "train" and self.figures["fold"].nunique() < 2:
            raise ValueError("threshold='train' needs another fold to choose the threshold on; there is one.")
        rows = []
        for model, fold in zip(self.figures["model"], self.figures["fold"], strict=True):
            in_fold = self.scores["fold"] == fold
            test = self.scores[in_fold]
            chosen_on = self.scores[~in_fold] if threshold == "train" else test
            chosen = float(threshold) if is_fixed else best_f1_threshold(chosen_on["label"], chosen_on[model])
            figures = interaction_scores(test["label"], test[model], chosen)
            rows.append({"model": model, "fold": fold, "threshold": chosen, **figures})
        return pd.DataFrame(rows)

    def summary(self, threshold: float | str = 0.5) -> pd.DataFrame:
        """Return the table to print: each figure as mean ± standard deviation over the folds.

        Parameters
        ----------
        threshold
            As in `figures_at`.

        Returns
        -------
        DataFrame of str, shape (n_models, 6)
            Indexed by model; the standard deviation is that of a sample (n − 1).
        """
        return mean_and_deviation(self.figures_at(threshold).groupby("model", sort=False)[SIX_METRICS])

    def probability_summary(self) -> pd.DataFrame:
        """Return the table of the figures of `probability_scores`, as mean ± standard deviation.

        Returns
        -------
        DataFrame of str, shape (n_models, 3)
            Indexed by model: ``brier``, ``log_loss`` and ``ece``, the lower, the better.
        """
        return mean_and_deviation(self.figures.groupby("model", sort=False)[PROBABILITY_METRICS])

    def by_fold(self) -> dict[str, list[tuple[NDArray[np.int64], NDArray[np.float64]]]]:
        """Return labels and scores fold by fold, as the curves of `plotting` take them.

        Returns
        -------
        dict of str to list of (labels, scores)
            By model; the arrays of one fold have one entry a test pair.
        """
        folds = [fold for _, fold in self.scores.groupby("fold")]
        return {
            model: [(fold["label"].to_numpy(), fold[model].to_numpy()) for fold in folds]
            for model in self.figures["model"].unique()
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
        What a test fold has that training has not seen: its pairs (`PairKFold`), as in the publication, its
        circRNAs, its miRNAs, or both (`ColdStartKFold`), which leaves most pairs out of the test. Any
        splitter of scikit-learn does that tests no row twice and keeps the rows of a repeated pair in one
        fold, such as ``ColdStartKFold(on="circrna", similarity=...)``.
    n_splits : int, default=None
        Number of folds, at least 2. None is 5, and 3 for ``split="both"``. A splitter has its own.
    random_state : int, RandomState, Generator or None, default=None
        Seeds the folds; the models and a splitter have their own.
    progress : bool, default=False
        Whether to show a progress bar on stderr, if that is a terminal.

    Returns
    -------
    CrossValidation
        ``(figures, scores)``, with other thresholds, summaries and curves as methods.

    Raises
    ------
    ValueError
        If a label is neither 0 nor 1, a fold has one class only, there are fewer circRNAs or miRNAs than
        folds, a splitter tests a row twice or has one pair in training and test, or a parameter is not among
        those above.

    See Also
    --------
    rank_hidden_pairs : Asks for the top of a ranking instead.

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
    labels = check_labels(y, len(ids))
    named = name_models(models)
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
                fitted = clone(model).fit(rows_of(ids, train), labels[train])
                probabilities = fitted.predict_proba(rows_of(ids, test))[:, 1]
                scores.loc[test, name] = probabilities
                figures.append({"model": name, "fold": fold, **figures_of(labels[test], probabilities)})
                bar.update()
    return CrossValidation(pd.DataFrame(figures), scores[scores["fold"] > 0])


def figures_of(y: NDArray[np.int64], probabilities: NDArray[np.float64]) -> dict[str, float]:
    """Return all figures of labels and probabilities."""
    return {**interaction_scores(y, probabilities), **probability_scores(y, probabilities)}


def name_models(models: Any) -> dict[str, Any]:
    """Return models by name; one alone has the name of its class."""
    return dict(models) if isinstance(models, Mapping) else {type(models).__name__: models}


def mean_and_deviation(folds: Any) -> pd.DataFrame:
    """Return the mean ± standard deviation of the columns of a grouped frame, in words."""
    return folds.mean().map("{:.3f}".format) + " ± " + folds.std().map("{:.3f}".format)
