"""The neighborhood that tests of several files start from."""

import pytest
from _builders import random_rnas
from _neighborhood import RNAS, SETTINGS, X, Y

from sklearn_mferl import PairNeighborhood


@pytest.fixture(scope="session")
def fitted():
    """Return it with an isoform, a copy of a circRNA and a miRNA that training has not seen."""
    other, mirna = random_rnas([50, 22], 9)
    circrnas = {"c_new": RNAS[0]["c03"][:40] + other, "twin": RNAS[0]["c07"]}
    return PairNeighborhood(*RNAS, **SETTINGS).fit(X, Y).add_rnas(circrnas, {"m_new": mirna})
