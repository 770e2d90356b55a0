"""Which stretches of a target a miRNA binds, learned from reads of Argonaute."""

from sklearn_mferl.models.sites.binding_score import BindingScore
from sklearn_mferl.models.sites.site_classifier import SiteClassifier

__all__ = ["BindingScore", "SiteClassifier"]
