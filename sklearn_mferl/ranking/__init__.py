"""The most probable of all pairs that nobody has reported."""

from sklearn_mferl.ranking.models import find_pair_features, known_rnas
from sklearn_mferl.ranking.rank import rank_interactions
from sklearn_mferl.ranking.sites import rank_sites

__all__ = ["find_pair_features", "known_rnas", "rank_interactions", "rank_sites"]
