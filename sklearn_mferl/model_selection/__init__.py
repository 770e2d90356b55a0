"""Negatives and splits that do not flatter."""

from sklearn_mferl.model_selection.cold_start import ColdStartKFold
from sklearn_mferl.model_selection.negatives import labelled_pairs, sample_negatives

__all__ = ["ColdStartKFold", "labelled_pairs", "sample_negatives"]
