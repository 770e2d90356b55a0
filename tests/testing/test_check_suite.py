"""Each of the checks that estimators of users get catches what it is for."""

import pickle
import random
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from sklearn_mferl import PrecomputedEmbedding
from sklearn_mferl.features import SequenceTransformer
from sklearn_mferl.testing import check_rna_estimator, example_ids, rna_checks
from sklearn_mferl.utils.validation import check_pairs, check_sequences, normalize_sequence

# Well-behaved estimators, from which those below differ in one thing each ---------------------------------


class Composition(SequenceTransformer):
    """Length and shares of two nucleotides."""

    def __init__(self, scale=1.0, n_jobs=None):
        self.scale = scale
        self.n_jobs = n_jobs

    def _fit(self, sequences):
        if type(self.scale) is not float or not np.isfinite(self.scale):
            raise ValueError(f"scale must be a number; got {self.scale!r}.")
        self.longest_ = max(map(len, sequences))

    def _transform(self, sequences):
        return self.compute(sequences)

    def compute(self, sequences):
        rows = [(len(rna) / self.longest_, share(rna, "G"), share(rna, "U")) for rna in sequences]
        return np.array(rows, dtype=np.float32) * np.float32(self.scale)

    def _feature_names(self):
        return ["length", "G", "U"]


class PairComposition(TransformerMixin, BaseEstimator):
    """Share of G in both RNAs, in units of the largest of the training RNAs."""

    def fit(self, X, y=None):
        self.largest_ = self.shares(check_pairs(X)).max()
        self.n_features_in_ = 2
        return self

    def transform(self, X):
        check_is_fitted(self)
        return (self.shares(check_pairs(X)) / self.largest_).astype(np.float32)

    def shares(self, pairs):
        return np.array(
            [
                [share(normalize_sequence(name, f"row {row}"), "G") for name in pair]
                for row, pair in enumerate(pairs)
            ]
        )

    def get_feature_names_out(self, input_features=None):
        check_is_fitted(self)
        return np.array(["circrna_G", "mirna_G"], dtype=object)


class NearestClass(ClassifierMixin, BaseEstimator):
    """Tells classes by the means of the share of G."""

    def fit(self, X, y, sample_weight=None):
        shares = PairComposition().shares(check_pairs(X))
        self.n_features_in_ = 2
        weights = np.ones(len(shares)) if sample_weight is None else np.asarray(sample_weight)
        self.classes_, labels = self.read(y, len(shares))
        first, second = (
            np.average(shares[labels == k], axis=0, weights=weights[labels == k]) for k in (0, 1)
        )
        self.direction_ = 100 * (second - first)
        self.middle_ = (first + second) / 2
        return self

    def read(self, y, n_pairs):
        classes, labels = np.unique(np.atleast_1d(y), return_inverse=True)
        if len(classes) != 2 or len(labels) != n_pairs:
            raise ValueError(f"{n_pairs} labels of two classes are needed; got {len(labels)} of {classes}.")
        return classes, labels

    def decision_function(self, X):
        check_is_fitted(self)
        from_middle = PairComposition().shares(check_pairs(X)) - self.middle_
        return (from_middle * self.direction_).sum(axis=1)

    def predict_proba(self, X):
        positive = 1 / (1 + np.exp(-self.decision_function(X)))
        return np.column_stack([1 - positive, positive])

    def predict(self, X):
        positive = self.decision_function(X) > 0
        return self.classes_[positive.astype(int)]


def share(rna, letter):
    return rna.count(letter) / len(rna)


KINDS = {Composition: "sequences", PairComposition: "pairs", NearestClass: "classifier"}


@pytest.mark.parametrize(("cls", "kind"), KINDS.items())
def test_a_well_behaved_estimator_passes(cls, kind):
    check_rna_estimator(cls(), kind)


# Broken ones ----------------------------------------------------------------------------------------------

BROKEN: list[tuple[str, str, Any]] = []


def fails(check, **params):
    """Register a broken class under the check that has to notice."""

    def register(cls):
        kind = next(kind for base, kind in KINDS.items() if issubclass(cls, base))
        BROKEN.append((check, kind, cls(**params)))
        return cls

    return register


def breaks(check, base=Composition, **methods):
    """Register a class of other methods; each gets the method that it replaces after self."""

    def other(name, method):
        return lambda self, *args, **kwargs: method(self, getattr(super(cls, self), name), *args, **kwargs)

    name = f"Broken{len(BROKEN)}"
    methods = {method: other(method, change) for method, change in methods.items()}
    cls = globals()[name] = type(name, (base,), {**methods, "__module__": __name__})  # can be pickled
    fails(check)(cls)


def then(action):
    """Make a method that does something more after the usual one."""

    def method(self, usual, *args, **kwargs):
        result = usual(*args, **kwargs)
        action(self, *args)
        return result

    return method


def then_set(name, value):
    """Make a method that sets an attribute after the usual one."""
    return then(lambda self, *args: setattr(self, name, value(self, *args)))


@fails("check_parameters_have_defaults", scale=1.0)
class WithARequiredParameter(Composition):
    def __init__(self, scale, n_jobs=None):
        super().__init__(scale, n_jobs)


@fails("check_init_only_assigns")
class ConvertsInInit(Composition):
    def __init__(self, scale=1.0, n_jobs=None):
        super().__init__([scale], n_jobs)


@fails("check_init_only_assigns")
class SetsMoreInInit(Composition):
    def __init__(self, scale=1.0, n_jobs=None):
        super().__init__(scale, n_jobs)
        self.longest_ = None


@fails("check_parameters_of_the_wrong_kind_are_refused")
class TakesAnythingForTrue(Composition):
    def __init__(self, scale=1.0, n_jobs=None, doubled=False):
        super().__init__(scale, n_jobs)
        self.doubled = doubled


@fails("check_fit_leaves_parameters_alone", words=["A"])
class ChangesAParameterInPlace(Composition):
    def __init__(self, scale=1.0, n_jobs=None, words=("A",)):
        super().__init__(scale, n_jobs)
        self.words = words

    def fit(self, X, y=None):
        self.words.append("C")
        return super().fit(X)


def raises(error, where):
    """Make a method that raises an error where something holds of its first argument."""

    def method(self, usual, given, *args, **kwargs):
        if where(given):
            raise error
        return usual(given, *args, **kwargs)

    return method


breaks(
    "check_a_missing_value_is_refused",
    fit=raises(ValueError("Some sequence is no RNA."), lambda X: pd.isna(np.asarray(X, dtype=object)).any()),
)
breaks(
    "check_a_foreign_letter_is_named",
    fit=raises(KeyError("J in row 2"), lambda X: "J" in str(np.asarray(X, dtype=object))),
)
breaks("check_cross_validate_runs", fit=raises(ValueError("Too few."), lambda X: len(X) < 8))
breaks(
    "check_one_class_is_refused",
    NearestClass,
    read=raises(ValueError("There is one class."), lambda y: len(np.unique(y)) == 1),
)
breaks(
    "check_set_output_default_gives_no_frame",
    transform=lambda _, usual, X: pd.DataFrame(usual(X)),
    set_output=lambda self, _, *, transform=None: self,
)


def in_lists(change):
    """Make a `transform` that reads other RNAs or pairs where they are in a list."""
    return lambda _, usual, X: usual([change(row) for row in X] if isinstance(X, list) else X)


def plus(column):
    """Make a method that adds a number, or one for each row, to the usual features."""
    return lambda _, usual, X: usual(X) + np.array(column(X), dtype=np.float32).reshape(-1, 1)


breaks(
    "check_set_params_takes_what_get_params_gives",
    get_params=lambda self, _, deep=True: {"scale": self.scale},
)
breaks(
    "check_set_params_takes_what_get_params_gives",
    set_params=lambda self, usual, **params: vars(self).update(params) or self,
)
breaks("check_fit_leaves_parameters_alone", fit=then_set("n_jobs", lambda *_: 1))
breaks(
    "check_fit_leaves_its_input_alone",
    fit=then(lambda self, X, *_: isinstance(X, pd.DataFrame) and X.isetitem(0, "A")),
)
breaks("check_clone_is_not_fitted", __sklearn_clone__=lambda self, _: pickle.loads(pickle.dumps(self)))
breaks("check_use_before_fit_raises_not_fitted_error", get_feature_names_out=lambda *_: np.array(["G"]))
breaks(
    "check_use_before_fit_raises_not_fitted_error",
    NearestClass,
    predict=lambda self, usual, X: usual(X) if self.direction_.any() else None,
)
breaks("check_fit_returns_self", fit=lambda _, usual, X: usual(X) and None)
breaks("check_n_features_in_counts_the_columns", fit=then_set("n_features_in_", lambda *_: 60))
breaks(
    "check_fit_twice_gives_the_same",
    fit=then_set("longest_", lambda self, *_: self.longest_ * np.random.default_rng().uniform(1, 2)),
)
breaks(
    "check_fit_forgets_an_earlier_fit",
    fit=lambda self, usual, X, y=None: self if hasattr(self, "longest_") else usual(X),
)
breaks("check_global_generators_are_left_alone", compute=plus(lambda _: random.random()))
breaks("check_global_generators_are_left_alone", fit=then(lambda *_: np.random.seed(0)))  # noqa: NPY002
breaks("check_global_generators_are_left_alone", compute=then(lambda *_: torch.rand(1)))
breaks(
    "check_use_leaves_state_and_input_alone",
    compute=then_set("n_calls_", lambda self, _: getattr(self, "n_calls_", 0) + 1),
)
breaks(
    "check_use_leaves_state_and_input_alone",
    NearestClass,
    predict=then(lambda _, X: isinstance(X, pd.DataFrame) and X.isetitem(0, "A")),
)
for name in ("check_rows_do_not_depend_on_other_rows", "check_a_single_row_is_enough"):
    breaks(name, compute=lambda _, usual, rnas: usual(rnas) / np.float32(max(map(len, rnas))))
breaks("check_rows_do_not_depend_on_their_order", compute=plus(lambda rnas: range(len(rnas))))
breaks("check_a_single_row_is_enough", compute=lambda _, usual, rnas: usual(rnas).squeeze())
breaks("check_equal_rows_give_equal_output", compute=plus(lambda rnas: pd.Series(rnas).duplicated()))
for read in (
    lambda usual, known, rnas: usual([rna for rna in rnas if rna in known]),
    lambda usual, known, rnas: np.where([[rna in known] for rna in rnas], usual(rnas), np.float32(np.nan)),
):
    breaks(
        "check_new_rnas_are_accepted",
        fit=then_set("known_", lambda _, X: set(check_sequences(X))),
        compute=lambda self, usual, rnas, read=read: read(usual, self.known_, rnas),
    )
breaks(
    "check_every_container_gives_the_same",
    transform=plus(lambda X: X.index[0] if isinstance(X, pd.Series) else 0),
)
breaks(
    "check_every_container_gives_the_same",
    PairComposition,  # by position
    fit=lambda _, usual, X, y=None: usual(np.asarray(X, dtype=object)[:, :2]),
)
breaks(
    "check_lower_case_and_t_give_the_same",
    transform=plus(lambda X: [rna.islower() for rna in np.asarray(X).ravel()]),
)
breaks("check_no_rows_are_refused", fit=lambda _, usual, X, y=None: usual(["A"] if X is None else X))
breaks(
    "check_a_missing_value_is_refused",
    transform=lambda _, usual, X: usual(pd.Series(np.asarray(X, dtype=object).ravel()).fillna("A")),
)
breaks(
    "check_a_single_string_is_refused",
    transform=lambda _, usual, X: usual(list(X) if isinstance(X, str) else X),
)
breaks("check_an_empty_sequence_is_refused", transform=in_lists(lambda rna: rna or "A"))
breaks("check_a_foreign_letter_is_named", transform=in_lists(lambda rna: str(rna).replace("J", "")))
breaks("check_pairs_have_two_columns", PairComposition, transform=in_lists(lambda pair: pair[:2]))
breaks("check_pickle_and_joblib_give_the_same", __setstate__=then_set("longest_", lambda *_: 1))
breaks(
    "check_n_jobs_gives_the_same",
    compute=lambda self, usual, rnas: usual(rnas) + np.float32(self.n_jobs or 0),
)
breaks(
    "check_fit_transform_equals_fit_and_transform",
    fit_transform=lambda self, _, X, y=None: self.fit(X).transform(X) * np.float32(2),
)
for change in (np.float64, sparse.csc_matrix, lambda features: features + np.float32(np.inf)):
    breaks(
        "check_features_are_finite_float32",
        compute=lambda _, usual, rnas, change=change: change(usual(rnas)),
    )
for names in (["length", "G", "G"], ["length", "G"]):
    breaks(
        "check_each_column_has_a_name_of_its_own",
        get_feature_names_out=lambda *_, names=names: np.array(names, dtype=object),
    )
breaks("check_each_column_has_a_name_of_its_own", fit=then_set("n_features_out_", lambda *_: 4))
breaks("check_set_output_pandas_gives_named_columns", set_output=lambda self, _, *, transform=None: self)
breaks(
    "check_column_transformer_runs",
    transform=lambda _, usual, X: usual(X) if isinstance(X, list) else usual(X)[::-1],
)
breaks(
    "check_y_is_not_needed",
    fit=then_set("longest_", lambda self, X, y=None: self.longest_ + (0 if y is None else sum(y))),
)
breaks(
    "check_fit_does_not_depend_on_the_order_of_pairs",
    PairComposition,
    fit=then_set("largest_", lambda self, X, *_: self.shares(check_pairs(X))[0].sum()),
)
breaks(
    "check_fit_does_not_depend_on_the_order_of_pairs",
    NearestClass,
    fit=lambda _, usual, X, y: usual(X, y, np.arange(1, len(X) + 1)),
)
breaks(
    "check_classes_keep_their_labels",
    NearestClass,
    predict=lambda self, _, X: (self.decision_function(X) > 0).astype(int),
)
breaks(
    "check_predictions_agree",
    NearestClass,
    predict=lambda self, _, X: self.classes_[(self.decision_function(X) > 1).astype(int)],
)
for change in (np.float32, lambda probabilities: probabilities / 2):
    breaks(
        "check_probabilities_are_float64_and_sum_to_one",
        NearestClass,
        predict_proba=lambda _, usual, X, change=change: change(usual(X)),
    )
breaks(
    "check_three_classes_are_refused",
    NearestClass,
    read=lambda _, usual, y, n_pairs: usual(np.minimum(y, 1) if len(np.unique(y)) == 3 else y, n_pairs),
)
breaks(
    "check_labels_of_another_length_are_refused",
    NearestClass,
    read=lambda _, usual, y, n_pairs: usual(y if y is None else np.asarray(y)[:n_pairs], n_pairs),
)
for name, change in (
    ("check_weight_zero_equals_absence", lambda weights: np.maximum(weights, 1)),
    ("check_weight_two_equals_repetition", lambda weights: np.asarray(weights) > 0),
):
    breaks(
        name,
        NearestClass,
        fit=lambda _, usual, X, y, sample_weight=None, change=change: usual(
            X, y, None if sample_weight is None else change(sample_weight)
        ),
    )


@pytest.mark.parametrize(
    ("check", "kind", "estimator"), BROKEN, ids=[f"{i}-{case[0]}" for i, case in enumerate(BROKEN)]
)
def test_the_suite_notices_a_broken_estimator(check, kind, estimator):
    with pytest.raises((AssertionError, ValueError, NotFittedError)):
        dict(rna_checks(estimator, kind))[check]()


def test_every_check_has_an_estimator_that_it_notices():
    names = {name for cls, kind in KINDS.items() for name, _ in rna_checks(cls(), kind)}
    assert names == {check for check, _, _ in BROKEN}


def test_an_estimator_of_ids_is_checked_but_for_its_letters():
    sequences = {name for name, _ in rna_checks(Composition(), "sequences")}
    vectors = pd.DataFrame(np.eye(len(example_ids())), index=example_ids())
    ids = {name for name, _ in rna_checks(PrecomputedEmbedding(vectors), "ids")}
    assert sequences - ids == {
        "check_parameters_have_defaults",
        "check_lower_case_and_t_give_the_same",
        "check_an_empty_sequence_is_refused",
        "check_a_foreign_letter_is_named",
        "check_n_jobs_gives_the_same",
    }


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="kind must be one of 'sequences', 'ids', 'pairs', 'classifier'"):
        check_rna_estimator(Composition(), "strings")


class KnowsNothing(PairComposition):
    """Marks new circRNAs by NaN, in the column of the circRNA or in a whole row."""

    def __init__(self, filling=np.nan, columns=1):
        self.filling = filling
        self.columns = columns

    def fit(self, X, y=None):
        if self.columns not in (1, 2) or isinstance(self.columns, bool):
            raise ValueError(f"columns must be 1 or 2; got {self.columns!r}.")
        super().fit(X)
        self.known_ = set(self.circrnas(X))
        return self

    def transform(self, X):
        features = np.array(super().transform(X))
        features[[rna not in self.known_ for rna in self.circrnas(X)], : self.columns] = self.filling
        return features

    def circrnas(self, X):
        return [normalize_sequence(pair[0], "circrna") for pair in check_pairs(X)]


def test_nan_for_nothing_known_passes_where_it_is_allowed():
    check_rna_estimator(KnowsNothing(), "pairs", allow_nan=True)


@pytest.mark.parametrize(
    ("params", "allow_nan", "message"),
    [
        ({}, False, "New RNAs give values that are not finite"),
        ({"filling": np.inf}, True, "New RNAs give values that are infinite"),
        ({"columns": 2}, True, "New RNAs give a row of NaN alone"),
    ],
)
def test_new_rnas_give_numbers_or_nan_where_it_is_allowed_and_some_number_then(params, allow_nan, message):
    with pytest.raises(AssertionError, match=message):
        check_rna_estimator(KnowsNothing(**params), "pairs", allow_nan=allow_nan)
