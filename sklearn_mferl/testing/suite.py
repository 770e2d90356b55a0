"""The checks, and which of them an estimator has to pass."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Final, Literal, get_args

from sklearn_mferl.testing import fitting_checks, input_checks, kind_checks
from sklearn_mferl.testing.case import CONDITIONS, Check, make_case

Kind = Literal["sequences", "ids", "pairs", "classifier"]
_CHECKS: Final[list[Check]] = [
    item
    for module in (fitting_checks, input_checks, kind_checks)
    for name, item in vars(module).items()
    if name.startswith("check_") and item.__module__ == module.__name__
]


def check_rna_estimator(estimator: Any, kind: Kind, *, allow_nan: bool = False) -> None:
    """Run all checks on an estimator, and raise what the first failing one finds.

    They are some forty, where scikit-learn's ``check_estimator`` runs one on an estimator of strings.

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
    if kind not in get_args(Kind):
        raise ValueError(f"kind must be one of {', '.join(map(repr, get_args(Kind)))}; got {kind!r}.")
    case = replace(make_case(estimator, kind), allow_nan=allow_nan)
    for check in _CHECKS:
        if CONDITIONS.get(check, bool)(case):
            yield check.__name__, partial(check, case)
