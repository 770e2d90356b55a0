"""Fitted models as files that hold no code."""

from sklearn_mferl.saving.files import load_model, save_model

__all__ = ["load_model", "save_model"]
