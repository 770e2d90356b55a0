"""The experiments of the publication, each a function of data, and the command ``mferl experiment``."""

from collections.abc import Callable
from typing import Final

import pandas as pd

from sklearn_mferl.experiments.ablation import ablation
from sklearn_mferl.experiments.binding import binding
from sklearn_mferl.experiments.case_study import case_study
from sklearn_mferl.experiments.cold_start import cold
from sklearn_mferl.experiments.comparison import compare
from sklearn_mferl.experiments.cross_validation import cv, repeated_cv
from sklearn_mferl.experiments.independent import independent
from sklearn_mferl.experiments.ratio import ratio
from sklearn_mferl.experiments.sensitivity import sensitivity
from sklearn_mferl.experiments.settings import Settings
from sklearn_mferl.experiments.statistics import cohen_d, corrected_t_test, paired_t_test

EXPERIMENTS: Final[dict[str, Callable[..., pd.DataFrame]]] = {
    "cv": cv,
    "repeated-cv": repeated_cv,
    "compare": compare,
    "ablation": ablation,
    "sensitivity": sensitivity,
    "ratio": ratio,
    "independent": independent,
    "cold": cold,
    "case-study": case_study,
    "binding": binding,
}
"""Each experiment by its name on the command line: a function of data and `Settings`."""

__all__ = [
    "EXPERIMENTS",
    "Settings",
    "ablation",
    "binding",
    "case_study",
    "cohen_d",
    "cold",
    "compare",
    "corrected_t_test",
    "cv",
    "independent",
    "paired_t_test",
    "ratio",
    "repeated_cv",
    "sensitivity",
]
