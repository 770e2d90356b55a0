"""Inner products of single rows of two matrices, one for each pair, without the matrix of all of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from sklearn_mferl.utils.arrays import Ints, Singles, njit

_CSR = tuple[NDArray[np.int32], NDArray[np.int32], Singles]  # start of each row, columns, values


def with_empty_row(matrix: Any) -> sparse.csr_array:
    """Return a matrix with one more row, which -1 means."""
    empty = sparse.csr_array((1, matrix.shape[1]), dtype=matrix.dtype)
    stacked = sparse.csr_array(sparse.vstack([sparse.csr_array(matrix), empty]))
    stacked.sort_indices()  # for row_products
    return stacked


def row_products(left: sparse.csr_array, right: sparse.csr_array, rows: Ints, others: Ints) -> Singles:
    """Return the inner product of row i of `left` and row j of `right` for pairs of i and j.

    The columns of each row must be sorted. A row of -1 is the last one.
    """
    products = np.zeros(len(rows), dtype=np.float32)
    one, other = ((matrix.indptr, matrix.indices, matrix.data) for matrix in (left, right))
    _multiply_rows(one, other, rows % left.shape[0], others % right.shape[0], products)
    return products


@njit(cache=True, nogil=True)
def _multiply_rows(left: _CSR, right: _CSR, rows: Ints, others: Ints, products: Singles) -> None:
    """Walk along both rows at once; unlike a sparse product of the selected rows, it needs no memory."""
    left_start, left_column, left_value = left
    right_start, right_column, right_value = right
    for pair in range(len(products)):
        i, i_end = left_start[rows[pair]], left_start[rows[pair] + 1]
        j, j_end = right_start[others[pair]], right_start[others[pair] + 1]
        total = 0.0
        while i < i_end and j < j_end:
            if left_column[i] == right_column[j]:
                total += left_value[i] * right_value[j]
                i += 1
                j += 1
            elif left_column[i] < right_column[j]:
                i += 1
            else:
                j += 1
        products[pair] = total


def dense_row_products(left: Singles, right: Singles, rows: Ints, others: Ints) -> Singles:
    """Return the same for dense matrices."""
    products = np.empty(len(rows), dtype=np.float32)
    left, right = np.ascontiguousarray(left), np.ascontiguousarray(right)
    _multiply_dense_rows(left, right, rows % len(left), others % len(right), products)
    return products


# in any order of the terms, so that they are added as vectors: in double precision it makes no difference
@njit(cache=True, nogil=True, fastmath={"reassoc"})
def _multiply_dense_rows(left: Singles, right: Singles, rows: Ints, others: Ints, products: Singles) -> None:
    for pair in range(len(products)):
        one, other = left[rows[pair]], right[others[pair]]
        total = 0.0
        for column in range(len(one)):
            total += np.float64(one[column]) * np.float64(other[column])
        products[pair] = total
