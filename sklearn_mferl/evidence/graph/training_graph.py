"""What a graph of known interactions says of a pair: degrees, paths, votes of relatives, factors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

from sklearn_mferl.evidence.graph.autoencoders import Autoencoders
from sklearn_mferl.evidence.graph.inverse import invert_definite
from sklearn_mferl.evidence.graph.relatedness import Relatives
from sklearn_mferl.evidence.graph.row_products import dense_row_products, row_products, with_empty_row
from sklearn_mferl.evidence.graph.site_atlas import PairSites, SiteAtlas
from sklearn_mferl.utils.arrays import Bools, Doubles, Ints, Singles
from sklearn_mferl.utils.validation import SIDES

Columns = dict[str, NDArray[np.floating[Any]]]

_PATHS: Final = (
    "paths",
    "paths_over_expected",
    "paths_normalized",
    "paths_split_by_circrnas",
    "paths_split_by_all",
)
_MADE_WHEN_READ: Final = "_path_tables", "_autoencoders"
_PRIOR: Final = 1.0  # matches of average outcome that every RNA is given, so that one match decides little
_COARSE_SHARE: Final = 4  # a quarter of the components blurs what all of them know too well
_LEAST_PENALTY: Final = float(np.finfo(np.float32).eps)  # share of the sum of the eigenvalues


class TrainingGraph:
    """The bipartite graph of the positive training pairs, as it is or with some pairs left out.

    Rows are the training circRNAs, columns the training miRNAs. What would be read off the edges of an RNA
    without any is NaN. Where all pairs of some RNAs are left out, sums over RNAs are stated for all of them:
    a pair that is shown as new in training must not be told from one that is new in use by how large the
    graph is.
    """

    def __init__(
        self,
        edges: Ints,
        used: tuple[Ints, Ints],
        solvers: tuple[RidgeSolvers, RidgeSolvers],
        *,
        n_components: int,
        seed: int,
        atlas: SiteAtlas | None = None,
    ) -> None:
        shape = len(solvers[0].coordinates), len(solvers[1].coordinates)
        ones = np.ones(len(edges), dtype=np.float32)
        self.adjacency = sparse.csr_array((ones, (edges[:, 0], edges[:, 1])), shape)
        self.degrees = self.adjacency.sum(axis=1), self.adjacency.sum(axis=0)
        self.n_for_one = tuple(n / max(len(rows), 1) for n, rows in zip(shape, used, strict=True))
        # indexed by -1, the row of an RNA that is not in training is empty
        self.partners = with_empty_row(self.adjacency), with_empty_row(self.adjacency.T)
        popularity = [_log_degree(self.degrees[side], self.n_for_one[1 - side]) for side in (0, 1)]
        traits: dict[str, tuple[NDArray[Any], NDArray[Any]]] = {"popularity": (popularity[0], popularity[1])}
        self.used, self.atlas = used, atlas
        self.confirmed = None if atlas is None else _confirmation_rates(self.adjacency, atlas.matches, used)
        if self.confirmed is not None:
            traits["confirmable"] = self.confirmed
        self.ridges = _fit_ridges(self.adjacency, traits, used, solvers)
        self.factors = self._factorize(min(n_components, *shape), seed)

    def __getstate__(self) -> dict[str, Any]:
        # small, and the same whether or not a pair has been read
        return {name: value for name, value in self.__dict__.items() if name not in _MADE_WHEN_READ}

    def read(
        self, circrna: Relatives, mirna: Relatives, rows: Ints, sites: PairSites | None = None
    ) -> Columns:
        """Return the evidence for pairs by name, each of shape (n_pairs,)."""
        circrna, c = _take_used(circrna, rows[:, 0])
        mirna, m = _take_used(mirna, rows[:, 1])
        own = circrna.reference[c], mirna.reference[m]
        degree = tuple(np.append(d, 0.0)[o] for d, o in zip(self.degrees, own, strict=True))
        unknown = degree[0] == 0, degree[1] == 0
        either = unknown[0] | unknown[1]
        columns = {
            **_blank(self._read_degrees(degree, own, 0), unknown[0]),
            **_blank(self._read_degrees(degree, own, 1), unknown[1]),
            **self._read_paths(degree, own, either),
            **_blank(self._read_factors(own), either),
            **self._read_autoencoders(own, either),
            **_blank(self._count_votes(0, circrna, c, own[1]), unknown[1]),
            **_blank(self._count_votes(1, mirna, m, own[0]), unknown[0]),
            **self._count_votes_of_both(circrna, mirna, c, m),
        }
        for ridge in self.ridges:
            columns |= ridge.read(circrna, mirna, c, m, unknown)
        if self.atlas is not None and sites is not None:
            columns |= self.atlas.read(sites, own, self.adjacency, self.used)
        return columns

    def _read_degrees(self, degree: Any, own: Any, side: int) -> Columns:
        """Return the number of partners, how many these have, and how many matches were confirmed."""
        name = SIDES[side]
        among_partners = self.partners[side] @ self.degrees[1 - side]
        mean = among_partners[own[side]] / np.maximum(degree[side], 1)
        columns = {f"degree_{name}": degree[side], f"partner_degree_{name}": mean}
        if self.confirmed is not None:
            columns[f"confirmed_{name}"] = np.append(self.confirmed[side], 0.0)[own[side]]
        return columns

    def _read_paths(self, degree: Any, own: Any, unknown: Bools) -> Columns:
        """Count paths of three steps, raw and with hubs discounted in four ways."""
        if unknown.all():  # their tables are half of the work
            return {name: np.full(len(unknown), np.nan, dtype=np.float32) for name in _PATHS}
        firsts, seconds = self._path_tables
        paths = row_products(firsts["raw"], seconds["raw"], *own)
        columns = (
            paths,
            paths / (1 + degree[0] * degree[1]),
            row_products(firsts["normalized"], seconds["normalized"], *own),
            row_products(firsts["raw"], seconds["split"], *own),
            row_products(firsts["split"], seconds["split"], *own),
        )
        return _blank(dict(zip(_PATHS, columns, strict=True)), unknown)

    @cached_property
    def _path_tables(self) -> tuple[dict[str, sparse.csr_array], dict[str, sparse.csr_array]]:
        """Return the first step from each circRNA, and the second and third to each miRNA."""
        edges = self.adjacency
        per_circrna, per_mirna = (1 / np.maximum(d, 1) for d in self.degrees)
        ones = np.ones(edges.shape[0]), np.ones(edges.shape[1])
        normalized = _scale(edges, np.sqrt(per_circrna), np.sqrt(per_mirna))
        firsts = {"raw": edges, "normalized": normalized, "split": _scale(edges, ones[0], per_mirna)}
        seconds = {
            "raw": edges.T @ edges,
            "normalized": normalized.T @ normalized,
            "split": edges.T @ _scale(edges, per_circrna, ones[1]),
        }
        tables = [{name: with_empty_row(table) for name, table in t.items()} for t in (firsts, seconds)]
        return tables[0], tables[1]

    def _read_factors(self, own: Any) -> Columns:
        """Reconstruct the degree-normalised graph from its largest singular vectors."""
        left, values, right = self.factors
        products = left[own[0]] * right[own[1]]
        fine = len(values) - 1
        ends = {"factors_coarse": -(-fine // _COARSE_SHARE), "factors_fine": fine}
        return {name: (products * _shrink(values, end)).sum(axis=1) for name, end in ends.items()}

    def _read_autoencoders(self, own: Any, unknown: Bools) -> Columns:
        """Ask the other partners of either end."""
        columns = {f"partners_{name}": np.full(len(unknown), np.nan) for name in SIDES}
        known = np.flatnonzero(~unknown)
        if len(known):  # a graph without the pairs of new RNAs needs none
            scores = self._autoencoders.score(*(of_side[known] for of_side in own))
            for column, score in zip(columns.values(), scores, strict=True):
                column[known] = score
        return columns

    @cached_property
    def _autoencoders(self) -> Autoencoders:
        return Autoencoders(self.adjacency)

    def _factorize(self, n_components: int, seed: int) -> tuple[Singles, Singles, Singles]:
        """Return the largest singular vectors and values, and one more than are read: the threshold."""
        n_circrnas, n_mirnas = (n + 1 for n in self.adjacency.shape)  # the last for those not in training
        left = np.zeros((n_circrnas, n_components + 1), dtype=np.float32)
        right = np.zeros((n_mirnas, n_components + 1), dtype=np.float32)
        values = np.zeros(n_components + 1, dtype=np.float32)
        if n_components and self.adjacency.nnz:
            # a small component of the graph would have a singular value of 1 without the mean degree
            scales = (1 / np.sqrt(d + d[d > 0].mean()) for d in self.degrees)
            n = min(n_components + 1, *self.adjacency.shape)
            u, values[:n], v = randomized_svd(_scale(self.adjacency, *scales), n, n_iter=2, random_state=seed)
            left[:-1, :n], right[:-1, :n] = u, v.T
        return left, values, right

    def _count_votes(self, side: int, relatives: Relatives, rows: Any, partner: Any) -> Columns:
        """Let the relatives of one end vote: how many of them are partners of the other end."""
        name, known = SIDES[side], self._known(side)
        columns = {}
        for kind, neighbours in relatives.neighbours.items():
            votes = row_products(neighbours, self.partners[1 - side], rows, partner)
            votes *= np.float32(self.n_for_one[side])
            voters = (neighbours @ known)[rows]
            columns[f"votes_{name}_{kind}"] = votes
            columns[f"share_{name}_{kind}"] = _blank_ratio(votes, voters)
        return columns

    def _known(self, side: int) -> Singles:
        """Return the weight of each RNA of a side as a known one."""
        return np.where(self.degrees[side] > 0, np.float32(self.n_for_one[side]), np.float32(0))

    def _count_votes_of_both(self, circrna: Relatives, mirna: Relatives, c: Any, m: Any) -> Columns:
        """Let relatives of both ends vote, and say how much is known of the relatives of each."""
        columns = {}
        for name, side, relatives, rows in (("circrna", 0, circrna, c), ("mirna", 1, mirna, m)):
            known = self._known(side)
            for kind, neighbours in relatives.neighbours.items():
                columns[f"known_{name}_{kind}"] = (neighbours @ known)[rows]
        for kind, neighbours in circrna.neighbours.items():
            votes = sparse.csr_array(neighbours @ self.adjacency)
            votes *= np.float32(self.n_for_one[0] * self.n_for_one[1])
            votes.sort_indices()
            for other, others in mirna.neighbours.items():
                if kind.rsplit("_", 1)[1] == other.rsplit("_", 1)[1]:  # as many of the one as of the other
                    columns[f"votes_both_{kind}_{other}"] = row_products(votes, others, c, m)
        return columns


def count_matches(circrna: Relatives, matches: sparse.csr_array, rows: Ints) -> Columns:
    """Let the relatives of circRNAs show their seed matches: a list may be of genes, and a site elsewhere.

    `matches` says which training circRNAs have one, by miRNA.
    """
    columns = {}
    for kind, neighbours in circrna.neighbours.items():
        found = row_products(neighbours, matches, rows[:, 0], rows[:, 1])
        columns[f"matches_circrna_{kind}"] = found
        columns[f"match_share_circrna_{kind}"] = _blank_ratio(found, neighbours.sum(axis=1)[rows[:, 0]])
    return columns


def _confirmation_rates(
    adjacency: sparse.csr_array, matches: sparse.csr_array, used: tuple[NDArray[Any], NDArray[Any]]
) -> tuple[Doubles, Doubles]:
    """Return how often a seed match of an RNA is an interaction, log against all, by circRNA and by miRNA."""
    # in double precision, for single ones count no further than 2**24
    among = [
        np.isin(np.arange(n), rows).astype(np.float64) for n, rows in zip(matches.shape, used, strict=True)
    ]
    candidates = among[0] * (matches @ among[1]), among[1] * (matches.T @ among[0])
    confirmed = adjacency.multiply(matches)
    known = [np.asarray(confirmed.sum(axis=axis, dtype=np.float64)).ravel() for axis in (1, 0)]
    overall = (known[0].sum() + _PRIOR) / (candidates[0].sum() + 2 * _PRIOR)
    rates = [(k + _PRIOR * overall) / (n + _PRIOR) for k, n in zip(known, candidates, strict=True)]
    circrna, mirna = (np.log(rate / overall) for rate in rates)
    return circrna, mirna


class _Ridge(NamedTuple):
    """Kernel ridge regression of the edges on the coordinates of one end, or of both in two steps."""

    name: str
    core: Singles
    weights: list[Singles]
    traits: dict[str, list[Singles]]

    def read(self, circrna: Relatives, mirna: Relatives, c: Any, m: Any, unknown: Any) -> Columns:
        """Predict edges and traits; from one end, the edges of a training RNA by what its partners are like.

        The two steps give the same as regressing each row and then each column of the edges, so that
        neither end has to be known (Stock et al. 2020).
        """
        left, right = circrna.coordinates, mirna.coordinates
        # in single precision the last digit would depend on the company of an RNA
        wide = left.astype(np.float64), right.astype(np.float64)
        of_both = (wide[0] @ self.core).astype(np.float32)
        columns = {
            f"ridge_circrna_{self.name}": np.where(
                unknown[1], np.nan, dense_row_products(left, self.weights[0], c, mirna.reference[m])
            ),
            f"ridge_mirna_{self.name}": np.where(
                unknown[0], np.nan, dense_row_products(right, self.weights[1], m, circrna.reference[c])
            ),
            f"ridge_both_{self.name}": dense_row_products(of_both, right, c, m),
        }
        for trait, (of_circrna, of_mirna) in self.traits.items():
            columns[f"{trait}_circrna_{self.name}"] = (wide[0] @ of_circrna)[c]
            columns[f"{trait}_mirna_{self.name}"] = (wide[1] @ of_mirna)[m]
        return columns


class RidgeSolvers:
    """Inverses of the penalised Gram matrix of coordinates of one side; those of all its RNAs are kept."""

    def __init__(self, coordinates: Singles, alphas: Sequence[float]) -> None:
        self.coordinates, self.alphas = coordinates, alphas

    def of(self, rows: Ints) -> list[Doubles]:
        """Return one for each penalty, of some of the RNAs; most graphs hold all of at least one side."""
        n_all = len(self.coordinates)
        if len(rows) == n_all:
            return self._of_all
        left_out = np.delete(np.arange(n_all), rows)
        if len(left_out) < len(rows):  # most of the products are known
            return self._invert(self._all_products - _products(self.coordinates[left_out]), len(rows))
        return self._invert(_products(self.coordinates[rows]), len(rows))

    @cached_property
    def _of_all(self) -> list[Doubles]:
        return self._invert(self._all_products, len(self.coordinates))

    @cached_property
    def _all_products(self) -> Doubles:
        return _products(self.coordinates)

    def _invert(self, products: Doubles, n_rows: int) -> list[Doubles]:
        # a penalty that grows with the sums: with fewer RNAs predictions shrink no more
        share = n_rows / len(self.coordinates)
        return [_inverse(products, share * alpha) for alpha in self.alphas]

    def __getstate__(self) -> dict[str, Any]:
        return {"coordinates": self.coordinates, "alphas": self.alphas}  # so that a saved model stays small


def _fit_ridges(
    adjacency: sparse.csr_array,
    traits: dict[str, tuple[NDArray[Any], NDArray[Any]]],
    used: tuple[Ints, Ints],
    solvers: tuple[RidgeSolvers, RidgeSolvers],
) -> list[_Ridge]:
    """Fit the regressions of all penalties, for which most of the work is the same."""
    # the primal form: as many unknowns as directions of the kernel, with the predictions of the dual form
    coordinates = [side.coordinates[rows] for side, rows in zip(solvers, used, strict=True)]
    edges = adjacency[used[0]][:, used[1]]
    sums = edges.T @ coordinates[0], edges @ coordinates[1]  # over the partners of each RNA
    both = sums[0].T @ coordinates[1]
    trait_sums = {
        trait: [coordinates[side].T @ values[side][used[side]] for side in (0, 1)]
        for trait, values in traits.items()
    }
    ridges = []
    solved = (side.of(rows) for side, rows in zip(solvers, used, strict=True))
    for alpha, *inverses in zip(solvers[0].alphas, *solved, strict=True):
        weights = [
            _put_at_rows(total @ inverses[side].astype(np.float32), used[1 - side], adjacency.shape[1 - side])
            for side, total in enumerate(sums)
        ]
        fitted = {
            trait: [(inverses[side] @ totals[side]).astype(np.float32) for side in (0, 1)]
            for trait, totals in trait_sums.items()
        }
        core = (inverses[0] @ both @ inverses[1]).astype(np.float32)
        ridges.append(_Ridge(f"{alpha:g}", core, weights, fitted))
    return ridges


def _shrink(values: Singles, n: int) -> Singles:
    """Lower the singular values by that after the first `n`, to 0 at least.

    Of equal ones, a cut would keep those that rounding puts first (soft-thresholding: Mazumder et al. 2010).
    """
    return np.maximum(values - values[n], np.float32(0))


def _log_degree(degrees: Singles, n_for_one: float) -> Singles:
    """Return log(1 + degree) as with all RNAs of the other side, one in `n_for_one` of which is there."""
    stated = degrees * np.float32(n_for_one)
    # to second order what a logarithm lacks in expectation where its argument is a count of a sample
    lacking = np.float32((n_for_one - 1) / 2) * stated / (1 + stated) ** 2
    return np.asarray(np.log1p(stated) + lacking)


def _take_used(relatives: Relatives, rows: Ints) -> tuple[Relatives, Ints]:
    """Leave out the RNAs that are in no pair, and renumber the rows."""
    used, renumbered = np.unique(rows, return_inverse=True)
    return relatives.take(used), renumbered.ravel()


def _put_at_rows(weights: Singles, rows: Ints, n_rows: int) -> Singles:
    """Return the weights at their rows, and rows of 0 for all others and for -1."""
    placed = np.zeros((n_rows + 1, weights.shape[1]), dtype=np.float32)
    placed[rows] = weights
    return placed


def _inverse(gram: Doubles, alpha: float) -> Doubles:
    """Invert in double precision, with a penalty no smaller than what rounding makes of the coordinates."""
    least = _LEAST_PENALTY * np.trace(gram) + np.finfo(np.float32).tiny
    return invert_definite(gram + max(alpha, least) * np.eye(len(gram)))


def _products(coordinates: Singles) -> Doubles:
    """Return the sums of products of all pairs of columns."""
    wide = coordinates.astype(np.float64)
    return wide.T @ wide


def _scale(matrix: sparse.csr_array, rows: Any, columns: Any) -> sparse.csr_array:
    left, right = (sparse.diags_array(np.asarray(x, dtype=np.float32)) for x in (rows, columns))
    return sparse.csr_array(left @ matrix @ right)


def _blank(columns: Columns, unknown: Bools) -> Columns:
    return {name: np.where(unknown, np.nan, column) for name, column in columns.items()}


def _blank_ratio(votes: NDArray[Any], voters: NDArray[Any]) -> NDArray[Any]:
    ratio = np.full(len(votes), np.nan)
    return np.divide(votes, voters, out=ratio, where=voters > 0)
