"""What estimators have in common: a fit is whole or not at all, and log-odds make classes."""

from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags

from sklearn_mferl.utils.saved import SavedState

_Fit = TypeVar("_Fit", bound=Callable[..., Any])


def whole_or_nothing(fit: _Fit) -> _Fit:
    """Let a `fit` begin without what an earlier one left, and leave nothing where it fails or is stopped."""

    @wraps(fit)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        _forget(self, vars(self).pop("_names_of_fit", []))
        before = set(vars(self))  # parameters, and what scikit-learn notes of outputs, requests and callbacks
        try:
            result = fit(self, *args, **kwargs)
        except BaseException:
            _forget(self, set(vars(self)) - before)
            raise
        self._names_of_fit = sorted(set(vars(self)) - before)
        return result

    return cast(_Fit, wrapper)


def _forget(estimator: Any, names: Iterable[str]) -> None:
    for name in names:
        vars(estimator).pop(name, None)


class LogOddsClassifier(SavedState, ClassifierMixin, BaseEstimator, metaclass=ABCMeta):
    """A classifier of pairs into two classes, whose `decision_function` is the log-odds of the second."""

    classes_: NDArray[Any]

    @abstractmethod
    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return the log-odds of pairs."""

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class: the sigmoid of `decision_function`.

        Parameters
        ----------
        X : as in `fit`

        Returns
        -------
        ndarray of float64, shape (n_pairs, 2)
            Columns as in `classes_`.
        """
        positive = expit(self.decision_function(X))
        return np.column_stack([1.0 - positive, positive])

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the more probable class.

        Parameters
        ----------
        X : as in `fit`

        Returns
        -------
        ndarray, shape (n_pairs,)
            Labels out of `classes_`.
        """
        positive = self.decision_function(X) > 0
        return self.classes_[positive.astype(int)]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.string = True
        return tags
