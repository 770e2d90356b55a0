"""The most probable of all pairs that nobody has reported."""

from __future__ import annotations

from sklearn_mferl.ranking._grid import _pairs as _pairs
from sklearn_mferl.ranking._models import find_pair_features, known_rnas
from sklearn_mferl.ranking._rank import rank_interactions

__all__ = ["find_pair_features", "known_rnas", "rank_interactions"]
