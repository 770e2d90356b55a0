"""What the layers of the network make of pairs while it is trained."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d

from sklearn_mferl.models import find_network
from sklearn_mferl.models.training_data import LabelledPairs, TableScaler
from sklearn_mferl.network.encoding import (
    LAYERS,
    TrainingCallback,
    check_layer,
    encode_sides,
    find_rows,
    join_pairs,
)
from sklearn_mferl.pairs import PairTable
from sklearn_mferl.utils.validation import SIDES, check_pairs


class EmbeddingSnapshots(TrainingCallback):
    """Keep the embeddings of RNAs and pairs at chosen epochs: a callback of `MFERLClassifier`.

    The publication's Fig. 5 shows such embeddings. `fit` trains a copy of the callback, as of any other
    parameter: `EmbeddingSnapshots.of` takes it out of the fitted model. Snapshots are taken from a copy of
    the network, so that training is the same with and without them. The fit of `calibrate` on a part of the
    pairs takes none.

    Parameters
    ----------
    epochs : sequence of int, default=(1, 5, 10, 20)
        After which epochs; 0 is the network before training. Epochs that training does not reach are left
        out.
    layers : sequence of {"initial", "attention", "final"}, default=("initial", "attention", "final")
        As in `MFERLClassifier.embed`.
    pairs : PairTable, pairs of ids or None, default=None
        The pairs. None takes those of training, the ones held out for early stopping too; ids name RNAs of
        training.
    y : array-like, shape (n_pairs,), default=None
        The labels of `pairs`.

    Attributes
    ----------
    snapshots_ : dict of int to dict of str to ndarray of float32, shape (n_pairs, width)
        By epoch and layer, the element-wise products of the embeddings of the two RNAs, made anew each time
        they are asked for. Training pairs are without repetition, in a fixed order that is not that of the
        rows given to `fit`: see `pairs_`.
    nodes_ : dict of int to dict of str to dict of str to ndarray of float32, shape (n_rnas, width)
        By epoch, side and layer, the embeddings of the RNAs in `ids_`.
    outputs_ : dict of int to ndarray of float64, shape (n_pairs,)
        By epoch, the logits of the network.
    labels_ : ndarray, shape (n_pairs,), or None
        The labels: of training pairs 1 for the second of the model's `classes_` and 0 for the first.
    ids_ : dict of {"circrna", "mirna"} to ndarray of object, shape (n_rnas,)
        The RNAs of each side.
    rows_ : ndarray of int64, shape (n_pairs, 2)
        The circRNA and the miRNA of each pair, as rows of `ids_`.

    Raises
    ------
    ValueError
        In `fit`: if a parameter is out of range, an id was not in training, or the network has no attention
        to keep.

    See Also
    --------
    embedding_maps : Snapshots in two dimensions, and in numbers.

    Examples
    --------
    >>> from sklearn_mferl import KmerTransformer, MFERLClassifier, PairFeatures
    >>> from sklearn_mferl.datasets import make_cmi
    >>> from sklearn_mferl.inspection import EmbeddingSnapshots
    >>> from sklearn_mferl.model_selection import labelled_pairs
    >>> data = make_cmi(20, 8, random_state=0)
    >>> pairs, y = labelled_pairs(data.pairs, random_state=0)
    >>> table = PairFeatures(data.circrna, data.mirna, [("kmer", KmerTransformer(k=2))]).fit_transform(pairs)
    >>> callbacks = [EmbeddingSnapshots(epochs=(0, 2))]
    >>> model = MFERLClassifier(embedding_dim=4, max_epochs=2, callbacks=callbacks, random_state=0)
    >>> snapshots = EmbeddingSnapshots.of(model.fit(table, y))
    >>> {epoch: list(layers) for epoch, layers in snapshots.snapshots_.items()}
    {0: ['initial', 'attention', 'final'], 2: ['initial', 'attention', 'final']}
    >>> snapshots.snapshots_[2]["attention"].shape == (len(snapshots.labels_), 4)
    True
    """

    def __init__(
        self,
        epochs: Sequence[int] = (1, 5, 10, 20),
        layers: Sequence[str] = LAYERS,
        pairs: Any = None,
        y: Any = None,
    ) -> None:
        self.epochs = epochs
        self.layers = layers
        self.pairs = pairs
        self.y = y

    @classmethod
    def of(cls, model: Any) -> Self:
        """Return the snapshots of a fitted model.

        Parameters
        ----------
        model : MFERLClassifier, or Pipeline that ends in one
            Fitted with an `EmbeddingSnapshots` among its `callbacks`.

        Raises
        ------
        ValueError
            If the model has none, or more than one.
        """
        model = model[-1] if isinstance(model, Pipeline) else model
        check_is_fitted(model)
        network = find_network(model)
        callbacks = [] if network is None else network.net_.callbacks_
        found = [callback for _, callback in callbacks if isinstance(callback, cls)]
        if len(found) != 1:
            raise ValueError(
                f"The model was fitted with {len(found)} EmbeddingSnapshots; give one to "
                "MFERLClassifier(callbacks=[EmbeddingSnapshots()])."
            )
        return found[0]

    @property
    def snapshots_(self) -> dict[int, dict[str, NDArray[np.float32]]]:
        """By epoch and layer, the embeddings of the pairs."""
        return {
            epoch: {layer: self.embed_pairs(epoch, layer) for layer in self.layers} for epoch in self.nodes_
        }

    @property
    def pairs_(self) -> pd.DataFrame:
        """The ids of the pairs, columns ``circrna`` and ``mirna``."""
        return pd.DataFrame({side: self.ids_[side][self.rows_[:, i]] for i, side in enumerate(SIDES)})

    def embed_pairs(self, epoch: int, layer: str = "final") -> NDArray[np.float32]:
        """Return the embeddings of the pairs at one epoch and layer.

        Parameters
        ----------
        epoch : int
            One of the epochs kept, the keys of `nodes_`.
        layer : {"final", "initial", "attention"}, default="final"
            One of `layers`.

        Returns
        -------
        ndarray of float32, shape (n_pairs, width)

        Raises
        ------
        ValueError
            If the epoch or layer was not kept.
        """
        if epoch not in self.nodes_ or layer not in self.layers:
            raise ValueError(
                f"There is no snapshot of epoch {epoch!r}, layer {layer!r}; kept are the epochs "
                f"{list(self.nodes_)} and the layers {list(self.layers)}."
            )
        return join_pairs(self.nodes_[epoch], self.rows_, layer)

    def set_training_data(self, data: LabelledPairs, scalers: Mapping[str, TableScaler]) -> None:
        """Take the training pairs; `MFERLClassifier` calls this before it trains.

        Parameters
        ----------
        data : LabelledPairs
        scalers : mapping of {"circrna", "mirna"} to TableScaler
        """
        self._check_parameters()
        table = data.table if self.pairs is None else _find_pairs(self.pairs, data.table)
        labels = self.y if self.pairs is not None else data.target[:, 0].astype(np.int64)
        if labels is not None:
            labels = column_or_1d(labels)
            check_consistent_length(labels, table.rows)
        # skorch takes attributes without a final underscore for parameters
        self._table_, self._scalers_ = table, scalers
        self.labels_, self.rows_ = labels, table.rows
        self.ids_ = {side: getattr(table, side).ids for side in SIDES}
        self.nodes_: dict[int, dict[str, dict[str, NDArray[np.float32]]]] = {}
        self.outputs_: dict[int, NDArray[np.float64]] = {}

    def on_train_begin(self, net: Any, **kwargs: Any) -> None:
        """Take the snapshot of the network before training; skorch calls this.

        Parameters
        ----------
        net, **kwargs : as skorch gives them
        """
        if not hasattr(self, "_table_"):
            raise RuntimeError("EmbeddingSnapshots is a callback of MFERLClassifier, not of other nets.")
        for layer in self.layers:
            check_layer(layer, net.module_)
        self._take(net, 0)

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        """Take the snapshot of an epoch; skorch calls this.

        Parameters
        ----------
        net, **kwargs : as skorch gives them
        """
        self._take(net, net.history[-1]["epoch"])

    def on_train_end(self, net: Any, **kwargs: Any) -> None:
        """Let go of the training tables; skorch calls this.

        Parameters
        ----------
        net, **kwargs : as skorch gives them
        """
        del self._table_, self._scalers_

    def _take(self, net: Any, epoch: int) -> None:
        if epoch not in self.epochs:
            return
        network = net.module_.frozen_copy()
        layers = list({*self.layers, "final"})  # the head reads the final one
        nodes = encode_sides(network, self._table_, self._scalers_, layers)
        head = network.head.linear
        with torch.inference_mode():
            products = torch.as_tensor(join_pairs(nodes, self.rows_, "final"), device=head.weight.device)
            self.outputs_[epoch] = head(products).squeeze(1).cpu().numpy()
        self.nodes_[epoch] = {
            side: {layer: vectors[layer].astype(np.float32) for layer in self.layers}
            for side, vectors in nodes.items()
        }

    def _check_parameters(self) -> None:
        epochs = list(self.epochs) if isinstance(self.epochs, Sequence) else []
        if not epochs or not all(isinstance(epoch, (int, np.integer)) and epoch >= 0 for epoch in epochs):
            raise ValueError(f"epochs must be whole numbers of at least 0; got {self.epochs!r}.")
        layers = [] if isinstance(self.layers, str) else list(self.layers)
        if not layers or not set(layers) <= set(LAYERS):
            raise ValueError(f"layers must be some of {LAYERS}; got {self.layers!r}.")
        if self.pairs is None and self.y is not None:
            raise ValueError("y are the labels of pairs; give pairs, too.")


def _find_pairs(pairs: Any, training: PairTable) -> PairTable:
    """Return pairs of ids as pairs of training RNAs, and a table of pairs as it is."""
    if isinstance(pairs, PairTable):
        return pairs
    advice = "was not in training; leave its pairs out, or give pairs as a PairTable."
    rows = [
        find_rows(getattr(training, side).ids, pd.Index(ids), side, advice)
        for side, ids in zip(SIDES, check_pairs(pairs).T, strict=True)
    ]
    return PairTable(training.circrna, training.mirna, np.column_stack(rows))
