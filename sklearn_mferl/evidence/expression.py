"""Whether two RNAs are there together: their levels in samples."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from sklearn_mferl.datasets.folder import read_embeddings
from sklearn_mferl.features.base import PairTransformer
from sklearn_mferl.utils.arrays import Doubles, Objects, Singles
from sklearn_mferl.utils.saved import SavedState
from sklearn_mferl.utils.validation import SIDES

_COLUMNS: Final = ("expression_correlation", "circrna_level", "mirna_level", "expression_known")
_FEWEST: Final = 3  # samples: two are always in line


class Expression(SavedState, PairTransformer):
    """Describe circRNA–miRNA pairs by how much there is of both RNAs in the same samples.

    Parameters
    ----------
    levels : DataFrame, str, Path, mapping or None, default=None
        A row for each RNA, by its id, and a column for each sample: counts, TPM or the like, at least 0; or
        the path of such a table. One table of the RNAs of both sides, or ``{"circrna": table, "mirna":
        table}`` with samples of the same names. With None all is unknown.

    Attributes
    ----------
    n_features_in_ : int
        Always 2, the columns of the pairs.
    samples_ : list of str
        Samples that the tables of both sides have.

    Raises
    ------
    ValueError
        If a level is not a number of at least 0, an RNA stands twice, tables of the two sides have no sample
        in common, or none of the RNAs of `fit` is in them.

    Notes
    -----
    Columns, unknown (NaN) for an RNA that is not in the table:

    - ``expression_correlation``: Spearman's, in [-1, 1]; unknown with less than 3 samples, or where one of
      the two has the same level in all;
    - ``circrna_level``, ``mirna_level``: means of log(1 + level), natural logarithm;
    - ``expression_known``: 1 where both RNAs are in the table, else 0.

    Nothing is learned from labels.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_mferl import Expression
    >>> samples = {"liver": [5.0, 9.0], "brain": [1.0, 2.0], "lung": [3.0, 0.0]}
    >>> levels = pd.DataFrame(samples, index=["circ", "miR"])
    >>> Expression(levels).fit_transform([("circ", "miR"), ("other", "miR")]).round(2)
    array([[0.5 , 1.29, 1.13, 1.  ],
           [ nan,  nan, 1.13, 0.  ]], dtype=float32)
    """

    def __init__(self, levels: Any = None) -> None:
        self.levels = levels

    def _fit(self, pairs: Objects, y: Any) -> None:
        tables = [self._read(side) for side in SIDES]
        shared = tables[0].columns.intersection(tables[1].columns)
        if self.levels is not None and not len(shared):
            raise ValueError(
                "The levels of circRNAs and miRNAs have no sample in common; name the columns alike."
            )
        self.samples_ = [str(name) for name in shared]
        self._ranks = [_standardize(table[shared]) for table in tables]
        self._means = [np.log1p(table).mean(axis=1) for table in tables]
        is_known = [means.index.isin(ids).any() for means, ids in zip(self._means, pairs.T, strict=True)]
        if self.levels is not None and not any(is_known):
            raise ValueError(
                f"The levels are of none of these RNAs: the table has {self._means[0].index[0]!r}, the pairs "
                f"have {pairs[0, 0]!r} and {pairs[0, 1]!r}; write the ids alike."
            )

    def _transform(self, pairs: Objects) -> Singles:
        rows = [means.index.get_indexer(ids) for means, ids in zip(self._means, pairs.T, strict=True)]
        known = (rows[0] >= 0) & (rows[1] >= 0)
        described = np.full((len(pairs), len(_COLUMNS)), np.nan, dtype=np.float32)
        if len(self.samples_) >= _FEWEST:
            circrna, mirna = (ranks[row[known]] for ranks, row in zip(self._ranks, rows, strict=True))
            described[known, 0] = (circrna * mirna).sum(axis=1)
        for column, (means, row) in enumerate(zip(self._means, rows, strict=True), start=1):
            described[row >= 0, column] = means.to_numpy()[row[row >= 0]]
        described[:, 3] = known
        return described

    def add_rnas(self, circrna: Any = None, mirna: Any = None) -> Self:
        """Do nothing: what is known of an RNA stands in the table or not, whatever its sequence.

        Parameters
        ----------
        circrna, mirna : ignored

        Returns
        -------
        self
        """
        return self

    def _feature_names(self) -> list[str]:
        return [*_COLUMNS]

    def _read(self, side: str) -> pd.DataFrame:
        """Return the levels of one side."""
        given = self.levels
        if isinstance(given, Mapping):
            if set(given) != set(SIDES):
                raise ValueError(f"levels as a mapping needs the keys {SIDES}; got {sorted(given)}.")
            given = given[side]
        if given is None:
            return pd.DataFrame(index=pd.Index([], dtype=object), dtype=float)
        if isinstance(given, (str, os.PathLike)):
            source, table = str(given), read_embeddings(Path(given), "RNA")
        elif isinstance(given, pd.DataFrame):
            source, table = "levels", given
        else:
            raise ValueError(
                f"levels must be a DataFrame, a path, a mapping of both sides or None; got a "
                f"{type(given).__name__}."
            )
        repeated = table.index[table.index.duplicated()]
        if len(repeated):
            raise ValueError(f"{source} has the RNA {repeated[0]!r} twice; keep one row of it.")
        try:
            values = table.to_numpy(dtype=float)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{source} has levels that are no numbers: {error}") from error
        wrong = np.argwhere(~(np.isfinite(values) & (values >= 0)))
        if len(wrong):
            row, column = wrong[0]
            raise ValueError(
                f"{source} has the level {values[row, column]} of {table.index[row]!r} in sample "
                f"{table.columns[column]!r}; levels are at least 0, before any logarithm."
            )
        return pd.DataFrame(values, index=table.index, columns=table.columns)


def _standardize(table: pd.DataFrame) -> Doubles:
    """Return ranks of mean 0 and length 1, whose products are Spearman's correlations; NaN if constant."""
    if not table.size:
        return np.empty(table.shape)
    ranks = rankdata(table.to_numpy(), axis=1)
    ranks = ranks - ranks.mean(axis=1, keepdims=True)
    length = np.linalg.norm(ranks, axis=1, keepdims=True)
    return np.divide(ranks, length, out=np.full_like(ranks, np.nan), where=length > 0)
