"""What every classifier of pairs does alike: what it reads, its labels, its probabilities."""

import math
from abc import abstractmethod
from numbers import Integral, Real
from typing import Any, ClassVar, Self, cast

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from sklearn_mferl.models.calibration import shift_prevalence
from sklearn_mferl.models.training_data import (
    KnownRNAs,
    LabelledPairs,
    canonical_pairs,
    looks_like_pairs,
    warn_without_views,
)
from sklearn_mferl.network.devices import resolve_device
from sklearn_mferl.network.net import MFERLNet, one_cycle
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


class AdamWTraining:
    """A classifier whose network is trained by AdamW, with a schedule of one cycle."""

    _training_constraints: ClassVar[dict[str, list[Any]]] = {
        "lr": [Interval(Real, 0, 1e6, closed="neither")],
        "max_epochs": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "prevalence": [Interval(Real, 0, 1, closed="neither"), None],
        "verbose": ["verbose"],
    }
    lr: float
    max_epochs: int
    batch_size: int
    dropout: float
    weight_decay: float
    device: str
    verbose: int

    def _make_net(self, *parts: Any, n_rows: int, seed: int, **params: Any) -> MFERLNet:
        """Make the net of a module and a loss, to be trained on so many rows."""
        n_steps = self.max_epochs * math.ceil(n_rows / self.batch_size)
        return MFERLNet(
            *parts,
            module__dropout=self.dropout,
            optimizer=torch.optim.AdamW,
            optimizer__weight_decay=self.weight_decay,
            lr=self.lr,
            max_epochs=self.max_epochs,
            batch_size=self.batch_size,
            train_split=None,
            callbacks=[one_cycle(self.lr, n_steps)],
            device=resolve_device(self.device),
            verbose=self.verbose,
            seed=seed,
            **params,
        )
