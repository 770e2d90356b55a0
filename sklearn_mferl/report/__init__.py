"""Everything about a data set and a model on one page."""

from sklearn_mferl.report.write import write_report

__all__ = ["write_report"]
