"""scikit-learn's own checks of a classifier, all of them, on numeric matrices."""

from __future__ import annotations

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_mferl import MFERLClassifier


@pytest.fixture(autouse=True)
def array_api(monkeypatch):
    # Without it scikit-learn skips its check of array API input: then all run, and none is expected to fail.
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")


# small, and one step an epoch, as strong as the checks ask for: there are 64 of them
@parametrize_with_checks([MFERLClassifier(32, batch_size=512, max_epochs=8, lr=0.03)])
def test_scikit_learn_s_checks_pass(estimator, check):
    check(estimator)
