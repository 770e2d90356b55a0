"""Every parameter of every estimator acts: changed alone, it changes the results, or only what they cost."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.frozen import FrozenEstimator

import sklearn_mferl as package
from sklearn_mferl import baselines, models
from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.features.base import PairTransformer
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.models import EvidenceNetwork, StackedPairClassifier
from tests.models._sites import planted_sites, small_model

DATA = make_cmi(24, 12, circrna_length=(60, 200), random_state=0)
PAIRS, Y = labelled_pairs(DATA.pairs, random_state=0)
OTHER = {name: rna[::-1] for name, rna in DATA.circrna.items()}
OTHER_MIRNA = {name: rna[::-1] for name, rna in DATA.mirna.items()}
RNAS = {"circrna": DATA.circrna, "mirna": DATA.mirna}
RNG = np.random.default_rng(0)
VECTORS = pd.DataFrame(RNG.normal(size=(24, 3)), index=list(DATA.circrna))
ACROSS = [(rna + rna)[len(rna) - 10 : len(rna) + 10] for rna in DATA.circrna.values()]
LEVELS = pd.DataFrame(RNG.random((36, 4)), index=[*DATA.circrna, *DATA.mirna])
OF_CIRCRNAS = {"circrna": VECTORS}
TREES = HistGradientBoostingClassifier(max_iter=5, max_features=0.3)
SITES_AND_GRAPH = [("sites", package.TargetSites()), ("graph", package.PairNeighborhood(n_splits=2))]
SEED_AND_DEGREE = [("seed", baselines.SeedCount(**RNAS)), ("degree", baselines.DegreeProduct())]
COST = "costs time or memory alone"
OPTIONAL = "needs a package, a device or a channel of its own, and has tests of its own"

# For each parameter another value, or why it does not act; with settings that it needs to act, where it does.
USUAL: dict[str, Any] = {
    "circrna": OTHER,
    "mirna": OTHER_MIRNA,
    "circular": False,
    "random_state": 1,
    "vector_size": 5,
    "prevalence": 0.1,
    "lr": 0.1,
    "max_epochs": 3,
    "batch_size": 8,
    "dropout": 0.1,
    "weight_decay": 1.0,
    "n_jobs": COST,
    "verbose": COST,
    "device": OPTIONAL,
}
# For each estimator its settings, and the parameters for which that is different, or that it alone has.
ACTING: list[tuple[Any, dict[str, Any]]] = [
    (package.KmerTransformer(k=2), {"k": 3, "circular": True, "normalize": False, "sparse_output": COST}),
    (
        package.Doc2VecEmbedder(vector_size=4, epochs=2, random_state=0),
        {
            "k": 2,
            "dm": 1,
            "epochs": 3,
            "infer_epochs": 5,
            "alpha": 0.1,
            "negative": 2,
            "min_count": 20,
            "window": (2, {"dm": 1}),
        },
    ),
    (
        package.LevenshteinSimilarity(random_state=0),
        {"metric": "indel", "threshold": 0.4, "n_landmarks": 3, "random_state": (1, {"n_landmarks": 3})},
    ),
    (package.CosineSimilarity(VECTORS), {"embeddings": VECTORS + 1, "threshold": 0.9}),
    (package.PrecomputedEmbedding(VECTORS), {"embeddings": VECTORS + 1}),
    (
        package.Role2VecEmbedder(vector_size=4, random_state=0),
        {
            "walk_length": 4,
            "window_size": 1,
            "wl_iterations": 1,
            "engine": OPTIONAL,
            "walk_number": OPTIONAL,
            "random_state": OPTIONAL,
        },
    ),
    (package.TargetSites(**RNAS), {"duplex": False, "energy": OPTIONAL, "binding": "pretrained"}),
    (package.BindingSites(**RNAS), {"binding": FrozenEstimator(small_model())}),
    (
        package.KnownRegions(**RNAS, regions=[*DATA.circrna.values()]),
        {
            "regions": [rna[10:40] for rna in DATA.circrna.values()],
            "circular": (False, {"regions": ACROSS}),
        },
    ),
    (package.Expression(), {"levels": LEVELS}),
    (
        package.PairNeighborhood(**RNAS, n_neighbors=(3,), n_components=3, n_splits=3, random_state=0),
        {
            "embeddings": OF_CIRCRNAS,
            "n_neighbors": (2,),
            "n_components": 2,
            "alphas": (0.5,),
            "n_splits": 2,
            "n_landmarks": 5,
            "n_directions": 2,
        },
    ),
    (
        package.PairFeatures(**RNAS, scales=[("kmer", package.KmerTransformer(k=2))], output="array"),
        {
            "embeddings": OF_CIRCRNAS,
            "scales": [("ctd", package.CTDTransformer())],
            "output": COST,
            "evidence": [("sites", package.TargetSites())],
            "channel_scales": (True, {"evidence": [("graph", package.PairNeighborhood(n_splits=2))]}),
            "background": (2, {"evidence": [("graph", package.PairNeighborhood(n_splits=2))]}),
            "hard_negatives": (2, {"evidence": SITES_AND_GRAPH, "background": 1}),
            "random_state": (0, {"scales": [("doc2vec", package.Doc2VecEmbedder(vector_size=3, epochs=1))]}),
        },
    ),
    (baselines.PathCount(), {"weighted": False}),
    (
        baselines.SVDFactorizer(n_components=3, random_state=0),
        {"n_components": 2, "normalize": False, "random_state": COST},
    ),
    (baselines.SeedCount(**RNAS), {}),
    (baselines.SiteScore(**RNAS), {"column": "target_gc"}),
    (
        baselines.EvidenceBoosting(TREES, random_state=0),
        {"estimator": HistGradientBoostingClassifier(max_iter=3)},
    ),
    (
        EvidenceNetwork(2, width=4, max_epochs=2, batch_size=16, random_state=0),
        {"n_members": 3, "width": 5, "n_bins": 3, "dropout": 0.5},
    ),
    (models.BindingScore(), {"column": "binding_best"}),
    (
        StackedPairClassifier(SEED_AND_DEGREE, random_state=1),
        {
            "estimators": SEED_AND_DEGREE[:1],
            "calibrate": False,
            "site_prevalence": OPTIONAL,
            "random_state": 2,
        },
    ),
    (
        package.SiteClassifier(channels=(4, 4, 4), hidden=8, max_epochs=2, batch_size=16, random_state=0),
        {
            "window": 60,
            "mirna_length": 12,
            "channels": (4, 4, 5),
            "hidden": 9,
            "shift": 0,
            "dealt_share": 0.0,
        },
    ),
    (
        package.MFERLClassifier(embedding_dim=4, max_epochs=2, batch_size=64, random_state=0),
        {
            "embedding_dim": 5,
            "batch_size": "auto",
            "weight_decay": 0.1,
            "contrastive_weight": 0.1,
            "homogeneous": None,
            "attention": None,
            "bilinear": False,
            "convolution": False,
            "new_share": (0.5, {"callbacks": None}),
            "lr_schedule": "constant",
            "early_stopping": True,
            "class_weight": {0: 1.0, 1: 3.0},
            "callbacks": COST,
            "compile": OPTIONAL,
            "mixed_precision": True,
            "temperature": (0.5, {"contrastive_weight": 0.1}),
            "contrastive_balance": (0.0, {"contrastive_weight": 0.1}),
            "validation_fraction": (0.3, {"early_stopping": True}),
            "n_iter_no_change": COST,  # unless the loss falls again later
            "n_circrna_features": 2,
        },
    ),
]


CASES = [
    pytest.param(estimator, name, value, id=f"{type(estimator).__name__}-{name}")
    for estimator, own in ACTING
    for name, value in {**USUAL, **own}.items()
    if name in estimator.get_params(deep=False) and not (isinstance(value, str) and value in (COST, OPTIONAL))
]


def results(estimator: Any) -> list[np.ndarray]:
    """Fit, and return all that the parameters may change."""
    if isinstance(estimator, package.MFERLClassifier | baselines.EvidenceBoosting | EvidenceNetwork):
        X = np.random.default_rng(0).normal(size=(len(Y), 8)) + Y[:, None]
        return [estimator.fit(X, Y).decision_function(X)]
    if isinstance(estimator, models.BindingScore):
        pairs = [(DATA.circrna[circrna], DATA.mirna[mirna]) for circrna, mirna in PAIRS[:9].to_numpy()]
        return [estimator.fit(pairs).decision_function(pairs)]
    if isinstance(estimator, package.SiteClassifier):
        sites, labels = planted_sites(60)
        return [estimator.fit(sites, labels).decision_function(sites)]
    if hasattr(estimator, "predict_proba"):
        return [estimator.fit(PAIRS, Y).decision_function(PAIRS)]
    if isinstance(estimator, (PairTransformer, package.PairFeatures, package.Role2VecEmbedder)):
        return [estimator.fit_transform(PAIRS, Y)]
    by_id = isinstance(estimator, (package.CosineSimilarity, package.PrecomputedEmbedding))
    found = [estimator.fit_transform(list(DATA.circrna) if by_id else list(DATA.circrna.values()))]
    return [*found, estimator.graph().toarray()] if hasattr(estimator, "graph") else found


@cache
def usual_results(estimator: Any) -> list[np.ndarray]:
    return results(clone(estimator))


@pytest.mark.parametrize(("estimator", "name", "value"), CASES)
def test_a_parameter_acts(estimator, name, value):
    value, settings = value if isinstance(value, tuple) and isinstance(value[-1], dict) else (value, {})
    before = results(clone(estimator).set_params(**settings)) if settings else usual_results(estimator)
    after = results(clone(estimator).set_params(**{**settings, name: value}))
    assert any(
        a.shape != b.shape or not np.array_equal(a, b, equal_nan=True)
        for a, b in zip(map(dense, before), map(dense, after), strict=True)
    )


def dense(block: Any) -> np.ndarray:
    return block.toarray() if sparse.issparse(block) else np.asarray(block)


def test_no_parameter_is_forgotten():
    for estimator, own in ACTING:
        names = set(estimator.get_params(deep=False))
        assert set(own) <= names <= {*own, *USUAL}, type(estimator).__name__
    named = {type(estimator).__name__ for estimator, _ in ACTING}
    public = {name for module in (package, baselines, models) for name in module.__all__ if name[0].isupper()}
    without_any = {"CTDTransformer", "DegreeProduct"}
    assert public - named - without_any == {"PairTable", "RNATable"}
