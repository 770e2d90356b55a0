"""What the channels share that read the sequences of both RNAs."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from sklearn_mferl.evidence.sites.rna_pairs import RNAPairs
from sklearn_mferl.evidence.sites.seed_index import SeedIndex
from sklearn_mferl.evidence.sites.table import TEXT_COLUMNS, tabulate_sites
from sklearn_mferl.features.base import PairTransformer
from sklearn_mferl.features.rna_codes import RNACodes, encode_rnas
from sklearn_mferl.pairs.side import KnowsSides, Side, distinct_by_row
from sklearn_mferl.utils.arrays import Ints, Objects, Singles
from sklearn_mferl.utils.saved import SavedState
from sklearn_mferl.utils.scheduling import run_in_order
from sklearn_mferl.utils.validation import SIDES, check_pairs, normalize_sequence


class SequenceChannel(SavedState, KnowsSides, PairTransformer):
    """A channel that reads the sequences of both RNAs; what it says of distinct pairs is in `_describe`."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {"circular": ["boolean"]}
    circular: bool
    n_jobs: int | None

    def sites(self, X: Any) -> pd.DataFrame:
        """List the sites of pairs: where they are, and how the miRNA pairs there.

        Parameters
        ----------
        X : DataFrame, list of tuples or array, shape (n_pairs, 2)
            Pairs of RNAs; one that stands twice is listed once.

        Returns
        -------
        DataFrame
            A row for each site, weak ones too, in the order of the pairs and along the target:

            - ``circrna``, ``mirna``: ids, or the normalised sequences where these are the ids;
            - ``type``: as in the table of `TargetSites`;
            - ``start``, ``end``: the nucleotides of the site in the target, counted from 0, ``end`` not
              included. On a circle ``start`` is below its length L and a site across the junction has
              ``end`` > L: nucleotide i is letter i modulo L of the sequence;
            - ``crosses_junction``: bool;
            - ``supplementary``: the most pairs in a row within nucleotides 12 to 17 of the miRNA, 0 to 6;
            - ``local_au``: of this site;
            - ``duplex_score``: of the alignment, computed with ``duplex=False``, too;
            - ``duplex_start``, ``duplex_end``: the aligned nucleotides of the target, as `start` and `end`;
            - ``mirna_start``: first aligned nucleotide of the miRNA, counted from 1;
            - ``target_3to5``, ``bars``, ``mirna_5to3``: the alignment, nucleotide 1 of the miRNA on the
              left; ``|`` Watson-Crick, ``:`` G:U, ``-`` a gap, N for a letter other than A, C, G, U.
        """
        check_is_fitted(self)
        pairs, row, ids = self._read(check_pairs(X))
        tables = self._by_sites(tabulate_sites, pairs)
        blocks = zip(pairs.blocks(), tables, strict=True)
        pair = np.concatenate([rows.start + table.pop("pair").to_numpy() for rows, table in blocks])
        table = pd.concat(tables, ignore_index=True)
        table.insert(0, "circrna", ids[0][pairs.target[pair]])
        table.insert(1, "mirna", ids[1][pairs.mirna[pair]])
        first = np.unique(row, return_index=True)[1]
        order = np.lexsort([table["start"], first[pair]])
        # so that the type of a column is the same whether there are sites or not
        return table.iloc[order].reset_index(drop=True).astype(dict.fromkeys(TEXT_COLUMNS, str))

    def _fit(self, pairs: Objects, y: Any) -> None:
        self._sides = self._make_sides(Side, pairs)
        self._read(pairs)
        self.n_features_out_ = len(self._feature_names())

    def _transform(self, pairs: Objects) -> Singles:
        distinct, row, _ = self._read(pairs)
        return self._describe(distinct)[row]

    def _prepare(self, side: str, ids: Objects, *, for_many: bool = False) -> RNACodes:
        """Read distinct RNAs, for any number of pairs."""
        return encode_rnas(self._sequence(rna, side, row) for row, rna in enumerate(ids))

    def _describe_rows(self, circrnas: RNACodes, mirnas: RNACodes, rows: Ints) -> Singles:
        """Describe pairs as `transform`, given as rows of prepared RNAs."""
        pairs, place = RNAPairs.distinct(circrnas, mirnas, rows, bool(self.circular))
        described = self._describe(pairs)
        return described if place is None else described[place]

    def _describe(self, pairs: RNAPairs) -> Singles:
        raise NotImplementedError

    def _read(self, pairs: Objects) -> tuple[RNAPairs, Ints, list[Objects]]:
        """Look up the sequences: the distinct pairs, the one of each row, and the ids of either side."""
        numbers, ids, codes = [], [], []
        for column, side in enumerate(SIDES):
            names, first, number = distinct_by_row(pairs[:, column])
            sequences = [self._sequence(name, side, row) for name, row in zip(names, first, strict=True)]
            if self._sides[side].sequences is None:  # then acgu and ACGU are one RNA
                again, names = pd.factorize(np.array(sequences, dtype=object))
                number, sequences = again[number], names.tolist()
            numbers.append(number)
            ids.append(np.array(names, dtype=object))
            codes.append(encode_rnas(sequences))
        rows, circular = np.column_stack(numbers), bool(self.circular)
        distinct, place = RNAPairs.distinct(codes[0], codes[1], rows, circular)
        return distinct, np.arange(len(pairs)) if place is None else place, ids

    def _sequence(self, name: str, side: str, row: int) -> str:
        known = self._sides[side].sequences
        if known is None:
            return normalize_sequence(name, f"row {row}, column {side!r}")
        if name not in known:
            raise ValueError(
                f"The {side} {name!r} (row {row}) has no sequence; add it to those given to "
                f"{type(self).__name__} or leave the pair out."
            )
        return known[name]

    def _by_blocks(self, work: Callable[..., Any], pairs: RNAPairs) -> list[Any]:
        """Do some work on the pairs, block by block."""
        blocks = [{"pairs": pairs.take(rows).with_own_targets()} for rows in pairs.blocks()]
        return run_in_order(work, blocks, n_jobs=self.n_jobs, prefer="threads")

    def _by_sites(self, work: Callable[..., Any], pairs: RNAPairs) -> list[Any]:
        """Do some work on the seed sites and the pairs, block by block."""
        return self._by_blocks(partial(_search, work, SeedIndex(pairs.mirnas)), pairs)


def _search(work: Callable[..., Any], index: SeedIndex, pairs: RNAPairs) -> Any:
    return work(index.find(pairs), pairs)
