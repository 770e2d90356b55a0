"""Sites as letters in numbers: stretches of targets from 3' to 5', miRNAs from 5' to 3'."""

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sklearn_mferl.features.rna_codes import RNACodes, encode_rnas
from sklearn_mferl.utils.validation import SIDES, as_table, check_pairs, fold_name, normalize_sequence

COLUMNS: Final = ("target", "mirna")


def read_sites(X: Any) -> pd.DataFrame:
    """Return sites as a frame of the columns target and mirna, normalised; a circRNA is a target, too."""
    X = as_table(X)
    names: tuple[str, ...] = COLUMNS
    if isinstance(X, pd.DataFrame) and not any(fold_name(name) == "target" for name in X.columns):
        names = SIDES if any(fold_name(name) == "circrna" for name in X.columns) else COLUMNS
    pairs = check_pairs(X, names)
    return pd.DataFrame(
        {
            column: [normalize_sequence(rna, f"row {row}, column {name!r},") for row, rna in enumerate(rnas)]
            for column, name, rnas in zip(COLUMNS, names, pairs.T, strict=True)
        },
        dtype=object,
    )


def encode_mirnas(mirnas: pd.Series, n_letters: int) -> NDArray[np.uint8]:
    """Return the first letters of miRNAs, shape (n, n_letters)."""
    return encode_rnas(mirnas).first_letters(n_letters)


def encode_middles(targets: pd.Series, n_letters: int) -> NDArray[np.uint8]:
    """Return the middle of each target from 3' to 5', shape (n, n_letters); other letters fill it up."""
    codes = encode_rnas(targets)
    rows = np.arange(len(targets))
    return read_windows(codes, rows, (codes.lengths - n_letters) // 2, n_letters, circular=False)


def window_starts(length: int, window: int, stride: int, circular: bool) -> NDArray[np.int64]:
    """Return where the windows of a target begin, from its 3' end on; a linear one may begin before 0.

    A circle is read once round. What is shorter than a window stands in the middle of it.
    """
    if circular:
        first = length - min(window, length)
        return (first - stride * np.arange(-(-length // stride))) % length
    further = length - window
    if further <= 0:
        return np.array([further // 2])
    return further - stride * np.arange(-(-further // stride) + 1)


def read_windows(
    targets: RNACodes, target: NDArray[np.int64], start: NDArray[np.int64], n_letters: int, circular: bool
) -> NDArray[np.uint8]:
    """Return stretches of targets from 3' to 5', shape (n, n_letters)."""
    return np.ascontiguousarray(targets.stretches(target, start, n_letters, circular)[:, ::-1])
