"""The experiments of the publication, each a function of data, and the command ``mferl experiment``."""

from sklearn_mferl.experiments.cross_validation import cv
from sklearn_mferl.experiments.settings import Settings

__all__ = ["Settings", "cv"]
