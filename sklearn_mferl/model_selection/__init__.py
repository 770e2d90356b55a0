"""Negatives and splits that do not flatter."""

from sklearn_mferl.model_selection.negatives import labelled_pairs, sample_negatives

__all__ = ["labelled_pairs", "sample_negatives"]
