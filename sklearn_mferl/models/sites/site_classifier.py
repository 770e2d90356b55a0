"""`SiteClassifier`: whether a miRNA binds a stretch of RNA."""

from __future__ import annotations

from collections import Counter
from numbers import Integral, Real
from typing import Any, ClassVar, Final, Self

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from sklearn_mferl.evidence.sites.rna_pairs import RNAPairs
from sklearn_mferl.features.rna_codes import SEED, RNACodes, encode_rnas
from sklearn_mferl.models.base import AdamWTraining
from sklearn_mferl.models.calibration import shift_prevalence
from sklearn_mferl.models.sites.along_target import describe_binding
from sklearn_mferl.models.sites.contributions import share_score
from sklearn_mferl.models.sites.dealt_sites import DealtSites
from sklearn_mferl.models.sites.letters import (
    COLUMNS,
    encode_middles,
    encode_mirnas,
    read_sites,
    read_windows,
    window_starts,
)
from sklearn_mferl.models.sites.pretrained import FOLDER, load_weights
from sklearn_mferl.network.devices import resolve_device, warn_if_gpu_is_shared
from sklearn_mferl.network.net import MFERLNet
from sklearn_mferl.network.sites.site_network import STRIDE, SiteLoss, SiteNetwork
from sklearn_mferl.utils.estimators import LogOddsClassifier, whole_or_nothing
from sklearn_mferl.utils.labels import read_two_classes
from sklearn_mferl.utils.parameters import check_parameters, is_whole
from sklearn_mferl.utils.random_state import spawn_seeds
from sklearn_mferl.utils.scheduling import one_openmp_thread

# Blocks of one size, the last one filled up: rounding may depend on how many rows a product of matrices has.
_SCORED_AT_ONCE: Final = 128
_READ_AT_ONCE: Final = 100_000  # windows, which bounds the letters that are held


class SiteClassifier(AdamWTraining, LogOddsClassifier):
    """A convolutional network that tells which stretches of RNA a miRNA binds.

    It reads the table of all pairs of a letter of the target and one of the miRNA. In training each site
    stands at a random place in the window, and negatives are dealt anew in every epoch from the targets and
    miRNAs of the positives.

    Parameters
    ----------
    window : int, default=50
        Nucleotides of the target that are read, at least 40. `fit` takes the middle of a longer target,
        a prediction its best window; a shorter one is filled up by unknown letters.
    mirna_length : int, default=20
        Nucleotides of the miRNA that are read, from its 5' end; at least 8.
    channels : tuple of three int, default=(24, 32, 48)
        Channels of the three convolutions.
    hidden : int, default=96
        Width of the last hidden layer, at least 1.
    shift : int, default=3
        The most nucleotides, at least 0, that a target is moved in its window in training; a score is the
        mean of those of the target as it is and moved by as much to either side.
    dealt_share : float, default=1.0
        Share of the negatives, in [0, 1], that an epoch replaces by the target of one positive and the miRNA
        of another. With 0 the negatives stay those of `fit`: a miRNA that stands more often in positives
        than in negatives is then scored up, whatever the target.
    lr : float, default=0.003
        Peak of the learning rate of AdamW, > 0; it warms up over a tenth of the steps, then falls to zero.
    max_epochs : int, default=6
        Passes over the training sites, at least 1.
    batch_size : int, default=256
        Sites a step, at least 1.
    dropout : float, default=0.4
        Share of the inputs of the last two layers dropped in training, in [0, 1).
    weight_decay : float, default=0.01
        Decay of the weights of AdamW, at least 0.
    prevalence : float or None, default=None
        Share of bound sites among those to be scored, in (0, 1), for `predict_proba` and `predict`; None
        takes that of the training sites. May be set on a fitted model.
    device : str, default="auto"
        Torch device; ``"auto"`` takes a GPU where there is one.
    random_state : int, RandomState instance or None, default=None
        Seeds initial weights, batches, dropout, places in the window and negatives.
    verbose : int, default=0
        1 prints skorch's table of epochs.

    Attributes
    ----------
    classes_ : ndarray, shape (2,)
        The labels; the second is that of bound sites.
    net_ : skorch.NeuralNet
        The trained net.
    n_features_in_ : int
        Always 2, the columns of the sites.
    seed_counts_ : dict of str to int
        How many bound sites `fit` saw with a miRNA of each seed (nucleotides 2 to 8): for a seed that is not
        in it the score is an extrapolation.
    training_prevalence_ : float
        Share of bound sites, by weight, among those of `fit`.

    Raises
    ------
    ValueError
        If the labels are not two classes, a sequence is empty or not RNA, or a parameter is out of range.

    See Also
    --------
    sklearn_mferl.TargetSites : Seed sites by rule, and with ``binding=`` this score along a whole circle.

    References
    ----------
    Klimentová E, Hejret V, Krčmář J, Grešová K, Giassa IC, Alexiou P. miRBind: a deep learning method for
    miRNA binding classification. Genes 13, 2323 (2022), for the table of pairs of letters.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_mferl import SiteClassifier
    >>> sites = pd.DataFrame(
    ...     {
    ...         "target": ["AGGCUACCUCAUCCG", "AGGCAUGGAGUUCCG"] * 4,
    ...         "mirna": ["UGAGGUAGUAGGUUGUAUAGUU"] * 8,
    ...     }
    ... )
    >>> model = SiteClassifier(channels=(4, 4, 4), max_epochs=2, random_state=0).fit(sites, [1, 0] * 4)
    >>> model.predict_proba(sites).shape
    (8, 2)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "window": [Interval(Integral, 40, None, closed="left")],
        "mirna_length": [Interval(Integral, 8, None, closed="left")],
        "hidden": [Interval(Integral, 1, None, closed="left")],
        "shift": [Interval(Integral, 0, None, closed="left")],
        "dealt_share": [Interval(Real, 0, 1, closed="both")],
        **AdamWTraining._training_constraints,
    }

    def __init__(
        self,
        window: int = 50,
        *,
        mirna_length: int = 20,
        channels: tuple[int, int, int] = (24, 32, 48),
        hidden: int = 96,
        shift: int = 3,
        dealt_share: float = 1.0,
        lr: float = 0.003,
        max_epochs: int = 6,
        batch_size: int = 256,
        dropout: float = 0.4,
        weight_decay: float = 0.01,
        prevalence: float | None = None,
        device: str = "auto",
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.window = window
        self.mirna_length = mirna_length
        self.channels = channels
        self.hidden = hidden
        self.shift = shift
        self.dealt_share = dealt_share
        self.lr = lr
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.dropout = dropout
        self.weight_decay = weight_decay
        self.prevalence = prevalence
        self.device = device
        self.random_state = random_state
        self.verbose = verbose

    @whole_or_nothing
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on sites that are bound, and others.

        Parameters
        ----------
        X : DataFrame, list of tuples or array, shape (n_sites, 2)
            Sequences of a stretch of target and of a miRNA, both from 5' to 3'; a DataFrame has the columns
            ``target`` and ``mirna``.
        y : array-like, shape (n_sites,)
            Labels of two classes.
        sample_weight : array-like, shape (n_sites,), default=None
            Weights ≥ 0; sites of weight 0 are as good as absent.

        Returns
        -------
        self
        """
        check_parameters(self)
        _check_channels(self.channels)
        sites = read_sites(X)
        self.n_features_in_ = 2
        self.classes_, labels = read_two_classes(y, len(sites), self)
        weights = _check_sample_weight(sample_weight, labels, dtype=np.float64, ensure_non_negative=True)
        # distinct sites in an order of their own, so that the order of the rows does not matter
        sites = sites.assign(label=labels, weight=weights)[weights > 0]
        sites = sites.groupby([*COLUMNS, "label"], sort=True, as_index=False)["weight"].sum()
        if sites["label"].nunique() < 2:
            raise ValueError("Every site of one class has sample_weight 0; both classes need some weight.")
        labels, weights = sites["label"].to_numpy(), sites["weight"].to_numpy()
        self.training_prevalence_ = float(np.average(labels, weights=weights))
        self.seed_counts_ = dict(Counter(mirna[SEED] for mirna in sites.loc[labels == 1, "mirna"]))
        letters = (
            encode_middles(sites["target"], self.window + 2 * self.shift),
            encode_mirnas(sites["mirna"], self.mirna_length),
        )
        weights_seed, dealing_seed = spawn_seeds(self.random_state, 2)
        data = DealtSites(
            sites,
            *letters,
            labels,
            weights,
            shift=self.shift,
            dealt_share=self.dealt_share,
            seed=dealing_seed,
        )
        warn_if_gpu_is_shared(resolve_device(self.device))
        net = self._make_site_net(len(data), weights_seed)
        with one_openmp_thread():
            net.train(data)
        self._finish(net)
        return self

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return the log-odds of binding, at the stated `prevalence`.

        Parameters
        ----------
        X : as in `fit`
            A window has the mean score of three places, `shift` nucleotides apart; a target longer than it
            has the score of its best window, of which every eighth is read.

        Returns
        -------
        ndarray of float64, shape (n_sites,)
        """
        check_is_fitted(self)
        check_parameters(self)
        sites = read_sites(X)
        targets, mirnas = encode_rnas(sites["target"]), encode_mirnas(sites["mirna"], self.mirna_length)
        starts = [window_starts(length, self.window, STRIDE, circular=False) for length in targets.lengths]
        site = np.repeat(np.arange(len(sites)), [len(each) for each in starts])
        first = np.searchsorted(site, np.arange(len(sites)))
        begins = np.add.outer(np.concatenate(starts), self.places)
        logits = self.score_windows(targets, site, begins, mirnas[site], circular=False).mean(axis=1)
        return np.maximum.reduceat(logits, first)

    @property
    def places(self) -> list[int]:
        """Where a window is read for its score, in nucleotides from where it begins."""
        return sorted({-self.shift, 0, self.shift})

    def score_windows(
        self,
        targets: RNACodes,
        target: NDArray[np.int64],
        starts: NDArray[np.int64],
        mirnas: NDArray[np.uint8],
        circular: bool,
    ) -> NDArray[np.float64]:
        """Score windows of targets, each read at one place.

        Parameters
        ----------
        targets : RNACodes
        target : ndarray of int64, shape (n_pairs,)
            Which target a pair is of.
        starts : ndarray of int64, shape (n_pairs, n_windows)
            First nucleotides of the windows.
        mirnas : ndarray of uint8, shape (n_pairs, mirna_length)
        circular : bool

        Returns
        -------
        ndarray of float64, shape (n_pairs, n_windows)
            Log-odds.
        """
        row = np.repeat(np.arange(len(target)), starts.shape[1])
        logits = np.empty(starts.size)
        for first in range(0, len(row), _READ_AT_ONCE):
            some = slice(first, first + _READ_AT_ONCE)
            windows = read_windows(targets, target[row[some]], starts.ravel()[some], self.window, circular)
            logits[some] = self.score_letters(windows, mirnas[row[some]])
        return logits.reshape(starts.shape)

    def score_letters(self, windows: NDArray[np.uint8], mirnas: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Score windows of letters with a miRNA each.

        Parameters
        ----------
        windows : ndarray of uint8, shape (n, window)
            Letters of targets from 3' to 5' as numbers (`features.rna_codes`).
        mirnas : ndarray of uint8, shape (n, mirna_length)

        Returns
        -------
        ndarray of float64, shape (n,)
            Log-odds.
        """
        logits = np.empty(len(windows))
        shape = (_SCORED_AT_ONCE, windows.shape[1]), (_SCORED_AT_ONCE, mirnas.shape[1])
        device = resolve_device(self.device)
        target, mirna = (torch.zeros(each, dtype=torch.int64, device=device) for each in shape)
        with torch.inference_mode(), one_openmp_thread():
            for start in range(0, len(windows), _SCORED_AT_ONCE):
                block = slice(start, start + _SCORED_AT_ONCE)
                n_rows = len(windows[block])
                target[:n_rows] = torch.from_numpy(windows[block].astype(np.int64)).to(device)
                mirna[:n_rows] = torch.from_numpy(mirnas[block].astype(np.int64)).to(device)
                logits[block] = self.net_.module_((target, mirna))[:n_rows].cpu().numpy()
        return shift_prevalence(logits, self.training_prevalence_, self.prevalence)

    def contributions(self, target: str, mirna: str) -> pd.DataFrame:
        """Share the log-odds of one site among the nucleotides of both RNAs, by integrated gradients [1]_.

        Parameters
        ----------
        target, mirna : str
            Sequences from 5' to 3'. Of a target longer than `window` its best window is explained.

        Returns
        -------
        DataFrame
            A row for each nucleotide that is read, and first one for what the model says of unknown letters
            alone: ``rna`` ("base", "target" or "mirna"), ``position`` in its sequence, counted from 0,
            ``letter`` and ``contribution``. The contributions add up to `decision_function`, but for the
            error of a sum of 200 steps, some hundredths.

        References
        ----------
        .. [1] Sundararajan, Taly and Yan, "Axiomatic attribution for deep networks", ICML (2017).

        Examples
        --------
        >>> from sklearn_mferl import SiteClassifier
        >>> model = SiteClassifier.pretrained()
        >>> rows = model.contributions("GGCAUUGCAUGCAUCUACCUCAUUGACA", "UGAGGUAGUAGGUUGUAUAGUU")
        >>> of_mirna = rows[rows["rna"] == "mirna"].set_index("position")["contribution"]
        >>> bool(of_mirna[1:7].sum() > of_mirna[7:19].sum())  # the seed
        True
        """
        check_is_fitted(self)
        return share_score(self, target, mirna)

    def describe_pairs(self, pairs: RNAPairs) -> NDArray[np.float32]:
        """Return what the sites of pairs say.

        Parameters
        ----------
        pairs : RNAPairs
            As `TargetSites` reads them.

        Returns
        -------
        ndarray of float32, shape (n_pairs, 3)
            The columns ``binding_``… of `TargetSites`.
        """
        return describe_binding(self, pairs)

    @classmethod
    def pretrained(cls) -> SiteClassifier:
        """Return the model that the package ships, trained on reads of CLASH experiments.

        These join a miRNA to the stretch of RNA that Argonaute held with it, in human cells of the line
        HEK293 [1]_ [2]_. ``docs/binding.md`` is its card: data, figures, limits.

        Returns
        -------
        SiteClassifier

        Raises
        ------
        ValueError
            If the files of the weights are damaged or of another release.

        References
        ----------
        .. [1] Helwak A, Kudla G, Dudnakova T, Tollervey D. Mapping the human miRNA interactome by CLASH
           reveals frequent noncanonical binding. Cell 153, 654-665 (2013).
        .. [2] Hejret V, Varadarajan NM, Klimentova E, et al. Analysis of chimeric reads characterises the
           diverse targetome of AGO2-mediated regulation. Scientific Reports 13, 22895 (2023).

        Examples
        --------
        >>> from sklearn_mferl import SiteClassifier
        >>> model = SiteClassifier.pretrained()
        >>> let7 = "UGAGGUAGUAGGUUGUAUAGUU"
        >>> bound, other = "AACUAUACAACCUACUACCUCAGCAGCC", "GGCUCAGCAGGAACAGGAUUCCUCGAAA"
        >>> model.predict([(bound, let7), (other, let7)])
        array([1, 0])
        """
        card, arrays = load_weights(FOLDER)
        model = cls(**{**card["parameters"], "channels": tuple(card["parameters"]["channels"])})
        model.classes_, model.n_features_in_ = np.array([0, 1]), 2
        model.training_prevalence_ = card["training_prevalence"]
        model.seed_counts_ = card["seed_counts"]
        net = model._make_site_net(n_rows=0, seed=0).initialize()
        net.module_.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
        model._finish(net)
        return model

    def _make_site_net(self, n_rows: int, seed: int) -> MFERLNet:
        return self._make_net(
            SiteNetwork,
            SiteLoss,
            n_rows=n_rows,
            seed=seed,
            module__window=self.window,
            module__mirna_length=self.mirna_length,
            module__channels=tuple(self.channels),
            module__hidden=self.hidden,
        )

    def _finish(self, net: MFERLNet) -> None:
        """Take a net over, ready for use and to be saved."""
        net.forget_training()
        net.module_.eval()
        self.net_ = net


def _check_channels(channels: Any) -> None:
    """Refuse what is not three numbers of channels."""
    if not (isinstance(channels, (tuple, list)) and len(channels) == 3 and all(map(is_whole, channels))):
        raise ValueError(f"channels must be three whole numbers of at least 1; got {channels!r}.")
