"""Why a score is what it is: contributions that add up, target sites, and the known pairs that vote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import expit

from sklearn_mferl.inspection.coalitions import coalition_values, shapley_values
from sklearn_mferl.inspection.model_parts import (
    ModelParts,
    channel_attention,
    circrna_lengths,
    list_sites,
    nearest_voters,
    take_apart,
    training_pairs,
)
from sklearn_mferl.inspection.players import Player, find_players
from sklearn_mferl.pairs import PairTable
from sklearn_mferl.utils.parameters import check_whole
from sklearn_mferl.utils.random_state import spawn_seeds
from sklearn_mferl.utils.validation import SIDES, check_pairs

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_TAKEN = ("circrna", "mirna", "score", "logit", "base")


@dataclass(frozen=True)
class Explanation:
    """What `explain` found of some pairs.

    Attributes
    ----------
    summary : DataFrame
        A row for each pair, in the order given: ``circrna``, ``mirna``, ``score`` (probability), ``logit``,
        ``base`` and a column for each contribution. Base and contributions add up to the logit.
    players : tuple of str
        The columns of contributions.
    sites : DataFrame
        The target sites, as `TargetSites.sites` lists them.
    voters : DataFrame
        The nearest training pairs that vote: ``circrna`` and ``mirna`` of the pair, ``side`` (whose relative
        votes), ``voter`` (its id), ``similarity``, ``kind`` and ``interacts``, whether it and the other RNA
        of the pair are known to interact or known not to; see `PairNeighborhood.voters`.
    attention : DataFrame
        Channel attention of the network by ``side`` and ``scale``: ``weight`` in (0, 1). It is pooled over
        the training RNAs, so it is the same for all pairs. No rows without network or attention.
    lengths : Series
        Length of each circRNA in nucleotides, by id; empty where no sequences are known.
    circular : bool
        Whether the circRNAs are circles.
    """

    summary: pd.DataFrame
    players: tuple[str, ...]
    sites: pd.DataFrame
    voters: pd.DataFrame
    attention: pd.DataFrame
    lengths: pd.Series[int]
    circular: bool

    def plot(self, row: int = 0) -> Figure:
        """Draw contributions, target sites and voters of a pair.

        Parameters
        ----------
        row : int, default=0
            Which row of the summary.

        Raises
        ------
        ImportError
            If matplotlib is missing.
        ValueError
            If there is no such row.
        """
        from sklearn_mferl.plotting.explanation import plot_explanation

        return plot_explanation(self, row)

    def sites_of(self, row: int) -> pd.DataFrame:
        """Return the target sites of one pair, its rows of `sites`.

        Parameters
        ----------
        row : int
            Row of the summary.
        """
        return _rows_of(self.sites, self.pair(row))

    def voters_of(self, row: int) -> pd.DataFrame:
        """Return the voters of one pair, its rows of `voters`.

        Parameters
        ----------
        row : int
            Row of the summary.
        """
        return _rows_of(self.voters, self.pair(row))

    def pair(self, row: int) -> pd.Series[Any]:
        """Return a row of the summary.

        Parameters
        ----------
        row : int
            From 0.
        """
        if not isinstance(row, (int, np.integer)) or not 0 <= row < len(self.summary):
            raise ValueError(f"row must be from 0 to {len(self.summary) - 1}, as in summary; got {row!r}.")
        return self.summary.iloc[int(row)]


def explain(
    model: Any,
    pairs: Any,
    *,
    by: str = "channel",
    reference: Any = None,
    n_reference: int = 32,
    known: Any = None,
    n_voters: int = 5,
    random_state: Any = None,
) -> Explanation:
    r"""Explain the scores of pairs.

    **Contributions** are exact Shapley values [1]_ of the logit. The worth of a set of contributors is the
    mean logit of the pair where all that others know is replaced by what they know of a reference pair,
    one reference pair after the other (interventional values [2]_): ``base`` is worth what is left when
    everything is replaced. The value of a contributor is what it adds, averaged over all orders in which
    contributors may come. So base and contributions add up to the logit. Which RNAs are new to training is
    not replaced: pairs whose novelty differs are scored, and calibrated, by different parts of the model,
    and have different bases.

    Parameters
    ----------
    model : Pipeline or MFERLClassifier
        Fitted, with `PairFeatures`, as `make_mferl_pipeline` makes it.
    pairs : DataFrame, list of tuples or array, shape (n_pairs, 2)
        Pairs of RNAs, seen in training or not.
    by : {"channel", "family", "part"}, default="channel"
        What the logit is shared among. ``"channel"``: each channel of evidence and each scale of the
        network, of both RNAs together. ``"family"``: families of columns of the evidence (seed sites,
        duplex, binding, 3' pairing, local context; experiments; popularity, paths, similar circRNAs, similar
        miRNAs, similar pairs, factors and ridge, known sites; other), and all scales together. ``"part"``:
        what the sites of the pair say, what the known interactions around it, "neighbours", what the scales
        of the network, "structure", and what experiments on the RNAs.
    reference : DataFrame, list of tuples or array, shape (n, 2), default=None
        Pairs whose features stand in for what is absent. None draws them from the training pairs, which
        a model with the channel `PairNeighborhood` remembers; other models need them.
    n_reference : int, default=32
        How many of them are drawn at most.
    known : DataFrame, list of tuples or array, shape (n, 2), default=None
        Known interactions that vote, where the model does not remember its training pairs: best those it
        was trained on. Without effect on other models.
    n_voters : int, default=5
        How many voters of each side to list at most, of those that interact and of those known not to.
    random_state : int, RandomState instance or None, default=None
        Draws the reference pairs.

    Returns
    -------
    Explanation
        Tables ``summary``, ``sites``, ``voters`` and ``attention``, and a figure by ``plot(row)``.

    Raises
    ------
    ValueError
        If the model cannot be explained, an id is not known to it, there are no reference pairs, a
        parameter is out of range, or there are more than 14 contributors.

    Notes
    -----
    The cost is 2**n_contributors · n_reference scores for each pair: with the preset "best" 16,384 by channel
    and 262,144 by family, which take seconds and a minute or so. They are computed in chunks, so memory does
    not grow with them.

    References
    ----------
    .. [1] Shapley LS. A value for n-person games. In: Contributions to the Theory of Games II, 307 (1953).
    .. [2] Lundberg SM, Lee S-I. A unified approach to interpreting model predictions. Advances in Neural
       Information Processing Systems 30 (2017).

    Examples
    --------
    >>> from sklearn.ensemble import HistGradientBoostingClassifier
    >>> from sklearn_mferl import make_mferl_pipeline
    >>> from sklearn_mferl.datasets import make_cmi
    >>> from sklearn_mferl.inspection import explain
    >>> from sklearn_mferl.model_selection import labelled_pairs
    >>> data = make_cmi(30, 12, circrna_length=(60, 200), random_state=0)
    >>> few = HistGradientBoostingClassifier(max_iter=20)
    >>> light = {"mferl__network": "drop", "features__scales": [], "mferl__boosting__estimator": few}
    >>> model = make_mferl_pipeline(data.circrna, data.mirna, random_state=0, **light)
    >>> model = model.fit(*labelled_pairs(data.pairs, random_state=0))
    >>> explanation = explain(model, data.pairs[:3], random_state=0)
    >>> explanation.players
    ('sites', 'neighborhood', 'binding')
    >>> summary = explanation.summary
    >>> total = summary["base"] + summary[list(explanation.players)].sum(axis=1)
    >>> bool(abs(total - summary["logit"]).max() < 1e-6)
    True
    """
    check_whole("n_reference", n_reference)
    check_whole("n_voters", n_voters)
    parts = take_apart(model)
    table = parts.describe(pairs)
    asked = pd.DataFrame(table.pairs(), columns=list(SIDES), dtype=object)
    drawn = _draw_reference(parts, reference, n_reference, random_state)
    players = find_players(by, parts.features, table, parts.network is not None)
    taken = [player.name for player in players if player.name in _TAKEN]
    if taken:
        raise ValueError(f"A scale or channel has the name {taken[0]!r}, a column of the summary; rename it.")
    return Explanation(
        summary=pd.concat([asked, _share_out(parts, table, drawn, players)], axis=1),
        players=tuple(player.name for player in players),
        sites=list_sites(parts.features, asked),
        voters=nearest_voters(parts.features, asked, known, n_voters),
        attention=channel_attention(parts),
        lengths=circrna_lengths(parts.features, asked["circrna"]),
        circular=parts.features.circular,
    )


def _share_out(
    parts: ModelParts, table: PairTable, reference: PairTable, players: list[Player]
) -> pd.DataFrame:
    """Return score, logit, base and contributions."""
    decide = parts.classifier.decision_function
    logit = decide(table)
    values = coalition_values(decide, table, reference, players)
    # the coalition of all is the pair itself, scored among others
    if not np.allclose(values[:, -1], logit, rtol=1e-7, atol=1e-7):
        raise ValueError(
            "The score of a pair depends on the pairs it is scored with; it cannot be shared out."
        )
    values[:, -1] = logit
    shares = shapley_values(values)
    columns = {"score": expit(logit), "logit": logit, "base": values[:, 0]}
    return pd.DataFrame(columns | {player.name: shares[:, i] for i, player in enumerate(players)})


def _draw_reference(parts: ModelParts, reference: Any, n_reference: int, random_state: Any) -> PairTable:
    """Draw the reference pairs and describe them."""
    reference = training_pairs(parts.features) if reference is None else reference
    if reference is None:
        raise ValueError(
            "This model does not remember its training pairs; give reference=, best a sample of them."
        )
    pairs = check_pairs(reference)
    if len(pairs) > n_reference:
        rng = np.random.default_rng(spawn_seeds(random_state, 1)[0])
        pairs = pairs[np.sort(rng.choice(len(pairs), n_reference, replace=False))]
    return parts.describe(pairs)


def _rows_of(table: pd.DataFrame, pair: pd.Series[Any]) -> pd.DataFrame:
    asked = (table["circrna"] == pair["circrna"]) & (table["mirna"] == pair["mirna"])
    return table[asked].reset_index(drop=True)
