"""Classifiers of pairs together: weighed and calibrated by held-out pairs, by what of a pair is new."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral, Real
from typing import Any, ClassVar, Self, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import clone
from sklearn.utils._param_validation import Interval
from sklearn.utils.metaestimators import _BaseComposition
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from sklearn_mferl.models.base import PairClassifier
from sklearn_mferl.models.calibration import Calibrator, hold_out, log_odds_of, shift_prevalence
from sklearn_mferl.models.mferl import MFERLClassifier
from sklearn_mferl.models.sites.binding_score import EVEN, read_binding
from sklearn_mferl.models.training_data import KnownRNAs, LabelledPairs, index_pairs, show_held_out
from sklearn_mferl.network.devices import resolve_device
from sklearn_mferl.pairs import PairFeatures, PairTable
from sklearn_mferl.utils.scheduling import (
    give_back_memory,
    one_blas_thread,
    one_openmp_thread,
    run_in_order,
)
from sklearn_mferl.utils.validation import as_table, check_pairs


class StackedPairClassifier(PairClassifier, _BaseComposition):
    """Weigh classifiers of pairs against each other, and turn their scores into probabilities.

    The classifiers are fitted on all training pairs, and once more on a part of them, with the features of
    a `PairTable` fitted on this part, too. The pairs that are held out, those between known RNAs and all
    pairs of some RNAs, say how much each classifier counts and how probable a score is: log-odds are linear
    in the scores, with weights and an offset that may differ by what of the pair is new. Where there is a
    background of unknown pairs (`PairFeatures`), it counts as further negatives for the first. No weight is
    negative, so that a higher score is never less probable, and a penalty draws weights together, so that
    classifiers that tell the same count alike.

    Parameters
    ----------
    estimators : list of (str, classifier)
        The classifiers by name; ``"drop"`` in place of one leaves it out. They read what `fit` is given:
        the `PairTable` of `PairFeatures`, or pairs of ids or sequences.
    calibrate : bool, default=True
        Whether to hold out pairs, which costs half a fit more. False: the classifiers count alike, and their
        mean score is the logit.
    prevalence
        As that of `MFERLClassifier`.
    site_prevalence : float or None, default=None
        Share of bound windows among all that a target has, in (0, 1). With it the odds of the evidence
        ``binding`` (`BindingSites`) are added to those that the classifiers give: a pair counts where they
        or its sites speak for it. Without the sequences that this needs, only the classifiers count. May be
        set on a fitted model.
    n_jobs : int or None, default=None
        How many classifiers are fitted at the same time, each by one thread; None is 1, -1 one for every
        processor. It makes no difference to what they learn. On a GPU they are fitted one after the other.
    random_state : int, RandomState instance or None, default=None
        Seeds the classifiers whose own ``random_state`` is None, and the choice of pairs to hold out.

    Attributes
    ----------
    classes_ : ndarray, shape (2,)
        The labels; the second is the positive one.
    named_estimators_ : dict of str to classifier
        The fitted classifiers.
    weights_ : ndarray, shape (4, n_estimators)
        How much the score of each counts, ≥ 0, by what is new: nothing, the miRNA, the circRNA or both.
    offsets_ : ndarray, shape (4,)
        What is added to the weighted scores.
    n_features_in_ : int
        Always 2, the columns of the pairs.
    training_prevalence_ : float
        Share of interactions, by weight, among the training pairs.

    Raises
    ------
    ValueError
        If the labels are not two classes, a parameter is out of range, or there is no classifier.

    See Also
    --------
    sklearn.calibration.CalibratedClassifierCV : Holds out rows, whatever RNAs they share.

    References
    ----------
    Platt J. Probabilistic outputs for support vector machines and comparisons to regularized likelihood
    methods. Advances in Large Margin Classifiers, 61-74 (1999).

    Examples
    --------
    >>> from sklearn_mferl.baselines import DegreeProduct, SeedCount
    >>> from sklearn_mferl.datasets import make_cmi
    >>> from sklearn_mferl.model_selection import labelled_pairs
    >>> from sklearn_mferl.models import StackedPairClassifier
    >>> data = make_cmi(40, 20, random_state=0)
    >>> pairs, y = labelled_pairs(data.pairs, random_state=0)
    >>> scores = [("degree", DegreeProduct()), ("seed", SeedCount(data.circrna, data.mirna))]
    >>> model = StackedPairClassifier(scores, random_state=0).fit(pairs, y)
    >>> model.predict_proba(pairs[:3]).shape, model.weights_.shape
    ((3, 2), (4, 2))
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "estimators": [list, tuple],
        "calibrate": ["boolean"],
        "prevalence": [Interval(Real, 0, 1, closed="neither"), None],
        "site_prevalence": [Interval(Real, 0, 1, closed="neither"), None],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        estimators: list[tuple[str, Any]],
        *,
        calibrate: bool = True,
        prevalence: float | None = None,
        site_prevalence: float | None = None,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimators = estimators
        self.calibrate = calibrate
        self.prevalence = prevalence
        self.site_prevalence = site_prevalence
        self.n_jobs = n_jobs
        self.random_state = random_state

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters, with ``boosting__estimator`` and the like for those of the classifiers.

        Parameters
        ----------
        deep : bool, default=True
            Whether to include the classifiers and their parameters.

        Returns
        -------
        dict
        """
        return cast(dict[str, Any], self._get_params("estimators", deep=deep))

    def set_params(self, **params: Any) -> Self:
        """Set parameters, those of the classifiers too.

        Parameters
        ----------
        **params
            Names and values; ``network__lr=0.1`` sets a parameter of the classifier ``network``,
            ``network="drop"`` leaves it out.

        Returns
        -------
        self
        """
        self._set_params("estimators", **params)
        return self

    @property
    def _n_seeds(self) -> int:  # type: ignore[override]
        return len(self.estimators) + 1

    def _default_features(self) -> PairFeatures:
        raise NotImplementedError  # each classifier has its own

    def _tabulate(
        self, X: Any, labels: NDArray[np.int64], weights: NDArray[np.float64], seed: int
    ) -> PairTable:
        self._reads_table = isinstance(X, PairTable)
        if self._reads_table:
            return X
        return index_pairs(check_pairs(X)) if self._has_ids else self._split_matrix(X)

    def _split_matrix(self, X: NDArray[Any]) -> PairTable:
        raise ValueError(
            "StackedPairClassifier needs to know the RNAs of a pair; give pairs, or a PairTable."
        )

    def _check_input(self, X: Any) -> PairTable:
        if isinstance(X, PairTable) or self._reads_table:
            return super()._check_input(X)
        return index_pairs(check_pairs(as_table(X)))

    def _learn(self, data: LabelledPairs, seeds: list[int]) -> None:
        self._validate_names([name for name, _ in self.estimators])
        *member_seeds, split_seed = seeds
        labels, weights = data.target[:, 0].astype(np.int64), data.target[:, 1].astype(np.float64)
        members = {
            name: _seeded(estimator, seed)
            for (name, estimator), seed in zip(self.estimators, member_seeds, strict=True)
            if not (isinstance(estimator, str) and estimator == "drop")
        }
        if not members:
            raise ValueError("There is no classifier in estimators; give at least one.")
        held_out = hold_out(data.table, split_seed)
        calls = self._fitting(members, data.table, labels, weights)
        calibrator = Calibrator(len(members))
        if self.calibrate and held_out.any() and len(np.unique(labels[~held_out])) == 2:
            show = {"function": show_held_out, "table": data.table, "labels": labels, "held_out": held_out}
            shown, *fitted = self._perform([show, *calls], members)
            self._calibrate(calibrator, members, shown, labels, weights, held_out)
        else:
            fitted = self._perform(calls, members)
        self.named_estimators_ = dict(zip(members, fitted, strict=True))
        self.weights_, self.offsets_ = calibrator.slopes, calibrator.offsets

    def _calibrate(
        self,
        calibrator: Calibrator,
        members: dict[str, Any],
        shown: tuple[PairTable, PairTable, PairTable | None],
        labels: NDArray[np.int64],
        weights: NDArray[np.float64],
        held_out: NDArray[np.bool_],
    ) -> None:
        """Fit the members on a part of the pairs, and the calibrator on the others and the background."""
        part, *further = (table for table in shown if table is not None)
        fit = ~held_out
        calls = self._fitting(members, part, labels[fit], weights[fit])
        on_part = dict(zip(members, self._perform(calls, members), strict=True))
        # an RNA of which the part has no interaction is new, as it is in use
        known = KnownRNAs(part[labels[fit] == 1], has_ids=True)
        levels = [known.novelty(table) for table in further]
        scores = [self._score(on_part, *each) for each in zip(further, levels, strict=True)]
        of_others, *of_background = zip(scores, levels, strict=True)
        calibrator.fit(*of_others, labels[held_out], weights[held_out], *of_background)

    def _fitting(
        self,
        members: dict[str, Any],
        table: PairTable,
        labels: NDArray[np.int64],
        weights: NDArray[np.float64],
    ) -> list[dict[str, Any]]:
        """Return the calls that fit every member on labelled pairs."""
        common = {"X": self._member_input(table), "y": self.classes_[labels], "weights": weights}
        return [
            {"function": _fit_member, "member": member, "name": name, **common}
            for name, member in members.items()
        ]

    def _perform(self, calls: list[dict[str, Any]], members: dict[str, Any]) -> list[Any]:
        """Make calls at the same time, except on a GPU."""
        n_jobs = 1 if any(map(_is_on_gpu, members.values())) else self.n_jobs
        results = run_in_order(_call_on_one_thread, calls, n_jobs=n_jobs, prefer="threads")
        give_back_memory()
        return results

    def score_parts(self, X: Any) -> pd.DataFrame:
        """Tell apart what a probability is made of.

        Parameters
        ----------
        X : as in `fit`

        Returns
        -------
        DataFrame
            A row for each pair: ``score``, the second column of `predict_proba`; ``list_score``, what it is
            by the classifiers alone, which have learned what pairs the list has; ``binding_score``, what
            `BindingScore` says of its sites, which has learned from reads. The last is NaN where nothing is
            known of binding.
        """
        check_is_fitted(self)
        table = self._check_input(X)
        of_list = self._list_logits(table, self._known.novelty(table))
        parts = {"score": self._add_sites(of_list, table), "list_score": of_list}
        parts = {
            name: shift_prevalence(logits, self.training_prevalence_, self.prevalence)
            for name, logits in parts.items()
        }
        parts["binding_score"] = np.full(len(table), np.nan)
        if "binding" in table.evidence:
            parts["binding_score"] = read_binding(table, "binding_log_sum")
        return pd.DataFrame({name: expit(logits) for name, logits in parts.items()})

    def _logits(self, table: PairTable, novelty: NDArray[np.int64]) -> NDArray[np.float64]:
        return self._add_sites(self._list_logits(table, novelty), table)

    def _list_logits(self, table: PairTable, novelty: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return what the classifiers say, weighed."""
        scores = self._score(self.named_estimators_, table, novelty)
        logits: NDArray[np.float64] = (self.weights_[novelty] * scores).sum(axis=1) + self.offsets_[novelty]
        return logits

    def _add_sites(self, logits: NDArray[np.float64], table: PairTable) -> NDArray[np.float64]:
        """Add the odds of sites to those of the list."""
        if self.site_prevalence is None or "binding" not in table.evidence:
            return logits
        of_sites = shift_prevalence(read_binding(table, "binding_log_sum"), EVEN, self.site_prevalence)
        return np.logaddexp(logits, np.nan_to_num(of_sites, nan=-np.inf, neginf=-np.inf))

    def _score(
        self, members: dict[str, Any], table: PairTable, novelty: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return the scores of the members, shape (n_pairs, n_members)."""
        columns = [
            member._logits(table, novelty)
            if self._reads_table and isinstance(member, PairClassifier)
            else log_odds_of(member, self._member_input(table))
            for member in members.values()
        ]
        return np.column_stack(columns)

    def _member_input(self, table: PairTable) -> Any:
        return table if self._reads_table else table.pairs()


def find_network(classifier: Any) -> MFERLClassifier | None:
    """Return the network of a fitted classifier of pairs.

    Parameters
    ----------
    classifier : estimator
        A `MFERLClassifier`, a `StackedPairClassifier` with one, or any other.

    Returns
    -------
    MFERLClassifier or None
        None where there is none.
    """
    members = [classifier, *getattr(classifier, "named_estimators_", {}).values()]
    return next((member for member in members if isinstance(member, MFERLClassifier)), None)


@one_openmp_thread()
@one_blas_thread()
def _call_on_one_thread(function: Callable[..., Any], **arguments: Any) -> Any:
    """Call a function that takes one thread, whatever else is done at the same time."""
    return function(**arguments)


def _fit_member(member: Any, name: str, X: Any, y: NDArray[Any], weights: NDArray[np.float64]) -> Any:
    """Fit a clone of a classifier."""
    member = clone(member)
    if has_fit_parameter(member, "sample_weight"):
        return member.fit(X, y, sample_weight=weights)
    if (weights == weights[0]).all():
        return member.fit(X, y)
    raise ValueError(f"The classifier {name!r} takes no sample_weight; leave it out.")


def _is_on_gpu(member: Any) -> bool:
    """Tell the networks of this package that train on a GPU."""
    return isinstance(member, PairClassifier) and resolve_device(getattr(member, "device", "cpu")) != "cpu"


def _seeded(estimator: Any, seed: int) -> Any:
    """Clone a classifier, and seed what has no seed of its own."""
    member = clone(estimator)
    params = member.get_params()
    names = ["random_state"] if "random_state" in params else params
    unset = [name for name in names if name.endswith("random_state") and params[name] is None]
    return member.set_params(**dict.fromkeys(unset, seed))
