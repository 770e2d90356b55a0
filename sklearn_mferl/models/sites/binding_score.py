"""`BindingScore`: what the sites of a pair say of it, with nothing learned from a list."""

from numbers import Real
from typing import Any, ClassVar, Self, cast

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from sklearn_mferl.evidence.binding_sites import BindingSites
from sklearn_mferl.evidence.sites.summary import BINDING_FEATURES
from sklearn_mferl.models.calibration import shift_prevalence
from sklearn_mferl.pairs import PairFeatures, PairTable
from sklearn_mferl.utils.estimators import LogOddsClassifier, whole_or_nothing
from sklearn_mferl.utils.labels import read_two_classes
from sklearn_mferl.utils.parameters import check_parameters

EVEN = 0.5  # share of bound sites where the log-odds of a site model are as they stand


class BindingScore(LogOddsClassifier):
    """Score pairs by how well the miRNA binds the target, whatever a list says.

    The score is a column of `BindingSites`, in log-odds that a site model learned from reads. From labels
    only the names of the two classes are taken.

    Parameters
    ----------
    column : {"binding_best", "binding_log_sum"}, default="binding_log_sum"
        The best site, or the logarithm of the sum of the odds of all sites: a target with many has more.
    prevalence : float or None, default=None
        Share of bound pairs among those to be scored, in (0, 1); None is the half that the site models are
        trained with. May be set on a fitted model.

    Attributes
    ----------
    classes_ : ndarray, shape (2,)
        The labels, 0 and 1 where none were given.
    n_features_in_ : int
        Always 2, the columns of the pairs.

    Raises
    ------
    ValueError
        If there is no evidence ``binding``, the channel of `BindingSites`.

    Examples
    --------
    >>> from sklearn_mferl import make_mferl_pipeline
    >>> circrna, mirna = {"circ": "AACUAUACAACCUACUACCUCAGCAGCC" * 2}, {"let-7": "UGAGGUAGUAGGUUGUAUAGUU"}
    >>> model = make_mferl_pipeline(circrna, mirna, preset="binding").fit([("circ", "let-7")])
    >>> model.predict([("circ", "let-7")])
    array([1])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "column": [StrOptions({"binding_best", "binding_log_sum"})],
        "prevalence": [Interval(Real, 0, 1, closed="neither"), None],
    }

    def __init__(self, column: str = "binding_log_sum", *, prevalence: float | None = None) -> None:
        self.column = column
        self.prevalence = prevalence

    @whole_or_nothing
    def fit(self, X: Any, y: Any = None) -> Self:
        """Note the classes.

        Parameters
        ----------
        X : PairTable or pairs of sequences
            What `PairFeatures` gives with sites; or circRNA and miRNA sequences.
        y : array-like, shape (n_pairs,), default=None
            Labels of two classes.

        Returns
        -------
        self
        """
        check_parameters(self)
        if not isinstance(X, PairTable):
            self.features_ = PairFeatures(scales=[], evidence=[("binding", BindingSites())]).fit(X)
        self.n_features_in_ = 2
        self.classes_ = np.array([0, 1])
        if y is not None:
            self.classes_, _ = read_two_classes(y, len(X), self)
        return self

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return the log-odds of binding.

        Parameters
        ----------
        X : as in `fit`

        Returns
        -------
        ndarray of float64, shape (n_pairs,)
        """
        check_is_fitted(self)
        check_parameters(self)
        table = X if isinstance(X, PairTable) else cast(PairTable, self.features_.transform(X))
        return shift_prevalence(read_binding(table, self.column), EVEN, self.prevalence)


def read_binding(table: PairTable, column: str) -> NDArray[np.float64]:
    """Return a column of the channel ``binding``."""
    block = table.evidence.get("binding")
    if block is None or block.shape[1] != len(BINDING_FEATURES):
        raise ValueError(
            "These pairs have no evidence 'binding', which BindingSites makes of the sequences of both RNAs."
        )
    return block[:, BINDING_FEATURES.index(column)].astype(np.float64)
