"""What the baselines share: evidence for a pair, and the midpoint where the classes balance."""

from abc import abstractmethod
from typing import Any, Final, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from sklearn_mferl.utils.estimators import LogOddsClassifier
from sklearn_mferl.utils.labels import has_weight, leave_out, read_two_classes
from sklearn_mferl.utils.parameters import check_parameters
from sklearn_mferl.utils.validation import SIDES, check_pairs

# Log-odds of training pairs at most: of twice as many a sigmoid is 1 in double precision, and pairs are tied.
_WIDEST: Final = 18.0


class _EvidenceBaseline(LogOddsClassifier):
    """A classifier of pairs whose evidence is one number, with the midpoint where the classes balance."""

    _parameter_constraints: dict[str, list[Any]] = {}

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from labelled pairs.

        Parameters
        ----------
        X : DataFrame, list of tuples or array, shape (n_pairs, 2)
            Pairs; a DataFrame has the columns ``circrna`` and ``mirna``.
        y : array-like, shape (n_pairs,)
            Labels of two classes; the second in sorted order is the positive one. A pair that is given
            with both counts as positive.
        sample_weight : array-like, shape (n_pairs,), default=None
            A pair of weight 0 is left out; other weights make no difference, since a pair is there or not.

        Returns
        -------
        self
        """
        check_parameters(self)
        pairs = check_pairs(X)
        self._load(pairs)
        pairs, y = leave_out(pairs, y, has_weight(sample_weight, pairs))
        self.classes_, labels = read_two_classes(y, len(pairs), self)
        labelled = pd.DataFrame({"circrna": pairs[:, 0], "mirna": pairs[:, 1], "y": labels == 1})
        # sorted, so that nothing depends on the order of the rows; of equal pairs a positive one is last
        labelled = labelled.sort_values([*SIDES, "y"])
        distinct = labelled.drop_duplicates(list(SIDES), keep="last")
        ids, positive = distinct[list(SIDES)].to_numpy(dtype=object), distinct["y"].to_numpy(dtype=bool)
        self.n_features_in_ = 2
        self._learn(ids[positive])
        evidence = self._training_evidence(ids, positive)
        self.midpoint_ = _find_midpoint(evidence, positive.sum())
        self._unit = max(1.0, float(np.abs(evidence - self.midpoint_).max()) / _WIDEST)
        return self

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return the evidence for each pair above the midpoint of the training pairs.

        Where it is so wide that a sigmoid would make many pairs equal, it is shrunk.

        Parameters
        ----------
        X : as in `fit`
            Pairs of RNAs, seen in training or not.

        Returns
        -------
        ndarray of float64, shape (n_pairs,)
        """
        check_is_fitted(self)
        return (self._evidence(check_pairs(X)) - self.midpoint_) / self._unit

    def _load(self, pairs: NDArray[np.object_]) -> None:
        """Get ready for pairs, those of weight 0 among them."""

    @abstractmethod
    def _learn(self, positives: NDArray[np.object_]) -> None:
        """Learn from the distinct positive pairs."""

    @abstractmethod
    def _evidence(self, pairs: NDArray[np.object_]) -> NDArray[np.float64]:
        """Return the evidence for pairs."""

    def _training_evidence(self, ids: NDArray[Any], positive: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the evidence for the distinct training pairs, from which the midpoint is found."""
        return self._evidence(ids)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        return tags


def _find_midpoint(evidence: NDArray[np.float64], n_positive: int) -> float:
    """Return the value between two levels of evidence that about `n_positive` pairs lie above."""
    levels, counts = np.unique(evidence, return_counts=True)
    if len(levels) == 1:
        return float(levels[0])
    n_above = len(evidence) - counts.cumsum()[:-1]
    level = np.abs(n_above - n_positive).argmin()
    return float((levels[level] + levels[level + 1]) / 2)
