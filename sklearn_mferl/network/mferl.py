"""The whole network: tables of two kinds of RNA in, logits of pairs out."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple, Self, cast

import torch
from torch import Tensor, nn

from sklearn_mferl.network.attention import DualConvolutionalAttention, Kernel
from sklearn_mferl.network.bilinear import SIDES, BilinearInteraction
from sklearn_mferl.network.head import InteractionHead, ViewConvolution
from sklearn_mferl.network.homogeneous import HomogeneousAggregation
from sklearn_mferl.network.loss import info_nce
from sklearn_mferl.network.net import Dropout

Order = Literal["aggregate_first", "fuse_first"]


class NodeTable(NamedTuple):
    """The scales of the RNAs of one side.

    Attributes
    ----------
    scales : list of Tensor, each of shape (n_nodes, p_s)
        The raw scales.
    propagated : list of Tensor, each of shape (n_nodes, p_s)
        Scales other than similarity, propagated once over the homogeneous graph; may be empty.
    """

    scales: list[Tensor]
    propagated: list[Tensor]

    def double(self) -> NodeTable:
        """Return the table in double precision, on the processor where its device has none.

        Returns
        -------
        NodeTable
        """
        scales, propagated = ([t.to(double_device(t.device), torch.float64) for t in part] for part in self)
        return NodeTable(scales, propagated)

    def widths(self) -> tuple[list[int], list[int]]:
        """Count the columns.

        Returns
        -------
        tuple of two lists of int
            Widths of the raw and of the propagated scales.
        """
        return [table.shape[1] for table in self.scales], [table.shape[1] for table in self.propagated]


def double_device(device: torch.device) -> torch.device:
    """Return the device to compute on in double precision: Apple's GPUs have none, the processor has."""
    return torch.device("cpu") if device.type == "mps" else device


class Context(NamedTuple):
    """What a node must know of the reference nodes, so that it does not depend on those it is encoded with.

    Attributes
    ----------
    channel_weights : Tensor, shape (S, 1, 1)
        Channel attention of the own side (Eq. 5); empty without attention.
    gram : Tensor, shape (d, d)
        Summary of the other side (Eq. 7); empty without the bilinear part.
    mean_weight : Tensor, shape (d,)
        Its second part.
    """

    channel_weights: Tensor
    gram: Tensor
    mean_weight: Tensor


class Encoding(NamedTuple):
    """Encoded nodes of one side.

    Attributes
    ----------
    vectors : Tensor, shape (n_nodes, width)
        *M* or *C* of Eq. 10-11.
    views : list of Tensor, each of shape (n_nodes, d)
        Homogeneous, attended and heterogeneous embeddings, as far as they are switched on.
    initial : Tensor, shape (n_nodes, d)
        Fused projection of the original scales.
    attended : Tensor of shape (n_nodes, d), or None
        The attended one of the views; None without attention.
    """

    vectors: Tensor
    views: list[Tensor]
    initial: Tensor
    attended: Tensor | None


class Projection(NamedTuple):
    """Projected scales of nodes."""

    stack: Tensor  # shape (S, n_nodes, d)
    initial: Tensor  # what they are fused to, the initial embedding *h*, shape (n_nodes, d)


class SideEncoder(nn.Module):
    """Everything that one side does on its own: projections, aggregation, attention, convolution."""

    def __init__(
        self,
        scale_widths: list[int],
        propagated_widths: list[int],
        embedding_dim: int,
        dropout: float,
        homogeneous: Order | None,
        attention: Kernel | None,
        bilinear: bool,
        convolution: bool,
    ) -> None:
        super().__init__()
        n_scales = len(scale_widths)
        self.projections = nn.ModuleList(nn.Linear(width, embedding_dim) for width in scale_widths)
        self.dropout = Dropout(dropout)
        self.fuse = nn.Linear(n_scales * embedding_dim, embedding_dim)
        self.homogeneous = (
            HomogeneousAggregation(propagated_widths, embedding_dim, homogeneous == "fuse_first")
            if homogeneous and propagated_widths
            else None
        )
        self.attention = DualConvolutionalAttention(n_scales, embedding_dim, attention) if attention else None
        n_views = max((self.homogeneous is not None) + (self.attention is not None) + bool(bilinear), 1)
        self.convolution = ViewConvolution(n_views) if convolution else None
        self.out_features = (self.convolution.n_filters if self.convolution else n_views) * embedding_dim

    def project(self, scales: list[Tensor]) -> Projection:
        """Project each scale, and fuse them to the initial embedding."""
        parts = zip(self.projections, scales, strict=True)
        stack = torch.stack([self.dropout(project(scale)) for project, scale in parts])
        return Projection(stack, self.fuse(stack.permute(1, 0, 2).flatten(start_dim=1)))

    def join(self, views: list[Tensor]) -> Tensor:
        """Join the views to the node vectors (Eq. 10-11), shape (n_nodes, out_features)."""
        return self.convolution(views) if self.convolution else torch.cat(views, dim=1)


class MFERLNetwork(nn.Module):
    """MFERL (Eq. 1-12).

    Training sees the tables of the training RNAs, the reference nodes, and encodes each of them once a
    step. Afterwards `freeze` keeps what other nodes need to know of them, so that an RNA is encoded the
    same way whether it was a reference node or is new, alone or among others.

    Parameters
    ----------
    circrna, mirna : NodeTable
        Tables of the reference nodes. They are not part of the state that is saved.
    embedding_dim, dropout, temperature, contrastive_balance, homogeneous, attention, bilinear, convolution
        As in `sklearn_mferl.MFERLClassifier`. Without the convolution the views are concatenated.
    contrastive : bool, default=True
        Whether `forward` computes the contrastive loss (Eq. 8-9).
    cold : mapping of {"circrna", "mirna"} to NodeTable, default=None
        The reference nodes as each would look if it were new; blocks that would not differ are the same
        objects.
    new_share : float, default=0.0
        Share of the reference nodes that a step of training sees that way.
    """

    def __init__(
        self,
        circrna: NodeTable,
        mirna: NodeTable,
        *,
        embedding_dim: int = 128,
        dropout: float = 0.5,
        temperature: float = 0.1,
        contrastive_balance: float = 1.0,
        homogeneous: Order | None = "aggregate_first",
        attention: Kernel | None = "feature",
        bilinear: bool = True,
        convolution: bool = True,
        contrastive: bool = True,
        cold: Mapping[str, NodeTable] | None = None,
        new_share: float = 0.0,
    ) -> None:
        super().__init__()
        self._cold = cold or {}
        self.new_share = new_share
        self._generator: torch.Generator | None = None
        self.temperature = temperature
        self.contrastive_balance = contrastive_balance
        self.contrastive = contrastive
        self._tables = {"circrna": circrna, "mirna": mirna}
        self.encoders = nn.ModuleDict(
            {
                side: SideEncoder(
                    *table.widths(), embedding_dim, dropout, homogeneous, attention, bilinear, convolution
                )
                for side, table in self._tables.items()
            }
        )
        self.bilinear = BilinearInteraction(embedding_dim) if bilinear else None
        widths = {self._encoder(side).out_features for side in SIDES}
        if len(widths) != 1:
            raise ValueError(
                "Both sides need the same views: one has a homogeneous graph, the other has none."
            )
        self.head = InteractionHead(widths.pop())
        self._contexts: dict[str, Context] | None = None

    @property
    def has_attention(self) -> bool:
        """Whether there is dual-convolutional attention."""
        return self._encoder(SIDES[0]).attention is not None

    @property
    def _nodes_are_independent(self) -> bool:
        """Whether a node is encoded without the others: attention and interaction sum over them."""
        return self.bilinear is None and not self.has_attention

    @property
    def depends_on_order(self) -> bool:
        """Whether a node is encoded by the order of the others: the attention convolves along the nodes."""
        attention = self._encoder(SIDES[0]).attention
        return attention is not None and attention.spatial.convolution.kernel_size[0] > 1

    def forward(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Score pairs of reference nodes.

        Parameters
        ----------
        rows : Tensor of int64, shape (n_pairs, 2)
            Row of the circRNA and of the miRNA in the reference tables.

        Returns
        -------
        logits : Tensor, shape (n_pairs,)
        contrastive : Tensor, scalar
            Contrastive loss (Eq. 8-9), summed over the distinct nodes of the pairs; 0 in evaluation.
        """
        encodings, rows = self._encode_reference(rows)
        logits = self.head(encodings["circrna"].vectors[rows[:, 0]], encodings["mirna"].vectors[rows[:, 1]])
        contrastive = logits.new_zeros(())
        if self.contrastive and self.training:
            for column, (side, weight) in enumerate(zip(SIDES, (self.contrastive_balance, 1.0), strict=True)):
                nodes = rows[:, column].unique()
                initial = encodings[side].initial[nodes]
                for view in encodings[side].views:
                    contrastive = contrastive + weight * info_nce(view[nodes], initial, self.temperature)
        return logits, contrastive

    def encode(self, side: str, table: NodeTable) -> Encoding:
        """Encode any RNAs of one side, known or new, against the frozen reference.

        Parameters
        ----------
        side : {"circrna", "mirna"}
        table : NodeTable

        Returns
        -------
        Encoding
        """
        if self._contexts is None:
            raise RuntimeError("Call freeze() before encoding.")
        projected = self._encoder(side).project(table.scales)
        return self._encode(side, table, projected, self._contexts[side])

    def set_generator(self, generator: torch.Generator | None) -> None:
        """Choose where dropout draws from.

        Parameters
        ----------
        generator : torch.Generator or None
            On the device of the network; None is torch's own generator, which all threads share.
        """
        self._generator = generator
        for module in self.modules():
            if isinstance(module, Dropout):
                module.generator = generator

    def freeze(self) -> None:
        """Keep the context of the reference nodes and let go of their tables.

        From here on the network computes in double precision: rounding in single precision depends on
        how many RNAs are encoded together, and a score must not. It leaves a device that has none.
        """
        self.eval().to(double_device(next(self.parameters()).device)).double()
        if self._nodes_are_independent:
            empty = torch.empty(0)
            self._contexts = dict.fromkeys(SIDES, Context(empty, empty, empty))
        else:
            tables = {side: table.double() for side, table in self._tables.items()}
            with torch.no_grad():
                self._contexts = self._reference_contexts(self._project_reference(tables))
        self._tables = self._cold = {}

    def frozen_copy(self) -> MFERLNetwork:
        """Return a frozen copy, and leave this network as it is: it may be in training.

        Returns
        -------
        MFERLNetwork
        """
        # freeze does not write to the tables, and draws no numbers
        shared = {id(part): part for part in (self._tables, self._cold, self._generator)}
        copied = copy.deepcopy(self, shared)
        copied.freeze()
        return copied

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        # what is kept of the reference nodes moves between devices with the weights, as by ``cpu()``
        super()._apply(fn, recurse)
        if self._contexts is not None:
            self._contexts = {side: Context(*map(fn, context)) for side, context in self._contexts.items()}
        return self

    def _encoder(self, side: str) -> SideEncoder:
        return cast(SideEncoder, self.encoders[side])

    def _encode_reference(self, rows: Tensor) -> tuple[dict[str, Encoding], Tensor]:
        """Encode the reference nodes, and say which of them each pair is of.

        Where nodes are independent, those that are in no pair are left out.
        """
        nodes: list[Tensor] | None = None
        if self._nodes_are_independent:
            found = [column.unique(return_inverse=True) for column in rows.T]
            nodes, rows = [each for each, _ in found], torch.stack([place for _, place in found], dim=1)
        tables = {side: self._show(side, nodes[i] if nodes else None) for i, side in enumerate(SIDES)}
        projected = self._project_reference(tables)
        contexts = self._reference_contexts(projected)
        encodings = {}
        for side in SIDES:
            encodings[side] = self._encode(side, tables[side], projected[side], contexts[side])
        return encodings, rows

    def _show(self, side: str, nodes: Tensor | None) -> NodeTable:
        """Return reference nodes of a side, all for None; in training, some as they would look if new."""
        known, cold = self._tables[side], self._cold.get(side)
        n_nodes, device = len(known.scales[0]) if nodes is None else len(nodes), known.scales[0].device
        is_new = None
        if self.training and self.new_share and cold:
            is_new = torch.rand(n_nodes, 1, generator=self._generator, device=device) < self.new_share

        def take(block: Tensor, as_new: Tensor) -> Tensor:
            if is_new is None or as_new is block:
                return block if nodes is None else block[nodes]
            if nodes is None:
                return torch.where(is_new, as_new, block)
            rows = block[nodes]
            rows[is_new[:, 0]] = as_new[nodes[is_new[:, 0]]]
            return rows

        return NodeTable(
            *(list(map(take, blocks, as_new)) for blocks, as_new in zip(known, cold or known, strict=True))
        )

    def _project_reference(self, tables: Mapping[str, NodeTable]) -> dict[str, Projection]:
        return {side: self._encoder(side).project(tables[side].scales) for side in SIDES}

    def _reference_contexts(self, projected: Mapping[str, Projection]) -> dict[str, Context]:
        contexts = {}
        for side, other in (SIDES, SIDES[::-1]):
            attention = self._encoder(side).attention
            stack, initial = projected[side].stack, projected[other].initial
            empty = initial.new_empty(0)
            contexts[side] = Context(
                attention.channel(stack) if attention else empty,
                *(self.bilinear.summarize(other, initial) if self.bilinear else (empty, empty)),
            )
        return contexts

    def _encode(self, side: str, table: NodeTable, projected: Projection, context: Context) -> Encoding:
        encoder, (stack, initial) = self._encoder(side), projected
        views = []
        attended = encoder.attention(stack, context.channel_weights) if encoder.attention else None
        if encoder.homogeneous:
            views.append(encoder.homogeneous(table.propagated))
        if attended is not None:
            views.append(attended)
        if self.bilinear:
            views.append(self.bilinear(side, initial, context.gram, context.mean_weight))
        views = views or [initial]
        return Encoding(encoder.join(views), views, initial, attended)
