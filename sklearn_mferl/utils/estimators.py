"""What estimators have in common: a page, a fit that is whole or not at all, log-odds that make classes."""

from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Iterable
from functools import wraps
from importlib.metadata import metadata
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags

import sklearn_mferl
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


def page_template(urls: Iterable[str]) -> str:
    """Return the address of a page by the ``project.urls`` of the metadata; nothing, which makes no link."""
    for url in urls:
        name, _, address = url.partition(", ")
        if name.lower() == "documentation":
            return f"{address.rstrip('/')}/api/generated/{{page}}.html"
    return ""


class LinkedEstimator:
    """An estimator whose diagram in a notebook links to its page; a subclass from elsewhere has no link."""

    _doc_link_module = "sklearn_mferl"
    _doc_link_template = page_template(metadata("sklearn-mferl").get_all("Project-URL") or ())

    def _doc_link_url_param_generator(self) -> dict[str, str]:
        """Name the page, which is that of the public name in docs/api.md."""
        name, room = type(self).__name__, ".".join(type(self).__module__.split(".")[:2])
        return {"page": f"{'sklearn_mferl' if name in sklearn_mferl.__all__ else room}.{name}"}


class LogOddsClassifier(SavedState, LinkedEstimator, ClassifierMixin, BaseEstimator, metaclass=ABCMeta):
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
