"""Bayesian supervised dimensionality reduction."""

from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gammaln, log_ndtr, logsumexp
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.preprocessing import LabelEncoder, StandardScaler
from sklearn.utils.validation import check_is_fitted, validate_data

from sklearn_mferl.utils.estimators import LinkedEstimator
from sklearn_mferl.utils.parameters import check_whole, is_number
from sklearn_mferl.utils.random_state import spawn_seeds

_LOG_2PI: Final = np.log(2 * np.pi)
_N_NODES: Final = 24
_N_STEPS: Final = 12  # of Newton's method towards the largest value of a strictly concave function


class BayesianSupervisedReduction(
    LinkedEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator
):
    r"""Project features to few dimensions that tell classes apart.

    Variational Bayes for the model of Gönen (2013): a projection Q of the features to latent scores
    :math:`z \sim N(Q^\top x, I)`, and a multinomial probit, in which a sample has the class with the largest
    of :math:`t \sim N(W^\top z + b, I)`. Each weight has a normal prior with a precision of its own, which
    has a gamma prior, so that superfluous features fade. All updates are in closed form, but for one
    integral a sample that is taken by quadrature; the lower bound of the evidence never falls.

    Parameters
    ----------
    n_components : int, default=16
        Dimensions to project to, at least 1; no more than there are features are used.
    max_iter : int, default=200
        Most rounds of updates, at least 1.
    tol : float, default=1e-5
        Relative rise of the lower bound, a round, at which to stop, ≥ 0.
    shape, scale : float, default=1.0
        Of the gamma priors, > 0.
    random_state : int, RandomState instance or None, default=None
        Draws the start.

    Attributes
    ----------
    components_ : ndarray, shape (n_components, n_features)
        Expected projection of the scaled features.
    classes_ : ndarray, shape (n_classes,)
    coef_ : ndarray, shape (n_components, n_classes)
        Expected W.
    intercept_ : ndarray, shape (n_classes,)
        Expected b.
    lower_bounds_ : ndarray, shape (n_iter,)
        Lower bound of the log evidence after each round (nats); it never falls.
    n_iter_ : int
        Rounds of updates.
    scaler_ : StandardScaler
        Means and deviations of the training features.
    n_features_in_ : int

    Raises
    ------
    ValueError
        If there is one class only, X is not finite, or a parameter is out of range.

    See Also
    --------
    MDA : Uses it to look at the layers of a network.

    Notes
    -----
    A round costs O(n (d + k) r + r d³) for n samples, d features, k classes and r dimensions, and memory
    grows with n, never with n².

    References
    ----------
    Gönen M. Bayesian supervised dimensionality reduction. IEEE Transactions on Cybernetics 43, 2179-2189
    (2013).

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_mferl.inspection import BayesianSupervisedReduction
    >>> rng = np.random.default_rng(0)
    >>> y = rng.integers(3, size=90)
    >>> X = rng.normal(size=(90, 5)) + 4 * np.eye(3, 5)[y]
    >>> reduction = BayesianSupervisedReduction(n_components=2, random_state=0).fit(X, y)
    >>> reduction.transform(X).shape, bool((reduction.predict(X) == y).mean() > 0.9)
    ((90, 2), True)
    """

    def __init__(
        self,
        n_components: int = 16,
        *,
        max_iter: int = 200,
        tol: float = 1e-5,
        shape: float = 1.0,
        scale: float = 1.0,
        random_state: Any = None,
    ) -> None:
        self.n_components = n_components
        self.max_iter = max_iter
        self.tol = tol
        self.shape = shape
        self.scale = scale
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Learn the projection.

        Parameters
        ----------
        X : array-like, shape (n_samples, n_features)
        y : array-like, shape (n_samples,)
            Classes, two at least.

        Returns
        -------
        self
        """
        for name in ("n_components", "max_iter"):
            check_whole(name, getattr(self, name))
        for name in ("shape", "scale"):
            if not is_number(getattr(self, name)):
                raise ValueError(f"{name} must be above 0; got {getattr(self, name)!r}.")
        if not is_number(self.tol, closed="left"):
            raise ValueError(f"tol must be at least 0; got {self.tol!r}.")
        X, y = validate_data(self, X, y, dtype=np.float64)
        encoder = LabelEncoder().fit(y)
        self.classes_ = encoder.classes_
        if len(self.classes_) < 2:
            only = self.classes_.tolist()[0]  # a Python value, which says no type when it is written
            raise ValueError(f"All {len(y)} samples are of the class {only!r}; two are needed.")
        self.scaler_ = StandardScaler().fit(X)
        n_components = min(self.n_components, X.shape[1])
        prior = _Gamma(self.shape, self.scale)
        rng = np.random.default_rng(spawn_seeds(self.random_state, 1)[0])
        state = _Variational(
            self.scaler_.transform(X), encoder.transform(y), len(self.classes_), n_components, prior, rng
        )
        bounds: list[float] = []
        for _ in range(self.max_iter):
            bounds.append(state.update())
            if len(bounds) > 1 and bounds[-1] - bounds[-2] <= self.tol * abs(bounds[-2]):
                break
        self.lower_bounds_ = np.array(bounds)
        self.n_iter_ = len(bounds)
        self.components_ = state.projection.T
        self.intercept_, self.coef_ = state.weights[0], state.weights[1:]
        return self

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Return the expected latent scores.

        Parameters
        ----------
        X : array-like, shape (n_samples, n_features)

        Returns
        -------
        ndarray, shape (n_samples, n_components)
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return self.scaler_.transform(X) @ self.components_.T

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the class with the largest expected score.

        Parameters
        ----------
        X : array-like, shape (n_samples, n_features)

        Returns
        -------
        ndarray, shape (n_samples,)
        """
        check_is_fitted(self)
        return self.classes_[(self.transform(X) @ self.coef_ + self.intercept_).argmax(axis=1)]

    @property
    def _n_features_out(self) -> int:
        return len(self.components_)


class _Gamma(NamedTuple):
    """The prior of a precision, and what is known of it from one normal weight."""

    shape: float
    scale: float

    def expect(self, squares: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the expected precisions of weights with these expected squares."""
        return (self.shape + 0.5) / (1 / self.scale + 0.5 * squares)

    def bound(self, squares: NDArray[np.float64], precision: NDArray[np.float64]) -> float:
        """Return the part of the lower bound of weights and precisions, without the weights' entropy."""
        shape = self.shape + 0.5
        rate = shape / precision  # of the precisions, as they were last updated
        log_precision = digamma(shape) - np.log(rate)
        prior = (self.shape - 1) * log_precision - precision / self.scale
        prior -= gammaln(self.shape) + self.shape * np.log(self.scale)
        entropy = shape - np.log(rate) + gammaln(shape) + (1 - shape) * digamma(shape)
        weights = 0.5 * (log_precision - precision * squares - _LOG_2PI)
        return float((prior + entropy + weights).sum())


class _Variational:
    """The factors of the approximate posterior; `update` goes round all of them once."""

    def __init__(
        self,
        X: NDArray[np.float64],
        label: NDArray[np.int64],
        n_classes: int,
        n_components: int,
        prior: _Gamma,
        rng: np.random.Generator,
    ) -> None:
        self.X, self.label, self.prior = X, label, prior
        self.gram = X.T @ X
        n_features = X.shape[1]
        self.projection_squares = np.ones((n_features, n_components))
        self.weights = rng.normal(size=(1 + n_components, n_classes))
        self.weight_squares = np.ones_like(self.weights)
        self.weight_products = self.weights @ self.weights.T
        self.scores = rng.normal(size=(len(X), n_components))
        self.targets = np.where(np.arange(n_classes) == label[:, None], 1.0, -1.0)

    def update(self) -> float:
        """Update every factor, and return the lower bound."""
        bound = self._update_projection() + self._update_scores()
        return bound + self._update_weights() + self._update_targets()

    def _update_projection(self) -> float:
        precision = self.prior.expect(self.projection_squares)
        n_features, n_components = precision.shape
        correlation = self.X.T @ self.scores
        self.projection = np.empty_like(precision)
        self.spread = 0.0  # of the projected samples, summed over them
        entropy = 0.5 * n_features * n_components * (1 + _LOG_2PI)
        for component in range(n_components):
            covariance, log_determinant = _invert(self.gram + np.diag(precision[:, component]))
            self.projection[:, component] = covariance @ correlation[:, component]
            self.projection_squares[:, component] = self.projection[:, component] ** 2 + covariance.diagonal()
            self.spread += float((covariance * self.gram).sum())
            entropy += 0.5 * log_determinant
        return self.prior.bound(self.projection_squares, precision) + entropy

    def _update_scores(self) -> float:
        n_samples, n_components = self.scores.shape
        # of the weights without the intercept, and of them with it
        products, crossed = self.weight_products[1:, 1:], self.weight_products[1:, 0]
        self.score_covariance, log_determinant = _invert(np.eye(n_components) + products)
        projected = self.X @ self.projection
        self.scores = (projected + self.targets @ self.weights[1:].T - crossed) @ self.score_covariance
        squares = ((self.scores - projected) ** 2).sum() + self.spread
        squares += n_samples * self.score_covariance.trace()
        constant = n_samples * n_components * _LOG_2PI
        entropy = 0.5 * (n_samples * (log_determinant + n_components) + constant)
        return float(-0.5 * (squares + constant) + entropy)

    def _update_weights(self) -> float:
        precision = self.prior.expect(self.weight_squares)
        n_rows, n_classes = precision.shape
        inputs = np.column_stack([np.ones(len(self.scores)), self.scores])
        moments = inputs.T @ inputs
        moments[1:, 1:] += len(self.scores) * self.score_covariance
        correlation = inputs.T @ self.targets
        self.weight_products = np.zeros((n_rows, n_rows))
        squares = 0.0
        entropy = 0.5 * n_rows * n_classes * (1 + _LOG_2PI)
        for column in range(n_classes):
            covariance, log_determinant = _invert(moments + np.diag(precision[:, column]))
            self.weights[:, column] = covariance @ correlation[:, column]
            product = np.outer(self.weights[:, column], self.weights[:, column]) + covariance
            self.weight_squares[:, column] = product.diagonal()
            self.weight_products += product
            squares += float((product * moments).sum())
            entropy += 0.5 * log_determinant
        self.location = inputs @ self.weights
        self.location_variance = squares - float((self.location**2).sum())
        return self.prior.bound(self.weight_squares, precision) + entropy

    def _update_targets(self) -> float:
        self.targets, log_probability = truncate_scores(self.location, self.label)
        return float(log_probability.sum()) - 0.5 * self.location_variance


def _invert(matrix: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Return the inverse of a positive definite matrix, and the logarithm of the inverse's determinant."""
    factor = np.linalg.cholesky(matrix)
    root = np.linalg.inv(factor)
    return root.T @ root, -2 * float(np.log(factor.diagonal()).sum())


def truncate_scores(
    location: NDArray[np.float64], label: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Condition normal scores of unit variance on which of them is the largest: the multinomial probit.

    With u the noise of the largest score, the probability is :math:`E_u \prod_{j \ne y} \Phi(u + m_y - m_j)`;
    the integral is taken by Gauss-Hermite quadrature around its largest value. Returned are the mean scores,
    shape (n_samples, n_classes), and the log probability of the label of each sample.
    """
    rows = np.arange(len(location))
    lead = location[rows, label][:, None] - location
    lead[rows, label] = np.inf  # a score is not compared with itself
    mode, width = _find_mode(lead)
    nodes, weights = np.polynomial.hermite_e.hermegauss(_N_NODES)
    u = mode[:, None] + width[:, None] * nodes
    margins = u[:, :, None] + lead[:, None, :]
    log_below = log_ndtr(margins)
    log_terms = np.log(weights) + 0.5 * nodes**2 - 0.5 * u**2 + log_below.sum(axis=2)
    log_total = logsumexp(log_terms, axis=1)
    share = np.exp(log_terms - log_total[:, None])
    shift = np.einsum("ig,igc->ic", share, _ratio(margins, log_below))
    mean = location - shift
    mean[rows, label] += shift.sum(axis=1)
    return mean, log_total + np.log(width) - 0.5 * _LOG_2PI


def _find_mode(lead: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where the integrand is largest, and the width of the normal curve that fits it there."""
    mode, slope_change = np.zeros(len(lead)), np.ones(len(lead))
    for _ in range(_N_STEPS):
        margin = mode[:, None] + lead
        ratio = _ratio(margin, log_ndtr(margin))
        slope = -mode + ratio.sum(axis=1)
        finite = np.where(np.isinf(margin), 0.0, margin)
        slope_change = 1.0 + (ratio * (ratio + finite)).sum(axis=1)
        mode += slope / slope_change
    return mode, slope_change**-0.5


def _ratio(margin: NDArray[np.float64], log_below: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the normal density over the distribution function."""
    return np.exp(-0.5 * margin**2 - 0.5 * _LOG_2PI - log_below)
