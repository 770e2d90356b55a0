"""Scores of all pairs of two sides as one matrix product."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sklearn_mferl.models.calibration import shift_prevalence
from sklearn_mferl.network.encoding import encode_nodes
from sklearn_mferl.pairs import RNATable
from sklearn_mferl.utils.parameters import check_parameters

if TYPE_CHECKING:
    from sklearn_mferl.models.mferl import MFERLClassifier

_DECIMALS = 10  # of log-odds: equal RNAs tie, although products of different widths round differently


class ScoreGrid:
    r"""Score all circRNAs of a table with some miRNAs by the network.

    The head is linear in :math:`M_i \odot C_j` (Eq. 12), so with its weights *w* the logits of a block are
    :math:`C\,(M \odot w)^T + b`.
    """

    def __init__(self, classifier: MFERLClassifier, mirna: RNATable) -> None:
        check_parameters(classifier)  # such as a prevalence that was set after fit
        self.classifier = classifier
        linear = classifier.net_.module_.head.linear
        self._weighted = self._encode("mirna", mirna) * linear.weight.detach().cpu().numpy()
        self._bias = float(linear.bias.detach().cpu())

    @staticmethod
    def fits(classifier: MFERLClassifier) -> bool:
        """Say whether a fitted network encodes an RNA alike in any company."""
        return not classifier.net_.module_.depends_on_order

    def log_odds(self, circrna: RNATable) -> NDArray[np.float64]:
        """Return the log-odds of an interaction at the stated prevalence, as `decision_function` does."""
        logits = self._encode("circrna", circrna) @ self._weighted.T
        logits += self._bias
        classifier = self.classifier
        logits += shift_prevalence(np.zeros(1), classifier.training_prevalence_, classifier.prevalence)
        return np.round(logits, _DECIMALS, out=logits)

    def _encode(self, side: str, table: RNATable) -> NDArray[np.float64]:
        network, scaler = self.classifier.net_.module_, self.classifier.scalers_[side]
        vectors = encode_nodes(network, side, table, scaler)["final"]
        return vectors.cpu().numpy().astype(np.float64, copy=False)
