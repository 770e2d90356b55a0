"""What the classifier gives of its network besides scores: embeddings of pairs and of RNAs."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted
from skorch import NeuralNet

from sklearn_mferl.models.base import PairClassifier
from sklearn_mferl.models.training_data import TableScaler
from sklearn_mferl.network.encoding import (
    LAYERS,
    check_layer,
    encode_nodes,
    encode_sides,
    find_rows,
    join_pairs,
    read_ids,
)
from sklearn_mferl.pairs import PairTable
from sklearn_mferl.utils.validation import SIDES, normalize_sequence


class EmbeddingClassifier(ClassNamePrefixFeaturesOutMixin, TransformerMixin, PairClassifier):
    """A classifier of pairs by a network: the methods that read the layers of this."""

    net_: NeuralNet
    scalers_: dict[str, TableScaler]

    def transform(self, X: Any) -> NDArray[np.float64]:
        r"""Return the embeddings of pairs that the head of the network reads, :math:`M_i \odot C_j`.

        The head is linear in them: ``transform(X) @ net_.module_.head.linear.weight`` plus its bias is the
        logit of the network, before evidence, calibration and `prevalence`.

        Parameters
        ----------
        X : as in `fit`

        Returns
        -------
        ndarray of float64, shape (n_pairs, width)
            Three filters of `embedding_dim` columns; without `convolution`, `embedding_dim` columns for each
            part that is switched on.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn_mferl import MFERLClassifier
        >>> X, y = np.eye(8), np.arange(8) % 2
        >>> MFERLClassifier(embedding_dim=4, max_epochs=1).fit(X, y).transform(X).shape
        (8, 12)
        """
        return self.embed_pairs(X)

    def embed_pairs(self, X: Any, layer: str = "final") -> NDArray[np.float64]:
        """Return the embeddings of pairs at a layer: the element-wise product of those of the two RNAs.

        Parameters
        ----------
        X : as in `fit`
        layer : {"final", "initial", "attention"}, default="final"
            As in `embed`; ``"final"`` is what `transform` gives.

        Returns
        -------
        ndarray of float64, shape (n_pairs, width)
        """
        self._check_embedding(layer)
        table = self._check_input(X)
        return join_pairs(encode_sides(self.net_.module_, table, self.scalers_, [layer]), table.rows, layer)

    def embed(self, side: str, ids: Any = None, X: Any = None, layer: str = "final") -> pd.DataFrame:
        """Return the embeddings of RNAs.

        Parameters
        ----------
        side : {"circrna", "mirna"}
            Which RNAs.
        ids : array-like of str, default=None
            Their ids, in the order of the result; where pairs are of sequences, the sequences. None takes all
            RNAs of training, or of `X`.
        X : as in `fit`, default=None
            Pairs with RNAs that were not in training. In a Pipeline: what the features before the
            classifier make of such pairs, ``pipeline[:-1].transform(pairs)``.
        layer : {"final", "initial", "attention"}, default="final"
            ``"final"`` is the vector *M* or *C* of Eq. 10-11; ``"initial"`` the fused projection of the
            scales, before the dual-convolutional attention (Eq. 3-6), and ``"attention"`` what comes out of
            it, both `embedding_dim` wide.

        Returns
        -------
        DataFrame, shape (n_rnas, width)
            Indexed by id. RNAs of `X` without `ids` are sorted as in its table; the distinct halves of the
            rows of a matrix are numbered.

        Raises
        ------
        ValueError
            If an id is not among the RNAs of training or of `X`, or there is no such side or layer.

        Examples
        --------
        >>> from sklearn_mferl import CTDTransformer, MFERLClassifier, PairFeatures
        >>> circrna, mirna = {"circ1": "ACGUACGUAA", "circ2": "GGGUACCA"}, {"miR-1": "UGAGGUAGUAG"}
        >>> pairs, y = [("circ1", "miR-1"), ("circ2", "miR-1")], [1, 0]
        >>> table = PairFeatures(circrna, mirna, [("ctd", CTDTransformer())]).fit_transform(pairs, y)
        >>> model = MFERLClassifier(embedding_dim=4, max_epochs=1, random_state=0).fit(table, y)
        >>> model.embed("circrna", ["circ2"]).shape
        (1, 12)
        >>> model.embed("circrna", layer="attention").index.tolist()
        ['circ1', 'circ2']
        """
        self._check_embedding(layer)
        if side not in SIDES:
            raise ValueError(f"side must be 'circrna' or 'mirna'; got {side!r}.")
        if X is None and not self._training_nodes:
            raise ValueError("This model was fitted on a matrix, whose RNAs have no ids; give X.")
        if X is None:
            names, vectors = self._training_ids[side], self._training_nodes[side][layer]
            advice = (
                "was not in training; give X with pairs that hold it, in a Pipeline "
                "X=pipeline[:-1].transform(pairs)."
            )
        else:
            table = self._check_input(X)
            nodes, used = getattr(table, side), np.unique(table.rows[:, SIDES.index(side)])
            encoded = encode_nodes(self.net_.module_, side, nodes, self.scalers_[side], [layer])
            names, vectors = nodes.ids[used], encoded[layer].cpu().numpy()[used]
            advice = "is in no pair of X."
        if ids is None:
            return pd.DataFrame(vectors, index=pd.Index(names, name=side))
        index = wanted = read_ids(ids, side)
        if hasattr(self, "features_"):  # a sequence is its own id, in any spelling
            wanted = pd.Index([normalize_sequence(rna, f"{side} {row}") for row, rna in enumerate(index)])
        return pd.DataFrame(vectors[find_rows(names, wanted, side, advice)], index=index)

    @property
    def _n_features_out(self) -> int:
        return int(self.net_.module_.head.linear.in_features)

    def _keep_training_nodes(self, table: PairTable) -> None:
        """Keep the embeddings of the training RNAs by id: a Pipeline gives `embed` nothing but ids."""
        self._training_nodes: dict[str, dict[str, NDArray[np.float64]]] = {}
        self._training_ids = {side: getattr(table, side).ids for side in SIDES} if self._has_ids else {}
        if self._has_ids:
            network = self.net_.module_
            layers = [layer for layer in LAYERS if layer != "attention" or network.has_attention]
            self._training_nodes = encode_sides(network, table, self.scalers_, layers)

    def _check_embedding(self, layer: Any) -> None:
        check_is_fitted(self)
        check_layer(layer, self.net_.module_)
