"""What every transformer of sequences shares."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from sklearn_mferl.utils.parameters import check_parameters
from sklearn_mferl.utils.validation import check_sequences


class SequenceTransformer(TransformerMixin, BaseEstimator):
    """Base of the transformers that turn a 1-D collection of RNA sequences into a feature block.

    A subclass implements ``_fit(sequences)``, ``_transform(sequences)`` and ``_feature_names()``, and
    gets sequences that are already validated, in upper case and with U for T. Its parameters are checked
    by its ``_parameter_constraints``, as those of scikit-learn's estimators are.
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {}

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn from sequences.

        Parameters
        ----------
        X : 1-D collection of str
            RNA sequences: a list, array, Series or one-column DataFrame.
        y : ignored
            For scikit-learn's interface.

        Returns
        -------
        self
        """
        check_parameters(self)
        sequences = check_sequences(X)
        self._fit(sequences)
        self.n_features_in_ = 1
        return self

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Turn sequences into features.

        Parameters
        ----------
        X : 1-D collection of str
            RNA sequences, seen in `fit` or not.

        Returns
        -------
        ndarray of float32, shape (n_sequences, n_features)
        """
        check_is_fitted(self)
        return self._transform(check_sequences(X))

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> NDArray[np.float32]:
        """Learn from sequences and turn them into features, validating them once.

        Parameters
        ----------
        X : 1-D collection of str
            As in `fit`.
        y, **fit_params : ignored
            For scikit-learn's interface.

        Returns
        -------
        ndarray of float32, shape (n_sequences, n_features)
        """
        check_parameters(self)
        sequences = check_sequences(X)
        self._fit(sequences)
        self.n_features_in_ = 1
        return self._transform(sequences)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Name the output columns.

        Parameters
        ----------
        input_features : ignored
            For scikit-learn's interface.

        Returns
        -------
        ndarray of str, shape (n_features,)
        """
        check_is_fitted(self)
        return np.asarray(self._feature_names(), dtype=object)

    def _fit(self, sequences: NDArray[np.object_]) -> None:
        raise NotImplementedError

    def _transform(self, sequences: NDArray[np.object_]) -> NDArray[np.float32]:
        raise NotImplementedError

    def _feature_names(self) -> list[str]:
        raise NotImplementedError

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.target_tags.required = False
        return tags
