"""Boosted trees on the evidence for pairs."""

from numbers import Real
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.parallel import Parallel, delayed

from sklearn_mferl.models.calibration import log_odds_of
from sklearn_mferl.models.evidence import EvidenceClassifier, samples_as_new, stack_evidence
from sklearn_mferl.models.quantile_bins import QuantileBins
from sklearn_mferl.models.training_data import LabelledPairs
from sklearn_mferl.utils.scheduling import one_openmp_thread

# Chosen on inner splits of the training pairs of cmi-9589, starbase and lmi-ingi: small trees and few
# columns a split, since the pairs of one RNA are no independent examples of what a new RNA does.
DEFAULTS: Final[dict[str, Any]] = {
    "learning_rate": 0.05,
    "max_iter": 180,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 40,
    "max_features": 0.4,
    "l2_regularization": 1.0,
    "early_stopping": False,
}


class EvidenceBoosting(EvidenceClassifier):
    """Boosted trees on the evidence for pairs, which learn what a pair of new RNAs looks like.

    One classifier scores pairs of known RNAs, another one pairs of which an RNA has no known interaction.
    The first learns from the training pairs as they are and from the background, which tells apart the best
    of very many pairs; the second from every training pair as it is and as it would look if its miRNA, its
    circRNA or both were new. Without such views (`PairTable.cold_evidence`) the first scores all pairs.

    Parameters
    ----------
    estimator : classifier or None, default=None
        What scores the evidence, a classifier that reads NaN as "nothing known"; None takes
        `HistGradientBoostingClassifier` with parameters of ours.
    prevalence
        As that of `MFERLClassifier`.
    random_state : int, RandomState instance or None, default=None
        Seeds the trees, where their own ``random_state`` is None, and the default features.

    Attributes
    ----------
    estimators_ : dict of {"known", "new"} to classifier
        The two classifiers. Histogram-based boosting reads the columns as numbers of bins.
    classes_, features_, n_features_in_, training_prevalence_
        As those of `MFERLClassifier`.

    Raises
    ------
    ValueError
        If the labels are not two classes, a parameter is out of range, or the pairs carry no evidence.

    See Also
    --------
    sklearn_mferl.MFERLClassifier : The network on the features of RNAs.
    sklearn_mferl.models.EvidenceNetwork : A network on the same evidence.
    sklearn_mferl.models.StackedPairClassifier : Both together, and their calibration.

    References
    ----------
    Ke G, Meng Q, Finley T, et al. LightGBM: a highly efficient gradient boosting decision tree. Advances in
    Neural Information Processing Systems 30, 3146-3154 (2017).

    Examples
    --------
    >>> from sklearn_mferl import PairFeatures, TargetSites
    >>> from sklearn_mferl.baselines import EvidenceBoosting
    >>> from sklearn_mferl.datasets import make_cmi
    >>> from sklearn_mferl.model_selection import labelled_pairs
    >>> data = make_cmi(20, 10, random_state=0)
    >>> pairs, y = labelled_pairs(data.pairs, random_state=0)
    >>> features = PairFeatures(data.circrna, data.mirna, [], evidence=[("sites", TargetSites())])
    >>> table = features.fit_transform(pairs, y)
    >>> EvidenceBoosting(random_state=0).fit(table, y).predict_proba(table).shape == (len(y), 2)
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "estimator": [HasMethods(["fit"]), None],
        "prevalence": [Interval(Real, 0, 1, closed="neither"), None],
    }

    def __init__(
        self, estimator: Any = None, *, prevalence: float | None = None, random_state: Any = None
    ) -> None:
        self.estimator = estimator
        self.prevalence = prevalence
        self.random_state = random_state

    def _learn(self, data: LabelledPairs, seeds: list[int]) -> None:
        super()._learn(data, seeds)
        estimator = HistGradientBoostingClassifier(**DEFAULTS) if self.estimator is None else self.estimator
        estimator = clone(estimator)
        if estimator.get_params().get("random_state", seeds[0]) is None:
            estimator.set_params(random_state=seeds[0])
        labels, weights = data.target[:, 0].astype(np.int64), data.target[:, 1].astype(np.float64)
        samples = {"known": _with_background(data, stack_evidence(data.table), labels, weights)}
        if self._learned_views:
            views, target = samples_as_new(data)
            labels, weights = np.tile(target.T, len(views))
            samples["new"] = np.concatenate(views), labels.astype(np.int64), weights.astype(np.float64)
        # one after the other unless joblib is told to use threads: steps of trees wait for each other.
        # Trees draw from a generator of their own; whether other classifiers may share a process nobody knows
        is_trees = isinstance(estimator, HistGradientBoostingClassifier)
        parallel = Parallel(None if is_trees else 1, require="sharedmem")
        fitted = parallel(delayed(_FittedPart)(estimator, *sample) for sample in samples.values())
        self._parts = dict(zip(samples, fitted, strict=True))
        self.estimators_ = {name: part.estimator for name, part in self._parts.items()}

    def _score_part(self, part: str, evidence: NDArray[np.float32]) -> NDArray[np.float64]:
        return self._parts[part].score(evidence)


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
            return log_odds_of(self.estimator, evidence)

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
    further = stack_evidence(data.table.background)
    negative = labels == 0
    share = negative.sum() / (negative.sum() + len(further))
    weights = np.where(negative, weights * share, weights)
    return (
        np.concatenate([evidence, further]),
        np.pad(labels, (0, len(further))),
        np.pad(weights, (0, len(further)), constant_values=weights[negative].mean()),
    )
