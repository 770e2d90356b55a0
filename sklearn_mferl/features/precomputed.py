"""Embeddings that were computed elsewhere."""

from collections.abc import Mapping
from numbers import Real
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_any_real_numeric_dtype, is_bool_dtype

from sklearn_mferl.features.base import RNATransformer
from sklearn_mferl.utils.arrays import Doubles, Objects, Singles
from sklearn_mferl.utils.validation import check_ids

_LARGEST: Final = float(np.finfo(np.float32).max)


class PrecomputedEmbedding(RNATransformer):
    """Look up the vectors of RNAs in a table of embeddings, by id.

    Parameters
    ----------
    embeddings : DataFrame, Series or mapping, default=None
        Finite numbers: a DataFrame indexed by id, one column a feature, or id -> vector, all of one length.
        An id may stand twice with the same vector. It may hold RNAs that `fit` never sees. Required.

    Attributes
    ----------
    columns_ : ndarray of object, shape (n_features_out_,)
        The names of the table's columns, as strings; "0", "1", … where they have no names.
    n_features_out_ : int
        Length of a vector.

    Notes
    -----
    Ids are looked up as they stand, in their own case; one that is not in the table is refused. A pickle
    holds the whole table.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_mferl import PrecomputedEmbedding
    >>> table = pd.DataFrame({"x": [1.0, 0.5], "y": [0.0, 2.0]}, index=["circ_2", "circ_7"])
    >>> embedding = PrecomputedEmbedding(table).fit(["circ_2"])
    >>> embedding.transform(["circ_7", "circ_2"])
    array([[0.5, 2. ],
           [1. , 0. ]], dtype=float32)
    >>> embedding.get_feature_names_out()
    array(['x', 'y'], dtype=object)
    """

    def __init__(self, embeddings: Any = None) -> None:
        self.embeddings = embeddings

    def _fit(self, rnas: Objects) -> None:
        names, vectors, columns = _read_table(self.embeddings)
        _find_rows(rnas, names)
        self.columns_ = columns
        self.n_features_out_ = vectors.shape[1]

    def _transform(self, rnas: Objects) -> Singles:
        names, vectors, columns = _read_table(self.embeddings)
        if not np.array_equal(columns, self.columns_):
            raise ValueError(
                f"embeddings= has {len(columns)} columns {_some(columns)}, but was fitted with "
                f"{len(self.columns_)} columns {_some(self.columns_)}; call fit again."
            )
        return vectors[_find_rows(rnas, names)].astype(np.float32)

    def _check_input(self, X: Any) -> Objects:
        return check_ids(X)

    def _feature_names(self) -> list[str]:
        return self.columns_.tolist()


def _read_table(embeddings: Any) -> tuple[pd.Index, Doubles, Objects]:
    """Return the distinct ids, their vectors and the names of the columns, all checked."""
    forms = "a DataFrame indexed by id, or a mapping from id to vector"
    if embeddings is None:
        raise ValueError(f"embeddings= is required: give {forms}.")
    if isinstance(embeddings, pd.DataFrame):
        table = embeddings
    elif isinstance(embeddings, (Mapping, pd.Series)):
        table = _stack_vectors(embeddings)
    else:
        raise ValueError(f"embeddings= must be {forms}; got a {type(embeddings).__name__}.")
    if 0 in table.shape:
        raise ValueError(f"embeddings= is empty (shape {table.shape}); give at least one id and one column.")
    for row, name in enumerate(table.index):
        if not isinstance(name, str):
            raise ValueError(
                f"embeddings= must be indexed by ids, which are strings; the index of row {row} is {name!r}. "
                "If a column holds the ids, call set_index with its name."
            )
    columns = np.array([str(column) for column in table.columns], dtype=object)
    if len(set(columns)) < len(columns):
        repeated = table.columns[pd.Index(columns).duplicated()][0]
        raise ValueError(f"embeddings= has two columns named {str(repeated)!r}; give each its own name.")
    values = _finite_numbers(table, columns)
    first_rows = _first_rows(table.index, values)
    return table.index[first_rows], values[first_rows], columns


def _stack_vectors(vector_of: Mapping[Any, Any] | pd.Series) -> pd.DataFrame:
    names, vectors = list(vector_of.keys()), []
    for name, vector in vector_of.items():
        try:
            vectors.append(np.asarray(vector))
        except ValueError as error:
            raise ValueError(f"embeddings= has no vector for {name!r}: {error}") from error
    for name, vector in zip(names, vectors, strict=True):
        if vector.ndim != 1 or vector.shape != vectors[0].shape:
            raise ValueError(
                f"embeddings= must map every id to a vector of one length; that of {name!r} has shape "
                f"{vector.shape}, that of {names[0]!r} has shape {vectors[0].shape}."
            )
    return pd.DataFrame(vectors, index=pd.Index(names, dtype=object))


def _finite_numbers(table: pd.DataFrame, columns: Objects) -> Doubles:
    for number, dtype in enumerate(table.dtypes):
        if not is_any_real_numeric_dtype(dtype) and not is_bool_dtype(dtype):
            for row, value in enumerate(table.iloc[:, number]):
                if not isinstance(value, Real):
                    raise ValueError(_not_a_number(table.index[row], columns[number], value))
    values = table.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = np.argwhere(~(np.abs(values) <= _LARGEST))  # NaN, too, is not <=
    if len(wrong):
        row, number = wrong[0]
        raise ValueError(_not_a_number(table.index[row], columns[number], float(values[row, number])))
    return values


def _not_a_number(name: str, column: str, value: Any) -> str:
    return (
        f"embeddings= holds {value!r} for id {name!r} in column {column!r}; "
        f"every cell must be a finite number of float32, at most {_LARGEST:.3g} in size."
    )


def _first_rows(names: pd.Index, values: Doubles) -> NDArray[np.intp]:
    """Return the rows at which an id stands for the first time; refuse an id with two vectors."""
    if names.is_unique:
        return np.arange(len(names))
    numbers, _ = pd.factorize(names)
    first_rows = np.unique(numbers, return_index=True)[1]
    differs = np.flatnonzero((values != values[first_rows[numbers]]).any(axis=1))
    if len(differs):
        raise ValueError(
            f"embeddings= holds the id {names[differs[0]]!r} twice with two different vectors; keep one."
        )
    return first_rows


def _find_rows(ids: Objects, names: pd.Index) -> NDArray[np.intp]:
    rows = names.get_indexer(pd.Index(ids))
    absent = np.flatnonzero(rows < 0)
    if len(absent):
        row = absent[0]
        more = f" ({len(absent)} rows have such ids)" if len(absent) > 1 else ""
        raise ValueError(
            f"The id {ids[row]!r} of row {row} is not in embeddings={more}; add its vector or remove the row."
        )
    return rows


def _some(columns: Objects) -> str:
    shown = ", ".join(columns[:3])
    return f"({shown}, …)" if len(columns) > 3 else f"({shown})"
