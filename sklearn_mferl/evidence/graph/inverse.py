"""Inverses of positive definite matrices."""

import numpy as np
from scipy.linalg import cholesky, lapack

from sklearn_mferl.utils.arrays import Doubles


def invert_definite(matrix: Doubles) -> Doubles:
    """Invert by Cholesky's factors, in half the time that `numpy.linalg.inv` takes."""
    upper, _ = lapack.dpotri(cholesky(matrix, check_finite=False), overwrite_c=True)
    return np.asarray(np.triu(upper) + np.triu(upper, 1).T)
