"""Prediction of circRNA–miRNA interactions with MFERL, compatible with scikit-learn.

A name is imported when it is asked for, since torch takes seconds.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sklearn_mferl.evidence import (
        BindingSites,
        Expression,
        KnownRegions,
        PairNeighborhood,
        TargetSites,
    )
    from sklearn_mferl.features import (
        CosineSimilarity,
        CTDTransformer,
        Doc2VecEmbedder,
        KmerTransformer,
        LevenshteinSimilarity,
        PrecomputedEmbedding,
        Role2VecEmbedder,
    )
    from sklearn_mferl.models import MFERLClassifier
    from sklearn_mferl.models.sites import SiteClassifier
    from sklearn_mferl.pairs import PairFeatures, PairTable, RNATable
    from sklearn_mferl.pipeline import make_mferl_pipeline
    from sklearn_mferl.saving import load_model, save_model
    from sklearn_mferl.utils.versions import show_versions

__version__ = version("sklearn-mferl")

__all__ = [
    "BindingSites",
    "CTDTransformer",
    "CosineSimilarity",
    "Doc2VecEmbedder",
    "Expression",
    "KmerTransformer",
    "KnownRegions",
    "LevenshteinSimilarity",
    "MFERLClassifier",
    "PairFeatures",
    "PairNeighborhood",
    "PairTable",
    "PrecomputedEmbedding",
    "RNATable",
    "Role2VecEmbedder",
    "SiteClassifier",
    "TargetSites",
    "load_model",
    "make_mferl_pipeline",
    "save_model",
    "show_versions",
]

_MODULES = (
    "baselines",
    "datasets",
    "evaluation",
    "evidence",
    "experiments",
    "features",
    "inspection",
    "metrics",
    "model_selection",
    "models",
    "network",
    "pairs",
    "pipeline",
    "plotting",
    "ranking",
    "report",
    "saving",
    "testing",
)
_HOMES = {
    "BindingSites": "evidence",
    "Expression": "evidence",
    "KnownRegions": "evidence",
    "MFERLClassifier": "models",
    "PairFeatures": "pairs",
    "PairNeighborhood": "evidence",
    "PairTable": "pairs",
    "RNATable": "pairs",
    "SiteClassifier": "models.sites",
    "TargetSites": "evidence",
    "load_model": "saving",
    "make_mferl_pipeline": "pipeline",
    "save_model": "saving",
    "show_versions": "utils.versions",
}  # the others are features


if not TYPE_CHECKING:  # to a type checker it would mean that there is every name

    def __getattr__(name: str) -> Any:
        if name in _MODULES:
            return import_module(f"{__name__}.{name}")
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'features')}"), name)
        globals()[name] = value  # found at once from now on
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_MODULES})
