"""The neighborhood that tests of several files start from."""

import pytest
from _neighborhood import RNAS, SETTINGS, X, Y

from sklearn_mferl.evidence.neighborhood import PairNeighborhood


@pytest.fixture(scope="module")
def fitted():
    return PairNeighborhood(*RNAS, **SETTINGS).fit(X, Y)
