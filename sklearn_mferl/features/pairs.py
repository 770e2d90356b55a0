"""Pairs of RNAs to features, each scale computed once for each distinct RNA."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import TransformerMixin, clone
from sklearn.utils import Tags
from sklearn.utils.metaestimators import _BaseComposition
from sklearn.utils.validation import check_is_fitted

from sklearn_mferl._random import spawn_seeds
from sklearn_mferl._validation import SIDES, check_pairs
from sklearn_mferl.datasets.sequences import load_sequences
from sklearn_mferl.features._side import Side
from sklearn_mferl.features.ctd import CTDTransformer
from sklearn_mferl.features.doc2vec import Doc2VecEmbedder
from sklearn_mferl.features.kmer import KmerTransformer
from sklearn_mferl.features.levenshtein import LevenshteinSimilarity
from sklearn_mferl.features.role2vec import Role2VecEmbedder
from sklearn_mferl.features.tables import PairTable


def default_scales() -> list[tuple[str, Any]]:
    """Return the publication's five scales, not fitted.

    Returns
    -------
    list of (str, transformer)
        ``kmer``, ``ctd``, ``doc2vec``, ``role2vec`` and ``similarity``.

    Examples
    --------
    >>> from sklearn_mferl.features import default_scales
    >>> [name for name, transformer in default_scales()]
    ['kmer', 'ctd', 'doc2vec', 'role2vec', 'similarity']
    """
    return [
        ("kmer", KmerTransformer()),
        ("ctd", CTDTransformer()),
        ("doc2vec", Doc2VecEmbedder()),
        ("role2vec", Role2VecEmbedder()),
        ("similarity", LevenshteinSimilarity(n_jobs=-1)),
    ]


class PairFeatures(TransformerMixin, _BaseComposition):
    """Turn circRNA–miRNA pairs into features of their RNAs.

    Each scale is cloned for each side and fitted on the distinct RNAs of the training pairs. The features
    of an RNA are computed once, however many pairs it is in, and an RNA that `fit` has not seen is
    transformed like any other.

    Parameters
    ----------
    circrna, mirna : mapping, Series, str, Path or None, default=None
        Sequences by id, or the path of a FASTA file. With None, and no embeddings of this side, a
        sequence is its own id.
    scales : list of (str, transformer) or None, default=None
        The scales by name; None takes the publication's five (see `default_scales`). A transformer of
        sequences is any that scikit-learn knows. One with a method ``graph`` also defines which RNAs are
        similar, for the homogeneous aggregation; one with a method ``embed`` learns from the pairs and
        their labels, as `Role2VecEmbedder` does. ``"drop"`` in place of a transformer leaves it out.
    embeddings : mapping of {"circrna", "mirna"} to DataFrame, default=None
        Precomputed vectors, indexed by id: one more scale, named ``embedding``. A side without
        sequences has only these, their cosine similarity in place of the similarity scale, and the
        scales that learn from the pairs.
    circular : bool, default=True
        Whether the circRNAs are circles: scales with a parameter ``circular`` are given this value for
        them. False for linear RNAs such as lncRNAs. miRNAs are always linear.
    output : {"table", "array"}, default="table"
        ``"table"`` gives a `PairTable` for `MFERLClassifier`; ``"array"`` a plain matrix, the columns of
        the circRNA before those of the miRNA, for any other scikit-learn estimator.
    random_state : int, RandomState instance or None, default=None
        Seeds the scales whose own ``random_state`` is None.

    Attributes
    ----------
    scales_ : dict of {"circrna", "mirna"} to dict of str to transformer
        The fitted scales of each side.
    n_features_in_ : int
        Always 2, the columns of the pairs.

    Raises
    ------
    ValueError
        If a pair holds an id without sequence or embedding, a missing id, or a sequence that is not RNA
        (the message names the id, the row and the letter), or a parameter is not among those above.

    References
    ----------
    Peng L, Wang W, Yang Z, et al. Leveraging explainable multi-scale features for fine-grained
    circRNA-miRNA interaction prediction. BMC Biology 23, 121 (2025).

    Examples
    --------
    >>> from sklearn_mferl import CTDTransformer, KmerTransformer, PairFeatures
    >>> features = PairFeatures(
    ...     circrna={"circ1": "ACGUACGUAA", "circ2": "GGGUACCA"},
    ...     mirna={"miR-1": "UGAGGUAGUAG"},
    ...     scales=[("kmer", KmerTransformer(k=2)), ("ctd", CTDTransformer())],
    ...     output="array",
    ... )
    >>> X = features.fit_transform([("circ1", "miR-1"), ("circ2", "miR-1")], [1, 0])
    >>> X.shape
    (2, 92)
    >>> features.get_feature_names_out()[:2]
    array(['circrna__kmer__AA', 'circrna__kmer__AC'], dtype=object)
    """

    def __init__(
        self,
        circrna: Any = None,
        mirna: Any = None,
        scales: list[tuple[str, Any]] | None = None,
        *,
        embeddings: Mapping[str, Any] | None = None,
        circular: bool = True,
        output: Literal["table", "array"] = "table",
        random_state: Any = None,
    ) -> None:
        self.circrna = circrna
        self.mirna = mirna
        self.scales = scales
        self.embeddings = embeddings
        self.circular = circular
        self.output = output
        self.random_state = random_state

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters, with ``kmer__k`` and the like for those of the scales.

        Parameters
        ----------
        deep : bool, default=True
            Whether to include the parameters of the scales.

        Returns
        -------
        dict
        """
        return self._get_params("scales", deep=deep)

    def set_params(self, **params: Any) -> Self:
        """Set parameters, those of the scales too.

        Parameters
        ----------
        **params
            Names and values; ``kmer__k=(1, 2)`` sets a parameter of a scale, ``kmer="drop"`` leaves it out.

        Returns
        -------
        self
        """
        self._set_params("scales", **params)
        return self

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit the scales on the RNAs of the training pairs.

        Parameters
        ----------
        X : DataFrame, list of tuples or array, shape (n_pairs, 2)
            Pairs; a DataFrame has the columns ``circrna`` and ``mirna``.
        y : array-like, shape (n_pairs,), default=None
            Labels, of which the scales that learn from pairs use the positives. None: all are positive.

        Returns
        -------
        self
        """
        pairs = check_pairs(X)
        self._sides = self._make_sides()
        pairs = self._canonical(pairs)
        scales = self._seeded_scales()
        order = list(scales)
        pair_scales = {
            name: clone(scale).fit(pairs, y) for name, scale in scales.items() if _reads_pairs(scale)
        }
        for column, (name, side) in enumerate(self._sides.items()):
            sequence_scales = {
                scale: self._for_side(transformer, name)
                for scale, transformer in scales.items()
                if scale not in pair_scales
            }
            side.fit(_sorted_distinct(pairs[:, column]), sequence_scales, pair_scales, order)
        self.scales_ = {name: side.scales for name, side in self._sides.items()}
        self.n_features_in_ = 2
        if self.output == "table":
            self.set_output(transform="default")  # sklearn.set_config may ask for frames: a table is none
        return self

    def transform(self, X: Any) -> PairTable | NDArray[np.float32]:
        """Turn pairs into features.

        Parameters
        ----------
        X : DataFrame, list of tuples or array, shape (n_pairs, 2)
            Pairs of RNAs, seen in `fit` or not.

        Returns
        -------
        PairTable, or ndarray of float32 of shape (n_pairs, n_features)
            As `output` says.
        """
        check_is_fitted(self)
        pairs = self._canonical(check_pairs(X))
        tables, rows = {}, np.empty(pairs.shape, dtype=np.int64)
        for column, (name, side) in enumerate(self._sides.items()):
            distinct = _sorted_distinct(pairs[:, column])
            rows[:, column] = np.searchsorted(distinct, pairs[:, column])
            tables[name] = side.make_table(distinct)
        if self.output == "table":
            return PairTable(tables["circrna"], tables["mirna"], rows)
        blocks = [
            np.hstack(list(tables[name].scales.values()))[rows[:, column]]
            for column, name in enumerate(SIDES)
        ]
        return np.hstack(blocks)

    def add_rnas(self, circrna: Any = None, mirna: Any = None) -> Self:
        """Make the sequences of further RNAs known to the fitted features, so that `transform` takes them.

        Nothing is fitted again: their features are computed as those of any RNA that was not in training,
        and those of other RNAs stay as they are. The parameters stay as well, so a later `fit` forgets them.

        Parameters
        ----------
        circrna, mirna : mapping, Series, str, Path or None, default=None
            Sequences by id, or the path of a FASTA file. An id that is known already may stand there with
            the same sequence.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If an id is known with another sequence, or the RNAs of a side were not given by sequences.

        Examples
        --------
        >>> from sklearn_mferl import KmerTransformer, PairFeatures
        >>> circrna, mirna = {"circ1": "ACGUACGUAA"}, {"miR-1": "UGAGGUAGUAG"}
        >>> features = PairFeatures(circrna, mirna, [("kmer", KmerTransformer(k=1))], output="array")
        >>> features.fit([("circ1", "miR-1")]).add_rnas(circrna={"circ2": "GGGUACCA"})
        PairFeatures(...)
        >>> features.transform([("circ2", "miR-1")]).shape
        (1, 8)
        """
        check_is_fitted(self)
        given = {"circrna": load_sequences(circrna, "circrna"), "mirna": load_sequences(mirna, "mirna")}
        further = {name: sequences for name, sequences in given.items() if sequences is not None}
        for name, sequences in further.items():  # all checks come first, so that an error changes nothing
            known = self._sides[name].sequences
            if known is None:
                raise ValueError(
                    f"These features were fitted without {name} sequences by id, so none can be added; give "
                    f"{name}= to PairFeatures and fit again."
                )
            for rna, sequence in sequences.items():
                if known.get(rna, sequence) != sequence:
                    raise ValueError(f"The {name} {rna!r} is known with another sequence; use another id.")
        for name, sequences in further.items():
            self._sides[name].sequences = {**(self._sides[name].sequences or {}), **sequences}
        return self

    def known_ids(self, side: str) -> list[str]:
        """Return the ids that `transform` takes.

        Parameters
        ----------
        side : {"circrna", "mirna"}
            Which RNAs.

        Returns
        -------
        list of str
            Sorted: those with a sequence and, where embeddings were given, an embedding; where a sequence is
            its own id, the sequences of training.

        Examples
        --------
        >>> from sklearn_mferl import KmerTransformer, PairFeatures
        >>> circrna, mirna = {"b": "ACGU", "a": "GGAC"}, {"m": "UGAG"}
        >>> features = PairFeatures(circrna, mirna, [("kmer", KmerTransformer(k=1))])
        >>> features.fit([("a", "m")]).known_ids("circrna")
        ['a', 'b']
        """
        check_is_fitted(self)
        if side not in SIDES:
            raise ValueError(f"side must be 'circrna' or 'mirna'; got {side!r}.")
        return self._sides[side].known_ids()

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Name the columns that ``output="array"`` gives.

        Parameters
        ----------
        input_features : ignored
            For scikit-learn's interface.

        Returns
        -------
        ndarray of str, shape (n_features,)
            Side, scale and column, such as ``circrna__kmer__ACG``.
        """
        check_is_fitted(self)
        names = [name for side in self._sides.values() for name in side.feature_names()]
        return np.array(names, dtype=object)

    def set_output(self, *, transform: Literal["default", "pandas", "polars"] | None = None) -> Self:
        """Choose the container of `transform`; other than the default needs ``output="array"``.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"} or None, default=None
            As scikit-learn defines it.

        Returns
        -------
        self
        """
        if transform not in (None, "default") and self.output != "array":
            raise ValueError(
                f"set_output(transform={transform!r}) needs a matrix; construct PairFeatures(output='array')."
            )
        return super().set_output(transform=transform)

    def _make_sides(self) -> dict[str, Side]:
        if self.output not in ("table", "array"):
            raise ValueError(f"output must be 'table' or 'array'; got {self.output!r}.")
        embeddings = {} if self.embeddings is None else self.embeddings
        if not isinstance(embeddings, Mapping):
            raise ValueError(
                "embeddings must be a mapping such as {'circrna': DataFrame}; "
                f"got a {type(embeddings).__name__}."
            )
        unknown = set(embeddings) - set(SIDES)
        if unknown:
            raise ValueError(f"embeddings has the key {min(unknown)!r}; allowed are 'circrna' and 'mirna'.")
        return {
            name: Side(name, load_sequences(getattr(self, name), name), embeddings.get(name))
            for name in SIDES
        }

    def _canonical(self, pairs: NDArray[np.object_]) -> NDArray[np.object_]:
        columns = [side.canonical_ids(pairs[:, i]) for i, side in enumerate(self._sides.values())]
        return np.column_stack(columns)

    def _seeded_scales(self) -> dict[str, Any]:
        scales = default_scales() if self.scales is None else self.scales
        for scale in scales:
            _check_scale(scale)
        self._validate_names([name for name, _ in scales])
        if any(name == "embedding" for name, _ in scales):
            raise ValueError("The scale name 'embedding' is kept for the embeddings; choose another.")
        # a seed for each, those that are dropped too, so that dropping one leaves the others as they were
        seeds: list[int | None] = [None] * len(scales)
        if self.random_state is not None:
            seeds[:] = spawn_seeds(self.random_state, len(scales))
        chosen = {}
        for (name, scale), seed in zip(scales, seeds, strict=True):
            if _dropped(scale):
                continue
            chosen[name] = clone(scale)
            if seed is not None and scale.get_params().get("random_state", seed) is None:
                chosen[name].set_params(random_state=seed)
        return chosen

    def _for_side(self, scale: Any, side: str) -> Any:
        if "circular" in scale.get_params():
            return clone(scale).set_params(circular=self.circular and side == "circrna")
        return scale

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.target_tags.required = False
        return tags


def _check_scale(scale: Any) -> None:
    if not isinstance(scale, (tuple, list)) or len(scale) != 2:
        raise ValueError(f"scales must be a list of (name, transformer); got {scale!r}.")
    name, transformer = scale
    if not _dropped(transformer) and not hasattr(transformer, "fit"):
        raise ValueError(f"The scale {name!r} is {transformer!r}; give a transformer or 'drop'.")


def _reads_pairs(scale: Any) -> bool:
    return hasattr(scale, "embed")


def _dropped(scale: Any) -> bool:
    return isinstance(scale, str) and scale == "drop"


def _sorted_distinct(ids: NDArray[np.object_]) -> NDArray[np.object_]:
    """Sort the distinct ids, so that nothing depends on the order of the pairs."""
    return np.array(sorted(set(ids)), dtype=object)
