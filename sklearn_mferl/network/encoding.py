"""The vectors that the layers of the network give to RNAs and to pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from skorch.callbacks import Callback

from sklearn_mferl.network import MFERLNetwork, NodeTable
from sklearn_mferl.network.memory import SCORING_ADVICE, name_what_to_lower
from sklearn_mferl.utils.parameters import one_of
from sklearn_mferl.utils.validation import SIDES

if TYPE_CHECKING:
    from sklearn_mferl.models.training_data import LabelledPairs, TableScaler
    from sklearn_mferl.pairs import PairTable, RNATable

# Before the dual-convolutional attention, after it, and what the head reads, as attributes of `Encoding`.
_ATTRIBUTES: Final = {"initial": "initial", "attention": "attended", "final": "vectors"}
LAYERS: Final = tuple(_ATTRIBUTES)
_ENCODED_AT_ONCE: Final = 1024


class TrainingCallback(Callback):
    """A skorch callback that `MFERLClassifier` shows its training pairs before it trains."""

    def set_training_data(self, data: LabelledPairs, scalers: Mapping[str, TableScaler]) -> None:
        """Take the labelled pairs, whose row numbers the net is trained on, and what scales their tables."""
        raise NotImplementedError


def to_torch(table: RNATable, device: Any) -> NodeTable:
    """Return the blocks of a scaled table as tensors."""
    return NodeTable(
        [torch.as_tensor(block, device=device) for block in table.scales.values()],
        [torch.as_tensor(block, device=device) for block in table.propagated.values()],
    )


def as_new_to_torch(table: RNATable, scaler: TableScaler, known: NodeTable) -> NodeTable:
    """Return training RNAs as if they were new; blocks that would not differ are those of `known`."""
    cold, device = scaler.transform_cold(table), known.scales[0].device
    parts = (scaler.scales, cold.scales, known.scales), (scaler.propagated, cold.propagated, known.propagated)
    return NodeTable(
        *(
            [
                torch.as_tensor(differ[name], device=device) if name in differ else block
                for name, block in zip(names, of_known, strict=True)
            ]
            for names, differ, of_known in parts
        )
    )


def check_layer(layer: Any, network: MFERLNetwork) -> None:
    """Raise a ValueError unless the network has the layer."""
    if layer not in LAYERS:
        raise ValueError(f"layer must be {one_of(*LAYERS)}; got {layer!r}.")
    if layer == "attention" and not network.has_attention:
        raise ValueError("layer='attention' needs a network with attention; this one has attention=None.")


@name_what_to_lower("encoding RNAs", SCORING_ADVICE)
def encode_nodes(
    network: MFERLNetwork,
    side: str,
    table: RNATable,
    scaler: TableScaler,
    layers: Sequence[str] = ("final",),
) -> dict[str, torch.Tensor]:
    """Encode RNAs, known or new, with a frozen network."""
    device = next(network.parameters()).device
    # a kernel along the nodes needs all of them at once
    step = max(len(table), 1) if network.depends_on_order else _ENCODED_AT_ONCE
    blocks: dict[str, list[torch.Tensor]] = {layer: [] for layer in layers}
    with torch.inference_mode():
        for start in range(0, len(table), step):
            block = table.take(np.arange(start, min(start + step, len(table))))
            encoding = network.encode(side, to_torch(scaler.transform(block), device).double())
            for layer, vectors in blocks.items():
                vectors.append(getattr(encoding, _ATTRIBUTES[layer]))
        return {layer: torch.cat(vectors) for layer, vectors in blocks.items()}


def encode_sides(
    network: MFERLNetwork,
    table: PairTable,
    scalers: Mapping[str, TableScaler],
    layers: Sequence[str],
) -> dict[str, dict[str, NDArray[np.float64]]]:
    """Encode the RNAs of both sides: an array by side and layer."""
    nodes = {}
    for side in SIDES:
        encoded = encode_nodes(network, side, getattr(table, side), scalers[side], layers)
        nodes[side] = {layer: vectors.cpu().numpy() for layer, vectors in encoded.items()}
    return nodes


def join_pairs(
    nodes: Mapping[str, Mapping[str, NDArray[Any]]], rows: NDArray[np.int64], layer: str
) -> NDArray[Any]:
    """Return the element-wise products of the two ends of pairs, shape (n_pairs, width)."""
    return nodes["circrna"][layer][rows[:, 0]] * nodes["mirna"][layer][rows[:, 1]]


def read_ids(ids: Any, side: str) -> pd.Index:
    """Return ids as an index named after their side."""
    if isinstance(ids, str):
        raise ValueError(f"ids must be a collection of ids; for a single one give [{ids!r}].")
    return pd.Index(np.asarray(ids, dtype=object), name=side)


def find_rows(names: Any, ids: pd.Index, side: str, advice: str) -> NDArray[np.int64]:
    """Return the row of each id among names; `advice` ends the error about one that is not there."""
    rows = pd.Index(names).get_indexer(ids)
    if (rows < 0).any():
        raise ValueError(f"The {side} {ids[rows < 0][0]!r} {advice}")
    return rows
