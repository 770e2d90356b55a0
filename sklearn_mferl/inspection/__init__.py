"""Why a model says what it says."""

from sklearn_mferl.inspection.applicability import applicability
from sklearn_mferl.inspection.bayesian_reduction import BayesianSupervisedReduction
from sklearn_mferl.inspection.embedding_maps import EmbeddingMaps, embedding_maps
from sklearn_mferl.inspection.explain import Explanation, explain
from sklearn_mferl.inspection.mda import MDA
from sklearn_mferl.inspection.snapshots import EmbeddingSnapshots
from sklearn_mferl.plotting.embedding_maps import plot_embedding_maps
from sklearn_mferl.plotting.explanation import plot_contributions
from sklearn_mferl.plotting.sites import plot_site_circle

__all__ = [
    "MDA",
    "BayesianSupervisedReduction",
    "EmbeddingMaps",
    "EmbeddingSnapshots",
    "Explanation",
    "applicability",
    "embedding_maps",
    "explain",
    "plot_contributions",
    "plot_embedding_maps",
    "plot_site_circle",
]
