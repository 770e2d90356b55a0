"""Simple scores that any model has to beat: what the training graph or the seed alone says of a pair."""

from typing import TYPE_CHECKING, Any

from sklearn_mferl.baselines.boosting import make_boosting_pipeline
from sklearn_mferl.baselines.factorization import SVDFactorizer
from sklearn_mferl.baselines.graph import DegreeProduct, PathCount
from sklearn_mferl.baselines.seed_count import SeedCount, SiteScore, has_seed_match

if TYPE_CHECKING:
    from sklearn_mferl.models import EvidenceBoosting

__all__ = [
    "DegreeProduct",
    "EvidenceBoosting",
    "PathCount",
    "SVDFactorizer",
    "SeedCount",
    "SiteScore",
    "has_seed_match",
    "make_boosting_pipeline",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name != "EvidenceBoosting":  # which loads torch, and the others do not
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from sklearn_mferl.models import EvidenceBoosting

        return EvidenceBoosting
