"""What the known interactions around a pair say of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.utils.validation import check_is_fitted

from sklearn_mferl.evidence.graph.relatedness import (
    CloseVectors,
    MicroRNAFamilies,
    Relatedness,
    RelatedSide,
    Relatives,
    SharedKmers,
)
from sklearn_mferl.evidence.graph.site_atlas import PairSites, SiteAtlas, take_pairs
from sklearn_mferl.evidence.graph.splits import deal_blocks, deal_parts, leave_out
from sklearn_mferl.evidence.graph.training_graph import Columns, RidgeSolvers, TrainingGraph, count_matches
from sklearn_mferl.evidence.graph.voters import LabelledCells, find_voters, tabulate_voters
from sklearn_mferl.features.base import PairTransformer
from sklearn_mferl.features.rna_codes import RNACodes, encode_rnas
from sklearn_mferl.pairs.novelty import VIEWS
from sklearn_mferl.pairs.side import KnowsSides, sorted_distinct
from sklearn_mferl.utils.arrays import Bools, Ints, Objects, Singles
from sklearn_mferl.utils.labels import find_interactions
from sklearn_mferl.utils.parameters import check_whole, is_number, is_whole
from sklearn_mferl.utils.random_state import spawn_seeds
from sklearn_mferl.utils.saved import SavedState
from sklearn_mferl.utils.scheduling import one_blas_thread
from sklearn_mferl.utils.validation import SIDES, check_pairs

_PAIRS_AT_ONCE: Final = 16_384


class _PreparedRNAs(NamedTuple):
    """RNAs of one side, as they are read for any number of pairs."""

    relatives: Relatives
    codes: RNACodes | None  # of their sequences, where there is an atlas
    matches: sparse.csr_array | None  # which training circRNAs have a seed match of miRNAs, likewise
    graphs: dict[int, TrainingGraph] | None  # those without a part, to be kept for the next pairs


class PairNeighborhood(SavedState, KnowsSides, PairTransformer):
    """Describe pairs by the graph of known interactions around them.

    Read off the graph of the positive training pairs: partners of the two RNAs, paths of three steps
    between them, votes of the nearest relatives (isoforms, members of the seed family), the largest singular
    vectors, and kernel ridge regressions on the sequences (or vectors) of one end or of both. Where both
    sides have sequences, also how many of the sites of other miRNAs around a site of the pair are of known
    interactions: Argonaute holds some stretches of a circRNA and not others.

    **No pair sees its own edge.** The labelled pairs of `fit` are dealt into `n_splits` parts, and a pair
    is described by the graph without the pairs of its part; so it is by `transform`, too, whenever it is
    asked for. Leaving out only the pair's own edge would leak its label: among the pairs of an RNA with
    five partners, a positive one would show four, a negative one five. With parts, pairs of an RNA that
    share a part show the same; what remains of the hint shrinks with the number of its labelled pairs a
    part, at the price of a sparser graph.

    Parameters
    ----------
    circrna, mirna : mapping, Series, str, Path or None, default=None
        Sequences by id, or the path of a FASTA file. With None, and no embeddings of this side, a
        sequence is its own id.
    embeddings : mapping of {"circrna", "mirna"} to DataFrame, default=None
        Precomputed vectors by id, compared by cosine: beside the sequences, or in their place.
    circular : bool, default=True
        Whether the circRNAs are circles, so that words across the back-splice junction count.
    n_neighbors : sequence of int, default=(5, 20)
        How many nearest relatives vote; one block of columns each.
    n_components : int, default=32
        Width of the low-rank factors; fewer where the graph is smaller.
    alphas : sequence of float, default=(1.0, 10.0)
        Penalties of the ridge regressions, > 0; one block of columns each.
    n_landmarks : int, default=1500
        At most so many training RNAs a side span the kernel of the regressions.
    n_directions : int, default=300
        At most so many directions of that kernel are kept.
    n_splits : int, default=10
        Parts of the training pairs, at least 2; fewer where there are not as many pairs.
    random_state : int, RandomState instance or None, default=None
        Deals the pairs into parts, draws landmarks, seeds the factors.

    Attributes
    ----------
    columns_ : ndarray of str, shape (n_features_out_,)
        Names of the columns; see Notes.
    n_features_in_ : int
        Always 2, the columns of the pairs.
    n_features_out_ : int
        Number of columns.

    Raises
    ------
    ValueError
        If a pair holds an id without sequence or embedding, the labels are not of two classes or none is
        positive, or a parameter is out of range.

    Notes
    -----
    Of an RNA without a positive training pair, columns that need its edges are NaN for "nothing known", which
    is not 0, "no"; histogram-based gradient boosting reads NaN as it is, others need an imputer with
    ``add_indicator=True``. What relatives and regressions say of a new RNA stays.

    ``degree_*`` and ``partner_degree_*`` count partners; ``paths*`` paths, with hubs discounted in four ways;
    ``factors_*`` are reconstructions of the edges over the square roots of both degrees, each with the mean
    degree added, from singular vectors whose values are lowered by the largest that is left out;
    ``partners_*`` are linear autoencoders in which nothing predicts itself (Steck): what the other partners
    of the RNA say; ``votes_*`` are sums of weights of relatives that are partners, ``share_*`` divides them
    by the weights of all relatives with any partner, which ``known_*`` gives; ``ridge_*`` are regressions of
    the edges on one end, or on both in two steps (Stock et al.); ``popularity_*`` regress log(1 + degree).
    Where both sides have sequences, ``confirmed_*`` say how often a seed match of the RNA turned out to be an
    interaction (log of the share against that among all), and ``confirmable_*`` regress it.
    ``site_confirmed_*`` is the largest share of known interactions among the sites of other miRNAs around a
    site of the pair, by distance (a Gaussian of 15 or 60 nucleotides) in the circRNA and wherever a training
    circRNA has the same 16 nucleotides; ``sites_around_*`` are their numbers; ``same_site_confirmed`` is the
    share for the same site of the same miRNA in other circRNAs. ``matches_*`` are sums of weights of
    relatives with a match of the seed, ``match_share_*`` divides them by the weights of all relatives.

    References
    ----------
    Mazumder R, Hastie T, Tibshirani R. Spectral regularization algorithms for learning large incomplete
    matrices. Journal of Machine Learning Research 11, 2287-2322 (2010).

    Steck H. Embarrassingly shallow autoencoders for sparse data. The World Wide Web Conference, 3251-3257
    (2019).

    Stock M, Pahikkala T, Airola A, Waegeman W, De Baets B. Algebraic shortcuts for leave-one-out
    cross-validation in supervised network inference. Briefings in Bioinformatics 21, 262 (2020).

    Zhou T, Lü L, Zhang Y-C. Predicting missing links via local information. European Physical Journal B
    71, 623 (2009): resource allocation, ``paths_split_by_all``.

    Examples
    --------
    >>> from sklearn_mferl import PairNeighborhood
    >>> from sklearn_mferl.datasets import make_cmi
    >>> data = make_cmi(30, 12, random_state=0)
    >>> neighborhood = PairNeighborhood(data.circrna, data.mirna, random_state=0).fit(data.pairs)
    >>> table = neighborhood.set_output(transform="pandas").transform(data.pairs)
    >>> table[["degree_circrna", "degree_mirna"]].shape == (len(data.pairs), 2)
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {"circular": ["boolean"]}

    def __init__(
        self,
        circrna: Any = None,
        mirna: Any = None,
        *,
        embeddings: Mapping[str, Any] | None = None,
        circular: bool = True,
        n_neighbors: Sequence[int] = (5, 20),
        n_components: int = 32,
        alphas: Sequence[float] = (1.0, 10.0),
        n_landmarks: int = 1500,
        n_directions: int = 300,
        n_splits: int = 10,
        random_state: Any = None,
    ) -> None:
        self.circrna = circrna
        self.mirna = mirna
        self.embeddings = embeddings
        self.circular = circular
        self.n_neighbors = n_neighbors
        self.n_components = n_components
        self.alphas = alphas
        self.n_landmarks = n_landmarks
        self.n_directions = n_directions
        self.n_splits = n_splits
        self.random_state = random_state

    @one_blas_thread()
    def _fit(self, pairs: Objects, y: Any) -> None:
        positive = find_interactions(y, len(pairs), "PairNeighborhood").astype(np.float64)
        *side_seeds, split_seed, self._factor_seed = spawn_seeds(self.random_state, 4)
        self._sides = self._make_sides(RelatedSide, pairs)
        canonical = self._canonical(pairs)
        codes = np.empty(pairs.shape, dtype=np.int64)
        for column, ((name, side), seed) in enumerate(zip(self._sides.items(), side_seeds, strict=True)):
            distinct, codes[:, column] = sorted_distinct(canonical[:, column])
            side.fit(distinct, self._make_relatednesses(name), np.random.default_rng(seed))
        first, second = (RidgeSolvers(side.coordinates, self.alphas) for side in self._training)
        self._solvers = first, second
        self._atlas = None
        if all(side.has_sequences for side in self._sides.values()):
            circrnas, mirnas = (side.sequences_of(side.training_ids) for side in self._sides.values())
            self._atlas = SiteAtlas(circrnas, mirnas, circular=self.circular)
        # distinct pairs in a fixed order, so that neither order nor repetition changes anything
        n_mirnas = len(self._training[1])
        cells, inverse = np.unique(codes[:, 0] * n_mirnas + codes[:, 1], return_inverse=True)
        part = deal_parts(len(cells), self.n_splits, split_seed)
        self._labelled = LabelledCells(cells, np.bincount(inverse.ravel(), positive) > 0, part, n_mirnas)
        self._rows = np.column_stack(np.divmod(cells, n_mirnas))
        self._block = deal_blocks(self._rows, split_seed)
        self._graph = self._make_graph(np.ones(len(cells), dtype=bool))
        prepared, rows = self._prepare_pairs(canonical[:1])
        sites = self._locate(prepared, rows)
        columns = self._read(self._graph, prepared, rows, sites, np.arange(1))
        self.columns_ = np.array(list(columns), dtype=object)
        self.n_features_out_ = len(self.columns_)

    def _transform(self, pairs: Objects) -> Singles:
        (circrnas, mirnas), rows = self._prepare_pairs(self._canonical(pairs))
        return self._describe_rows(circrnas, mirnas, rows)

    @one_blas_thread()
    def _prepare(self, side: str, ids: Objects, *, for_many: bool = False) -> _PreparedRNAs:
        """Read distinct RNAs, and for many lists of pairs keep the graphs, which take much memory."""
        of_side = self._sides[side]
        relatives, codes, matches = of_side.relatives(ids), None, None
        if self._atlas is not None:
            codes = encode_rnas(of_side.sequences_of(ids))
            matches = self._atlas.matches_of(codes, relatives.reference) if side == "mirna" else None
        return _PreparedRNAs(relatives, codes, matches, {} if for_many else None)

    @staticmethod
    def _embed(prepared: _PreparedRNAs) -> Singles:
        """Place prepared RNAs so that related ones are near."""
        return prepared.relatives.coordinates

    def _embed_as_new(self, side: str, ids: Objects) -> Singles:
        """Place RNAs of training as each would be placed if it were new."""
        relatives = self._sides[side].relatives(ids)
        as_new = self._sides[side].coordinates_as_new()[relatives.reference]
        return np.where((relatives.reference >= 0)[:, None], as_new, relatives.coordinates)

    @one_blas_thread()
    def _describe_rows(self, circrnas: _PreparedRNAs, mirnas: _PreparedRNAs, rows: Ints) -> Singles:
        """Describe pairs as `transform`, given as rows of prepared RNAs."""
        prepared = circrnas, mirnas
        sites = self._locate(prepared, rows)
        part = self._find_parts((circrnas.relatives, mirnas.relatives), rows)
        table = np.empty((len(rows), self.n_features_out_), dtype=np.float32)
        for number in np.unique(part).tolist():
            graph = self._graph if number < 0 else self._graph_without(number, mirnas.graphs)
            members = np.flatnonzero(part == number)
            for block in np.array_split(members, -(-len(members) // _PAIRS_AT_ONCE)):
                table[block] = _stack(self._read(graph, prepared, rows, sites, block))
        return table

    @one_blas_thread()
    def cold_views(self, X: Any) -> Singles:
        """Describe labelled pairs of `fit` as if their RNAs were new, for a model to train on, too.

        Parameters
        ----------
        X : DataFrame, list of tuples or array, shape (n_pairs, 2)
            Pairs of `fit`, in any order.

        Returns
        -------
        ndarray of float32, shape (3, n_pairs, n_features_out_)
            With all pairs of the miRNA left out of the graph (together with those of a tenth of the
            miRNAs, or what `n_splits` says), with all of the circRNA, and of both: the pairs of an eighth of
            either side.

        Raises
        ------
        ValueError
            If a pair was not in `fit`.
        """
        check_is_fitted(self)
        (circrnas, mirnas), rows = self._prepare_pairs(self._canonical(check_pairs(X)))
        place = self._find_labelled((circrnas.relatives, mirnas.relatives), rows)
        if (place < 0).any():
            row = np.argmax(place < 0)
            raise ValueError(
                f"The pair of row {row} was not among those of fit; cold_views describes training pairs."
            )
        distinct, first, inverse = np.unique(place, return_index=True, return_inverse=True)
        rows = rows[first]
        sites = self._locate((circrnas, mirnas), rows)
        views = np.empty((len(VIEWS), len(distinct), self.n_features_out_), dtype=np.float32)
        for view, novelty in zip(views, VIEWS, strict=True):
            for kept, described in leave_out(novelty, self._rows, self._block, self.n_splits):
                members = np.flatnonzero(described[distinct])
                if len(members):
                    graph = self._make_graph(kept, factors=False)
                    view[members] = _stack(self._read(graph, (circrnas, mirnas), rows, sites, members))
        return views[:, inverse.ravel()]

    def training_pairs(self) -> pd.DataFrame:
        """List the labelled pairs of `fit`.

        Returns
        -------
        DataFrame
            Each once, in the order of the ids (the normalised sequences where there are none): ``circrna``,
            ``mirna`` and ``interacts``, bool.

        Examples
        --------
        >>> from sklearn_mferl import PairNeighborhood
        >>> rnas = {"circ_1": "ACGUACGU", "circ_2": "GGGUACCA"}, {"miR-1": "UGAGGUAG"}
        >>> PairNeighborhood(*rnas).fit([("circ_2", "miR-1"), ("circ_1", "miR-1")], [1, 0]).training_pairs()
          circrna  mirna  interacts
        0  circ_1  miR-1      False
        1  circ_2  miR-1       True
        """
        check_is_fitted(self)
        ids = [side.training_ids[self._rows[:, i]] for i, side in enumerate(self._sides.values())]
        return pd.DataFrame({**dict(zip(SIDES, ids, strict=True)), "interacts": self._labelled.positive})

    @one_blas_thread()
    def voters(self, X: Any) -> pd.DataFrame:
        """List the labelled pairs that vote for pairs, or against them: those of near relatives.

        For a pair (c, m) these are the labelled pairs of m with the nearest relatives of c, and those of c
        with the nearest relatives of m, as many as the largest of `n_neighbors`. The similarities of those
        that interact add up to the columns ``votes_*`` of `transform`; so neither a labelled pair of `fit`
        nor the others of its part vote for it.

        Parameters
        ----------
        X : DataFrame, list of tuples or array, shape (n_pairs, 2)
            Pairs of RNAs, seen in training or not; each is listed once.

        Returns
        -------
        DataFrame
            A row for each vote, in the order of the pairs, by side, and from the nearest to the farthest:

            - ``circrna``, ``mirna``: the pair that is voted on;
            - ``side``: whose relative votes, ``"circrna"`` or ``"mirna"``;
            - ``kind``: what makes it a relative, ``"sequence"``, ``"seed"`` or ``"embedding"``;
            - ``voter``: id of the relative;
            - ``similarity``: the weight of its vote, above 0 to 1: the squared cosine of the 12-mers of
              circRNAs, weighted by rarity; for miRNAs the fourth power of the normalised Levenshtein
              similarity, and the eighth of that of the seed with a little of the whole; the fourth power
              of the cosine of vectors;
            - ``interacts``: whether the voter and the other RNA are a positive pair of `fit`; negatives may
              have been drawn rather than measured.

        Examples
        --------
        >>> from sklearn_mferl import PairNeighborhood
        >>> circrna = {"circ_1": "ACGUGGCAUACGUAA", "circ_2": "ACGUGGCAUACGUCC", "circ_3": "GGGUACCAUUCA"}
        >>> known = [("circ_1", "miR-1"), ("circ_3", "miR-1")]
        >>> neighborhood = PairNeighborhood(circrna, {"miR-1": "UGAGGUAG"}, n_splits=2).fit(known)
        >>> neighborhood.voters([("circ_2", "miR-1")])[["side", "voter", "interacts"]]
              side   voter  interacts
        0  circrna  circ_1       True
        """
        check_is_fitted(self)
        pairs = self._canonical(check_pairs(X))
        distinct = pd.DataFrame(pairs, columns=list(SIDES)).drop_duplicates(ignore_index=True)
        (circrnas, mirnas), rows = self._prepare_pairs(distinct.to_numpy())
        relatives = circrnas.relatives, mirnas.relatives
        votes = find_voters(relatives, rows, self._find_parts(relatives, rows), self._labelled)
        return tabulate_voters(votes, distinct, [side.training_ids for side in self._sides.values()])

    def _feature_names(self) -> list[str]:
        return self.columns_.tolist()

    @property
    def _training(self) -> tuple[Relatives, Relatives]:
        return self._sides["circrna"].training, self._sides["mirna"].training

    def _make_graph(self, kept: Bools, *, factors: bool = True) -> TrainingGraph:
        """Make the graph of some of the distinct labelled pairs."""
        return TrainingGraph(
            self._rows[kept & self._labelled.positive],
            (np.unique(self._rows[kept, 0]), np.unique(self._rows[kept, 1])),
            self._solvers,
            n_components=self.n_components if factors else 0,
            seed=self._factor_seed,
            atlas=self._atlas,
        )

    def _graph_without(self, part: int, kept: dict[int, TrainingGraph] | None) -> TrainingGraph:
        """Return the graph without the pairs of a part."""
        if kept is None:
            return self._make_graph(self._labelled.part != part)
        if part not in kept:
            kept[part] = self._make_graph(self._labelled.part != part)
        return kept[part]

    def _locate(self, prepared: Sequence[_PreparedRNAs], rows: Ints) -> PairSites | None:
        """Find the sites of pairs in the atlas."""
        circrnas, mirnas = prepared
        if self._atlas is None or circrnas.codes is None or mirnas.codes is None:
            return None
        return self._atlas.locate(circrnas.codes, mirnas.codes, rows, circrnas.relatives.reference)

    @staticmethod
    def _read(
        graph: TrainingGraph,
        prepared: Sequence[_PreparedRNAs],
        rows: Ints,
        sites: PairSites | None,
        some: Any,
    ) -> Columns:
        """Read some of the pairs off a graph."""
        circrna, mirna = (each.relatives for each in prepared)
        if sites is None:
            return graph.read(circrna, mirna, rows[some])
        columns = graph.read(circrna, mirna, rows[some], take_pairs(sites, some))
        return columns | count_matches(circrna, prepared[1].matches, rows[some])

    def _find_labelled(self, relatives: tuple[Relatives, Relatives], rows: Ints) -> Ints:
        """Return the place of each pair among the distinct ones of `fit`, -1 for one that is not there."""
        circrna, mirna = (side.reference[rows[:, i]] for i, side in enumerate(relatives))
        return self._labelled.find(circrna, mirna)

    def _find_parts(self, relatives: tuple[Relatives, Relatives], rows: Ints) -> Ints:
        """Return the part of each pair, -1 for one that was not labelled in `fit`."""
        return np.append(self._labelled.part, -1)[self._find_labelled(relatives, rows)]

    def _make_relatednesses(self, name: str) -> dict[str, Relatedness]:
        kwargs: dict[str, Any] = {
            "n_neighbors": self.n_neighbors,
            "n_landmarks": self.n_landmarks,
            "n_directions": self.n_directions,
        }
        by_sequence = MicroRNAFamilies(**kwargs) if name == "mirna" else SharedKmers(self.circular, **kwargs)
        return {"sequence": by_sequence, "embedding": CloseVectors(**kwargs)}

    def _check_parameters(self) -> None:
        super()._check_parameters()
        for name in ("n_components", "n_landmarks", "n_directions"):
            check_whole(name, getattr(self, name), 1)
        check_whole("n_splits", self.n_splits, 2)
        _check_several("n_neighbors", self.n_neighbors, is_whole, "whole numbers of at least 1")
        _check_several("alphas", self.alphas, is_number, "numbers above 0")


def _stack(columns: Columns) -> Singles:
    return np.column_stack(list(columns.values())).astype(np.float32)


def _check_several(name: str, values: Any, check: Callable[[Any], bool], allowed: str) -> None:
    listed = list(values) if isinstance(values, Iterable) and not isinstance(values, str) else []
    if not listed or not all(check(value) for value in listed):
        raise ValueError(f"{name} must be a sequence of {allowed}; got {values!r}.")
    if len({f"{value:g}" for value in listed}) < len(listed):  # as the columns are named
        raise ValueError(f"{name} repeats a number; give each once; got {values!r}.")
