"""An ensemble of small networks on the evidence for pairs."""

from numbers import Integral
from typing import Any, ClassVar, Final

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval
from skorch.dataset import Dataset

from sklearn_mferl.models.base import AdamWTraining
from sklearn_mferl.models.evidence import EvidenceClassifier, samples_as_new, stack_evidence
from sklearn_mferl.models.training_data import LabelledPairs
from sklearn_mferl.network.devices import resolve_device, warn_if_gpu_is_shared
from sklearn_mferl.network.evidence import EvidenceLoss, EvidenceTerm
from sklearn_mferl.network.net import MFERLNet

# Blocks of one size, the last one filled up: rounding depends on how many rows a product of matrices has,
# and a score must not.
_SCORED_AT_ONCE: Final = 1024
_LARGEST: Final = 1e30  # of finite evidence, so that differences of two numbers are finite, too


class EvidenceNetwork(AdamWTraining, EvidenceClassifier):
    r"""A network on the evidence for pairs, :math:`g` of the second term beside Eq. 12.

    Each column is coded by quantile bins, in which it acts linearly, with a code of its own for "unknown";
    several small networks read the codes, and the mean of their logits is the score.

    One such ensemble scores pairs of known RNAs, another one pairs of which an RNA has no known interaction.
    The first learns from the training pairs as they are, and from the background as further negatives. The
    second is shown a pair, at random, as it is or as it would look if its miRNA, its circRNA or both were
    new. Without such views (`PairTable.cold_evidence`) the first scores all pairs.

    Parameters
    ----------
    n_members : int, default=8
        Number of networks, at least 1. They differ in initial weights and in dropout.
    width : int, default=32
        Width of their two hidden layers, at least 1.
    n_bins : int, default=12
        Bins of each column, at least 1.
    lr : float, default=0.003
        Peak of the learning rate of AdamW, > 0; it warms up over a tenth of the steps, then falls to zero.
    max_epochs : int, default=10
        Passes over the training pairs, at least 1.
    batch_size : int, default=256
        Pairs a step, at least 1.
    dropout : float, default=0.1
        Share of the hidden units dropped in training, in [0, 1).
    weight_decay : float, default=0.01
        Decay of the weights of AdamW, at least 0.
    random_state : int, RandomState instance or None, default=None
        Seeds initial weights, batches, views, dropout and the default features.
    prevalence, device, verbose
        As those of `MFERLClassifier`.

    Attributes
    ----------
    nets_ : dict of {"known", "new"} to skorch.NeuralNet
        The trained nets.
    classes_, features_, n_features_in_, training_prevalence_
        As those of `MFERLClassifier`.

    Raises
    ------
    ValueError
        If the labels are not two classes, a parameter is out of range, or the pairs carry no evidence.

    See Also
    --------
    sklearn_mferl.baselines.EvidenceBoosting : Trees on the same evidence.
    sklearn_mferl.models.StackedPairClassifier : Weighs this term and others.

    References
    ----------
    Gorishniy Y, Rubachev I, Babenko A. On embeddings for numerical features in tabular deep learning.
    Advances in Neural Information Processing Systems 35 (2022).

    Gorishniy Y, Kotelnikov A, Babenko A. TabM: advancing tabular deep learning with parameter-efficient
    ensembling. ICLR (2025).

    Examples
    --------
    >>> from sklearn_mferl import PairFeatures, TargetSites
    >>> from sklearn_mferl.datasets import make_cmi
    >>> from sklearn_mferl.model_selection import labelled_pairs
    >>> from sklearn_mferl.models import EvidenceNetwork
    >>> data = make_cmi(20, 10, random_state=0)
    >>> pairs, y = labelled_pairs(data.pairs, random_state=0)
    >>> features = PairFeatures(data.circrna, data.mirna, [], evidence=[("sites", TargetSites())])
    >>> table = features.fit_transform(pairs, y)
    >>> EvidenceNetwork(max_epochs=2, random_state=0).fit(table, y).predict_proba(table).shape == (len(y), 2)
    True
    """

    _n_seeds = 2
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "n_members": [Interval(Integral, 1, None, closed="left")],
        "width": [Interval(Integral, 1, None, closed="left")],
        "n_bins": [Interval(Integral, 1, None, closed="left")],
        **AdamWTraining._training_constraints,
    }

    def __init__(
        self,
        n_members: int = 8,
        *,
        width: int = 32,
        n_bins: int = 12,
        lr: float = 0.003,
        max_epochs: int = 10,
        batch_size: int = 256,
        dropout: float = 0.1,
        weight_decay: float = 0.01,
        prevalence: float | None = None,
        device: str = "auto",
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.n_members = n_members
        self.width = width
        self.n_bins = n_bins
        self.lr = lr
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.dropout = dropout
        self.weight_decay = weight_decay
        self.prevalence = prevalence
        self.device = device
        self.random_state = random_state
        self.verbose = verbose

    def _learn(self, data: LabelledPairs, seeds: list[int]) -> None:
        super()._learn(data, seeds)
        known = _clip(stack_evidence(data.table))[None]
        background = known[0, :0]
        if data.table.background is not None:
            background = _clip(stack_evidence(data.table.background))
        warn_if_gpu_is_shared(resolve_device(self.device))
        samples = {"known": (known, data.target, background)}
        if self._learned_views:
            views, target = samples_as_new(data)
            samples["new"] = _clip(np.stack(views)), target, known[0, :0]
        # a column without a number has no bins
        self._columns = {name: ~np.isnan(shown).all(axis=(0, 1)) for name, (shown, *_) in samples.items()}
        self.nets_ = {
            name: self._train(name, *sample, seed)
            for (name, sample), seed in zip(samples.items(), seeds, strict=False)
        }

    def _train(
        self,
        part: str,
        views: NDArray[np.float32],
        target: NDArray[np.float32],
        background: NDArray[np.float32],
        seed: int,
    ) -> MFERLNet:
        """Train a network on views of the labelled pairs, and on the background."""
        device = resolve_device(self.device)
        views, background = (block[..., self._columns[part]] for block in (views, background))
        labels, weights = target[:, 0], target[:, 1].astype(np.float64)
        # together it weighs as much as the negatives
        background_weight = float(((labels == 0) * weights).mean()) if len(background) else 0.0
        net = self._make_net(
            EvidenceTerm,
            EvidenceLoss,
            n_rows=len(labels),
            seed=seed,
            module__views=torch.as_tensor(views, device=device),
            module__background=torch.as_tensor(background, device=device),
            module__edges=torch.as_tensor(_quantiles(views, self.n_bins)),
            module__n_members=self.n_members,
            module__width=self.width,
            criterion__background_weight=background_weight,
            training_only=("module__views", "module__background"),
        )
        net.train(Dataset(np.arange(len(labels)), target))
        net.module_.freeze()
        return net

    def _score_part(self, part: str, evidence: NDArray[np.float32]) -> NDArray[np.float64]:
        module = self.nets_[part].module_
        evidence = _clip(evidence[:, self._columns[part]])
        block = torch.zeros(_SCORED_AT_ONCE, evidence.shape[1], dtype=torch.float64)
        logits = np.empty(len(evidence))
        with torch.inference_mode():
            for start in range(0, len(evidence), _SCORED_AT_ONCE):
                rows = torch.as_tensor(evidence[start : start + _SCORED_AT_ONCE])
                block[: len(rows)] = rows
                scores = module.score(block.to(module.code.lower)).mean(dim=1)
                logits[start : start + len(rows)] = scores[: len(rows)].cpu().numpy()
        return logits


def _clip(evidence: NDArray[np.float32]) -> NDArray[np.float32]:
    """Limit a new array in place."""
    return np.clip(evidence, -_LARGEST, _LARGEST, out=evidence)


def _quantiles(views: NDArray[np.float32], n_bins: int) -> NDArray[np.float32]:
    """Return edges between which stand about as many numbers, shape (n_columns, n_bins + 1)."""
    shares = np.linspace(0, 1, n_bins + 1)
    # column by column: in double precision all of them would be the largest array of a fit
    columns = (views[..., i].astype(np.float64) for i in range(views.shape[2]))
    return np.stack([np.nanquantile(column, shares) for column in columns]).astype(np.float32)
