"""Manifold discovery and analysis: the order of a model's outputs in the features of a layer."""

from sklearn_mferl.inspection.mda.bayesian_reduction import BayesianSupervisedReduction
from sklearn_mferl.inspection.mda.mda import MDA

__all__ = ["MDA", "BayesianSupervisedReduction"]
