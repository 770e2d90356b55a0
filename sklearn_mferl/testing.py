"""Checks for estimators that take RNA sequences, ids or pairs, of which scikit-learn itself checks little."""

from __future__ import annotations

import inspect
import io
import itertools
import pickle
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Final, Literal

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_mferl.utils.validation import SIDES

Kind = Literal["sequences", "ids", "pairs", "classifier"]

_KINDS: Final = ("sequences", "ids", "pairs", "classifier")
_RTOL: Final = 1e-6
_ATOL: Final = 1e-9  # for what is 0 but for rounding in double precision
_N_IDS: Final = 12
_N_KNOWN_IDS: Final = 9
_NOT_NUMBERS: Final = (float("nan"), float("inf"), "1", True)
_WRONG_VALUES: Final[dict[type, tuple[Any, ...]]] = {  # by the type of the default
    bool: ("False", 2),
    int: (*_NOT_NUMBERS, 1.5),
    float: _NOT_NUMBERS,
}


def check_rna_estimator(estimator: Any, kind: Kind, *, allow_nan: bool = False) -> None:
    """Run all checks on an estimator, and raise what the first failing one finds.

    Scikit-learn's ``check_estimator`` runs a single check on an estimator that takes strings. These are
    some forty for estimators of RNAs: those of this package, and your own scales.

    Parameters
    ----------
    estimator : estimator
        An instance with the parameters to check; it is cloned, not changed. Every ``random_state`` in it
        is set to 0. Cheap settings keep the checks fast.
    kind : {"sequences", "ids", "pairs", "classifier"}
        What it takes: ``"sequences"`` and ``"ids"`` say that it is a transformer of a 1-D collection,
        ``"pairs"`` a transformer of circRNA–miRNA pairs whose `transform` gives a matrix, ``"classifier"``
        a classifier of pairs. Ids are those of `example_ids`, which the estimator has to know. Pairs are
        of sequences; only a transformer with a method ``embed`` may take them for mere names.
    allow_nan : bool, default=False
        Whether a transformer may give NaN for "nothing known", as `PairNeighborhood` does of an RNA without
        known partners. Infinite values and rows that are NaN throughout are errors all the same, and every
        other check compares NaN with NaN.

    Raises
    ------
    AssertionError
        If a check fails.
    ValueError
        If `kind` is none of the four.

    See Also
    --------
    rna_checks : The same one by one, for pytest.

    Examples
    --------
    >>> from sklearn_mferl import KmerTransformer
    >>> from sklearn_mferl.testing import check_rna_estimator
    >>> check_rna_estimator(KmerTransformer(k=1), "sequences")
    """
    for _, check in rna_checks(estimator, kind, allow_nan=allow_nan):
        check()


def rna_checks(
    estimator: Any, kind: Kind, *, allow_nan: bool = False
) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield the checks that apply to an estimator.

    Parameters
    ----------
    estimator, kind, allow_nan
        As in `check_rna_estimator`.

    Yields
    ------
    name : str
        Name of the check, a sentence.
    check : callable
        Takes nothing and raises AssertionError where the estimator fails.

    Raises
    ------
    ValueError
        If `kind` is none of the four.

    Examples
    --------
    One test a check::

        @pytest.mark.parametrize(
            "check", [pytest.param(check, id=name) for name, check in rna_checks(MyScale(), "sequences")]
        )
        def test_my_scale(check):
            check()

    >>> from sklearn_mferl import CTDTransformer
    >>> from sklearn_mferl.testing import rna_checks
    >>> names = [name for name, check in rna_checks(CTDTransformer(), "sequences")]
    >>> names[0]
    'check_parameters_have_defaults'
    """
    if kind not in _KINDS:
        raise ValueError(f"kind must be one of {', '.join(map(repr, _KINDS))}; got {kind!r}.")
    case = replace(_make_case(estimator, kind), allow_nan=allow_nan)
    for check, applies in _CHECKS:
        if applies(case):
            yield check.__name__, partial(check, case)


def example_ids() -> list[str]:
    """Return the ids that the checks of kind ``"ids"`` use.

    Returns
    -------
    list of str
        ``"rna_00"`` to ``"rna_11"``.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn_mferl import PrecomputedEmbedding
    >>> from sklearn_mferl.testing import check_rna_estimator, example_ids
    >>> table = pd.DataFrame(np.eye(12), index=example_ids())
    >>> check_rna_estimator(PrecomputedEmbedding(table), "ids")
    """
    return [f"rna_{number:02d}" for number in range(_N_IDS)]


@dataclass(frozen=True)
class _Case:
    """An estimator with data to check it on.

    Attributes
    ----------
    estimator : estimator
    kind : str
    X : list of str, or of tuples of two str
        Training rows, the first of which stands twice.
    y : ndarray of int
        0 or 1 for each.
    new_X, new_y : as X and y
        Rows with RNAs that are not in X.
    allow_nan : bool
        Whether NaN may stand for "nothing known" in the output.
    """

    estimator: Any
    kind: str
    X: list[Any]
    y: NDArray[np.int64]
    new_X: list[Any]
    new_y: NDArray[np.int64]
    allow_nan: bool = False

    @property
    def is_classifier(self) -> bool:
        return self.kind == "classifier"

    @property
    def takes_pairs(self) -> bool:
        return self.kind in ("pairs", "classifier")

    @property
    def reads_sequences(self) -> bool:
        """Whether the letters mean something: an embedder of the graph takes them for mere names."""
        return self.kind != "ids" and not hasattr(self.estimator, "embed")

    @property
    def methods(self) -> tuple[str, ...]:
        """What can be called with X once fitted."""
        return ("predict", "predict_proba", "decision_function") if self.is_classifier else ("transform",)

    def make(self, **params: Any) -> Any:
        """Clone the estimator, every random_state fixed."""
        estimator = clone(self.estimator)
        names = [name for name in estimator.get_params() if name.split("__")[-1] == "random_state"]
        return estimator.set_params(**dict.fromkeys(names, 0), **params)

    def fit(self, estimator: Any, X: Any, y: Any) -> Any:
        """Fit an estimator, with labels where its kind needs them."""
        return estimator.fit(X, y) if self.takes_pairs else estimator.fit(X)

    def fit_anew(self) -> Any:
        """Return a fresh estimator fitted on X and y."""
        return self.fit(self.make(), self.X, self.y)

    @cached_property
    def fitted(self) -> Any:
        """An estimator fitted on X and y, for all checks that only use it."""
        return self.fit_anew()

    @cached_property
    def expected(self) -> NDArray[Any]:
        """What it gives for X."""
        return self.output(self.fitted, self.X)

    def output(self, estimator: Any, X: Any) -> NDArray[Any]:
        """Return the features, or the logits of a classifier, as an array."""
        if self.is_classifier:
            return np.asarray(estimator.decision_function(X))
        return _as_array(estimator.transform(X))


def _make_case(estimator: Any, kind: str) -> _Case:
    rng = np.random.default_rng(0)
    if kind in ("sequences", "ids"):
        if kind == "ids":
            names = example_ids()
        else:
            names = [_random_rna(length, rng) for length in (9, 12, 16, 20, 25, 31, 40, 47, 60, 1, 14, 33)]
            names[2] = names[2][:5] + "NR" + names[2][5:]  # IUPAC letters other than ACGU are RNA, too
        known, new = names[:_N_KNOWN_IDS], names[_N_KNOWN_IDS:]
        X: list[Any] = [*known, known[0]]
        return _Case(estimator, kind, X, np.arange(len(X)) % 2, new, np.arange(len(new)) % 2)
    circrnas = [_random_rna(length, rng) for length in rng.integers(30, 70, 7)]
    mirnas = [_random_rna(length, rng) for length in rng.integers(18, 24, 6)]
    X = [(circrna, mirna) for circrna in circrnas[:5] for mirna in mirnas[:4]]
    y = np.array([(i // 4 + i % 4) % 2 for i in range(len(X))])
    new_X = [
        (circrnas[5], mirnas[0]),
        (circrnas[0], mirnas[4]),
        (circrnas[6], mirnas[5]),
        (circrnas[5], mirnas[5]),
    ]
    return _Case(estimator, kind, [*X, X[0]], np.append(y, y[0]), new_X, np.array([1, 0, 1, 0]))


# What every estimator does ------------------------------------------------------------------------------


def check_parameters_have_defaults(case: _Case) -> None:
    """Construct the class without any argument."""
    cls = type(case.estimator)
    defaults = _signature(case.estimator)
    required = [name for name, default in defaults.items() if default is inspect.Parameter.empty]
    assert not required, f"{cls.__name__}() needs the parameters {required}; give them defaults."
    cls()


def check_init_only_assigns(case: _Case) -> None:
    """Ask that ``__init__`` stores each parameter as it is given, checks none, and does nothing else."""
    values = {name: object() for name in _signature(case.estimator)}
    estimator = type(case.estimator)(**values)
    for name, value in values.items():
        assert getattr(estimator, name) is value, f"__init__ changes the parameter {name!r}."
    more = set(vars(estimator)) - set(values)
    assert not more, f"__init__ sets {sorted(more)}, which are not parameters."


def check_set_params_takes_what_get_params_gives(case: _Case) -> None:
    """Ask that `get_params` names every parameter, and `set_params` sets these and refuses others."""
    estimator = clone(case.estimator)
    params = estimator.get_params(deep=False)
    assert set(params) == set(_signature(estimator)), (
        f"get_params gives {sorted(params)}, __init__ takes {sorted(_signature(estimator))}."
    )
    assert estimator.set_params(**params) is estimator, "set_params does not return self."
    assert _identical(estimator.get_params(deep=False), params), "set_params changes the parameters."
    _refusal(partial(estimator.set_params, no_such_parameter=1), "set_params(no_such_parameter=1)")


def check_parameters_of_the_wrong_kind_are_refused(case: _Case) -> None:
    """Ask `fit` for a ValueError that names a switch that is no bool, or a number that is none.

    Text is true, "False" too; True is 1; NaN and infinity pass many comparisons.
    """
    for name, default in _signature(case.estimator).items():
        takes_any_number = isinstance(default, float) and not np.isfinite(default)
        if name not in ("random_state", "verbose") and not takes_any_number:
            for wrong in _WRONG_VALUES.get(type(default), ()):
                estimator = case.make(**{name: wrong})
                _refusal(partial(case.fit, estimator, case.X, case.y), f"fit with {name}={wrong!r}", name)


def check_fit_leaves_parameters_alone(case: _Case) -> None:
    """Ask that `fit` neither replaces nor changes a parameter, nested ones included."""
    estimator = case.make()
    params, before = estimator.get_params(deep=False), joblib.hash(estimator.get_params())
    case.fit(estimator, case.X, case.y)
    assert _identical(estimator.get_params(deep=False), params), "fit replaces a parameter."
    assert joblib.hash(estimator.get_params()) == before, "fit changes a parameter in place."


def check_fit_leaves_its_input_alone(case: _Case) -> None:
    """Ask that `fit` changes neither X nor y."""
    X, y = _as_frame(case, case.X), case.y.copy()
    case.fit(case.make(), X, y)
    pd.testing.assert_frame_equal(X, _as_frame(case, case.X))
    np.testing.assert_array_equal(y, case.y, err_msg="fit changes y.")


def check_clone_is_not_fitted(case: _Case) -> None:
    """Ask that a clone of a fitted estimator has its parameters and nothing else."""
    copied = clone(case.fitted)
    more = set(vars(copied)) - set(_signature(copied))
    assert not more, f"A clone has {sorted(more)}; is a parameter changed by fit?"
    _check_not_fitted(case, copied)


def check_use_before_fit_raises_not_fitted_error(case: _Case) -> None:
    """Ask for a NotFittedError from whatever needs `fit`."""
    _check_not_fitted(case, case.make())


def check_fit_returns_self(case: _Case) -> None:
    """Ask that `fit` returns the estimator."""
    estimator = case.make()
    assert case.fit(estimator, case.X, case.y) is estimator, "fit does not return self."


def check_n_features_in_counts_the_columns(case: _Case) -> None:
    """Ask that ``n_features_in_``, where there is one, is 1 for single RNAs and 2 for pairs."""
    expected = 2 if case.takes_pairs else 1
    found = getattr(case.fitted, "n_features_in_", expected)
    assert found == expected, f"n_features_in_ is {found}; X has {expected} columns."


def check_fit_twice_gives_the_same(case: _Case) -> None:
    """Fit two estimators on the same rows, and ask for the same, bit by bit."""
    first, second = (case.output(case.fit_anew(), [*case.X, *case.new_X]) for _ in range(2))
    np.testing.assert_array_equal(first, second, err_msg="Two fits on the same rows differ.")


def check_fit_forgets_an_earlier_fit(case: _Case) -> None:
    """Ask that an estimator fitted on other rows before is like a fresh one."""
    estimator = case.fit(case.make(), case.new_X, case.new_y)
    case.output(estimator, case.new_X)
    again = case.output(case.fit(estimator, case.X, case.y), case.X)
    np.testing.assert_array_equal(again, case.expected, err_msg="An earlier fit leaves a trace.")


def check_global_generators_are_left_alone(case: _Case) -> None:
    """Ask that nothing draws from the global generators of numpy, Python and torch, or seeds them."""
    before = _global_generators()
    estimator = case.fit_anew()
    for method in case.methods:
        getattr(estimator, method)(case.X)
    assert _global_generators() == before, "A global random generator is touched."


def check_use_leaves_state_and_input_alone(case: _Case) -> None:
    """Ask that `transform`, `predict` and the like change neither the fitted estimator nor X."""
    estimator, X = case.fit_anew(), _as_frame(case, case.new_X)
    for method in case.methods:
        before = pickle.dumps(estimator)
        getattr(estimator, method)(X)
        assert pickle.dumps(estimator) == before, f"{method} changes the fitted estimator."
    pd.testing.assert_frame_equal(X, _as_frame(case, case.new_X))


# Rows do not see each other -----------------------------------------------------------------------------


def check_rows_do_not_depend_on_other_rows(case: _Case) -> None:
    """Compare the output of some of the rows, known RNAs and new ones, with that of all."""
    X = [*case.X, *case.new_X]
    together = case.output(case.fitted, X)
    for rows in (range(3), range(1, len(X), 2), range(len(case.X), len(X))):
        _assert_close(
            case.output(case.fitted, [X[row] for row in rows]),
            together[list(rows)],
            "The output of a row depends on the other rows of the call.",
        )


def check_rows_do_not_depend_on_their_order(case: _Case) -> None:
    """Compare the output of the rows in another order."""
    estimator, X = case.fitted, [*case.X, *case.new_X]
    order = np.random.default_rng(1).permutation(len(X))
    _assert_close(
        case.output(estimator, [X[row] for row in order]),
        case.output(estimator, X)[order],
        "The output of a row depends on the order of the rows.",
    )


def check_a_single_row_is_enough(case: _Case) -> None:
    """Compare one row alone, of known RNAs or new ones, with the same among others."""
    estimator = case.fitted
    for X in (case.X, case.new_X):
        together = case.output(estimator, X)
        for row in range(3):
            _assert_close(
                case.output(estimator, [X[row]]),
                together[[row]],
                "The output of a single row differs from that of the row among others.",
            )


def check_new_rnas_are_accepted(case: _Case) -> None:
    """Ask that RNAs that `fit` has not seen give rows like any other."""
    estimator = case.fitted
    known, new = case.output(estimator, case.X), case.output(estimator, case.new_X)
    assert new.shape == (len(case.new_X), *known.shape[1:]), (
        f"{len(case.new_X)} rows of new RNAs give shape {new.shape}; known ones {known.shape}."
    )
    _check_finite(case, new, "New RNAs give")


def check_equal_rows_give_equal_output(case: _Case) -> None:
    """Ask that a row that stands twice gives the same twice."""
    estimator = case.fitted
    for X in ([*case.X, case.X[0]], [*case.new_X, case.new_X[0]]):
        output = case.output(estimator, X)
        _assert_close(output[-1:], output[:1], "Equal rows give different output.")


# Forms of input -----------------------------------------------------------------------------------------


def check_every_container_gives_the_same(case: _Case) -> None:
    """Give the same rows as list, tuple, array, Series and DataFrame, to `fit` and afterwards."""
    labels = [case.y, list(case.y), pd.Series(case.y, index=np.arange(len(case.y)) + 100)]
    for (name, X), y in zip(_containers(case), itertools.cycle(labels), strict=False):
        estimator = case.fit(case.make(), X, y)
        _assert_close(case.output(estimator, X), case.expected, f"Rows given as {name} differ from a list.")


def check_lower_case_and_t_give_the_same(case: _Case) -> None:
    """Give the same sequences in lower case and with T for U, to `fit` and afterwards."""
    forms: list[Callable[[str], str]] = [str.lower, lambda rna: rna.replace("U", "T")]
    for form in forms:
        X = _map_names(case.X, form)
        for estimator in (case.fit(case.make(), X, case.y), case.fitted):
            _assert_close(case.output(estimator, X), case.expected, f"Sequences such as {X[0]!r} differ.")


def check_no_rows_are_refused(case: _Case) -> None:
    """Ask for a ValueError for an empty collection and for None."""
    estimator = case.fitted
    no_rows: list[Any] = [[], None]
    for X in no_rows:
        _refusal(partial(case.fit, case.make(), X, []), f"fit of {X}")
        _refusal(partial(case.output, estimator, X), f"{case.methods[-1]} of {X}")


def check_a_missing_value_is_refused(case: _Case) -> None:
    """Ask for a ValueError that names the row where a sequence or id is NaN or None."""
    for missing in (np.nan, None):
        _check_bad_name(case, missing, "row 2")


def check_a_single_string_is_refused(case: _Case) -> None:
    """Ask for a ValueError for one string, which must not be read letter by letter."""
    name = case.X[0][0] if case.takes_pairs else case.X[0]
    _refusal(partial(case.fit, case.make(), name, case.y[:1]), "fit of a single string")
    _refusal(partial(case.output, case.fitted, name), f"{case.methods[-1]} of a single string")


def check_an_empty_sequence_is_refused(case: _Case) -> None:
    """Ask for a ValueError that names the row of a sequence without letters."""
    _check_bad_name(case, "", "row 2")


def check_a_foreign_letter_is_named(case: _Case) -> None:
    """Ask for a ValueError that names the row and the letter where it is none of IUPAC's."""
    _check_bad_name(case, "ACGJ", "row 2", "J")


def check_pairs_have_two_columns(case: _Case) -> None:
    """Ask for a ValueError for rows of one or three strings, and of different lengths."""
    wrong = {
        "one column": [pair[:1] for pair in case.X],
        "three columns": [(*pair, pair[0]) for pair in case.X],
        "rows of different lengths": [*case.X[:-1], case.X[-1][:1]],
    }
    estimator = case.fitted
    for name, X in wrong.items():
        _refusal(partial(case.fit, case.make(), X, case.y), f"fit of {name}")
        _refusal(partial(case.output, estimator, X), f"{case.methods[-1]} of {name}")


# Persistence and company --------------------------------------------------------------------------------


def check_pickle_and_joblib_give_the_same(case: _Case) -> None:
    """Ask for the same, bit by bit, from an estimator that went through pickle or joblib."""
    estimator, X = case.fitted, [*case.X, *case.new_X]
    expected = case.output(estimator, X)
    file = io.BytesIO()
    joblib.dump(estimator, file)
    file.seek(0)
    for loaded in (pickle.loads(pickle.dumps(estimator)), joblib.load(file)):
        np.testing.assert_array_equal(
            case.output(loaded, X), expected, err_msg="A loaded estimator gives something else."
        )


def check_n_jobs_gives_the_same(case: _Case) -> None:
    """Ask for the same from one job and from two."""
    one, two = (case.fit(case.make(n_jobs=n_jobs), case.X, case.y) for n_jobs in (1, 2))
    _assert_close(case.output(two, case.X), case.output(one, case.X), "n_jobs changes the result.")


def check_cross_validate_runs(case: _Case) -> None:
    """Cross-validate a classifier itself, a transformer before a logistic regression."""
    model = case.make()
    if not case.is_classifier:
        fill = [SimpleImputer(add_indicator=True, keep_empty_features=True)] if case.allow_nan else []
        model = make_pipeline(
            model, *fill, StandardScaler(with_mean=False), LogisticRegression(max_iter=1000)
        )
    scores = cross_validate(
        model,
        case.X,
        case.y,
        cv=StratifiedKFold(2, shuffle=True, random_state=0),
        scoring="roc_auc",
        error_score="raise",
    )
    assert np.isfinite(scores["test_score"]).all(), f"The scores are {scores['test_score']}."


# Transformers -------------------------------------------------------------------------------------------


def check_fit_transform_equals_fit_and_transform(case: _Case) -> None:
    """Compare `fit_transform` with `fit` and `transform`."""
    estimator = case.make()
    output = estimator.fit_transform(case.X, case.y) if case.takes_pairs else estimator.fit_transform(case.X)
    _assert_close(_as_array(output), case.expected, "fit_transform differs from fit and transform.")
    _assert_close(case.output(estimator, case.X), case.expected, "fit_transform fits differently from fit.")


def check_features_are_finite_float32(case: _Case) -> None:
    """Ask for a finite matrix of float32, dense or CSR, with a row for each row of X.

    Where it is allowed, NaN stands for "nothing known".
    """
    features = case.fitted.transform(case.X)
    assert isinstance(features, np.ndarray) or (sparse.issparse(features) and features.format == "csr"), (
        f"transform gives a {type(features).__name__}, not an array or a CSR matrix."
    )
    assert features.dtype == np.float32, f"transform gives {features.dtype}, not float32."
    assert features.ndim == 2, f"transform gives shape {features.shape}; a matrix has two."
    assert features.shape[0] == len(case.X), f"transform gives {features.shape[0]} rows for {len(case.X)}."
    _check_finite(case, _as_array(features), "transform gives")


def check_each_column_has_a_name_of_its_own(case: _Case) -> None:
    """Ask for distinct strings as feature names, as many as columns and as ``n_features_out_`` says."""
    estimator = case.fitted
    names, width = estimator.get_feature_names_out(), case.output(estimator, case.X).shape[1]
    assert isinstance(names, np.ndarray), f"get_feature_names_out gives a {type(names).__name__}, no array."
    assert all(isinstance(name, str) for name in names), "A feature name is not a string."
    assert len(set(names)) == len(names), "Two columns have the same name."
    assert len(names) == width, f"There are {len(names)} feature names for {width} columns."
    n_features_out = getattr(estimator, "n_features_out_", width)
    assert n_features_out == width, f"n_features_out_ is {n_features_out}; there are {width} columns."


def check_set_output_pandas_gives_named_columns(case: _Case) -> None:
    """Ask ``set_output(transform="pandas")`` for the same values under the feature names."""
    if sparse.issparse(case.fitted.transform(case.X)):
        return  # pandas does not take sparse matrices from scikit-learn
    expected = pd.DataFrame(case.expected, columns=case.fitted.get_feature_names_out())
    estimator = case.make().set_output(transform="pandas")
    fitted_frame = estimator.fit_transform(case.X, case.y)
    for frame in (fitted_frame, estimator.transform(case.X)):
        assert isinstance(frame, pd.DataFrame), f"transform gives a {type(frame).__name__}, not a DataFrame."
        pd.testing.assert_frame_equal(frame, expected, rtol=_RTOL, atol=_ATOL)


def check_set_output_default_gives_no_frame(case: _Case) -> None:
    """Ask that a transformer set back to ``"default"`` gives no DataFrame, not even for one."""
    features = case.fit_anew().set_output(transform="default").transform(_as_frame(case, case.X))
    assert not isinstance(features, pd.DataFrame), "transform gives a DataFrame by default."
    _assert_close(_as_array(features), case.expected, "set_output changes the values.")


def check_y_is_not_needed(case: _Case) -> None:
    """Ask that a transformer of single RNAs takes labels and does not look at them."""
    estimator = case.make().fit(case.X, case.y)
    _assert_close(case.output(estimator, case.X), case.expected, "The labels change the features.")
    output = case.make().fit_transform(case.X, 1 - case.y)
    _assert_close(_as_array(output), case.expected, "The labels change the features.")


def check_column_transformer_runs(case: _Case) -> None:
    """Give a ColumnTransformer the column to read, and compare values and names."""
    frame = pd.DataFrame({"number": np.arange(len(case.X)), "rna": case.X})
    columns = ColumnTransformer([("scale", case.make(), "rna")], sparse_threshold=0)
    features = columns.fit_transform(frame)
    _assert_close(features, case.expected, "In a ColumnTransformer it gives something else.")
    names = [f"scale__{name}" for name in case.fitted.get_feature_names_out()]
    assert list(columns.get_feature_names_out()) == names, "In a ColumnTransformer its columns lose names."


# Pairs --------------------------------------------------------------------------------------------------


def check_fit_does_not_depend_on_the_order_of_pairs(case: _Case) -> None:
    """Fit on the same pairs in another order."""
    order = np.random.default_rng(0).permutation(len(case.X))
    estimator = case.fit(case.make(), [case.X[row] for row in order], case.y[order])
    _assert_close(
        case.output(estimator, case.X), case.expected, "The order of the training pairs changes the fit."
    )


# Classifiers --------------------------------------------------------------------------------------------


def check_classes_keep_their_labels(case: _Case) -> None:
    """Ask for labels of any type in ``classes_``, sorted, and from `predict`."""
    for labels in (np.array(["absent", "present"]), np.array([-1, 1]), np.array([False, True])):
        model = case.make().fit(case.X, labels[case.y])
        np.testing.assert_array_equal(model.classes_, labels, err_msg="classes_ are not the sorted labels.")
        predicted = model.predict(case.X)
        assert set(predicted) <= set(labels), f"predict gives {set(predicted)} for labels {labels}."
        _assert_close(model.decision_function(case.X), case.expected, f"Labels {labels} change the model.")


def check_predictions_agree(case: _Case) -> None:
    """Ask that `predict`, `predict_proba` and `decision_function` agree."""
    model, X = case.fitted, [*case.X, *case.new_X]
    logits, probabilities = model.decision_function(X), model.predict_proba(X)
    _assert_close(probabilities[:, 1], expit(logits), "predict_proba is not the sigmoid of the logits.")
    np.testing.assert_array_equal(
        model.predict(X),
        model.classes_[(logits > 0).astype(int)],
        err_msg="predict does not follow the sign of decision_function.",
    )


def check_probabilities_are_float64_and_sum_to_one(case: _Case) -> None:
    """Ask for two columns of probabilities, of float64, that sum to 1."""
    probabilities = case.fitted.predict_proba(case.X)
    assert probabilities.shape == (len(case.X), 2), f"predict_proba gives shape {probabilities.shape}."
    assert probabilities.dtype == np.float64, f"predict_proba gives {probabilities.dtype}, not float64."
    assert ((probabilities >= 0) & (probabilities <= 1)).all(), "A probability is not from 0 to 1."
    _assert_close(probabilities.sum(axis=1), np.ones(len(case.X)), "The probabilities do not sum to 1.")


def check_one_class_is_refused(case: _Case) -> None:
    """Ask for a ValueError that names the class where there is only one."""
    for label in ("the-only-class", 1, 0):
        y = np.full(len(case.X), label)
        _refusal(partial(case.make().fit, case.X, y), f"fit with the one class {label!r}", str(label))


def check_three_classes_are_refused(case: _Case) -> None:
    """Ask for a ValueError for labels of three classes."""
    _refusal(partial(case.make().fit, case.X, np.arange(len(case.X)) % 3), "fit with three classes")


def check_labels_of_another_length_are_refused(case: _Case) -> None:
    """Ask for a ValueError for more or fewer labels than pairs, and for none."""
    for y in (case.y[:-1], np.append(case.y, 1), None):
        _refusal(partial(case.make().fit, case.X, y), "fit with labels that do not match the pairs")


def check_weight_zero_equals_absence(case: _Case) -> None:
    """Ask that pairs with ``sample_weight`` 0 leave no trace, nor their RNAs."""
    X, y = [*case.X, *case.new_X], np.append(case.y, case.new_y)
    weights = np.repeat([1.0, 0.0], [len(case.X), len(case.new_X)])
    model = case.make().fit(X, y, sample_weight=weights)
    _assert_close(
        model.decision_function(X),
        case.fitted.decision_function(X),
        "Pairs of weight 0 change the model.",
    )


def check_weight_two_equals_repetition(case: _Case) -> None:
    """Compare pairs with ``sample_weight`` 2 with pairs that stand twice."""
    rows = np.append(np.arange(len(case.X)), np.arange(0, len(case.X), 3))
    weights = np.bincount(rows).astype(float)
    model = case.make().fit(case.X, case.y, sample_weight=weights)
    repeated = case.make().fit([case.X[row] for row in rows], case.y[rows])
    _assert_close(
        model.decision_function(case.X),
        repeated.decision_function(case.X),
        "A weight of 2 differs from a repeated pair.",
    )


def _always(case: _Case) -> bool:
    return True


def _of_kind(*kinds: Kind) -> Callable[[_Case], bool]:
    return lambda case: case.kind in kinds


_TRANSFORMER: Final = _of_kind("sequences", "ids", "pairs")
_SINGLE_RNAS: Final = _of_kind("sequences", "ids")
_PAIRS: Final = _of_kind("pairs", "classifier")
_CLASSIFIER: Final = _of_kind("classifier")


def _reads_sequences(case: _Case) -> bool:
    return case.reads_sequences


def _has_jobs(case: _Case) -> bool:
    return "n_jobs" in case.estimator.get_params()


_CHECKS: Final[list[tuple[Callable[[_Case], None], Callable[[_Case], bool]]]] = [
    (check_parameters_have_defaults, _of_kind("sequences", "pairs", "classifier")),  # ids need a table
    (check_init_only_assigns, _always),
    (check_set_params_takes_what_get_params_gives, _always),
    (check_parameters_of_the_wrong_kind_are_refused, _always),
    (check_fit_leaves_parameters_alone, _always),
    (check_fit_leaves_its_input_alone, _always),
    (check_clone_is_not_fitted, _always),
    (check_use_before_fit_raises_not_fitted_error, _always),
    (check_fit_returns_self, _always),
    (check_n_features_in_counts_the_columns, _always),
    (check_fit_twice_gives_the_same, _always),
    (check_fit_forgets_an_earlier_fit, _always),
    (check_global_generators_are_left_alone, _always),
    (check_use_leaves_state_and_input_alone, _always),
    (check_rows_do_not_depend_on_other_rows, _always),
    (check_rows_do_not_depend_on_their_order, _always),
    (check_a_single_row_is_enough, _always),
    (check_new_rnas_are_accepted, _always),
    (check_equal_rows_give_equal_output, _always),
    (check_every_container_gives_the_same, _always),
    (check_lower_case_and_t_give_the_same, _reads_sequences),
    (check_no_rows_are_refused, _always),
    (check_a_missing_value_is_refused, _always),
    (check_a_single_string_is_refused, _always),
    (check_an_empty_sequence_is_refused, _reads_sequences),
    (check_a_foreign_letter_is_named, _reads_sequences),
    (check_pairs_have_two_columns, _PAIRS),
    (check_pickle_and_joblib_give_the_same, _always),
    (check_n_jobs_gives_the_same, _has_jobs),
    (check_cross_validate_runs, _always),
    (check_fit_transform_equals_fit_and_transform, _TRANSFORMER),
    (check_features_are_finite_float32, _TRANSFORMER),
    (check_each_column_has_a_name_of_its_own, _TRANSFORMER),
    (check_set_output_pandas_gives_named_columns, _TRANSFORMER),
    (check_set_output_default_gives_no_frame, _TRANSFORMER),
    (check_y_is_not_needed, _SINGLE_RNAS),
    (check_column_transformer_runs, _SINGLE_RNAS),
    (check_fit_does_not_depend_on_the_order_of_pairs, _PAIRS),
    (check_classes_keep_their_labels, _CLASSIFIER),
    (check_predictions_agree, _CLASSIFIER),
    (check_probabilities_are_float64_and_sum_to_one, _CLASSIFIER),
    (check_one_class_is_refused, _CLASSIFIER),
    (check_three_classes_are_refused, _CLASSIFIER),
    (check_labels_of_another_length_are_refused, _CLASSIFIER),
    (check_weight_zero_equals_absence, _CLASSIFIER),
    (check_weight_two_equals_repetition, _CLASSIFIER),
]


def _signature(estimator: Any) -> dict[str, Any]:
    """Return the parameters of ``__init__`` and their defaults."""
    init = type(estimator).__init__
    if init is object.__init__:
        return {}
    parameters = list(inspect.signature(init).parameters.values())[1:]
    return {parameter.name: parameter.default for parameter in parameters}


def _identical(first: dict[str, Any], second: dict[str, Any]) -> bool:
    return first.keys() == second.keys() and all(first[name] is second[name] for name in first)


def _as_array(features: Any) -> NDArray[Any]:
    return features.toarray() if sparse.issparse(features) else np.asarray(features)


def _assert_close(actual: Any, expected: Any, message: str) -> None:
    np.testing.assert_allclose(actual, expected, rtol=_RTOL, atol=_ATOL, err_msg=message)


def _check_finite(case: _Case, values: NDArray[Any], what: str) -> None:
    if not case.allow_nan:
        assert np.isfinite(values).all(), f"{what} values that are not finite."
        return
    assert not np.isinf(values).any(), f"{what} values that are infinite."
    assert not np.isnan(values).reshape(len(values), -1).all(axis=1).any(), f"{what} a row of NaN alone."


def _check_not_fitted(case: _Case, estimator: Any) -> None:
    calls = {method: partial(getattr(estimator, method), case.X) for method in case.methods}
    if not case.is_classifier:
        calls["get_feature_names_out"] = estimator.get_feature_names_out
    for name, call in calls.items():
        try:
            call()
        except NotFittedError:
            continue
        except Exception as error:
            raise AssertionError(f"{name} before fit raises {error!r} instead of NotFittedError.") from error
        raise AssertionError(f"{name} before fit raises no NotFittedError.")


def _refusal(call: Callable[[], Any], what: str, *words: str) -> None:
    """Ask for a ValueError whose message holds some words."""
    message = None
    try:
        call()
    except ValueError as error:
        message = str(error)
    except Exception as error:
        raise AssertionError(f"{what} raises {error!r} instead of ValueError.") from error
    assert message is not None, f"{what} raises no ValueError."
    for word in words:
        named = word in message or word in message.lower()
        assert named, f"The ValueError of {what} does not name {word!r}: {message}"


def _check_bad_name(case: _Case, name: Any, *words: str) -> None:
    """Put a name in row 2, on each side of pairs, and ask for a ValueError in `fit` and afterwards."""
    estimator = case.fitted
    bad_rows = [(name, case.X[2][1]), (case.X[2][0], name)] if case.takes_pairs else [name]
    for bad_row in bad_rows:
        X = [*case.X[:2], bad_row, *case.X[3:]]
        for container in (X, _as_frame(case, X)):
            _refusal(partial(case.fit, case.make(), container, case.y), f"fit with {bad_row!r}", *words)
            use = partial(case.output, estimator, container)
            _refusal(use, f"{case.methods[-1]} with {bad_row!r}", *words)


def _as_frame(case: _Case, X: Sequence[Any]) -> pd.DataFrame:
    return pd.DataFrame(X, columns=list(SIDES) if case.takes_pairs else ["rna"])


def _containers(case: _Case) -> Iterator[tuple[str, Any]]:
    frame = _as_frame(case, case.X)
    yield "a tuple", tuple(case.X)
    yield "an array of objects", frame.to_numpy(dtype=object)[:, 0 if not case.takes_pairs else slice(None)]
    yield "an array of strings", np.array(case.X)
    yield "a DataFrame", frame.set_axis(np.arange(len(frame)) + 100, axis=0)
    if case.takes_pairs:
        yield "a list of lists", [list(pair) for pair in case.X]
        yield (
            "a DataFrame of other columns, too",
            frame.assign(source="x")[["source", *SIDES[::-1]]],
        )
        yield "a DataFrame without names", frame.set_axis([0, 1], axis=1)
    else:
        yield "a Series", pd.Series(case.X, index=np.arange(len(case.X)) + 100)
        yield "an array of one column", np.array(case.X, dtype=object)[:, None]


def _map_names(X: list[Any], change: Callable[[str], str]) -> list[Any]:
    return [tuple(map(change, row)) if isinstance(row, tuple) else change(row) for row in X]


def _global_generators() -> list[Any]:
    states = [pickle.dumps(np.random.get_state()), random.getstate()]  # noqa: NPY002, read only
    torch = sys.modules.get("torch")
    return [*states, torch.get_rng_state().tolist()] if torch else states


def _random_rna(length: int, rng: np.random.Generator) -> str:
    return "".join(rng.choice(list("ACGU"), length))
