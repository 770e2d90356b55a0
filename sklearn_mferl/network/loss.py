"""The training objective (Eq. 13-14), and the contrastive part of it (Eq. 8)."""

import torch
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


def info_nce(view: Tensor, initial: Tensor, temperature: float) -> Tensor:
    r"""InfoNCE loss, summed over the nodes (Eq. 8).

    .. math:: \sum_n -\log \frac{\exp(x_n \cdot y_n / \tau)}{\sum_i \exp(x_n \cdot y_i / \tau)}

    on vectors of unit length.

    Parameters
    ----------
    view : Tensor, shape (n_nodes, d)
        :math:`x`, the homogeneous, attended or heterogeneous embeddings.
    initial : Tensor, shape (n_nodes, d)
        :math:`y`, the initial embeddings of the same nodes.
    temperature : float
        :math:`\tau > 0`.

    Returns
    -------
    Tensor, scalar
    """
    similarity = F.normalize(view, dim=1) @ F.normalize(initial, dim=1).T / temperature
    return F.cross_entropy(similarity, torch.arange(len(view), device=view.device), reduction="sum")
