"""How alike the RNAs of one side are: isoforms of a circRNA, families of miRNAs, vectors by cosine."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import sparse

from sklearn_mferl.features.precomputed import PrecomputedEmbedding
from sklearn_mferl.features.rna_codes import SEED, encode_rnas
from sklearn_mferl.pairs.side import Side
from sklearn_mferl.utils.arrays import Ints, Objects, Singles

_ROWS_AT_ONCE: Final = 256  # bounds memory: so many rows of a dense block against all training RNAs
_ROWS_FOR_WIDTH: Final = 1024
_NEGLIGIBLE: Final = 1e-6  # share of the largest eigenvalue below which a direction is noise
_FARTHEST: Final = 1e6  # standard deviations; a vector farther out is far from all, and its square finite


@dataclass(frozen=True)
class Relatives:
    """The relatives of some RNAs among the training RNAs of the same side."""

    reference: Ints  # row of the RNA among the training RNAs, or -1
    neighbours: dict[str, sparse.csr_array]  # by kind and number: weights of the nearest, never of itself
    coordinates: Singles  # inner products of these rows approximate the kernel

    def __len__(self) -> int:
        return len(self.reference)

    def take(self, rows: Ints) -> Relatives:
        """Return those of some of the RNAs."""
        neighbours = {name: weights[rows] for name, weights in self.neighbours.items()}
        return Relatives(self.reference[rows], neighbours, self.coordinates[rows])

    @staticmethod
    def concatenate(first: Relatives, second: Relatives) -> Relatives:
        """Put further RNAs below."""
        both = zip(first.neighbours.values(), second.neighbours.values(), strict=True)
        stacked = [sparse.csr_array(sparse.vstack(weights)) for weights in both]
        return Relatives(
            np.concatenate([first.reference, second.reference]),
            dict(zip(first.neighbours, stacked, strict=True)),
            np.concatenate([first.coordinates, second.coordinates]),
        )

    @staticmethod
    def merge(found: Sequence[Relatives]) -> Relatives:
        """Put what different relatednesses found of the same RNAs side by side; kernels are averaged."""
        neighbours = {name: weights for one in found for name, weights in one.neighbours.items()}
        coordinates = np.hstack([one.coordinates for one in found]) / np.sqrt(len(found))
        return Relatives(found[0].reference, neighbours, coordinates.astype(np.float32))


class Relatedness(metaclass=ABCMeta):
    """Compare RNAs of one side with those of training."""

    def __init__(self, n_neighbors: Sequence[int], n_landmarks: int, n_directions: int) -> None:
        self.n_neighbors = tuple(n_neighbors)
        self.n_landmarks = n_landmarks
        self.n_directions = n_directions

    def fit(self, ids: Objects, inputs: Any, rng: np.random.Generator) -> Relatives:
        """Learn what the training RNAs are like, and return their own relatives."""
        self.ids = pd.Index(ids)
        self.reference = self._fit(inputs)  # as `_describe` returns it
        chosen = np.arange(len(ids))
        if len(ids) > self.n_landmarks:
            chosen = np.sort(rng.choice(len(ids), self.n_landmarks, replace=False))
        self.landmarks = self._take(self.reference, chosen)
        values, vectors = np.linalg.eigh(self._kernel(self.landmarks, self.landmarks).astype(np.float64))
        values, vectors = values[::-1], vectors[:, ::-1]
        # None is kept where the kernel is 0 throughout, as it is of sequences without any word.
        noise = max(_NEGLIGIBLE * values[0], np.finfo(np.float32).tiny)
        n_kept = min(int((values > noise).sum()), self.n_directions)
        # turned at random: what scales each column on its own then hardly changes which RNAs are near
        turn = np.linalg.qr(rng.normal(size=(n_kept, n_kept)))[0]
        # in double precision, so that the company of an RNA does not reach the float32 coordinates
        self.projection = vectors[:, :n_kept] / np.sqrt(values[:n_kept]) @ turn
        # of the kernel of a landmark with itself, what the others do not tell: 1 / (K^-1)_ii
        inverse = (vectors**2) @ (1 / (np.maximum(values, 0.0) + noise))
        own = np.zeros((len(ids), n_kept))
        own[chosen] = np.maximum(1 / inverse - noise, 0.0)[:, None] * self.projection
        self.own = own.astype(np.float32)
        return self._compare(ids, self.reference)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "own"}  # only training reads it

    def relatives(self, ids: Objects, inputs: Any) -> Relatives:
        """Find the relatives of RNAs, seen in training or not."""
        return self._compare(ids, self._describe(inputs))

    def _compare(self, ids: Objects, described: Any) -> Relatives:
        reference = self.ids.get_indexer(pd.Index(ids))
        found: dict[str, list[sparse.csr_array]] = {}
        coordinates = []
        for start in range(0, len(ids), _ROWS_AT_ONCE):
            rows = np.arange(start, min(start + _ROWS_AT_ONCE, len(ids)))
            block = self._take(described, rows)
            coordinates.append(self._kernel(block, self.landmarks) @ self.projection)
            for kind, weights in self._weights(block, self.reference).items():
                known = np.flatnonzero(reference[rows] >= 0)
                weights[known, reference[rows][known]] = 0.0  # nothing is its own relative
                for k in self.n_neighbors:
                    found.setdefault(f"{kind}_{k}", []).append(_keep_largest(weights, k))
        neighbours = {name: sparse.csr_array(sparse.vstack(blocks)) for name, blocks in found.items()}
        return Relatives(reference, neighbours, np.concatenate(coordinates).astype(np.float32))

    @abstractmethod
    def _fit(self, inputs: Any) -> Any:
        """Learn from the training RNAs and return them as `_describe` does: tables with a row an RNA."""

    @abstractmethod
    def _describe(self, inputs: Any) -> Any:
        """Return what is compared."""

    @staticmethod
    def _take(described: Any, rows: Ints) -> Any:
        """Return some of the described RNAs."""
        return [block[rows] for block in described]

    @abstractmethod
    def _kernel(self, rows: Any, columns: Any) -> Singles:
        """Return the kernel, 1 to 1.5 for equal RNAs; directions in which it is negative are dropped."""

    @abstractmethod
    def _weights(self, rows: Any, columns: Any) -> dict[str, Singles]:
        """Return by kind how much an RNA's word counts for another, from 0 to 1, in new arrays."""


class SharedKmers(Relatedness):
    """Long RNAs by the 12-mers they share, so that isoforms are near: cosine of words weighted by rarity.

    By chance, two RNAs of a thousand nucleotides share a fifth of their 6-mers, and no 12-mer.
    """

    def __init__(self, circular: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = [_RareWords(12, circular), _RareWords(3, circular)]

    def _fit(self, inputs: Any) -> Any:
        return [words.fit_transform(inputs) for words in self.words]

    def _describe(self, inputs: Any) -> Any:
        return [words.transform(inputs) for words in self.words]

    def _kernel(self, rows: Any, columns: Any) -> Singles:
        long, short = (_dot(a, b) for a, b in zip(rows, columns, strict=True))
        return (2 * long + short) / np.float32(3)  # isoforms by long words, composition by short ones

    def _weights(self, rows: Any, columns: Any) -> dict[str, Singles]:
        return {"sequence": _dot(rows[0], columns[0]) ** 2}


class MicroRNAFamilies(Relatedness):
    """miRNAs by their seeds, which make the family, and by their whole sequences."""

    def _fit(self, inputs: Any) -> Any:
        self.words = [_RareWords(3), _RareWords(5)]
        self.seed_words = [_RareWords(3, weigh=False), _RareWords(5, weigh=False)]
        for words, sequences in self._read(inputs):
            words.fit_transform(sequences)
        return self._describe(inputs)

    def _describe(self, inputs: Any) -> Any:
        blocks = [words.transform(sequences) for words, sequences in self._read(inputs)]
        letters = np.array([list(inputs), _seeds(inputs)], dtype=object).T
        return letters, sparse.csr_array(sparse.hstack(blocks) / 2.0)

    def _read(self, inputs: Any) -> list[tuple[_RareWords, Any]]:
        """Return what reads the words, each with what it reads: the whole miRNA, or its seed."""
        seeds = _seeds(inputs)
        return [(words, inputs) for words in self.words] + [(words, seeds) for words in self.seed_words]

    def _kernel(self, rows: Any, columns: Any) -> Singles:
        same_words = _dot(rows[1], columns[1])
        return same_words + _levenshtein(rows[0][:, 1], columns[0][:, 1]) ** 3 / np.float32(2)

    def _weights(self, rows: Any, columns: Any) -> dict[str, Singles]:
        whole, seed = (_levenshtein(rows[0][:, i], columns[0][:, i]) for i in range(2))
        # the whole sequence decides between miRNAs of one seed
        family = (seed + np.float32(0.3) * whole) / np.float32(1.3)
        return {
            "sequence": np.power(whole, 4, dtype=np.float32),
            "seed": np.power(family, 8, dtype=np.float32),
        }


class CloseVectors(Relatedness):
    """RNAs by precomputed vectors: cosine for neighbours, and beside it a Gaussian in the kernel."""

    def _fit(self, inputs: Any) -> Any:
        vectors = np.asarray(inputs, dtype=np.float64)  # the square of a large float32 is infinite
        self.mean, deviation = vectors.mean(axis=0), vectors.std(axis=0)
        # a column without spread, but for rounding, tells nothing
        self.deviation = np.where(deviation > 1e-12 * np.abs(self.mean), deviation, np.inf)
        described = self._describe(inputs)
        distances = _squared_distances(described[1][:_ROWS_FOR_WIDTH], described[1])
        # the mean stands in where more than half of the distances are 0, and 1 where all are
        self.width = float(np.median(distances)) / 2 or float(distances.mean()) / 2 or 1.0
        return described

    def _describe(self, inputs: Any) -> Any:
        from sklearn.preprocessing import normalize

        vectors = np.asarray(inputs, dtype=np.float64)
        standardized = np.clip((vectors - self.mean) / self.deviation, -_FARTHEST, _FARTHEST)
        return normalize(vectors).astype(np.float32), standardized.astype(np.float32)

    def _kernel(self, rows: Any, columns: Any) -> Singles:
        near = np.exp(-_squared_distances(rows[1], columns[1]) / np.float32(self.width))
        return near + np.float32(0.3) * _inner_products(rows[0], columns[0])

    def _weights(self, rows: Any, columns: Any) -> dict[str, Singles]:
        return {"embedding": np.maximum(_inner_products(rows[0], columns[0]), np.float32(0.0)) ** 4}


class RelatedSide(Side):
    """A side whose RNAs have relatives, by their sequences, their vectors or both."""

    def fit(self, ids: Objects, relatednesses: Mapping[str, Relatedness], rng: np.random.Generator) -> None:
        """Take distinct ids as the training RNAs."""
        given = {"sequence": self.has_sequences, "embedding": self.embeddings is not None}
        self.relatednesses = {kind: relatednesses[kind] for kind in given if given[kind]}
        self.training = Relatives.merge(
            [each.fit(ids, self._inputs(kind, ids), rng) for kind, each in self.relatednesses.items()]
        )

    @property
    def training_ids(self) -> Objects:
        """Ids of the training RNAs."""
        return next(iter(self.relatednesses.values())).ids.to_numpy(dtype=object)

    def relatives(self, ids: Objects) -> Relatives:
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

    def coordinates_as_new(self) -> Singles:
        """Return the coordinates of the training RNAs as those of each would be if it were new."""
        own = [each.own for each in self.relatednesses.values()]
        return self.training.coordinates - np.hstack(own) / np.float32(np.sqrt(len(own)))

    def _inputs(self, kind: str, ids: Objects) -> Any:
        if kind == "sequence":
            return self.sequences_of(ids)
        return PrecomputedEmbedding(self.embeddings).fit(ids).transform(ids)


class _RareWords:
    """Which words a sequence holds, weighted by how rare they are in training, as rows of length 1."""

    def __init__(self, k: int, circular: bool = False, weigh: bool = True) -> None:
        self.k, self.circular, self.weigh = k, circular, weigh

    def fit_transform(self, sequences: Sequence[str]) -> sparse.csr_array:
        rna, words = self._read(sequences)
        self.vocabulary, n_sequences = np.unique(words, return_counts=True)
        # the last weight is that of a word that is not in training
        self.weight = np.ones(len(n_sequences) + 1, dtype=np.float32)
        if self.weigh:
            self.weight[:] = np.log((1 + len(sequences)) / (1 + np.append(n_sequences, 0))) + 0.1
        return self._weighted(rna, words, len(sequences))

    def transform(self, sequences: Sequence[str]) -> sparse.csr_array:
        return self._weighted(*self._read(sequences), len(sequences))

    def _read(self, sequences: Sequence[str]) -> tuple[Ints, Ints]:
        """Return the distinct words of each sequence, sorted."""
        rna, _, words = encode_rnas(sequences).all_words(self.k, self.circular)
        return np.divmod(np.unique(rna << 2 * self.k | words), 1 << 2 * self.k)

    def _weighted(self, rna: Ints, words: Ints, n: int) -> sparse.csr_array:
        column = np.searchsorted(self.vocabulary, words)
        seen = np.append(self.vocabulary, -1)[column] == words
        weight = self.weight[np.where(seen, column, -1)]
        length = np.sqrt(np.bincount(rna, weight.astype(np.float64) ** 2, n)[rna])
        scaled = (weight / length).astype(np.float32)[seen]
        return sparse.csr_array((scaled, (rna[seen], column[seen])), (n, len(self.vocabulary)))


def _seeds(sequences: Sequence[str]) -> list[str]:
    """Return the seeds; a sequence too short to have one stands for itself."""
    return [sequence[SEED] or sequence for sequence in sequences]


def _dot(rows: sparse.csr_array, columns: sparse.csr_array) -> Singles:
    return (rows @ columns.T).toarray().astype(np.float32)


def _levenshtein(rows: Any, columns: Any) -> Singles:
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cdist

    return cdist(list(rows), list(columns), scorer=Levenshtein.normalized_similarity, dtype=np.float32)


def _squared_distances(rows: Singles, columns: Singles) -> Singles:
    lengths = (rows**2).sum(axis=1)[:, None] + (columns**2).sum(axis=1)[None]
    return np.maximum(lengths - 2 * _inner_products(rows, columns), np.float32(0.0))


def _inner_products(rows: Singles, columns: Singles) -> Singles:
    """Return products that do not depend on how many rows there are: they are summed in double precision."""
    return (rows.astype(np.float64) @ columns.T).astype(np.float32)


def _keep_largest(weights: Singles, k: int) -> sparse.csr_array:
    """Keep the k largest weights of each row, none of them 0; of equal ones, those that come first."""
    least_of_k = np.zeros((len(weights), 1), dtype=weights.dtype)
    if k < weights.shape[1]:
        least_of_k = -np.partition(-weights, k - 1, axis=1)[:, k - 1 : k]
    kept = weights > least_of_k
    n_missing = k - kept.sum(axis=1)
    tied = (weights == least_of_k) & (least_of_k > 0)
    for row in np.flatnonzero(tied.any(axis=1)):
        kept[row, np.flatnonzero(tied[row])[: n_missing[row]]] = True
    rows, columns = np.nonzero(kept)
    return sparse.csr_array((weights[kept], (rows, columns)), shape=weights.shape)
