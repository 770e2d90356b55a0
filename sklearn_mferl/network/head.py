"""From the views of a node to its vector, and from two vectors to a logit (Eq. 10-12)."""

import torch
from torch import Tensor, nn


class ViewConvolution(nn.Module):
    """1-D CNN over the concatenated views of a node (Eq. 10-11).

    Parameters
    ----------
    n_views : int
        Number of views: homogeneous, attended, heterogeneous, as far as they are switched on.
    n_filters : int, default=3
        Filters of the convolution.
    """

    def __init__(self, n_views: int, n_filters: int = 3) -> None:
        super().__init__()
        self.n_filters = n_filters
        self.convolution = nn.Conv1d(n_views, n_filters, kernel_size=3, padding=1)

    def forward(self, views: list[Tensor]) -> Tensor:
        """Convolve along the features, the views as channels.

        Parameters
        ----------
        views : list of Tensor, each of shape (n_nodes, d)

        Returns
        -------
        Tensor, shape (n_nodes, n_filters * d)
            The node vectors *M* or *C*.
        """
        return self.convolution(torch.stack(views, dim=1)).flatten(start_dim=1)


class InteractionHead(nn.Module):
    r"""Logit of a pair: one linear layer on :math:`M_i \odot C_j` (Eq. 12).

    Parameters
    ----------
    in_features : int
        Width of the node vectors.
    """

    def __init__(self, in_features: int) -> None:
        super().__init__()
        self.linear = nn.Linear(in_features, 1)

    def forward(self, circrna: Tensor, mirna: Tensor) -> Tensor:
        """Score pairs.

        Parameters
        ----------
        circrna, mirna : Tensor, shape (n_pairs, in_features)
            Vectors of the two ends.

        Returns
        -------
        Tensor, shape (n_pairs,)
            Logits.
        """
        return self.linear(circrna * mirna).squeeze(1)
