"""One side of the pairs: its ids, what describes them, and their relatives in training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sklearn_mferl.evidence.graph.relatedness import Relatedness, Relatives
from sklearn_mferl.features.precomputed import PrecomputedEmbedding
from sklearn_mferl.pairs.side import Side


class RelatedSide(Side):
    """A side whose RNAs have relatives, by their sequences, their vectors or both."""

    def fit(
        self, ids: NDArray[np.object_], relatednesses: Mapping[str, Relatedness], rng: np.random.Generator
    ) -> None:
        """Take distinct ids as the training RNAs."""
        given = {"sequence": self.has_sequences, "embedding": self.embeddings is not None}
        self.relatednesses = {kind: relatednesses[kind] for kind in given if given[kind]}
        self.training = Relatives.merge(
            [each.fit(ids, self._inputs(kind, ids), rng) for kind, each in self.relatednesses.items()]
        )

    @property
    def training_ids(self) -> NDArray[np.object_]:
        """Ids of the training RNAs."""
        return next(iter(self.relatednesses.values())).ids.to_numpy(dtype=object)

    def relatives(self, ids: NDArray[np.object_]) -> Relatives:
        """Return the relatives of distinct ids; those of training are looked up."""
        reference = next(iter(self.relatednesses.values())).ids.get_indexer(pd.Index(ids))
        new = reference < 0
        if not new.any():
            return self.training.take(reference)
        computed = Relatives.merge(
            [
                each.relatives(ids[new], self._inputs(kind, ids[new]))
                for kind, each in self.relatednesses.items()
            ]
        )
        place = np.argsort(np.argsort(new, kind="stable"))  # where each id stands with the new ones last
        return Relatives.concatenate(self.training.take(reference[~new]), computed).take(place)

    def _inputs(self, kind: str, ids: NDArray[np.object_]) -> Any:
        if kind == "sequence":
            return self.sequences_of(ids)
        return PrecomputedEmbedding(self.embeddings).fit(ids).transform(ids)
