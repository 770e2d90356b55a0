"""How good models are on pairs that they have not seen."""

from sklearn_mferl.evaluation.cross_validation import CrossValidation, cross_validate_pairs
from sklearn_mferl.evaluation.folds import pair_folds
from sklearn_mferl.evaluation.hidden_pairs import rank_hidden_pairs
from sklearn_mferl.evaluation.progress import show_progress

__all__ = ["CrossValidation", "cross_validate_pairs", "pair_folds", "rank_hidden_pairs", "show_progress"]
