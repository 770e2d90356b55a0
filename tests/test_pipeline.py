"""The pipelines of the two presets, and what both are made of."""

import copy

import joblib
import numpy as np
import pytest
from _processes import run_python
from scipy.special import logit
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline

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


def test_a_member_can_be_dropped(data, labelled):
    model = best(data).set_params(mferl__network="drop", features__scales=[]).fit(*labelled)
    assert list(model["mferl"].named_estimators_) == ["evidence", "boosting"]
    assert model["features"].scales_ == {"circrna": {}, "mirna": {}}


def test_a_network_without_scales_says_what_is_missing(data, labelled):
    model = make_mferl_pipeline(data.circrna, data.mirna, features__scales=[], features__channel_scales=False)
    with pytest.raises(ValueError, match="as by features__scales=default_scales"):
        model.fit(*labelled)


def test_the_network_of_the_publication_reads_its_five_scales_and_no_evidence(fitted):
    assert list(fitted["features"].scales_["mirna"]) == [name for name, _ in default_scales()]
    assert fitted["features"].evidence_ == {}


@pytest.mark.parametrize(("channel", "other"), [("sites", "neighborhood"), ("neighborhood", "sites")])
def test_a_channel_can_be_dropped(data, labelled, fitted_best, channel, other):
    model = best(data).set_params(**{f"features__{channel}": "drop"}).fit(*labelled)
    assert list(model["features"].evidence_) == [other, "binding"]
    # by their inputs, not by their scores: trees on so few pairs may ignore a channel that they are given
    fitted = [each["mferl"].named_estimators_["boosting"].estimators_ for each in (model, fitted_best)]
    for name, trees in fitted[0].items():
        assert 0 < trees.n_features_in_ < fitted[1][name].n_features_in_


def test_a_pair_of_weight_0_is_absent_where_both_steps_are_told(data, labelled):
    pairs, y = labelled
    weights = np.where(np.arange(len(y)) % 3 == 0, 0.0, 1.0)
    told = {"features__sample_weight": weights, "mferl__sample_weight": weights}
    scores = best(data).fit(pairs, y, **told).decision_function(pairs)
    np.testing.assert_array_equal(
        scores, best(data).fit(pairs[weights > 0], y[weights > 0]).decision_function(pairs)
    )


def test_without_circrna_sequences_the_neighborhood_remains(data, labelled, vectors):
    model = make_mferl_pipeline(
        None, data.mirna, embeddings={"circrna": vectors["circrna"]}, random_state=0, **BEST
    ).fit(*labelled)
    assert list(model["features"].evidence_) == ["neighborhood"]
    assert np.isfinite(model.predict_proba(labelled[0])).all()


def test_a_lower_prevalence_lowers_every_probability_and_keeps_their_order(labelled, fitted_best):
    pairs, _ = labelled
    before = fitted_best.predict_proba(pairs)[:, 1]
    rare = copy.deepcopy(fitted_best).set_params(mferl__prevalence=0.01)
    after = rare.predict_proba(pairs)[:, 1]
    assert (after < before).all()
    np.testing.assert_allclose(logit(before) - logit(after), (logit(before) - logit(after))[0], rtol=1e-6)


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
def test_one_random_state_decides_all_scores(data, labelled, make):
    pairs, y = labelled
    scores = make(data).fit(pairs, y).predict_proba(pairs)
    np.testing.assert_array_equal(make(data).fit(pairs, y).predict_proba(pairs), scores)
    for other in (1, None):
        assert not np.array_equal(make(data, random_state=other).fit(pairs, y).predict_proba(pairs), scores)


def test_features_and_training_have_seeds_of_their_own(data):
    pipeline = small(data)
    assert pipeline["features"].random_state != pipeline["mferl"].random_state
    unseeded = small(data, random_state=None)
    assert unseeded["features"].random_state is None
    assert unseeded["mferl"].random_state is None


@pytest.mark.parametrize("known", ["both", "circrna embeddings", "embeddings alone"])
def test_embeddings_stand_beside_sequences_or_in_their_place(data, labelled, vectors, known):
    circrna = data.circrna if known == "both" else None
    mirna = None if known == "embeddings alone" else data.mirna
    embeddings = {"circrna": vectors["circrna"]} if mirna else vectors
    model = make_mferl_pipeline(circrna, mirna, embeddings=embeddings, random_state=0, **SMALL).fit(*labelled)
    assert "embedding" in model["features"].scales_["circrna"]
    assert ("kmer" in model["features"].scales_["circrna"]) == (known == "both")
    assert np.isfinite(model.predict_proba(labelled[0])).all()


def test_grid_search_reaches_scales_and_classifier(data, labelled):
    grid = {"mferl__lr": [1e-2], "features__kmer__k": [1, (1, 2)], "features__ctd": ["drop"]}
    search = GridSearchCV(small(data), grid, cv=2, scoring="roc_auc", error_score="raise").fit(*labelled)
    assert len(set(search.cv_results_["mean_test_score"])) == 2
    assert search.best_estimator_["mferl"].net_.lr == 1e-2
    assert "ctd" not in search.best_estimator_["features"].scales_["mirna"]


@pytest.mark.usefixtures("own_processes")
def test_grid_search_in_two_processes_gives_the_same(data, labelled):
    grid = {"mferl__lr": [1e-3, 1e-2]}
    search = GridSearchCV(small(data), grid, cv=2, scoring="roc_auc", error_score="raise")
    one, two = (
        search.set_params(n_jobs=n_jobs).fit(*labelled).cv_results_["mean_test_score"] for n_jobs in (1, 2)
    )
    np.testing.assert_allclose(two, one)


def test_the_features_serve_any_other_classifier(data, labelled):
    features = small(data).set_params(features__output="array")["features"]
    model = make_pipeline(features, LogisticRegression(max_iter=1000)).fit(*labelled)
    frame = features.set_output(transform="pandas").transform(labelled[0])
    assert frame.shape == (len(labelled[1]), model[-1].n_features_in_)
    assert {"circrna__kmer__ACG", "mirna__role2vec__0"} <= set(frame.columns)


def test_saved_models_score_the_same_in_another_process(tmp_path, labelled, fitted, fitted_best):
    pairs, _ = labelled
    expected = [model.predict_proba(pairs) for model in (fitted, fitted_best)]
    joblib.dump([fitted, fitted_best], tmp_path / "models.joblib")
    pairs.to_csv(tmp_path / "pairs.csv", index=False)
    loaded = joblib.load(tmp_path / "models.joblib")
    np.testing.assert_array_equal([model.predict_proba(pairs) for model in loaded], expected)
    script = (
        "import joblib, numpy, pandas, torch\n"
        "torch.set_num_threads(1)\n"
        "models, pairs = joblib.load('models.joblib'), pandas.read_csv('pairs.csv')\n"
        "numpy.save('scores.npy', [model.predict_proba(pairs.iloc[::-1])[::-1] for model in models])\n"
    )
    done = run_python("-c", script, cwd=tmp_path, PYTHONHASHSEED="7")
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(np.load(tmp_path / "scores.npy"), expected, rtol=1e-12)
