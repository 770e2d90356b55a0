"""The whole predictor in one call."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sklearn.pipeline import Pipeline

from sklearn_mferl.evidence import BindingSites, Expression, KnownRegions, default_evidence
from sklearn_mferl.features import default_scales
from sklearn_mferl.models import (
    BindingScore,
    EvidenceBoosting,
    EvidenceNetwork,
    MFERLClassifier,
    StackedPairClassifier,
)
from sklearn_mferl.pairs import PairFeatures
from sklearn_mferl.utils.random_state import spawn_seeds


def _best_classifier() -> StackedPairClassifier:
    """Make the network of the fused scales alone, and what reads evidence.

    The rest of the network takes twice the time, and for new RNAs it added nothing; without the convolution
    over one view these are ranked better.
    """
    network = MFERLClassifier(64, max_epochs=10, weight_decay=1e-4, new_share=0.5)
    members = [
        ("network", network.set_params(homogeneous=None, attention=None, bilinear=False, convolution=False)),
        ("evidence", EvidenceNetwork()),
        ("boosting", EvidenceBoosting()),
    ]
    return StackedPairClassifier(members, site_prevalence=_SITE_PREVALENCE, n_jobs=-1)


# of the windows of a target: the odds of sites then reorder pairs that the list denies, and few others
_SITE_PREVALENCE: Final = 1 / 8000

PRESETS: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "paper": dict,
    "best": lambda: {
        "features__evidence": [*default_evidence(), ("binding", BindingSites(n_jobs=-1))],
        "features__channel_scales": True,
        "features__background": 4,
        "features__hard_negatives": 2,
        "mferl": _best_classifier(),
    },
    "binding": lambda: {
        "features__scales": [],
        "features__evidence": [("binding", BindingSites(n_jobs=-1))],
        "mferl": BindingScore(),
    },
}
"""Parameters of the pipeline that differ from the estimators' own defaults, by preset."""


def make_mferl_pipeline(
    circrna: Any,
    mirna: Any,
    *,
    preset: str = "best",
    embeddings: Mapping[str, Any] | None = None,
    regions: Any = None,
    expression: Any = None,
    device: str = "auto",
    random_state: Any = None,
    **params: Any,
) -> Pipeline:
    """Make the pipeline from pairs of ids to probabilities.

    Parameters
    ----------
    circrna, mirna : mapping, Series, str, Path or None
        Sequences by id, or the path of a FASTA file. None where there are only embeddings, or where the
        pairs are of sequences.
    preset : {"best", "paper", "binding"}, default="best"
        ``"best"`` is two terms and a third: a network on the scales of the two RNAs (*M* ⊙ *C* of the
        publication's Eq. 12), another on the evidence for the pair, its target sites and what is known
        around it, and boosted trees on the same evidence. Held-out pairs say how much each counts, and turn
        the sum into a probability. ``"paper"`` is the network of the publication on its five scales.
        ``"binding"`` needs no list of interactions: its score is what the sites of a pair say by a model
        of the reads in which Argonaute held a miRNA and its target; `fit` learns nothing. The
        pages on benchmarks have the figures of all.
    embeddings : mapping of {"circrna", "mirna"} to DataFrame, default=None
        Precomputed vectors, indexed by id: one more scale, or the only one where no sequences are known.
    regions : str, Path, DataFrame, iterable of str or None, default=None
        Stretches of circRNAs that Argonaute was found to hold, as `KnownRegions` takes them: one more channel
        of evidence, ``regions``, for ``"best"``.
    expression : DataFrame, str, Path, mapping or None, default=None
        Levels of the RNAs in samples, as `Expression` takes them: the channel ``expression``, likewise.
    device : str, default="auto"
        Torch device of the networks, ``"auto"`` for a GPU where there is one.
    random_state : int, RandomState instance or None, default=None
        Seeds features and training.
    **params
        Parameters of the pipeline, such as ``features__circular=False``, ``features__sites="drop"`` or
        ``features__kmer__k=(1, 2)``, with ``preset="paper"`` ``mferl__max_epochs=50``, and by default
        ``mferl__network__max_epochs=50`` or ``mferl__boosting="drop"``, which leaves the trees out.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Steps ``features``, a `PairFeatures`, and ``mferl``: a `MFERLClassifier` for ``"paper"``, a
        `models.StackedPairClassifier` of the three for ``"best"``, a `models.BindingScore` for
        ``"binding"``; not fitted.

    Raises
    ------
    ValueError
        If `preset` or a name in `params` is not known, or `regions` or `expression` are given for a preset
        that reads no such evidence.

    Examples
    --------
    >>> from sklearn_mferl import make_mferl_pipeline
    >>> from sklearn_mferl.datasets import make_cmi
    >>> from sklearn_mferl.model_selection import labelled_pairs
    >>> data = make_cmi(20, 10, random_state=0)
    >>> pairs, y = labelled_pairs(data.pairs, random_state=0)
    >>> model = make_mferl_pipeline(data.circrna, data.mirna, random_state=0)
    >>> model.fit(pairs, y).predict_proba(pairs[:3]).shape
    (3, 2)
    """
    if preset not in PRESETS:
        raise ValueError(f"preset must be one of {sorted(PRESETS)}; got {preset!r}.")
    further: list[tuple[str, Any]] = []
    if regions is not None:
        further.append(("regions", KnownRegions(regions=regions, n_jobs=-1)))
    if expression is not None:
        further.append(("expression", Expression(expression)))
    if further and preset != "best":
        raise ValueError(
            f"{further[0][0]} has no effect with preset={preset!r}; leave it out, or take 'best'."
        )
    seeds = spawn_seeds(random_state, 2) if random_state is not None else [None, None]
    features = PairFeatures(circrna, mirna, default_scales(), embeddings=embeddings, random_state=seeds[0])
    pipeline = Pipeline([("features", features), ("mferl", MFERLClassifier())]).set_params(
        **PRESETS[preset]()
    )
    if further:
        pipeline.set_params(features__evidence=[*pipeline["features"].evidence, *further])
    for name in pipeline.get_params():
        if name == "mferl__random_state":
            pipeline.set_params(**{name: seeds[1]})
        elif name.startswith("mferl__") and name.endswith("__device"):
            pipeline.set_params(**{name: device})
    return pipeline.set_params(**params)
