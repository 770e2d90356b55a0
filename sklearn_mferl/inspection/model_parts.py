"""What an explanation needs to know of a fitted model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pandas as pd
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sklearn_mferl.evidence import TargetSites
from sklearn_mferl.models import MFERLClassifier, find_network
from sklearn_mferl.models.base import PairClassifier
from sklearn_mferl.pairs import PairFeatures, PairTable
from sklearn_mferl.ranking import find_pair_features
from sklearn_mferl.utils.validation import SIDES

SITE_COLUMNS = ("circrna", "mirna", "type", "start", "end", "crosses_junction", "duplex_score")


class ModelParts(NamedTuple):
    """A fitted model taken apart."""

    features: PairFeatures
    describe: Callable[[Any], PairTable]  # from pairs to what the classifier reads
    classifier: PairClassifier

    @property
    def network(self) -> MFERLClassifier | None:
        """The network, where there is one, so that the scales are read."""
        return find_network(self.classifier)


def take_apart(model: Any) -> ModelParts:
    """Find the features and the classifier of a fitted model."""
    if isinstance(model, Pipeline) and isinstance(model[-1], PairClassifier):
        features, classifier, describe = find_pair_features(model), model[-1], model[:-1].transform
    elif isinstance(model, PairClassifier):
        check_is_fitted(model)
        features, classifier = find_pair_features(model), model
        describe = features.transform if features is not None else None
    else:
        raise ValueError(
            "explain needs a pipeline that ends in a classifier of this package, as make_mferl_pipeline "
            f"gives it; got a {type(model).__name__}."
        )
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
    return ModelParts(features, describe, classifier)


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


def circrna_lengths(features: PairFeatures, circrnas: Any) -> pd.Series[int]:
    """Return the lengths of circRNAs in nucleotides, by id; of none where there are no sequences."""
    side = features._sides["circrna"]
    ids = list(dict.fromkeys(circrnas)) if side.has_sequences else []
    lengths = [len(rna if side.sequences is None else side.sequences[rna]) for rna in ids]
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
