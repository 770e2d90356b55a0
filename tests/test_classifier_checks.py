"""scikit-learn's own checks of a classifier, all of them, on numeric matrices."""

from __future__ import annotations

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_mferl import MFERLClassifier


@pytest.fixture(autouse=True)
def array_api(monkeypatch):
    # Without it scikit-learn skips its check of array API input: then all run, and none is expected to fail.
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")


# one step an epoch: the data of these checks are small, and there are 64 checks
@parametrize_with_checks([MFERLClassifier(batch_size=512)])
def test_scikit_learn_s_checks_pass(estimator, check):
    check(estimator)
