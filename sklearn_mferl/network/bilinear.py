"""Bilinear interaction of miRNAs and circRNAs, contracted in closed form (Eq. 7)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SIDES = ("circrna", "mirna")


class WeightNormalizedLinear(nn.Linear):
    r"""Linear layer whose weight is a direction times a length, :math:`W = g\, V / \lVert V \rVert`.

    The norm is taken row by row (Salimans and Kingma, NeurIPS 2016).
    """

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__(in_features, out_features)
        self.length = nn.Parameter(self.weight.detach().norm(dim=1, keepdim=True))

    def normalized_weight(self) -> Tensor:
        """Return *W*, shape (out_features, in_features)."""
        return self.length * F.normalize(self.weight, dim=1)

    def forward(self, values: Tensor) -> Tensor:
        """Apply the layer to a Tensor of shape (n, in_features)."""
        return F.linear(values, self.normalized_weight(), self.bias)


class BilinearInteraction(nn.Module):
    r"""What a node receives from all reference nodes of the other kind (Eq. 7).

    With :math:`u_m = \mathrm{ReLU}(W_m h_m)` and :math:`v_c = \mathrm{ReLU}(W_c h_c)` the interaction
    map is

    .. math:: Z_{mc} = W_1 (u_m \odot v_c) + b_1 \in \mathbb{R}^d, \qquad
              X_m^{heter} = \frac{1}{N_c} \sum_c Z_{mc} \odot q_c ,

    with weight normalisation on :math:`W_1`. The publication projects the map linearly along the nodes of
    the other kind; here the weight of a node is computed from it, :math:`q_c = Q_c h_c`, so that no layer
    depends on how many RNAs there are. The sum is linear in the outer product, hence

    .. math:: X_m^{heter} = (W_1 \odot G_c) u_m + b_1 \odot \bar q_c, \qquad
              G_c = \frac{1}{N_c} \sum_c q_c v_c^\top ,

    which costs :math:`O((N_m + N_c) d^2)` and never builds the :math:`N_m \times N_c` map. Likewise for
    :math:`X_c^{heter}` from :math:`G_m`.

    Parameters
    ----------
    embedding_dim : int
        Width *d* of the fused representations and of the result.
    """

    def __init__(self, embedding_dim: int) -> None:
        super().__init__()
        self.map = nn.ModuleDict({side: nn.Linear(embedding_dim, embedding_dim) for side in SIDES})
        self.weigh = nn.ModuleDict({side: nn.Linear(embedding_dim, embedding_dim) for side in SIDES})
        self.interact = WeightNormalizedLinear(embedding_dim, embedding_dim)

    def summarize(self, side: str, fused: Tensor) -> tuple[Tensor, Tensor]:
        r"""Contract the reference nodes of one side to what the other side needs of them.

        Parameters
        ----------
        side : {"circrna", "mirna"}
            The side of the reference nodes.
        fused : Tensor, shape (n_reference, d)
            Their fused representations :math:`h`.

        Returns
        -------
        gram : Tensor, shape (d, d)
            :math:`G`.
        mean_weight : Tensor, shape (d,)
            :math:`\bar q`.
        """
        mapped = torch.relu(self.map[side](fused))
        weights = self.weigh[side](fused)
        return weights.T @ mapped / len(fused), weights.mean(dim=0)

    def forward(self, side: str, fused: Tensor, gram: Tensor, mean_weight: Tensor) -> Tensor:
        """Let nodes interact with the summary of the other side.

        Parameters
        ----------
        side : {"circrna", "mirna"}
            The side of the nodes.
        fused : Tensor, shape (n_nodes, d)
            Their fused representations :math:`h`.
        gram, mean_weight : Tensor, shape (d, d) and (d,)
            From `summarize` of the other side.

        Returns
        -------
        Tensor, shape (n_nodes, d)
            :math:`X^{heter}`.
        """
        mapped = torch.relu(self.map[side](fused))
        return mapped @ (self.interact.normalized_weight() * gram).T + self.interact.bias * mean_weight
