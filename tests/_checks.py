"""The package's own checks of an estimator as parameters of a test."""

import pytest

from sklearn_mferl.testing import rna_checks


def parametrize_with_rna_checks(estimator, kind, not_met=()):
    """Give a test each check in turn as ``check``, but for those that an estimator cannot meet."""
    checks = [(name, check) for name, check in rna_checks(estimator, kind) if name not in not_met]
    return pytest.mark.parametrize("check", [pytest.param(check, id=name) for name, check in checks])
