"""The logit of a pair from its evidence: an ensemble of small networks on piecewise-linear codes."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sklearn_mferl.network.mferl import double_device
from sklearn_mferl.network.net import Dropout


class PiecewiseLinearCode(nn.Module):
    """Codes of numbers on which a linear layer is a piecewise-linear function of each number.

    A column becomes a code for each of its bins, 0 below the bin, 1 above it and linear within, and one
    that says whether the number is unknown (Gorishniy et al., On embeddings for numerical features in
    tabular deep learning, NeurIPS 2022). The edges of the bins ascend, shape (n_columns, n_bins + 1); a bin
    between equal edges has the code 0.
    """

    lower: Tensor
    slope: Tensor

    def __init__(self, edges: Tensor) -> None:
        super().__init__()
        lower, widths = edges[:, :-1], edges.diff(dim=1)
        self.register_buffer("lower", lower)
        self.register_buffer("slope", torch.where(widths > 0, 1 / widths, 0.0))
        self.out_features = lower.numel() + len(lower)

    def forward(self, values: Tensor) -> Tensor:
        """Return the codes of numbers, NaN where nothing is known: (n, n_columns) to (n, out_features)."""
        is_unknown = values.isnan()
        codes = ((values.nan_to_num().unsqueeze(2) - self.lower) * self.slope).clamp(0, 1)
        codes = codes.masked_fill(is_unknown.unsqueeze(2), 0.0)
        return torch.cat([codes.flatten(start_dim=1), is_unknown.to(codes.dtype)], dim=1)


class MLPEnsemble(nn.Module):
    """Small networks side by side, each with two hidden layers: one product of matrices for all of them."""

    def __init__(self, in_features: int, n_members: int, width: int, dropout: float) -> None:
        super().__init__()
        self.n_members = n_members
        self.first = nn.Linear(in_features, n_members * width)
        self.second = _Linears(n_members, width, width)
        self.last = _Linears(n_members, width, 1)
        self.dropout = Dropout(dropout)

    def forward(self, codes: Tensor) -> Tensor:
        """Return the logits of all members, shape (n, n_members)."""
        hidden = torch.relu(self.first(codes)).unflatten(1, (self.n_members, -1)).transpose(0, 1)
        hidden = torch.relu(self.second(self.dropout(hidden)))
        return self.last(self.dropout(hidden)).squeeze(2).T


class _Linears(nn.Module):
    """A linear layer for each member, as one batched product."""

    def __init__(self, n_members: int, in_features: int, out_features: int) -> None:
        super().__init__()
        bound = in_features**-0.5
        self.weight = nn.Parameter(torch.empty(n_members, in_features, out_features))
        self.bias = nn.Parameter(torch.empty(n_members, 1, out_features))
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def forward(self, values: Tensor) -> Tensor:
        """Return the outputs, shape (n_members, n, out_features)."""
        return torch.baddbmm(self.bias, values, self.weight)


class EvidenceTerm(nn.Module):
    """Logits of pairs from their evidence.

    In training a pair is shown, at random, as it is or with its miRNA, its circRNA or both new: `views` have
    the shape (n_views, n_pairs, n_columns). The background, shape (n_background, n_columns), is the evidence
    of further pairs, which are probably no interactions. Neither is part of what is saved.
    """

    def __init__(
        self, views: Tensor, background: Tensor, edges: Tensor, *, n_members: int, width: int, dropout: float
    ) -> None:
        super().__init__()
        self._views, self._background = views, background
        self._generator: torch.Generator | None = None
        self.code = PiecewiseLinearCode(edges)
        self.ensemble = MLPEnsemble(self.code.out_features, n_members, width, dropout)

    def forward(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits of training pairs and of background pairs that were drawn beside them."""
        if not self.training:
            return self.score(self._views[0, rows]), self._views.new_empty(0, self.ensemble.n_members)
        view = self._draw(len(self._views), len(rows))
        evidence = self._views[view, rows]
        if len(self._background):
            drawn = self._draw(len(self._background), max(len(rows) // 4, 1))
            evidence = torch.cat([evidence, self._background[drawn]])
        logits = self.score(evidence)
        return logits[: len(rows)], logits[len(rows) :]

    def score(self, evidence: Tensor) -> Tensor:
        """Return the logits of all members, shape (n, n_members)."""
        return self.ensemble(self.code(evidence))

    def set_generator(self, generator: torch.Generator | None) -> None:
        """Choose where views, background and dropout are drawn from."""
        self._generator = self.ensemble.dropout.generator = generator

    def freeze(self) -> None:
        """Let go of the training pairs; from here on it computes in double precision."""
        self.eval().to(double_device(next(self.parameters()).device)).double()
        self._views = self._background = torch.empty(0)

    def _draw(self, high: int, n: int) -> Tensor:
        drawn = torch.empty(n, dtype=torch.int64, device=self._views.device)
        return drawn.random_(high, generator=self._generator)


class EvidenceLoss(nn.Module):
    """Weighted cross-entropy of each member; that of the background, as negatives, has its own weight."""

    def __init__(self, background_weight: float = 0.0) -> None:
        super().__init__()
        self.background_weight = background_weight

    def forward(self, output: tuple[Tensor, Tensor], target: Tensor) -> Tensor:
        """Compute the loss of a batch; `output` as of `EvidenceTerm`, `target` of label and weight."""
        logits, background = output
        labels, weights = (column.unsqueeze(1).expand_as(logits) for column in target.unbind(dim=1))
        loss = F.binary_cross_entropy_with_logits(logits, labels, weight=weights)
        if len(background):
            loss = loss + self.background_weight * F.softplus(background).mean()
        return loss
