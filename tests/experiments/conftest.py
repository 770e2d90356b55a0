"""Data of the experiments."""

import pytest

from sklearn_mferl.datasets import make_cmi


@pytest.fixture(scope="session")
def known():
    return make_cmi(60, 30, circrna_length=(60, 120), random_state=0)
