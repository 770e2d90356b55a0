"""Contrastive learning between two views of the same nodes (Eq. 8)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


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
