"""What every classifier of pairs does alike: what it reads, its labels, its probabilities."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, Self, cast

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from sklearn_mferl.models.calibration import shift_prevalence
from sklearn_mferl.models.training_data import (
    KnownRNAs,
    LabelledPairs,
    canonical_pairs,
    looks_like_pairs,
    warn_without_views,
)
from sklearn_mferl.pairs import PairFeatures, PairTable
from sklearn_mferl.utils.estimators import LogOddsClassifier, whole_or_nothing
from sklearn_mferl.utils.labels import read_two_classes
from sklearn_mferl.utils.parameters import check_parameters
from sklearn_mferl.utils.random_state import spawn_seeds
from sklearn_mferl.utils.validation import as_table


class PairClassifier(LogOddsClassifier):
    """A classifier of what `PairFeatures` makes of pairs; pairs of sequences are given default features."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {}
    _n_seeds: ClassVar[int]  # how many a fit takes, beside that of the default features
    prevalence: float | None
    random_state: Any

    @whole_or_nothing
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on labelled pairs.

        Parameters
        ----------
        X : PairTable, pairs of sequences or numeric matrix, n_pairs rows
            What `PairFeatures` gives; or circRNA and miRNA sequences as DataFrame, list of tuples or array
            of shape (n_pairs, 2), for which the default features are computed; or numbers.
        y : array-like, shape (n_pairs,)
            Labels of two classes.
        sample_weight : array-like, shape (n_pairs,), default=None
            Weights ≥ 0 of the pairs; those of weight 0 are as good as absent. A Pipeline gives them to the
            steps that it is told to: ``features__sample_weight=w, mferl__sample_weight=w``.

        Returns
        -------
        self
        """
        check_parameters(self)
        *seeds, features_seed = spawn_seeds(self.random_state, self._n_seeds + 1)
        X = self._read(X)
        self.classes_, labels = read_two_classes(y, len(X), self)
        weights = _check_sample_weight(sample_weight, labels, dtype=np.float64, ensure_non_negative=True)
        if len(np.unique(labels[weights > 0])) < 2:
            raise ValueError("Every pair of one class has sample_weight 0; both classes need some weight.")
        table = self._tabulate(X, labels, weights, features_seed)
        self._fit_data(canonical_pairs(table, labels, self._weigh(labels, weights)), seeds)
        return self

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return the logit of the positive class, at the stated `prevalence`.

        Parameters
        ----------
        X : as in `fit`
            Pairs of RNAs, seen in training or not.

        Returns
        -------
        ndarray of float64, shape (n_pairs,)
        """
        check_is_fitted(self)
        check_parameters(self)
        table = self._check_input(X)
        logits = self._logits(table, self._known.novelty(table))
        return shift_prevalence(logits, self.training_prevalence_, self.prevalence)

    def _read(self, X: Any) -> Any:
        """Tell a table, pairs of sequences and a matrix apart; the features check the pairs."""
        X = as_table(X)
        self._has_ids = isinstance(X, PairTable) or looks_like_pairs(X)
        if self._has_ids:
            self.n_features_in_ = 2
            return X
        return validate_data(self, X, dtype=[np.float64, np.float32], ensure_min_features=2)

    def _tabulate(
        self, X: Any, labels: NDArray[np.int64], weights: NDArray[np.float64], seed: int
    ) -> PairTable:
        """Make the table of a training input."""
        if isinstance(X, PairTable):
            warn_without_views(X)
            return X
        if self._has_ids:
            self.features_ = self._default_features().set_params(random_state=seed)
            # pairs without weight are absent, so nothing is learned from their RNAs
            return cast(PairTable, self.features_.fit_transform(X, labels, weights))
        return self._split_matrix(X)

    def _check_input(self, X: Any) -> PairTable:
        """Read the input of a prediction: the kind that `fit` saw."""
        if isinstance(X, PairTable):
            return X
        if hasattr(self, "features_"):
            return cast(PairTable, self.features_.transform(X))
        X = as_table(X)
        if looks_like_pairs(X):
            raise ValueError(
                "This model was fitted on features, not on pairs of sequences; give the output of the "
                "PairFeatures it was fitted on, or use a Pipeline of both."
            )
        return self._split_matrix(validate_data(self, X, dtype=[np.float64, np.float32], reset=False))

    def _weigh(self, labels: NDArray[np.int64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weights of the pairs, those of their classes included."""
        return weights

    def _fit_data(self, data: LabelledPairs, seeds: list[int]) -> None:
        """Fit on what has been checked and put in order."""
        positive = data.target[:, 0] > 0
        self.training_prevalence_ = float(np.average(positive, weights=data.target[:, 1]))
        self._known = KnownRNAs(data.table[positive], self._has_ids)
        self._learn(data, seeds)

    @abstractmethod
    def _default_features(self) -> PairFeatures:
        """Make the features for pairs of sequences."""

    @abstractmethod
    def _split_matrix(self, X: NDArray[Any]) -> PairTable:
        """Read a numeric matrix as pairs."""

    @abstractmethod
    def _learn(self, data: LabelledPairs, seeds: list[int]) -> None:
        """Learn from labelled pairs in their fixed order."""

    @abstractmethod
    def _logits(self, table: PairTable, novelty: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the logits of pairs; which of their RNAs are new is known."""
