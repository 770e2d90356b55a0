"""The training objective (Eq. 13-14)."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class MFERLLoss(nn.Module):
    r"""Weighted cross-entropy plus the contrastive loss (Eq. 13-14).

    .. math:: \ell = \frac{1}{n} \sum_i w_i\, \mathrm{CE}(r_i, \hat r_i) + \lambda_1 \ell_{cl}

    The squared norm of Eq. 14 is the optimiser's weight decay.

    Parameters
    ----------
    contrastive_weight : float, default=1e-5
        :math:`\lambda_1`.
    """

    def __init__(self, contrastive_weight: float = 1e-5) -> None:
        super().__init__()
        self.contrastive_weight = contrastive_weight

    def forward(self, output: tuple[Tensor, Tensor], target: Tensor) -> Tensor:
        """Compute the loss of a batch.

        Parameters
        ----------
        output : (Tensor of shape (n_pairs,), Tensor scalar)
            Logits and contrastive loss, as `MFERLNetwork` returns them.
        target : Tensor, shape (n_pairs, 2)
            Label (0 or 1) and weight of each pair.

        Returns
        -------
        Tensor, scalar
        """
        logits, contrastive = output
        labels, weights = target.unbind(dim=1)
        cross_entropy = F.binary_cross_entropy_with_logits(logits, labels, weight=weights)
        return cross_entropy + self.contrastive_weight * contrastive
