"""Checks for estimators that take RNA sequences, ids or pairs, of which scikit-learn itself checks little."""

from sklearn_mferl.testing.case import example_ids
from sklearn_mferl.testing.suite import check_rna_estimator, rna_checks

__all__ = ["check_rna_estimator", "example_ids", "rna_checks"]
