"""Boosted trees on the evidence for pairs, trained to know what an unknown RNA looks like."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.utils.parallel import Parallel, delayed

from sklearn_mferl.models.quantile_bins import QuantileBins
from sklearn_mferl.models.training_data import LabelledPairs
from sklearn_mferl.pairs import PairTable
from sklearn_mferl.pairs.novelty import VIEWS, Novelty
from sklearn_mferl.utils.scheduling import one_openmp_thread

# Chosen on inner splits of the training pairs of cmi-9589, starbase and lmi-ingi: small trees and few
# columns a split, since the pairs of one RNA are no independent examples of what a new RNA does.
DEFAULTS: Final[dict[str, Any]] = {
    "learning_rate": 0.03,
    "max_iter": 300,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 40,
    "max_features": 0.4,
    "l2_regularization": 1.0,
    "early_stopping": False,
}
_SURE: Final = 1e-12  # probabilities of 0 and 1 have no logit


class EvidenceModel:
    """Score pairs by their evidence: one classifier for pairs of known RNAs, one where an RNA is new.

    The first learns from the training pairs as they are and from the background, which tells apart the best
    of very many pairs; the second from every training pair as it is and as it would look if its miRNA, its
    circRNA or both were new. Without such views the first scores all pairs.


    Attributes
    ----------
    estimators : dict of str to classifier
        The fitted classifiers, ``known`` and ``new``. Histogram-based boosting is given the columns as
        numbers of bins.
    """

    def __init__(self, estimator: Any, seed: int) -> None:
        if estimator is None:
            estimator = HistGradientBoostingClassifier(**DEFAULTS)
        self.estimator = clone(estimator)
        if self.estimator.get_params().get("random_state", seed) is None:
            self.estimator.set_params(random_state=seed)

    def fit(self, data: LabelledPairs) -> EvidenceModel:
        """Learn from labelled pairs."""
        self.channels = {name: block.shape[1] for name, block in data.table.evidence.items()}
        labels, weights = data.target[:, 0].astype(np.int64), data.target[:, 1].astype(np.float64)
        views = evidence_views(data.table)
        samples = {"known": _with_background(data, views[0], labels, weights)}
        if len(views) > 1:
            n = len(views)
            samples["new"] = np.concatenate(views), np.tile(labels, n), np.tile(weights, n)
        # one after the other unless joblib is told to use threads: steps of trees wait for each other.
        # Trees draw from a generator of their own; whether other classifiers may share a process nobody knows
        is_trees = isinstance(self.estimator, HistGradientBoostingClassifier)
        parallel = Parallel(None if is_trees else 1, require="sharedmem")
        fitted = parallel(delayed(_FittedPart)(self.estimator, *sample) for sample in samples.values())
        self.parts = dict(zip(samples, fitted, strict=True))
        self.estimators = {name: part.estimator for name, part in self.parts.items()}
        return self

    def logits(self, table: PairTable, novelty: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the logit of the positive class of each pair."""
        found = {name: block.shape[1] for name, block in table.evidence.items()}
        if found != self.channels:
            raise ValueError(
                f"The model was fitted on the evidence {self.channels} (channel: columns), these pairs have "
                f"{found}; give the output of the PairFeatures that the model was fitted on."
            )
        evidence = _stack(table)
        is_new = (novelty > Novelty.NONE) & ("new" in self.parts)
        logits = np.empty(len(evidence))
        for name, rows in (("known", ~is_new), ("new", is_new)):
            if rows.any():
                logits[rows] = self.parts[name].score(evidence[rows])
        return logits


class _FittedPart:
    """One classifier and what it reads of the evidence: the columns with a number, binned for trees."""

    def __init__(
        self, estimator: Any, evidence: NDArray[np.float32], labels: NDArray[Any], weights: NDArray[Any]
    ) -> None:
        # trees cannot bin a column without a number
        self.columns = np.asarray(~np.isnan(evidence).all(axis=0))
        self.bins = None
        if isinstance(estimator, HistGradientBoostingClassifier):
            self.bins = QuantileBins(estimator.max_bins).fit(evidence[:, self.columns], weights)
        with one_openmp_thread():
            self.estimator = clone(estimator).fit(self._read(evidence), labels, sample_weight=weights)

    def score(self, evidence: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the logits of pairs."""
        evidence = self._read(evidence)
        with one_openmp_thread():
            if hasattr(self.estimator, "decision_function"):
                return np.asarray(self.estimator.decision_function(evidence), dtype=np.float64)
            positive = self.estimator.predict_proba(evidence)[:, 1].astype(np.float64)
        return logit(np.clip(positive, _SURE, 1 - _SURE))

    def _read(self, evidence: NDArray[np.float32]) -> NDArray[np.float32]:
        evidence = evidence[:, self.columns]
        return evidence if self.bins is None else self.bins.transform(evidence)


def _with_background(
    data: LabelledPairs,
    evidence: NDArray[np.float32],
    labels: NDArray[np.int64],
    weights: NDArray[np.float64],
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float64]]:
    """Put the background below the labelled pairs; with the negatives it weighs as much as they did alone."""
    if data.table.background is None:
        return evidence, labels, weights
    further = _stack(data.table.background)
    negative = labels == 0
    share = negative.sum() / (negative.sum() + len(further))
    weights = np.where(negative, weights * share, weights)
    return (
        np.concatenate([evidence, further]),
        np.append(labels, np.zeros(len(further), dtype=np.int64)),
        np.append(weights, np.full(len(further), weights[negative].mean())),
    )


def _stack(table: PairTable) -> NDArray[np.float32]:
    return np.hstack(list(table.evidence.values()))


def evidence_views(table: PairTable) -> list[NDArray[np.float32]]:
    """Return the evidence of training pairs as it is, and with miRNA, circRNA and both new."""
    tables = [table, *(table.as_new(novelty) for novelty in VIEWS if table.cold_evidence)]
    return [_stack(each) for each in tables]
