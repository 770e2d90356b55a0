"""Dual-convolutional attention across the scales of an RNA (Eq. 3-6)."""

from typing import Literal

import torch
from torch import Tensor, nn

Kernel = Literal["feature", "node"]


class ChannelAttention(nn.Module):
    r"""How much each scale counts, one weight a scale (Eq. 5).

    .. math:: \partial_c = \sigma(f(X^{max}) + f(X^{avg})) \in \mathbb{R}^{S \times 1 \times 1}

    Parameters
    ----------
    n_scales : int
        Number of scales *S*.
    """

    def __init__(self, n_scales: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(n_scales, n_scales, kernel_size=1)
        self.restore = nn.Conv2d(n_scales, n_scales, kernel_size=1)

    def forward(self, stack: Tensor) -> Tensor:
        """Weigh the scales.

        Parameters
        ----------
        stack : Tensor, shape (S, n_nodes, d)
            The reference nodes, over which is pooled.

        Returns
        -------
        Tensor, shape (S, 1, 1)
            Weights in (0, 1).
        """
        pooled = torch.stack([stack.amax(dim=(1, 2)), stack.mean(dim=(1, 2))])[:, :, None, None]
        return torch.sigmoid(self.restore(torch.relu(self.squeeze(pooled))).sum(dim=0))


class SpatialAttention(nn.Module):
    r"""Which features of a node count (Eq. 6).

    .. math:: \partial_s = \sigma(f^{k}([\mathrm{mean}_S X'; \max_S X']))

    Parameters
    ----------
    kernel : {"feature", "node"}, default="feature"
        ``"feature"`` convolves along the features of one node (1 × 3). ``"node"`` is the publication's
        3 × 3 kernel, which also runs along the node axis: a node's vector then depends on the order
        of the nodes in the table, so that scores depend on it too.
    """

    def __init__(self, kernel: Kernel = "feature") -> None:
        super().__init__()
        height = 3 if kernel == "node" else 1
        self.convolution = nn.Conv2d(2, 1, kernel_size=(height, 3), padding=(height // 2, 1))

    def forward(self, stack: Tensor) -> Tensor:
        """Weigh the features of each node.

        Parameters
        ----------
        stack : Tensor, shape (S, n_nodes, d)

        Returns
        -------
        Tensor, shape (1, n_nodes, d)
            Weights in (0, 1).
        """
        pooled = torch.stack([stack.mean(dim=0), stack.amax(dim=0)])
        return torch.sigmoid(self.convolution(pooled[None])[0])


class DualConvolutionalAttention(nn.Module):
    """Channel attention, then spatial attention, then the scales mixed down to one vector (Eq. 3-4).

    Parameters
    ----------
    n_scales : int
        Number of scales *S*.
    embedding_dim : int
        Width *d*.
    kernel : {"feature", "node"}, default="feature"
        See `SpatialAttention`.
    """

    def __init__(self, n_scales: int, embedding_dim: int, kernel: Kernel = "feature") -> None:
        super().__init__()
        self.channel = ChannelAttention(n_scales)
        self.spatial = SpatialAttention(kernel)
        self.mix = nn.Linear(n_scales * embedding_dim, embedding_dim)

    def forward(self, stack: Tensor, channel_weights: Tensor) -> Tensor:
        """Attend.

        Parameters
        ----------
        stack : Tensor, shape (S, n_nodes, d)
            Projected scales of the nodes.
        channel_weights : Tensor, shape (S, 1, 1)
            From `channel`, pooled over the reference nodes, so that a node does not depend on the others.

        Returns
        -------
        Tensor, shape (n_nodes, d)
            :math:`X^{mcam}`.
        """
        attended = channel_weights * stack
        attended = self.spatial(attended) * attended
        return self.mix(attended.permute(1, 0, 2).flatten(start_dim=1))
