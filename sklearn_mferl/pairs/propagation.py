"""One step of graph convolution without its weights (Eq. 2)."""

import numpy as np
from scipy import sparse

from sklearn_mferl.utils.arrays import Doubles, Singles


def propagate(
    neighbours: sparse.csr_matrix, own: Singles, reference: Singles, reference_degree: Doubles
) -> Singles:
    r"""Multiply features with the normalised adjacency matrix, self-loops added.

    .. math:: \hat x_i = \frac{x_i}{d_i} + \sum_j \frac{a_{ij}}{\sqrt{d_i d_j}} x_j, \qquad
              d_i = 1 + \sum_j a_{ij}

    The neighbours *j* are reference RNAs with degrees of their own graph, so that a new RNA changes
    nothing for the others.
    """
    edges = neighbours.astype(bool).astype(np.float64)
    degree = degrees(neighbours)
    edges = sparse.diags_array(degree**-0.5) @ edges @ sparse.diags_array(reference_degree**-0.5)
    return (own / degree[:, None] + edges @ reference).astype(np.float32)


def degrees(neighbours: sparse.csr_matrix) -> Doubles:
    """Count the neighbours of each row, and the row itself."""
    return 1.0 + np.diff(neighbours.indptr)
