"""The pipelines of the two presets, and what both are made of."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from sklearn_mferl import MFERLClassifier, PairFeatures, make_mferl_pipeline
from sklearn_mferl.features import default_scales
from sklearn_mferl.models import EvidenceBoosting, EvidenceNetwork, StackedPairClassifier
from tests.experiments._light import EVIDENCE

# of the publication's network, to which most parameters belong; what holds for the default is tested apart
SMALL = {
    "preset": "paper",
    "features__doc2vec__vector_size": 8,
    "features__role2vec__vector_size": 8,
    "mferl__embedding_dim": 4,
    "mferl__max_epochs": 2,
    "mferl__batch_size": 64,
}
BEST = {
    **EVIDENCE,
    "features__doc2vec__vector_size": 8,
    "features__role2vec__vector_size": 8,
    "mferl__network__embedding_dim": 4,
    "mferl__evidence__n_members": 2,
}


def small(data, **params) -> Pipeline:
    return make_mferl_pipeline(data.circrna, data.mirna, **{"random_state": 0, **SMALL, **params})


def best(data, **params) -> Pipeline:
    return make_mferl_pipeline(data.circrna, data.mirna, **{"random_state": 0, **BEST, **params})


@pytest.fixture(scope="module")
def fitted(data, labelled):
    return small(data).fit(*labelled)


@pytest.fixture(scope="module")
def fitted_best(data, labelled):
    return best(data).fit(*labelled)


@pytest.mark.parametrize("make", [small, best])
def test_a_preset_is_a_pipeline_of_features_and_classifier(data, make):
    pipeline = make(data, device="cpu")
    assert list(pipeline.named_steps) == ["features", "mferl"]
    assert isinstance(pipeline["features"], PairFeatures)
    assert isinstance(pipeline["mferl"], MFERLClassifier if make is small else StackedPairClassifier)
    devices = {name: value for name, value in pipeline.get_params().items() if name.endswith("__device")}
    assert set(devices.values()) <= {"cpu"}


def test_the_default_reads_scales_and_evidence_by_two_networks_and_trees(fitted_best):
    assert list(fitted_best["features"].scales_["mirna"]) == [name for name, _ in default_scales()]
    assert list(fitted_best["features"].evidence_) == ["sites", "neighborhood", "binding"]
    members = fitted_best["mferl"].named_estimators_
    assert list(map(type, members.values())) == [MFERLClassifier, EvidenceNetwork, EvidenceBoosting]
    assert list(members) == ["network", "evidence", "boosting"]
    assert fitted_best["mferl"].weights_.shape == (4, 3)


def test_a_network_without_scales_says_what_is_missing(data, labelled):
    model = make_mferl_pipeline(data.circrna, data.mirna, features__scales=[], features__channel_scales=False)
    with pytest.raises(ValueError, match="as by features__scales=default_scales"):
        model.fit(*labelled)


def test_the_network_of_the_publication_reads_its_five_scales_and_no_evidence(fitted):
    assert list(fitted["features"].scales_["mirna"]) == [name for name, _ in default_scales()]
    assert fitted["features"].evidence_ == {}


def test_an_unknown_preset_or_parameter_is_named(data):
    with pytest.raises(ValueError, match=r"preset must be one of .*'paper'.* got 'newest'"):
        small(data, preset="newest")
    with pytest.raises(ValueError, match="'learning_rate'"):
        small(data, mferl__learning_rate=0.1)
    with pytest.raises(ValueError, match="'fourmer'"):
        small(data, features__fourmer__k=4)


def test_parameters_reach_the_scales_and_the_classifier(data):
    pipeline = small(data, features__kmer__k=(1, 2), features__circular=False, mferl__lr=0.5)
    features = pipeline["features"]
    assert dict(features.scales)["kmer"].k == (1, 2)
    assert features.circular is False
    assert pipeline["mferl"].lr == 0.5
    assert clone(pipeline).get_params()["features__kmer__k"] == (1, 2)


@pytest.mark.parametrize("make", [small, best])
def test_another_random_state_or_none_gives_other_scores(data, labelled, fitted, fitted_best, make):
    usual = (fitted if make is small else fitted_best).predict_proba(labelled[0])
    for other in (1, None):
        scores = make(data, random_state=other).fit(*labelled).predict_proba(labelled[0])
        assert not np.array_equal(scores, usual)


def test_features_and_training_have_seeds_of_their_own(data):
    pipeline = small(data)
    assert pipeline["features"].random_state != pipeline["mferl"].random_state
    unseeded = small(data, random_state=None)
    assert unseeded["features"].random_state is None
    assert unseeded["mferl"].random_state is None


def test_grid_search_reaches_scales_and_classifier(data, labelled):
    grid = {"mferl__lr": [1e-2], "features__kmer__k": [1, (1, 2)], "features__ctd": ["drop"]}
    search = GridSearchCV(small(data), grid, cv=2, scoring="roc_auc", error_score="raise").fit(*labelled)
    assert len(set(search.cv_results_["mean_test_score"])) == 2
    assert search.best_estimator_["mferl"].net_.lr == 1e-2
    assert "ctd" not in search.best_estimator_["features"].scales_["mirna"]
