"""Aggregation of similar RNAs of the same kind (Eq. 1-2)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class HomogeneousAggregation(nn.Module):
    r"""One graph convolution a scale, concatenated and projected (Eq. 1-2).

    .. math:: X_s^{(1)} = \mathrm{ReLU}(\hat A X_s W_s), \qquad
              \hat A = \tilde D^{-1/2} \tilde A \tilde D^{-1/2}

    With one layer :math:`\hat A X_s` holds no parameter, so the module takes it already propagated
    (see `sklearn_mferl.features.propagate`); a new RNA is one more row of it.

    Parameters
    ----------
    in_features : sequence of int
        Widths :math:`p_s` of the propagated scales.
    embedding_dim : int
        Width *d* of the result.
    fuse_first : bool, default=False
        The ablation "change_homo": one convolution on the concatenated scales instead of one a scale.
    """

    def __init__(self, in_features: Sequence[int], embedding_dim: int, fuse_first: bool = False) -> None:
        super().__init__()
        self.fuse_first = fuse_first
        widths = [sum(in_features)] if fuse_first else list(in_features)
        self.convolutions = nn.ModuleList(nn.Linear(width, embedding_dim) for width in widths)
        self.project = nn.Linear(len(widths) * embedding_dim, embedding_dim)

    def forward(self, propagated: Sequence[Tensor]) -> Tensor:
        """Aggregate.

        Parameters
        ----------
        propagated : sequence of Tensor, each of shape (n_nodes, p_s)

        Returns
        -------
        Tensor, shape (n_nodes, d)
            :math:`X^{homo}`.
        """
        tables = [torch.cat(list(propagated), dim=1)] if self.fuse_first else propagated
        hidden = [torch.relu(conv(table)) for conv, table in zip(self.convolutions, tables, strict=True)]
        return self.project(torch.cat(hidden, dim=1))
