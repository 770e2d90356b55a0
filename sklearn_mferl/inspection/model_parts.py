"""What an explanation reads of a fitted model: its parts, the target sites, and the known pairs that vote."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sklearn_mferl.evidence import PairNeighborhood, TargetSites
from sklearn_mferl.models import MFERLClassifier, find_network
from sklearn_mferl.models.base import PairClassifier
from sklearn_mferl.pairs import PairFeatures, PairTable, RNATable
from sklearn_mferl.ranking import find_pair_features
from sklearn_mferl.utils.validation import SIDES, check_pairs

SITE_COLUMNS = ("circrna", "mirna", "type", "start", "end", "crosses_junction", "duplex_score")
VOTER_COLUMNS: Final = ("circrna", "mirna", "side", "voter", "similarity", "kind", "interacts")
# A neighbourhood that is asked for voters alone needs no factors and no good regressions.
_SMALLEST: Final[dict[str, Any]] = {"n_components": 1, "n_landmarks": 8, "n_directions": 4, "alphas": (1.0,)}


class ModelParts(NamedTuple):
    """A fitted model taken apart."""

    features: PairFeatures
    make_table: Callable[[Any], Any]  # from pairs to what the classifier reads
    classifier: PairClassifier

    @property
    def network(self) -> MFERLClassifier | None:
        """The network, where there is one, so that the scales are read."""
        return find_network(self.classifier)

    def describe(self, pairs: Any) -> PairTable:
        """Return the table of pairs; without a network no scales, so that they are not copied for nothing."""
        table: PairTable = self.make_table(check_pairs(pairs))
        if self.network is not None:
            return table
        circrna, mirna = (RNATable(side.ids, {}, {}) for side in (table.circrna, table.mirna))
        return replace(table, circrna=circrna, mirna=mirna)


def take_apart(model: Any) -> ModelParts:
    """Find the features and the classifier of a fitted model."""
    classifier = model[-1] if isinstance(model, Pipeline) else model
    if not isinstance(classifier, PairClassifier):
        raise ValueError(
            "explain needs a pipeline that ends in a classifier of this package, as make_mferl_pipeline "
            f"gives it; got a {type(model).__name__}."
        )
    if classifier is model:
        check_is_fitted(model)
    features = find_pair_features(model)
    if features is None or features.output != "table":
        raise ValueError(
            "The features of this model are not those of PairFeatures(output='table'), so its score cannot "
            "be shared among channels and scales; fit the pipeline of make_mferl_pipeline."
        )
    check_is_fitted(classifier)
    network = find_network(classifier)
    if network is not None and network.attention == "node":
        raise ValueError(
            "With attention='node' the score of a pair depends on the pairs it is scored with, so it has no "
            "contributions; fit with attention='feature'."
        )
    make_table = features.transform if classifier is model else model[:-1].transform
    return ModelParts(features, make_table, classifier)


def find_channel(features: PairFeatures, method: str) -> Any:
    """Return the first channel of evidence that has a method; None where there is none."""
    return next((channel for channel in features.evidence_.values() if hasattr(channel, method)), None)


def known_sequences(features: PairFeatures) -> tuple[Any, Any]:
    """Return the sequences of circRNAs and of miRNAs by id, added ones too; None where there are none."""
    return features._sides["circrna"].sequences, features._sides["mirna"].sequences


def list_sites(features: PairFeatures, pairs: pd.DataFrame) -> pd.DataFrame:
    """List the target sites of pairs, by the model's own channel where it has one."""
    channel = find_channel(features, "sites")
    if channel is None:
        if not all(features._sides[side].has_sequences for side in SIDES):
            return pd.DataFrame(columns=list(SITE_COLUMNS))
        channel = TargetSites(*known_sequences(features), circular=features.circular).fit(pairs)
    return channel.sites(pairs)


def training_pairs(features: PairFeatures) -> pd.DataFrame | None:
    """Return the labelled pairs that the features remember, without the background."""
    channel = find_channel(features, "training_pairs")
    if channel is None:
        return None
    pairs = channel.training_pairs()
    drawn = ~pairs["interacts"] & pairs[list(SIDES)].apply(tuple, axis=1).isin(_background(features))
    return pairs[~drawn].reset_index(drop=True)


def nearest_voters(features: PairFeatures, pairs: pd.DataFrame, known: Any, n_voters: int) -> pd.DataFrame:
    """List the nearest labelled pairs that vote for each pair."""
    channel = find_channel(features, "voters")
    if channel is None and known is not None:
        channel = PairNeighborhood(
            *known_sequences(features),
            embeddings=features.embeddings,
            circular=features.circular,
            **_SMALLEST,
            random_state=0,
        ).fit(known)
    if channel is None:
        return pd.DataFrame(columns=list(VOTER_COLUMNS))
    votes = channel.voters(pairs).drop_duplicates([*SIDES, "side", "voter"])
    of_circrna = votes["side"] == "circrna"
    circrna = votes["voter"].where(of_circrna, votes["circrna"])
    mirna = votes["mirna"].where(of_circrna, votes["voter"])
    background = _background(features)
    drawn = np.array([pair in background for pair in zip(circrna, mirna, strict=True)], dtype=bool)
    votes = votes[votes["interacts"].to_numpy() | ~drawn]
    nearest = votes.groupby([*SIDES, "side", "interacts"], sort=False).head(n_voters)
    return nearest[list(VOTER_COLUMNS)].reset_index(drop=True)


def _background(features: PairFeatures) -> set[tuple[str, str]]:
    """Return the pairs that were drawn beside the training pairs: nobody has labelled them."""
    return set(map(tuple, features._drawn_pairs()))


def circrna_lengths(features: PairFeatures, circrnas: Any) -> pd.Series[int]:
    """Return the lengths of circRNAs in nucleotides, by id; of none where there are no sequences."""
    side = features._sides["circrna"]
    ids = list(dict.fromkeys(circrnas)) if side.has_sequences else []
    lengths = [len(sequence) for sequence in side.sequences_of(ids)]
    return pd.Series(lengths, index=pd.Index(ids, dtype=object), dtype="int64", name="length")


def channel_attention(parts: ModelParts) -> pd.DataFrame:
    """Return how much the dual-convolutional attention counts each scale of each side."""
    rows: list[tuple[str, str, float]] = []
    network = parts.network
    if network is not None and network.attention is not None:
        contexts = network.net_.module_._contexts
        for side in SIDES:
            weights = contexts[side].channel_weights.flatten().tolist()
            rows += [(side, *each) for each in zip(network.scalers_[side].scales, weights, strict=True)]
    return pd.DataFrame(rows, columns=["side", "scale", "weight"])
