"""Every exported estimator passes the package's own checks."""

import inspect
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline

import sklearn_mferl as package
from sklearn_mferl import baselines, models
from sklearn_mferl.testing import example_ids, rna_checks
from tests.experiments._light import EVIDENCE

VECTORS = pd.DataFrame(
    np.random.default_rng(0).normal(size=(len(example_ids()), 4)), index=example_ids(), columns=list("abcd")
)
SMALL_SCALES = [
    ("kmer", package.KmerTransformer(k=2)),
    ("ctd", package.CTDTransformer()),
    ("doc2vec", package.Doc2VecEmbedder(vector_size=8)),
    ("role2vec", package.Role2VecEmbedder(vector_size=4)),
    ("similarity", package.LevenshteinSimilarity()),
]
SMALL_EVIDENCE = [("sites", package.TargetSites()), ("neighborhood", package.PairNeighborhood(n_splits=3))]
WITHOUT = {
    "homogeneous": "fuse_first",
    "attention": None,
    "bilinear": False,
    "convolution": False,
    "contrastive_weight": 0,
    "lr_schedule": "constant",
}
ESTIMATORS = {
    "sequences": [
        package.KmerTransformer(),
        package.KmerTransformer(k=3, circular=True, normalize=False),
        package.KmerTransformer(k=(1, 2), sparse_output=True),
        package.CTDTransformer(),
        package.Doc2VecEmbedder(vector_size=8),
        package.Doc2VecEmbedder(vector_size=8, k=2, dm=1),
        package.LevenshteinSimilarity(),
        package.LevenshteinSimilarity(metric="indel"),
    ],
    "ids": [package.PrecomputedEmbedding(VECTORS), package.CosineSimilarity(VECTORS)],
    "pairs": [
        package.Role2VecEmbedder(vector_size=4),
        package.PairFeatures(output="array"),
        package.PairFeatures(scales=SMALL_SCALES, circular=False, output="array"),
        package.PairFeatures(scales=[], evidence=SMALL_EVIDENCE, output="array"),
        package.TargetSites(),
        package.TargetSites(circular=False, duplex=False),
        package.BindingSites(),
        package.KnownRegions(regions=["ACGUACGUACGUAC"]),
        package.Expression(),
        package.PairNeighborhood(),
        package.PairNeighborhood(circular=False, n_neighbors=(2,), n_components=3, n_splits=3),
    ],
    "classifier": [
        baselines.EvidenceBoosting(HistGradientBoostingClassifier(max_iter=5)),
        package.MFERLClassifier(embedding_dim=4, max_epochs=2, batch_size=64),
        package.MFERLClassifier(embedding_dim=4, max_epochs=2, batch_size=64, **WITHOUT),
        baselines.SVDFactorizer(3),
        baselines.DegreeProduct(),
        baselines.PathCount(),
        baselines.PathCount(weighted=False),
        baselines.SeedCount(),
        baselines.SiteScore(),
        models.BindingScore(),
        models.EvidenceNetwork(2, width=8, n_bins=4, max_epochs=5, lr=0.02, batch_size=32),
        models.StackedPairClassifier(
            [("paths", baselines.PathCount()), ("degree", baselines.DegreeProduct())]
        ),
        package.SiteClassifier(channels=(4, 4, 4), hidden=8, max_epochs=1, batch_size=8),
        baselines.make_boosting_pipeline(
            None, None, scales=SMALL_SCALES[:2], boosting__max_iter=5, boosting__min_samples_leaf=1
        ),
        # each scale is in the list of those of pairs; the network needs one that says which RNAs are similar
        package.make_mferl_pipeline(
            None, None, features__scales=[SMALL_SCALES[0], SMALL_SCALES[-1]], **EVIDENCE
        ),
    ],
}
ON_LETTERS = {  # which those of names do not read
    "check_lower_case_and_t_give_the_same",
    "check_an_empty_sequence_is_refused",
    "check_a_foreign_letter_is_named",
}
NOT_MET = {
    package.KnownRegions: {"check_features_are_finite_float32", "check_new_rnas_are_accepted"},  # all unknown
    package.Expression: ON_LETTERS,
    baselines.SVDFactorizer: ON_LETTERS,
    baselines.DegreeProduct: ON_LETTERS,
    baselines.PathCount: ON_LETTERS,
    models.StackedPairClassifier: {"check_parameters_have_defaults", *ON_LETTERS},  # it needs its classifiers
    models.BindingScore: {  # it learns nothing, and labels may be absent
        "check_weight_zero_equals_absence",
        "check_weight_two_equals_repetition",
        "check_labels_of_another_length_are_refused",
    },
    # by what scikit-learn's own pipeline and boosting do otherwise
    Pipeline: {
        "check_parameters_have_defaults",  # it needs its steps
        "check_fit_leaves_parameters_alone",  # it makes a new list of its steps
        "check_weight_zero_equals_absence",  # it takes weights under the name of the step
        "check_weight_two_equals_repetition",
    },
}
OF_BOOSTING = {"check_one_class_is_refused", "check_three_classes_are_refused"}


def not_met(estimator: Any) -> set[str]:
    """Return the checks that an estimator need not pass, for its own sake or for its last step's."""
    last = estimator[-1] if isinstance(estimator, Pipeline) else estimator
    of_last = OF_BOOSTING if isinstance(last, HistGradientBoostingClassifier) else set()
    return NOT_MET.get(type(estimator), set()) | of_last


def says_nothing_known(estimator: Any) -> bool:
    """Tell those that look up what is known of an RNA, which may be nothing."""
    channels = [estimator, *(channel for _, channel in getattr(estimator, "evidence", None) or [])]
    return any(
        isinstance(channel, package.PairNeighborhood | package.KnownRegions | package.Expression)
        for channel in channels
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "check",
    [
        pytest.param(check, id=f"{type(estimator).__name__}-{name}")
        for kind, estimators in ESTIMATORS.items()
        for estimator in estimators
        for name, check in rna_checks(estimator, kind, allow_nan=says_nothing_known(estimator))
        if name not in not_met(estimator)
    ],
)
def test_exported_estimators_pass_every_check(check):
    check()


def test_every_exported_estimator_is_in_the_list():
    exported = [getattr(room, name) for room in (package, baselines, models) for name in room.__all__]
    estimators = {item for item in exported if inspect.isclass(item) and issubclass(item, BaseEstimator)}
    assert estimators | {Pipeline} == {type(each) for kind in ESTIMATORS.values() for each in kind}
