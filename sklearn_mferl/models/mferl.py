"""The scikit-learn face of the network."""

import math
from numbers import Integral, Real
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import train_test_split
from sklearn.utils import compute_class_weight
from sklearn.utils._param_validation import Interval, StrOptions
from skorch.callbacks import EarlyStopping
from skorch.dataset import Dataset
from skorch.helper import predefined_split
from skorch.utils import noop

from sklearn_mferl.models.base import AdamWTraining
from sklearn_mferl.models.embedding import EmbeddingClassifier
from sklearn_mferl.models.training_data import LabelledPairs, TableScaler, split_columns
from sklearn_mferl.network import MFERLLoss, MFERLNetwork
from sklearn_mferl.network.devices import resolve_device, warn_if_gpu_is_shared
from sklearn_mferl.network.encoding import TrainingCallback, as_new_to_torch, encode_nodes, to_torch
from sklearn_mferl.network.memory import FIT_ADVICE, SCORING_ADVICE, describe_fit, name_what_to_lower
from sklearn_mferl.network.net import MFERLNet, one_cycle
from sklearn_mferl.pairs import PairFeatures, PairTable
from sklearn_mferl.utils.validation import SIDES

_LARGEST_BATCH = 1024
_STEPS_AN_EPOCH = 12
_SCORED_AT_ONCE = 65536


class MFERLClassifier(EmbeddingClassifier):
    """Multi-scale feature learning for circRNA–miRNA interactions (MFERL).

    The network encodes each RNA from its scales in three ways (aggregation over similar RNAs,
    dual-convolutional attention across the scales, bilinear interaction with the other kind), and scores
    a pair from the product of its two vectors. Training is skorch's; see `MFERLNetwork` for the parts.

    Parameters
    ----------
    embedding_dim : int, default=128
        Width *d* of the embeddings, at least 1.
    lr : float, default=0.01
        Learning rate of Adam, > 0; the peak of the schedule.
    max_epochs : int, default=20
        Passes over the training pairs, at least 1.
    batch_size : int or "auto", default="auto"
        Pairs a step; ``"auto"`` makes at least 12 steps an epoch, of at most 1024 pairs. Every training
        RNA is encoded once a step, whatever the number of pairs.
    temperature : float, default=0.1
        τ of the contrastive loss (Eq. 8), > 0.
    contrastive_weight : float, default=1e-5
        λ1, weight of the contrastive loss (Eq. 14); 0 switches it off.
    contrastive_balance : float, default=1.0
        α, weight of the circRNAs' part of it beside the miRNAs' (Eq. 9).
    weight_decay : float, default=1e-5
        L2 penalty (Eq. 14), ≥ 0.
    dropout : float, default=0.5
        Share of the projected scales dropped in training, in [0, 1).
    homogeneous : {"aggregate_first", "fuse_first"} or None, default="aggregate_first"
        Aggregation over similar RNAs (Eq. 1-2); ``"fuse_first"`` fuses the scales first.
    attention : {"feature", "node"} or None, default="feature"
        Dual-convolutional attention (Eq. 3-6). ``"node"`` is the publication's kernel, with which scores
        depend on the order of the RNAs.
    bilinear : bool, default=True
        Bilinear interaction (Eq. 7).
    convolution : bool, default=True
        1-D CNN over the three (Eq. 10-11).
    new_share : float, default=0.0
        Share of the RNAs, in [0, 1], that a step of training shows as if they were new: without known
        interactions and not among those that others are compared with. 0 is the publication's training.
    lr_schedule : {"one_cycle", "constant"}, default="one_cycle"
        ``"one_cycle"`` warms up over a tenth of the steps, then anneals to zero.
    early_stopping : bool, default=False
        Whether to hold out pairs and stop, with the best weights, once their loss does not fall any more.
    validation_fraction : float, default=0.1
        Share of the pairs held out for it, in (0, 1).
    n_iter_no_change : int, default=5
        Epochs without improvement before it stops.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, as in scikit-learn.
    callbacks : list or None, default=None
        Further skorch callbacks, such as `inspection.EmbeddingSnapshots`; fit clones them.
    prevalence : float or None, default=None
        Share of interactions among the pairs to be scored, in (0, 1), for `predict_proba` and `predict`;
        None takes that of the training pairs. Among all pairs of a laboratory's lists it is far lower
        than among balanced training pairs. May be set on a fitted model.
    n_circrna_features : int or None, default=None
        Where X is a numeric matrix: how many of its first columns describe the circRNA. None: half.
    device : str, default="auto"
        Torch device; ``"auto"`` takes a GPU where there is one. The features of the training RNAs are put on
        it once a fit, and a batch is row numbers of them.
    mixed_precision : bool, default=False
        Whether the large products of a training step are in bfloat16 (`torch.autocast`), where the processor
        or the GPU is fast at them. Scores are computed in double precision in any case.
    compile : bool, default=False
        Whether to train with a network compiled by `torch.compile`, which needs a C++ compiler and takes
        a minute beforehand. Leave it off on a processor, where steps are no faster for it.
    random_state : int, RandomState instance or None, default=None
        Seeds initial weights, dropout, batches, the validation split and the default features.
    verbose : int, default=0
        1 prints skorch's table of epochs.

    Attributes
    ----------
    classes_ : ndarray, shape (2,)
        The labels; the second is the positive one.
    n_features_in_ : int
        2 for pairs, the number of columns for a numeric matrix.
    net_ : skorch.NeuralNet
        The trained net.
    history_ : skorch.history.History
        Losses and times by epoch.
    training_prevalence_ : float
        Share of interactions, by weight, among the training pairs.
    features_ : PairFeatures
        The default features, where X was pairs of sequences.
    scalers_ : dict of {"circrna", "mirna"} to TableScaler
        Means and deviations of the training RNAs.

    Raises
    ------
    ValueError
        If the labels are not two classes, a parameter is out of range, or X is none of the accepted forms.
    MemoryError
        If training or scoring does not fit in the memory of the device; the message names the parameters to
        lower.

    Warns
    -----
    UserWarning
        If several fits at the same time, as of ``GridSearchCV(n_jobs=2)``, train on one GPU.

    See Also
    --------
    PairFeatures : Computes the features of pairs given by ids.
    make_mferl_pipeline : Both in one pipeline.

    Notes
    -----
    The score of a pair does not depend on the pairs it is scored with, nor the fit on the order of the
    pairs (but for ``attention="node"``). A pair given twice counts as one of twice the weight.

    References
    ----------
    Peng L, Wang W, Yang Z, et al. Leveraging explainable multi-scale features for fine-grained
    circRNA-miRNA interaction prediction. BMC Biology 23, 121 (2025).

    Examples
    --------
    >>> from sklearn_mferl import MFERLClassifier
    >>> from sklearn_mferl.datasets import make_cmi
    >>> from sklearn_mferl.model_selection import labelled_pairs
    >>> from sklearn_mferl import KmerTransformer, PairFeatures
    >>> data = make_cmi(30, 12, random_state=0)
    >>> pairs, y = labelled_pairs(data.pairs, random_state=0)
    >>> table = PairFeatures(data.circrna, data.mirna, [("kmer", KmerTransformer())]).fit_transform(pairs)
    >>> model = MFERLClassifier(embedding_dim=8, max_epochs=2, random_state=0).fit(table, y)
    >>> model.predict_proba(table).shape == (len(y), 2)
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **AdamWTraining._training_constraints,
        "embedding_dim": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "temperature": [Interval(Real, 0, None, closed="neither")],
        "contrastive_weight": [Interval(Real, 0, None, closed="left")],
        "contrastive_balance": [Interval(Real, 0, None, closed="left")],
        "homogeneous": [StrOptions({"aggregate_first", "fuse_first"}), None],
        "attention": [StrOptions({"feature", "node"}), None],
        "bilinear": ["boolean"],
        "convolution": ["boolean"],
        "new_share": [Interval(Real, 0, 1, closed="both")],
        "lr_schedule": [StrOptions({"one_cycle", "constant"})],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "callbacks": [list, None],
        "n_circrna_features": [Integral, None],
        "mixed_precision": ["boolean"],
        "compile": ["boolean"],
    }

    _n_seeds = 2

    def __init__(
        self,
        embedding_dim: int = 128,
        *,
        lr: float = 0.01,
        max_epochs: int = 20,
        batch_size: int | Literal["auto"] = "auto",
        temperature: float = 0.1,
        contrastive_weight: float = 1e-5,
        contrastive_balance: float = 1.0,
        weight_decay: float = 1e-5,
        dropout: float = 0.5,
        homogeneous: Literal["aggregate_first", "fuse_first"] | None = "aggregate_first",
        attention: Literal["feature", "node"] | None = "feature",
        bilinear: bool = True,
        convolution: bool = True,
        new_share: float = 0.0,
        lr_schedule: Literal["one_cycle", "constant"] = "one_cycle",
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 5,
        class_weight: Any = None,
        callbacks: list[Any] | None = None,
        prevalence: float | None = None,
        n_circrna_features: int | None = None,
        device: str = "auto",
        mixed_precision: bool = False,
        compile: bool = False,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.embedding_dim = embedding_dim
        self.lr = lr
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.temperature = temperature
        self.contrastive_weight = contrastive_weight
        self.contrastive_balance = contrastive_balance
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.homogeneous = homogeneous
        self.attention = attention
        self.bilinear = bilinear
        self.convolution = convolution
        self.new_share = new_share
        self.lr_schedule = lr_schedule
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.class_weight = class_weight
        self.callbacks = callbacks
        self.prevalence = prevalence
        self.n_circrna_features = n_circrna_features
        self.device = device
        self.mixed_precision = mixed_precision
        self.compile = compile
        self.random_state = random_state
        self.verbose = verbose

    def _weigh(self, labels: NDArray[np.int64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
        if isinstance(self.class_weight, str) and self.class_weight == "balanced":
            # a pair of weight 2 counts twice
            of_class = weights.sum() / (2 * np.bincount(labels, weights))
        else:
            of_class = compute_class_weight(self.class_weight, classes=self.classes_, y=self.classes_[labels])
        return weights * of_class[labels]

    def _default_features(self) -> PairFeatures:
        return PairFeatures()

    def _split_matrix(self, X: NDArray[Any]) -> PairTable:
        n_columns = self.n_features_in_ // 2 if self.n_circrna_features is None else self.n_circrna_features
        if not 0 < n_columns < self.n_features_in_:
            raise ValueError(
                f"n_circrna_features must be from 1 to {self.n_features_in_ - 1}, one less than the columns "
                f"of X; got {n_columns!r}."
            )
        return split_columns(X, n_columns)

    def _learn(self, data: LabelledPairs, seeds: list[int]) -> None:
        if not (data.table.circrna.scales and data.table.mirna.scales):
            raise ValueError(
                "These pairs have no scales for the network; give scales to PairFeatures, as by "
                "features__scales=default_scales() in a pipeline."
            )
        device = resolve_device(self.device)
        warn_if_gpu_is_shared(device)
        batch_size = self._resolve_batch_size(len(data.target))
        with name_what_to_lower(describe_fit(data.table, self.embedding_dim, batch_size), FIT_ADVICE):
            propagated = self.homogeneous is not None
            self.scalers_ = {
                side: TableScaler(getattr(data.table, side), propagated=propagated) for side in SIDES
            }
            self.net_ = self._train(data, *seeds)
        self.history_ = self.net_.history
        self._keep_training_nodes(data.table)

    def _logits(self, table: PairTable, novelty: NDArray[np.int64]) -> NDArray[np.float64]:
        network = self.net_.module_
        vectors = {
            side: encode_nodes(network, side, getattr(table, side), self.scalers_[side])["final"]
            for side in SIDES
        }
        with name_what_to_lower("scoring pairs", SCORING_ADVICE), torch.inference_mode():
            rows = torch.as_tensor(table.rows, device=vectors["circrna"].device)
            logits = [
                network.head(vectors["circrna"][block[:, 0]], vectors["mirna"][block[:, 1]])
                for block in rows.split(_SCORED_AT_ONCE)
            ]
        return torch.cat(logits).cpu().numpy().astype(np.float64)

    def _train(self, data: LabelledPairs, weights_seed: int, split_seed: int) -> MFERLNet:
        device = resolve_device(self.device)
        train, validation = self._split(data, split_seed)
        batch_size = self._resolve_batch_size(len(train))
        callbacks = self._callbacks(steps=self.max_epochs * math.ceil(len(train) / batch_size))
        for entry in callbacks:
            callback = entry[1] if isinstance(entry, tuple) else entry  # it may stand with a name
            if isinstance(callback, TrainingCallback):
                callback.set_training_data(data, self.scalers_)
        tables = {side: getattr(data.table, side) for side in SIDES}
        known = {side: to_torch(self.scalers_[side].transform(tables[side]), device) for side in SIDES}
        cold = None
        if self.new_share:
            cold = {side: as_new_to_torch(tables[side], self.scalers_[side], known[side]) for side in SIDES}
        net = MFERLNet(
            MFERLNetwork,
            MFERLLoss,
            module__circrna=known["circrna"],
            module__mirna=known["mirna"],
            module__cold=cold,
            module__new_share=self.new_share,
            module__embedding_dim=self.embedding_dim,
            module__dropout=self.dropout,
            module__temperature=self.temperature,
            module__contrastive_balance=self.contrastive_balance,
            module__homogeneous=self.homogeneous,
            module__attention=self.attention,
            module__bilinear=self.bilinear,
            module__convolution=self.convolution,
            module__contrastive=self.contrastive_weight > 0,
            criterion__contrastive_weight=self.contrastive_weight,
            optimizer=torch.optim.Adam,
            optimizer__weight_decay=self.weight_decay,
            lr=self.lr,
            max_epochs=self.max_epochs,
            batch_size=batch_size,
            iterator_valid__batch_size=_SCORED_AT_ONCE,
            train_split=predefined_split(validation) if validation else None,
            callbacks=callbacks,
            device=device,
            verbose=self.verbose,
            seed=weights_seed,
            mixed_precision=self.mixed_precision,
            compile=self.compile,
            training_only=("module__circrna", "module__mirna", "module__cold"),
        )
        net.train(train)
        net.module_.freeze()
        return net

    def _split(self, data: LabelledPairs, seed: int) -> tuple[Dataset, Dataset | None]:
        if not self.early_stopping:
            return _dataset(data, np.arange(len(data.target))), None
        pair_of = data.table.distinct_pairs()  # a pair with two labels is in one part
        positive = np.zeros(pair_of.max() + 1)
        np.maximum.at(positive, pair_of, data.target[:, 0])
        pairs, share = np.arange(len(positive)), self.validation_fraction
        parts = train_test_split(pairs, test_size=share, stratify=positive, random_state=seed)
        order = np.argsort(pair_of, kind="stable")
        rows = np.split(order, np.flatnonzero(np.diff(pair_of[order])) + 1)
        train, validation = (np.concatenate([rows[pair] for pair in part]) for part in parts)
        return _dataset(data, train), _dataset(data, validation)

    def _callbacks(self, steps: int) -> list[Any]:
        callbacks: list[Any] = []
        if self.lr_schedule == "one_cycle":
            callbacks.append(one_cycle(self.lr, steps))
        if self.early_stopping:
            sink = print if self.verbose else noop
            stopping = EarlyStopping(patience=self.n_iter_no_change, load_best=True, sink=sink)
            callbacks.append(("early_stopping", stopping))
        # skorch writes to its callbacks: fit must leave the given ones as they are
        return callbacks + clone(list(self.callbacks or []), safe=False)

    def _resolve_batch_size(self, n_pairs: int) -> int:
        if self.batch_size == "auto":
            return min(_LARGEST_BATCH, math.ceil(n_pairs / _STEPS_AN_EPOCH))
        return self.batch_size


def _dataset(data: LabelledPairs, rows: NDArray[np.int64]) -> Dataset:
    return Dataset(data.table.rows[rows], data.target[rows])
