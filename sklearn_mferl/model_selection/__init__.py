"""Negatives and splits that do not flatter."""

from sklearn_mferl.model_selection.cold_start import ColdStartKFold
from sklearn_mferl.model_selection.negatives import labelled_pairs, sample_negatives
from sklearn_mferl.model_selection.pair_kfold import PairKFold

__all__ = ["ColdStartKFold", "PairKFold", "labelled_pairs", "sample_negatives"]
