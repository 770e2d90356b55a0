"""The checks, and which of them an estimator has to pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Final, Literal

from sklearn_mferl.testing.case import Case, make_case
from sklearn_mferl.testing.fitting_checks import (
    check_a_single_row_is_enough,
    check_clone_is_not_fitted,
    check_equal_rows_give_equal_output,
    check_fit_forgets_an_earlier_fit,
    check_fit_leaves_its_input_alone,
    check_fit_leaves_parameters_alone,
    check_fit_returns_self,
    check_fit_twice_gives_the_same,
    check_global_generators_are_left_alone,
    check_init_only_assigns,
    check_n_features_in_counts_the_columns,
    check_new_rnas_are_accepted,
    check_parameters_have_defaults,
    check_parameters_of_the_wrong_kind_are_refused,
    check_rows_do_not_depend_on_other_rows,
    check_rows_do_not_depend_on_their_order,
    check_set_params_takes_what_get_params_gives,
    check_use_before_fit_raises_not_fitted_error,
    check_use_leaves_state_and_input_alone,
)
from sklearn_mferl.testing.input_checks import (
    check_a_foreign_letter_is_named,
    check_a_missing_value_is_refused,
    check_a_single_string_is_refused,
    check_an_empty_sequence_is_refused,
    check_cross_validate_runs,
    check_every_container_gives_the_same,
    check_lower_case_and_t_give_the_same,
    check_n_jobs_gives_the_same,
    check_no_rows_are_refused,
    check_pairs_have_two_columns,
    check_pickle_and_joblib_give_the_same,
)
from sklearn_mferl.testing.kind_checks import (
    check_classes_keep_their_labels,
    check_column_transformer_runs,
    check_each_column_has_a_name_of_its_own,
    check_features_are_finite_float32,
    check_fit_does_not_depend_on_the_order_of_pairs,
    check_fit_transform_equals_fit_and_transform,
    check_labels_of_another_length_are_refused,
    check_one_class_is_refused,
    check_predictions_agree,
    check_probabilities_are_float64_and_sum_to_one,
    check_set_output_default_gives_no_frame,
    check_set_output_pandas_gives_named_columns,
    check_three_classes_are_refused,
    check_weight_two_equals_repetition,
    check_weight_zero_equals_absence,
    check_y_is_not_needed,
)

Kind = Literal["sequences", "ids", "pairs", "classifier"]
_KINDS: Final = ("sequences", "ids", "pairs", "classifier")


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
    case = replace(make_case(estimator, kind), allow_nan=allow_nan)
    for check, applies in _CHECKS:
        if applies(case):
            yield check.__name__, partial(check, case)


def _always(case: Case) -> bool:
    return True


def _of_kind(*kinds: Kind) -> Callable[[Case], bool]:
    return lambda case: case.kind in kinds


_TRANSFORMER: Final = _of_kind("sequences", "ids", "pairs")
_SINGLE_RNAS: Final = _of_kind("sequences", "ids")
_PAIRS: Final = _of_kind("pairs", "classifier")
_CLASSIFIER: Final = _of_kind("classifier")


def _reads_sequences(case: Case) -> bool:
    return case.reads_sequences


def _has_jobs(case: Case) -> bool:
    return "n_jobs" in case.estimator.get_params()


_CHECKS: Final[list[tuple[Callable[[Case], None], Callable[[Case], bool]]]] = [
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
