"""The RNAs of one side: their sequences and vectors, and the scales and the table that these make."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self, TypeVar

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from sklearn_mferl.datasets.sequences import load_sequences
from sklearn_mferl.features.cosine import CosineSimilarity
from sklearn_mferl.features.precomputed import PrecomputedEmbedding
from sklearn_mferl.pairs.propagation import degrees, propagate
from sklearn_mferl.pairs.tables import RNATable
from sklearn_mferl.utils.arrays import Doubles, Ints, Objects, Singles
from sklearn_mferl.utils.validation import SIDES, normalize_sequence, refuse_missing

Blocks = dict[str, Singles]


class Side:
    """Sequences and embeddings of the circRNAs or of the miRNAs."""

    def __init__(self, name: str, sequences: Mapping[str, str] | None, embeddings: Any) -> None:
        self.name = name
        self.sequences = sequences
        self.embeddings = embeddings

    @property
    def has_sequences(self) -> bool:
        """Whether the RNAs of this side have sequences."""
        return self.sequences is not None or self.embeddings is None

    @property
    def is_own_id(self) -> bool:
        """Whether a sequence is its own id."""
        return self.sequences is None and self.embeddings is None

    def add_sequences(self, sequences: Mapping[str, str]) -> None:
        """Make further ids known."""
        self.sequences = {**(self.sequences or {}), **sequences}

    def canonical_ids(self, ids: Objects) -> Objects:
        """Check the ids of all pairs; where a sequence is its own id, normalise it."""
        if self.is_own_id:
            distinct, first, inverse = distinct_by_row(ids)
            normalized = [
                normalize_sequence(sequence, f"row {row}, column {self.name!r}")
                for sequence, row in zip(distinct, first, strict=True)
            ]
            return np.array(normalized, dtype=object)[inverse]
        for known, what in ((self.sequences, "sequence"), (_index(self.embeddings), "embedding")):
            if known is None:
                continue
            advice = "add it to those given to PairFeatures or leave the pair out"
            refuse_missing(ids, known, self.name, f"no {what}", advice)
        return ids

    def sequences_of(self, ids: Objects) -> list[str]:
        """Return the sequences of ids, which are the ids themselves where no others are known."""
        return [rna if self.sequences is None else self.sequences[rna] for rna in ids]


AnySide = TypeVar("AnySide", bound=Side)


class ScaledSide(Side):
    """A side with fitted scales.

    Attributes
    ----------
    scales : dict of str to transformer
        The fitted scales by name.
    table : RNATable
        The table of the RNAs of `fit`.
    """

    def __init__(self, name: str, sequences: Mapping[str, str] | None, embeddings: Any) -> None:
        super().__init__(name, sequences, embeddings)
        self.scales: dict[str, Any] = {}
        self.similarity: str | None = None
        self._cold: tuple[Blocks, Blocks] = {}, {}

    def known_ids(self) -> list[str]:
        """Return the ids that have all that the scales read, sorted."""
        known = [set(ids) for ids in (self.sequences, _index(self.embeddings)) if ids is not None]
        return sorted(set.intersection(*known) if known else self.table.ids)

    def fit(
        self,
        ids: Objects,
        sequence_scales: Mapping[str, Any],
        pair_scales: Mapping[str, Any],
        order: list[str],
    ) -> None:
        """Fit the scales on the distinct training RNAs."""
        for name in order:
            if name in pair_scales:
                self.scales[name] = pair_scales[name]
            elif self.has_sequences:
                scale = clone(sequence_scales[name])
                self.scales[name] = scale.fit(self._inputs(scale, ids))
            elif hasattr(sequence_scales[name], "graph"):
                threshold = getattr(sequence_scales[name], "threshold", 0.5)
                self.scales[name] = CosineSimilarity(self.embeddings, threshold=threshold).fit(ids)
        if self.embeddings is not None:
            self.scales["embedding"] = PrecomputedEmbedding(self.embeddings).fit(ids)
        self.similarity = next((name for name in self.scales if hasattr(self.scales[name], "graph")), None)
        self.table = self._fit_table(ids)

    def make_table(self, ids: Objects) -> RNATable:
        """Return the table of distinct RNAs; those of `fit` are looked up, others are transformed."""
        known = pd.Index(self.table.ids).get_indexer(pd.Index(ids))
        new = known < 0
        if not new.any():
            return self.table.take(known)
        computed = self._compute(ids[new])
        place = np.argsort(np.argsort(new, kind="stable"))  # where each id stands with the new ones last
        return _concatenate(self.table.take(known[~new]), computed).take(place)

    def take_cold(self, table: RNATable) -> RNATable:
        """Add to a table how the RNAs of `fit` would look if they were new, and keep that no longer."""
        known = pd.Index(self.table.ids).get_indexer(pd.Index(table.ids))
        is_known = (known >= 0)[:, None]  # the others are new as they are
        parts = zip(self._cold, (table.scales, table.propagated), strict=True)
        cold = [
            {name: np.where(is_known, block[known], found[name]) for name, block in of_fit.items()}
            for of_fit, found in parts
        ]
        self._cold = {}, {}
        return replace(table, cold_scales=cold[0], cold_propagated=cold[1])

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_cold": ({}, {})}  # only training reads it

    def feature_names(self) -> list[str]:
        """Name the columns of all scales: ``circrna__kmer__ACG``."""
        names = []
        for scale, transformer in self.scales.items():
            if hasattr(transformer, "embed"):
                columns: Any = range(self.table.scales[scale].shape[1])
            else:
                columns = transformer.get_feature_names_out()
            names += [f"{self.name}__{scale}__{column}" for column in columns]
        return names

    def _inputs(self, scale: Any, ids: Objects) -> Objects:
        """Return what a scale reads of the RNAs: ids or sequences."""
        if self.sequences is None or isinstance(scale, (PrecomputedEmbedding, CosineSimilarity)):
            return ids
        return np.array(self.sequences_of(ids), dtype=object)

    def _columns(self, scale: str, ids: Objects) -> Singles:
        transformer = self.scales[scale]
        if hasattr(transformer, "embed"):
            block = transformer.embed(self.name, ids)
        else:
            block = transformer.transform(self._inputs(transformer, ids))
        if sparse.issparse(block):
            block = block.toarray()
        block = np.asarray(block, dtype=np.float32)
        return block.reshape(len(ids), -1)

    def _fit_table(self, ids: Objects) -> RNATable:
        scales = {scale: self._columns(scale, ids) for scale in self.scales}
        # what learns from pairs knows nothing of a new RNA, and says so by zeros
        cold = {
            scale: np.zeros_like(scales[scale])
            for scale, transformer in self.scales.items()
            if hasattr(transformer, "embed")
        }
        self._cold = cold, {}
        if self.similarity is None:
            return RNATable(ids, scales, {})
        similarity = self.scales[self.similarity]
        graph = similarity.graph()
        self._reference_degree = degrees(graph)
        # RNAs with the same sequence are one reference; the first of them stands for it
        inputs = self._inputs(similarity, ids)
        reference = pd.Index(similarity.references_).get_indexer(pd.Index(inputs))
        self._reference_rows = np.unique(reference, return_index=True)[1]
        # were an RNA new, it would be neither a reference nor a neighbour of one
        columns = getattr(similarity, "landmarks_", similarity.references_)
        own = pd.Index(columns).get_indexer(pd.Index(inputs))
        has_own = (own >= 0) & (np.bincount(reference)[reference] == 1)
        cold[self.similarity] = scales[self.similarity].copy()
        cold[self.similarity][has_own, own[has_own]] = 0.0
        degree = np.maximum(self._reference_degree - 1, 1)
        self._cold = cold, self._propagate(graph[reference], {**scales, **cold}, scales, degree)
        propagated = self._propagate(graph[reference], scales, scales, self._reference_degree)
        return RNATable(ids, scales, propagated)

    def _compute(self, ids: Objects) -> RNATable:
        scales = {scale: self._columns(scale, ids) for scale in self.scales}
        if self.similarity is None:
            return RNATable(ids, scales, {})
        similarity = self.scales[self.similarity]
        neighbours = similarity.graph(self._inputs(similarity, ids))
        degree = self._reference_degree
        return RNATable(ids, scales, self._propagate(neighbours, scales, self.table.scales, degree))

    def _propagate(
        self,
        neighbours: sparse.csr_matrix,
        scales: dict[str, Singles],
        reference: dict[str, Singles],
        degree: Doubles,
    ) -> dict[str, Singles]:
        return {
            scale: propagate(neighbours, block, reference[scale][self._reference_rows], degree)
            for scale, block in scales.items()
            if scale != self.similarity
        }


class KnowsSides:
    """An estimator of pairs that is given the RNAs of both sides, and can be told of more."""

    _sides: dict[str, Any]

    def add_rnas(self, circrna: Any = None, mirna: Any = None) -> Self:
        """Make the sequences of further RNAs known, so that `transform` takes them; nothing is refitted.

        Parameters
        ----------
        circrna, mirna : mapping, Series, str, Path or None, default=None
            Sequences by id, or the path of a FASTA file.

        Returns
        -------
        self
        """
        check_is_fitted(self)
        for name, sequences in further_sequences(self._sides, circrna, mirna).items():
            self._sides[name].add_sequences(sequences)
        return self

    def _make_sides(self, kind: type[AnySide], pairs: Objects) -> dict[str, AnySide]:
        """Return both sides, with the sequences and embeddings that the parameters give."""
        embeddings = getattr(self, "embeddings", None)
        embeddings = {} if embeddings is None else embeddings
        if not isinstance(embeddings, Mapping):
            raise ValueError(
                "embeddings must be a mapping such as {'circrna': DataFrame}; "
                f"got a {type(embeddings).__name__}."
            )
        unknown = set(embeddings) - set(SIDES)
        if unknown:
            raise ValueError(f"embeddings has the key {min(unknown)!r}; allowed are 'circrna' and 'mirna'.")
        return {
            name: kind(name, load_sequences(getattr(self, name), name, ids), embeddings.get(name))
            for name, ids in zip(SIDES, pairs.T, strict=True)
        }

    def _prepare(self, side: str, ids: Objects, *, for_many: bool = False) -> Any:
        """Read distinct RNAs, for one list of their pairs or for many."""
        raise NotImplementedError

    def _prepare_pairs(self, pairs: Objects) -> tuple[list[Any], Ints]:
        """Read the distinct RNAs of canonical pairs, and return which of them each pair joins."""
        rows, prepared = np.empty(pairs.shape, dtype=np.int64), []
        for column, side in enumerate(SIDES):
            distinct, rows[:, column] = sorted_distinct(pairs[:, column])
            prepared.append(self._prepare(side, distinct))
        return prepared, rows

    def _canonical(self, pairs: Objects) -> Objects:
        """Check the ids of pairs; where a sequence is its own id, normalise it."""
        return np.column_stack([self._sides[side].canonical_ids(pairs[:, i]) for i, side in enumerate(SIDES)])


def further_sequences(sides: Mapping[str, Side], circrna: Any, mirna: Any) -> dict[str, dict[str, str]]:
    """Read the sequences to add to those known of each side; all checks come before anything is added."""
    given = {
        side: load_sequences(sequences, side, sides[side].sequences or ())
        for side, sequences in zip(SIDES, (circrna, mirna), strict=True)
    }
    further = {side: sequences for side, sequences in given.items() if sequences is not None}
    for side, sequences in further.items():
        known = sides[side].sequences
        if known is None:
            raise ValueError(
                f"These features were fitted without {side} sequences by id, so none can be added; fit again "
                f"with {side}=."
            )
        for rna, sequence in sequences.items():
            if known.get(rna, sequence) != sequence:
                raise ValueError(f"The {side} {rna!r} is known with another sequence; use another id.")
    return further


def sorted_distinct(ids: Objects) -> tuple[Objects, Ints]:
    """Return the distinct ids, sorted so that nothing depends on the order of pairs, and each one's place."""
    codes, distinct = pd.factorize(ids, sort=True)
    return np.asarray(distinct, dtype=object), codes


def distinct_by_row(values: Objects) -> tuple[Objects, Ints, Ints]:
    """Return the distinct values, the row where each stands first, and each row's number among them."""
    codes, distinct = pd.factorize(values)
    return distinct, np.unique(codes, return_index=True)[1], codes


def _concatenate(first: RNATable, second: RNATable) -> RNATable:
    return RNATable(
        np.concatenate([first.ids, second.ids]),
        {name: np.concatenate([block, second.scales[name]]) for name, block in first.scales.items()},
        {name: np.concatenate([block, second.propagated[name]]) for name, block in first.propagated.items()},
    )


def _index(embeddings: Any) -> Any:
    """Return what tells whether an id has an embedding."""
    if embeddings is None:
        return None
    return set(embeddings.index) if isinstance(embeddings, (pd.DataFrame, pd.Series)) else embeddings
