"""What every transformer of RNAs shares, of single ones and of pairs."""

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from sklearn_mferl.utils.estimators import LinkedEstimator
from sklearn_mferl.utils.parameters import check_parameters
from sklearn_mferl.utils.validation import check_pairs, check_sequences


class NamedColumns(LinkedEstimator, TransformerMixin, BaseEstimator):
    """A transformer whose columns have the names that ``_feature_names()`` gives."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {}

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Name the output columns.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of str, shape (n_features,)
        """
        check_is_fitted(self)
        return np.asarray(self._feature_names(), dtype=object)

    def _feature_names(self) -> list[str]:
        raise NotImplementedError

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.target_tags.required = False
        return tags


class RNATransformer(NamedColumns):
    """A transformer of single RNAs, by their sequences or their ids."""

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn from RNAs.

        Parameters
        ----------
        X : 1-D collection of str
            Sequences, or ids where RNAs are looked up: a list, array, Series or one-column DataFrame.
        y : ignored

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is not allowed, or an RNA is not valid; the message names it.
        """
        check_parameters(self)
        self._fit(self._check_input(X))
        self.n_features_in_ = 1
        return self

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Turn RNAs into features.

        Parameters
        ----------
        X : 1-D collection of str
            Sequences or ids, seen in `fit` or not.

        Returns
        -------
        ndarray of float32, shape (n_rnas, n_features)
        """
        check_is_fitted(self)
        return self._transform(self._check_input(X))

    def _check_input(self, X: Any) -> NDArray[np.object_]:
        raise NotImplementedError

    def _fit(self, rnas: NDArray[np.object_]) -> None:
        raise NotImplementedError

    def _transform(self, rnas: NDArray[np.object_]) -> NDArray[np.float32]:
        raise NotImplementedError

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        return tags


class PairTransformer(NamedColumns):
    """A transformer of pairs of RNAs, given by their ids or sequences."""

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn from pairs.

        Parameters
        ----------
        X : DataFrame, list of tuples or array, shape (n_pairs, 2)
            Pairs; a DataFrame has the columns ``circrna`` and ``mirna``.
        y : array-like of two labels, shape (n_pairs,), default=None
            The larger one in sorted order marks the interactions, for what learns from them; where all are
            the same, it has to be 1. None: all pairs are interactions.

        Returns
        -------
        self
        """
        self._check_parameters()
        self._fit(check_pairs(X), y)
        self.n_features_in_ = 2
        return self

    def transform(self, X: Any) -> Any:
        """Turn pairs into features.

        Parameters
        ----------
        X : DataFrame, list of tuples or array, shape (n_pairs, 2)
            Pairs of RNAs, seen in `fit` or not.

        Returns
        -------
        ndarray of float32, shape (n_pairs, n_features)
            NaN where nothing is known.
        """
        check_is_fitted(self)
        return self._transform(check_pairs(X))

    def _check_parameters(self) -> None:
        check_parameters(self)

    def _fit(self, pairs: NDArray[np.object_], y: Any) -> None:
        raise NotImplementedError

    def _transform(self, pairs: NDArray[np.object_]) -> NDArray[np.float32]:
        raise NotImplementedError

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = True
        return tags


class SequenceTransformer(RNATransformer):
    """Base of the transformers that turn a 1-D collection of RNA sequences into a feature block.

    A subclass implements ``_fit(sequences)``, ``_transform(sequences)`` and ``_feature_names()``, and gets
    valid sequences in upper case with U for T. Its ``_parameter_constraints`` are those of scikit-learn.
    """

    def _check_input(self, X: Any) -> NDArray[np.object_]:
        return check_sequences(X)
