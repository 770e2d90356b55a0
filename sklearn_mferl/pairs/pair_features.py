"""Pairs of RNAs to features, each scale computed once for each distinct RNA."""

from collections.abc import Mapping
from dataclasses import replace
from numbers import Real
from typing import Any, ClassVar, Literal, NamedTuple, Self

import numpy as np
from sklearn.base import clone
from sklearn.utils._param_validation import Interval
from sklearn.utils.metaestimators import _BaseComposition
from sklearn.utils.validation import check_is_fitted

from sklearn_mferl.features.base import PairTransformer
from sklearn_mferl.features.defaults import default_scales
from sklearn_mferl.pairs.background import draw_negatives, find_seed_reader
from sklearn_mferl.pairs.novelty import VIEWS
from sklearn_mferl.pairs.side import KnowsSides, ScaledSide, further_sequences, sorted_distinct
from sklearn_mferl.pairs.steps import check_steps, clone_seeded, for_side, reads_pairs, scale_of
from sklearn_mferl.pairs.tables import Origin, PairTable, RNATable
from sklearn_mferl.utils.arrays import Ints, Objects, Singles
from sklearn_mferl.utils.estimators import whole_or_nothing
from sklearn_mferl.utils.labels import has_weight, leave_out
from sklearn_mferl.utils.saved import SavedState
from sklearn_mferl.utils.validation import SIDES, check_pairs


class _PreparedSide(NamedTuple):
    """RNAs of one side, read once for any number of pairs: their table, and what each channel reads."""

    table: RNATable
    channels: dict[str, Any]


class PairFeatures(SavedState, KnowsSides, PairTransformer, _BaseComposition):
    """Turn circRNA–miRNA pairs into features of their RNAs, and evidence for the pairs themselves.

    Each scale is cloned for each side and fitted on the distinct RNAs of the training pairs. The features
    of an RNA are computed once, however many pairs it is in, and an RNA that `fit` has not seen is
    transformed like any other. Evidence is computed for each pair.

    Parameters
    ----------
    circrna, mirna : mapping, Series, str, Path or None, default=None
        Sequences by id, or the path of a FASTA file. With None, and no embeddings of this side, a
        sequence is its own id.
    scales : list of (str, transformer) or None, default=None
        The scales by name; None takes the publication's five (see `default_scales`). A transformer of
        sequences is any that scikit-learn knows. One with a method ``graph`` also defines which RNAs are
        similar, for the homogeneous aggregation; one with a method ``embed`` learns from the pairs and
        their labels, as `Role2VecEmbedder` does. ``"drop"`` in place of a transformer leaves it out. An
        empty list is allowed where there is evidence.
    evidence : list of (str, transformer) or None, default=None
        The channels of evidence for pairs by name, transformers of pairs such as `TargetSites` and
        `PairNeighborhood` (see `default_evidence`); None for none. Their parameters ``circrna``, ``mirna``,
        ``embeddings`` and ``circular`` are set to those given here. Where a side has no sequences, a
        channel without a parameter ``embeddings`` is left out. ``"drop"`` leaves one out, too.
    channel_scales : bool, default=False
        Whether a channel that compares RNAs, as `PairNeighborhood` does, gives the network one more scale,
        named ``neighborhood_embedding`` after it: coordinates in which related RNAs are near.
    background : float, default=0.0
        With evidence: how many unknown pairs to draw for each negative, as further negatives of less weight.
        Their ends are those of the negatives, shuffled. Many of them tell apart the best of all unknown
        pairs; 0 for negatives that were measured.
    hard_negatives : float, default=0.0
        With a background and `TargetSites`: at most how many more unknown pairs to draw for each negative,
        with a match of the seed, as few negatives have. What scores new RNAs learns from them, shown as if
        new; together with the negatives that match they weigh as much as these alone.
    embeddings : mapping of {"circrna", "mirna"} to DataFrame, default=None
        Precomputed vectors, indexed by id: one more scale, named ``embedding``. A side without
        sequences has only these, their cosine similarity in place of the similarity scale, and the
        scales that learn from the pairs.
    circular : bool, default=True
        Whether the circRNAs are circles: scales with a parameter ``circular`` are given this value for
        them. False for linear RNAs such as lncRNAs. miRNAs are always linear.
    output : {"table", "array"}, default="table"
        ``"table"`` gives a `PairTable` for `MFERLClassifier`; ``"array"`` a plain matrix, the columns of
        the circRNA before those of the miRNA and those of the pair, for any other scikit-learn estimator.
    random_state : int, RandomState instance or None, default=None
        Seeds the scales whose own ``random_state`` is None.

    Attributes
    ----------
    scales_ : dict of {"circrna", "mirna"} to dict of str to transformer
        The fitted scales of each side.
    evidence_ : dict of str to transformer
        The fitted channels of evidence.
    n_features_in_ : int
        Always 2, the columns of the pairs.

    Raises
    ------
    ValueError
        If a pair holds an id without sequence or embedding, a missing id, or a sequence that is not RNA
        (the message names the id, the row and the letter), or a parameter is not among those above.

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

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "channel_scales": ["boolean"],
        "circular": ["boolean"],
        "background": [Interval(Real, 0, None, closed="left")],
        "hard_negatives": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        circrna: Any = None,
        mirna: Any = None,
        scales: list[tuple[str, Any]] | None = None,
        *,
        evidence: list[tuple[str, Any]] | None = None,
        channel_scales: bool = False,
        background: float = 0.0,
        hard_negatives: float = 0.0,
        embeddings: Mapping[str, Any] | None = None,
        circular: bool = True,
        output: Literal["table", "array"] = "table",
        random_state: Any = None,
    ) -> None:
        self.circrna = circrna
        self.mirna = mirna
        self.scales = scales
        self.evidence = evidence
        self.channel_scales = channel_scales
        self.background = background
        self.hard_negatives = hard_negatives
        self.embeddings = embeddings
        self.circular = circular
        self.output = output
        self.random_state = random_state

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters, with ``kmer__k`` and the like for those of scales and channels.

        Parameters
        ----------
        deep : bool, default=True
            Whether to include those.

        Returns
        -------
        dict
        """
        return {**self._get_params("scales", deep=deep), **self._get_params("evidence", deep=deep)}

    def set_params(self, **params: Any) -> Self:
        """Set parameters, those of scales and channels too.

        Parameters
        ----------
        **params
            Names and values; ``kmer__k=(1, 2)`` sets a parameter of a scale, ``kmer="drop"`` leaves it out.

        Returns
        -------
        self
        """
        for key, kind in (("scales", "scale"), ("evidence", "channel")):
            check_steps(key, kind, params.get(key))
        if "evidence" in params:
            self.evidence = params.pop("evidence")
        for name, _ in self.evidence or []:
            if name in params:
                self._replace_estimator("evidence", name, params.pop(name))
        self._set_params("scales", **params)
        return self

    @whole_or_nothing
    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Fit the scales on the RNAs of the training pairs.

        Parameters
        ----------
        X : DataFrame, list of tuples or array, shape (n_pairs, 2)
            Pairs; a DataFrame has the columns ``circrna`` and ``mirna``.
        y : array-like, shape (n_pairs,), default=None
            Labels, of which the scales that learn from pairs use the positives. None: all are positive.
        sample_weight : array-like, shape (n_pairs,), default=None
            Pairs of weight 0 are left out, as if they were not given; all others count alike. In a Pipeline
            give it to both steps: ``features__sample_weight=w, mferl__sample_weight=w``.

        Returns
        -------
        self
        """
        self._fit(check_pairs(X), y, sample_weight)
        return self

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if not (isinstance(self.output, str) and self.output in ("table", "array")):
            raise ValueError(f"output must be 'table' or 'array'; got {self.output!r}.")

    def _fit(self, pairs: Objects, y: Any, sample_weight: Any = None) -> None:
        self._check_parameters()
        self._sides = self._make_sides(ScaledSide, pairs)
        pairs, y = leave_out(self._canonical(pairs), y, has_weight(sample_weight, pairs))
        scales, channels = self._make_steps()
        ratios = {"background": self.background, "hard_negatives": self.hard_negatives}
        drawn = draw_negatives(pairs, y, channels, **ratios, random_state=self.random_state)
        self._background, self._hard_negatives, labels = drawn
        labelled = np.concatenate([pairs, *drawn[:2]])
        pair_scales = {
            name: clone(scale).fit(pairs, y) for name, scale in scales.items() if reads_pairs(scale)
        }
        self.evidence_ = {name: channel.fit(labelled, labels) for name, channel in channels.items()}
        for column, (name, side) in enumerate(self._sides.items()):
            sequence_scales = {
                scale: for_side(transformer, name, self.circular)
                for scale, transformer in scales.items()
                if scale not in pair_scales
            }
            side.fit(sorted_distinct(pairs[:, column])[0], sequence_scales, pair_scales, list(scales))
            if not side.scales and not self.evidence_:
                raise ValueError(
                    f"No scale reads the {name}: give sequences, embeddings or other scales, or evidence."
                )
        self.scales_ = {name: side.scales for name, side in self._sides.items()}
        self.n_features_in_ = 2
        if self.output == "table":
            self.set_output(transform="default")  # sklearn.set_config may ask for frames: a table is none

    def transform(self, X: Any) -> PairTable | Singles:
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
        (table,) = self._make_tables(self._canonical(check_pairs(X)))
        return table if self.output == "table" else self._as_array(table)

    @staticmethod
    def _as_array(table: PairTable) -> Singles:
        """Put the columns of the circRNA, of the miRNA and of the pair side by side."""
        blocks = [
            block[table.rows[:, column]]
            for column, side in enumerate((table.circrna, table.mirna))
            for block in side.scales.values()
        ]
        return np.hstack([*blocks, *table.evidence.values()])

    @whole_or_nothing
    def fit_transform(
        self, X: Any, y: Any = None, sample_weight: Any = None, **fit_params: Any
    ) -> PairTable | Singles:
        """Fit, and turn the training pairs into features.

        With ``output="table"``, a channel that is ``only_in_use``, as `BindingSites`, is unknown there, and
        evidence is also shown as if the RNAs were new: a later `transform` of the same pairs differs.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`; pairs of weight 0 are in the table, too.
        **fit_params : ignored
            For scikit-learn's interface.

        Returns
        -------
        PairTable, or ndarray of float32 of shape (n_pairs, n_features)
            As `output` says.
        """
        pairs = check_pairs(X)
        self._fit(pairs, y, sample_weight)
        pairs = self._canonical(pairs)
        if self.output != "table":
            return self._as_array(*self._make_tables(pairs))
        lists = pairs, self._background, self._hard_negatives
        table, background, hard = self._make_tables(*lists, in_training=True)
        fitted_on = has_weight(sample_weight, pairs)
        cold, cold_of_hard = {}, {}
        for name in table.origin.no_views:
            as_new = self.evidence_[name].cold_views(np.concatenate([pairs[fitted_on], self._hard_negatives]))
            cold[name] = np.full((len(VIEWS), *table.evidence[name].shape), np.nan, dtype=np.float32)
            cold[name][:, fitted_on], cold_of_hard[name] = np.split(as_new, [fitted_on.sum()], axis=1)
        return replace(
            table,
            circrna=self._take_cold("circrna", table.circrna),
            mirna=self._take_cold("mirna", table.mirna),
            cold_evidence=cold,
            background=background if len(background) else None,
            hard_negatives=replace(hard, cold_evidence=cold_of_hard) if len(hard) else None,
            is_hard=find_seed_reader(self.evidence_)._has_seed_match(pairs) if len(hard) else None,
            origin=replace(table.origin, no_views=(), fitted_on=fitted_on),
        )

    def _drawn_pairs(self) -> Objects:
        """Return the pairs that nobody has labelled."""
        return np.concatenate([self._background, self._hard_negatives])

    def _make_tables(self, *lists: Objects, in_training: bool = False) -> list[PairTable]:
        """Return the tables of lists of checked pairs, for which each RNA is read once."""
        (circrna, mirna), rows = self._prepare_pairs(np.concatenate(lists))
        table = self._describe_rows(circrna, mirna, rows, in_training)
        ends = np.cumsum([len(pairs) for pairs in lists])
        return [table[end - len(pairs) : end] for pairs, end in zip(lists, ends, strict=True)]

    def _prepare(self, side: str, ids: Objects, *, for_many: bool = False) -> _PreparedSide:
        """Read distinct RNAs, for one list of their pairs or for many."""
        channels = {
            name: channel._prepare(side, ids, for_many=for_many)
            for name, channel in self.evidence_.items()
            if hasattr(channel, "_describe_rows")
        }
        table = self._sides[side].make_table(ids)
        embeddings = {
            scale_of(name): channel._embed(channels[name]) for name, channel in self._embedding_channels()
        }
        return _PreparedSide(replace(table, scales={**table.scales, **embeddings}), channels)

    def _embedding_channels(self) -> list[tuple[str, Any]]:
        """Return the channels that give a scale, too."""
        return [
            (name, channel)
            for name, channel in self.evidence_.items()
            if self.channel_scales and hasattr(channel, "_embed")
        ]

    def _take_cold(self, side: str, table: RNATable) -> RNATable:
        """Add to a table how RNAs of training would look if they were new."""
        table = self._sides[side].take_cold(table)
        cold = {
            scale_of(name): channel._embed_as_new(side, table.ids)
            for name, channel in self._embedding_channels()
        }
        return replace(table, cold_scales={**table.cold_scales, **cold})

    def _canonical_ids(self, side: str, ids: Objects) -> Objects:
        """Check the ids of one side; where a sequence is its own id, normalise it."""
        return self._sides[side].canonical_ids(ids)

    def _sequences(self, side: str, ids: Objects) -> list[str] | None:
        """Return the sequences of ids; None for a side that has none."""
        if not self._sides[side].has_sequences:
            return None
        return self._sides[side].sequences_of(self._canonical_ids(side, ids))

    def _describe_rows(
        self, circrna: _PreparedSide, mirna: _PreparedSide, rows: Ints, in_training: bool = False
    ) -> PairTable:
        """Return the table of pairs, given as rows of prepared RNAs."""
        evidence = {}
        for name, channel in self.evidence_.items():
            if in_training and getattr(channel, "only_in_use", False):
                block = np.full((len(rows), channel.n_features_out_), np.nan)
            elif name in circrna.channels:
                block = channel._describe_rows(circrna.channels[name], mirna.channels[name], rows)
            else:  # a channel of somebody else's, which reads ids
                ids = circrna.table.ids[rows[:, 0]], mirna.table.ids[rows[:, 1]]
                block = channel.transform(np.column_stack(ids))
            evidence[name] = np.asarray(block, dtype=np.float32)  # set_config may ask for frames
        return PairTable(circrna.table, mirna.table, rows, evidence, origin=self._origin())

    def _origin(self) -> Origin:
        learned = [scale for side in self._sides.values() for scale in side.scales.values()]
        views = [name for name, channel in self.evidence_.items() if hasattr(channel, "cold_views")]
        learns = bool(views) or any(map(reads_pairs, learned))
        known = {name: side.sequences for name, side in self._sides.items()}  # with those added since
        features = type(self)(**{**self.get_params(deep=False), **known}) if learns else None
        return Origin(features, tuple(views))

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
        further = further_sequences(self._sides, circrna, mirna)
        for name, channel in self.evidence_.items():
            if not hasattr(channel, "add_rnas"):
                raise ValueError(f"The channel {name!r} has no method add_rnas; add one, or fit again.")
        # what may fail comes first: an id is known once its side knows it
        for channel in self.evidence_.values():
            channel.add_rnas(**further)
        for name, sequences in further.items():
            self._sides[name].add_sequences(sequences)
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
        """
        check_is_fitted(self)
        if side not in SIDES:
            raise ValueError(f"side must be 'circrna' or 'mirna'; got {side!r}.")
        return self._sides[side].known_ids()

    def _feature_names(self) -> list[str]:
        names = []
        for name, side in self._sides.items():
            names += side.feature_names()
            for channel, fitted in self._embedding_channels():
                width = fitted._embed(fitted._prepare(name, side.table.ids[:1])).shape[1]
                names += [f"{name}__{scale_of(channel)}__{column}" for column in range(width)]
        for name, channel in self.evidence_.items():
            names += [f"pair__{name}__{column}" for column in channel.get_feature_names_out()]
        return names

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

    def _make_steps(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the scales and the channels in use, cloned, with their seeds and sequences."""
        check_steps("scales", "scale", self.scales)
        check_steps("evidence", "channel", self.evidence)
        scales = default_scales() if self.scales is None else self.scales
        evidence = self.evidence or []
        names = [name for name, _ in [*scales, *evidence]]
        self._validate_names(names)
        if "embedding" in names:
            raise ValueError("The scale name 'embedding' is kept for the embeddings; choose another.")
        steps = clone_seeded([*scales, *evidence], self.random_state)
        given = {
            **{name: side.sequences for name, side in self._sides.items()},
            "embeddings": self.embeddings,
            "circular": self.circular,
        }
        have_sequences = all(side.has_sequences for side in self._sides.values())
        channels = {}
        for name in [name for name, _ in evidence if name in steps]:
            accepted = steps[name].get_params()
            # what reads sequences, and no embeddings, cannot do with a side that has only these
            if have_sequences or "embeddings" in accepted or "circrna" not in accepted:
                known = {parameter: value for parameter, value in given.items() if parameter in accepted}
                channels[name] = steps[name].set_params(**known)
        return {name: steps[name] for name, _ in scales if name in steps}, channels
