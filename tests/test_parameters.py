"""Every parameter of every estimator acts: changed alone, it changes the results, or only what they cost."""

from __future__ import annotations

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
SEED_AND_DEGREE = [("seed", baselines.SeedCount(**RNAS)), ("degree", baselines.DegreeProduct())]
COST = "costs time or memory alone"
OPTIONAL = "needs a package, a device or a channel of its own, and has tests of its own"

# For each estimator its settings, and for each parameter another value, with other settings where it needs
# them to act; or why it does not act.
ACTING: list[tuple[Any, dict[str, Any]]] = [
    (package.KmerTransformer(k=2), {"k": 3, "circular": True, "normalize": False, "sparse_output": COST}),
    (
        package.Doc2VecEmbedder(vector_size=4, epochs=2, random_state=0),
        {
            "vector_size": 5,
            "k": 2,
            "dm": 1,
            "epochs": 3,
            "infer_epochs": 5,
            "alpha": 0.1,
            "negative": 2,
            "min_count": 20,
            "random_state": 1,
            "window": (2, {"dm": 1}),
            "n_jobs": COST,
        },
    ),
    (
        package.LevenshteinSimilarity(random_state=0),
        {
            "metric": "indel",
            "threshold": 0.4,
            "n_landmarks": 3,
            "n_jobs": COST,
            "random_state": (1, {"n_landmarks": 3}),
        },
    ),
    (package.CosineSimilarity(VECTORS), {"embeddings": VECTORS + 1, "threshold": 0.9}),
    (package.PrecomputedEmbedding(VECTORS), {"embeddings": VECTORS + 1}),
    (
        package.Role2VecEmbedder(vector_size=4, random_state=0),
        {
            "vector_size": 5,
            "walk_length": 4,
            "window_size": 1,
            "wl_iterations": 1,
            "engine": OPTIONAL,
            "walk_number": OPTIONAL,
            "random_state": OPTIONAL,
        },
    ),
    (
        package.TargetSites(**RNAS),
        {
            "circrna": OTHER,
            "mirna": OTHER_MIRNA,
            "circular": False,
            "duplex": False,
            "energy": OPTIONAL,
            "binding": "pretrained",
            "n_jobs": COST,
        },
    ),
    (
        package.BindingSites(**RNAS),
        {
            "circrna": OTHER,
            "mirna": OTHER_MIRNA,
            "binding": FrozenEstimator(small_model()),
            "circular": False,
            "n_jobs": COST,
        },
    ),
    (
        package.KnownRegions(**RNAS, regions=[*DATA.circrna.values()]),
        {
            "circrna": OTHER,
            "mirna": OTHER_MIRNA,
            "regions": [rna[10:40] for rna in DATA.circrna.values()],
            "circular": (False, {"regions": ACROSS}),
            "n_jobs": COST,
        },
    ),
    (package.Expression(), {"levels": LEVELS}),
    (
        package.PairNeighborhood(**RNAS, n_neighbors=(3,), n_components=3, n_splits=3, random_state=0),
        {
            "circrna": OTHER,
            "mirna": OTHER_MIRNA,
            "embeddings": OF_CIRCRNAS,
            "circular": False,
            "n_neighbors": (2,),
            "n_components": 2,
            "alphas": (0.5,),
            "n_splits": 2,
            "random_state": 1,
            "n_landmarks": 5,
            "n_directions": 2,
        },
    ),
    (
        package.PairFeatures(**RNAS, scales=[("kmer", package.KmerTransformer(k=2))], output="array"),
        {
            "circrna": OTHER,
            "mirna": OTHER_MIRNA,
            "embeddings": OF_CIRCRNAS,
            "circular": False,
            "scales": [("ctd", package.CTDTransformer())],
            "output": COST,
            "evidence": [("sites", package.TargetSites())],
            "background": (2, {"evidence": [("graph", package.PairNeighborhood(n_splits=2))]}),
            "random_state": (0, {"scales": [("doc2vec", package.Doc2VecEmbedder(vector_size=3, epochs=1))]}),
        },
    ),
    (baselines.PathCount(), {"weighted": False}),
    (
        baselines.SVDFactorizer(n_components=3, random_state=0),
        {"n_components": 2, "normalize": False, "random_state": COST},
    ),
    (
        baselines.SeedCount(**RNAS),
        {"circrna": OTHER, "mirna": OTHER_MIRNA, "circular": False},
    ),
    (
        baselines.SiteScore(**RNAS),
        {"circrna": OTHER, "mirna": OTHER_MIRNA, "column": "target_gc", "circular": False},
    ),
    (
        baselines.EvidenceBoosting(TREES, random_state=0),
        {"estimator": HistGradientBoostingClassifier(max_iter=3), "prevalence": 0.1, "random_state": 1},
    ),
    (
        EvidenceNetwork(2, width=4, max_epochs=2, batch_size=16, random_state=0),
        {
            "n_members": 3,
            "width": 5,
            "n_bins": 3,
            "lr": 0.1,
            "max_epochs": 3,
            "batch_size": 8,
            "dropout": 0.5,
            "weight_decay": 1.0,
            "prevalence": 0.1,
            "device": OPTIONAL,
            "random_state": 1,
            "verbose": COST,
        },
    ),
    (models.BindingScore(), {"column": "binding_best", "prevalence": 0.1}),
    (
        StackedPairClassifier(SEED_AND_DEGREE, random_state=1),
        {
            "estimators": SEED_AND_DEGREE[:1],
            "calibrate": False,
            "prevalence": 0.1,
            "site_prevalence": OPTIONAL,
            "random_state": 2,
            "n_jobs": COST,
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
            "lr": 0.1,
            "max_epochs": 3,
            "batch_size": 8,
            "dropout": 0.1,
            "weight_decay": 1.0,
            "prevalence": 0.1,
            "device": OPTIONAL,
            "random_state": 1,
            "verbose": COST,
        },
    ),
    (
        package.MFERLClassifier(embedding_dim=4, max_epochs=2, batch_size=64, random_state=0),
        {
            "embedding_dim": 5,
            "lr": 0.1,
            "max_epochs": 3,
            "batch_size": "auto",
            "weight_decay": 0.1,
            "contrastive_weight": 0.1,
            "dropout": 0.1,
            "homogeneous": None,
            "attention": None,
            "bilinear": False,
            "convolution": False,
            "new_share": (0.5, {"callbacks": None}),
            "lr_schedule": "constant",
            "early_stopping": True,
            "class_weight": {0: 1.0, 1: 3.0},
            "prevalence": 0.1,
            "random_state": 1,
            "callbacks": COST,
            "device": OPTIONAL,
            "compile": OPTIONAL,
            "verbose": COST,
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
    for estimator, changes in ACTING
    for name, value in changes.items()
    if not (isinstance(value, str) and value in (COST, OPTIONAL))
]


def results(estimator: Any) -> list[np.ndarray]:
    """Fit, and return all that the parameters may change."""
    if type(estimator) is package.MFERLClassifier:
        X = np.random.default_rng(0).normal(size=(len(Y), 8))
        return [estimator.fit(X, Y).decision_function(X)]
    if isinstance(estimator, baselines.EvidenceBoosting | EvidenceNetwork):
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


@pytest.mark.parametrize(("estimator", "name", "value"), CASES)
def test_a_parameter_acts(estimator, name, value):
    value, settings = value if isinstance(value, tuple) and isinstance(value[-1], dict) else (value, {})
    before = results(clone(estimator).set_params(**settings))
    after = results(clone(estimator).set_params(**{**settings, name: value}))
    assert any(
        a.shape != b.shape or not np.array_equal(a, b, equal_nan=True)
        for a, b in zip(map(dense, before), map(dense, after), strict=True)
    )


def dense(block: Any) -> np.ndarray:
    return block.toarray() if sparse.issparse(block) else np.asarray(block)


def test_no_parameter_is_forgotten():
    for estimator, changes in ACTING:
        assert set(changes) == set(estimator.get_params(deep=False)), type(estimator).__name__
    named = {type(estimator).__name__ for estimator, _ in ACTING}
    public = {name for module in (package, baselines, models) for name in module.__all__ if name[0].isupper()}
    without_any = {"CTDTransformer", "DegreeProduct"}
    assert public - named - without_any == {"PairTable", "RNATable"}
