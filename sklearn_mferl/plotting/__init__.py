"""Every picture; they need matplotlib, the extra ``plots``."""

from sklearn_mferl.plotting.axes import new_axes
from sklearn_mferl.plotting.curves import (
    plot_history,
    plot_precision_at_k,
    plot_precision_recall,
    plot_reliability,
    plot_roc,
    plot_score_distribution,
)
from sklearn_mferl.plotting.embedding_maps import plot_embedding_maps
from sklearn_mferl.plotting.explanation import plot_contributions
from sklearn_mferl.plotting.sites import plot_nucleotides, plot_site_circle

__all__ = [
    "new_axes",
    "plot_contributions",
    "plot_embedding_maps",
    "plot_history",
    "plot_nucleotides",
    "plot_precision_at_k",
    "plot_precision_recall",
    "plot_reliability",
    "plot_roc",
    "plot_score_distribution",
    "plot_site_circle",
]
