"""Simple scores that any model has to beat: what the training graph or the seed alone says of a pair."""

from sklearn_mferl.baselines.boosting import make_boosting_pipeline
from sklearn_mferl.baselines.factorization import SVDFactorizer
from sklearn_mferl.baselines.graph import DegreeProduct, PathCount
from sklearn_mferl.baselines.seed_count import SeedCount, has_seed_match
from sklearn_mferl.models.evidence_boosting import EvidenceBoosting

__all__ = [
    "DegreeProduct",
    "EvidenceBoosting",
    "PathCount",
    "SVDFactorizer",
    "SeedCount",
    "has_seed_match",
    "make_boosting_pipeline",
]
