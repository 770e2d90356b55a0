"""Why a model says what it says."""

from sklearn_mferl.inspection._explanation_figure import plot_contributions
from sklearn_mferl.inspection._map_figure import plot_embedding_maps
from sklearn_mferl.inspection.bayesian_reduction import BayesianSupervisedReduction
from sklearn_mferl.inspection.embedding_maps import EmbeddingMaps, embedding_maps
from sklearn_mferl.inspection.explain import Explanation, explain
from sklearn_mferl.inspection.mda import MDA
from sklearn_mferl.inspection.site_diagrams import plot_site_circle
from sklearn_mferl.inspection.snapshots import EmbeddingSnapshots

__all__ = [
    "MDA",
    "BayesianSupervisedReduction",
    "EmbeddingMaps",
    "EmbeddingSnapshots",
    "Explanation",
    "embedding_maps",
    "explain",
    "plot_contributions",
    "plot_embedding_maps",
    "plot_site_circle",
]
