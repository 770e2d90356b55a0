"""The nearest known pairs that vote for a pair."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from sklearn_mferl.evidence import PairNeighborhood
from sklearn_mferl.inspection.model_parts import find_channel, known_sequences
from sklearn_mferl.pairs import PairFeatures
from sklearn_mferl.utils.validation import SIDES

VOTER_COLUMNS: Final = ("circrna", "mirna", "side", "voter", "similarity", "kind", "interacts")
# A neighbourhood that is asked for voters alone needs no factors and no good regressions.
_SMALLEST: Final[dict[str, Any]] = {"n_components": 1, "n_landmarks": 8, "n_directions": 4, "alphas": (1.0,)}


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
    others = votes["mirna"].where(votes["side"] == "circrna", votes["circrna"])
    circrna = votes["voter"].where(votes["side"] == "circrna", others)
    mirna = others.where(votes["side"] == "circrna", votes["voter"])
    background = _background(features)
    drawn = np.array([pair in background for pair in zip(circrna, mirna, strict=True)], dtype=bool)
    votes = votes[votes["interacts"].to_numpy() | ~drawn]
    nearest = votes.groupby([*SIDES, "side", "interacts"], sort=False).head(n_voters)
    return nearest[list(VOTER_COLUMNS)].reset_index(drop=True)


def _background(features: PairFeatures) -> set[tuple[str, str]]:
    """Return the pairs that were drawn beside the training pairs: nobody has labelled them."""
    return set(map(tuple, features._background))
