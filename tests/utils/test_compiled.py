"""Compiled loops where nothing can be written."""

import numpy as np
import pytest
from numba.core import caching

from sklearn_mferl.utils.arrays import njit


@pytest.mark.parametrize("writable", [True, False])
def test_a_loop_is_compiled_whether_or_not_it_can_be_kept(monkeypatch, writable):
    if not writable:
        monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])

    @njit(cache=True, nogil=True)
    def add(values):
        total = 0.0
        for value in values:
            total += value
        return total

    assert add(np.arange(4.0)) == 6.0
