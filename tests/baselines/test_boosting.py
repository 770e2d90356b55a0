"""The pipeline of boosting does what its steps do, reads no graph and takes one thread."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.ensemble._hist_gradient_boosting import gradient_boosting
from sklearn.utils._openmp_helpers import _openmp_effective_n_threads
from threadpoolctl import threadpool_limits

from sklearn_mferl import KmerTransformer
from sklearn_mferl.baselines import make_boosting_pipeline

SMALL = {"features__doc2vec": "drop", "boosting__max_iter": 5, "boosting__min_samples_leaf": 2}


def small(data, **params):
    return make_boosting_pipeline(data.circrna, data.mirna, **{"random_state": 0, **SMALL, **params})


@pytest.fixture(scope="module")
def fitted(data, labelled):
    return small(data).fit(*labelled)


def test_it_does_what_its_steps_do_by_themselves(data, labelled, fitted):
    pairs, y = labelled
    features, boosting = clone(fitted["features"]), clone(fitted["boosting"])
    expected = boosting.fit(features.fit_transform(pairs, y), y).predict_proba(features.transform(pairs))
    np.testing.assert_array_equal(fitted.predict_proba(pairs), expected)
    other = clone(fitted).fit(pairs, 1 - y)  # labels shape no feature
    np.testing.assert_array_equal(other["features"].transform(pairs), fitted["features"].transform(pairs))


def test_by_default_no_feature_is_read_from_the_graph_or_grows_with_the_number_of_rnas(data):
    scales = make_boosting_pipeline(data.circrna, data.mirna)["features"].scales
    assert [name for name, _ in scales] == ["kmer", "ctd", "doc2vec"]


def test_parameters_reach_both_steps_and_an_unknown_one_is_named(data, labelled):
    scales = [("kmer", KmerTransformer(k=1)), ("doc2vec", "drop")]
    model = small(data, scales=scales, features__circular=False, boosting__max_iter=7)
    assert not model["features"].circular
    assert model["boosting"].max_iter == 7
    assert model.fit(*labelled)["boosting"].n_features_in_ == 8
    with pytest.raises(ValueError, match="'max_epochs'"):
        small(data, boosting__max_epochs=5)


def test_trees_take_one_openmp_thread(labelled, fitted, monkeypatch):
    n_threads = []
    monkeypatch.setattr(
        gradient_boosting,
        "_openmp_effective_n_threads",
        lambda *given: n_threads.append(_openmp_effective_n_threads()) or n_threads[-1],
    )
    X = fitted["features"].transform(labelled[0])
    with threadpool_limits(2, user_api="openmp"):
        boosting = clone(fitted["boosting"]).fit(X, labelled[1])
        for method in (boosting.predict, boosting.predict_proba, boosting.decision_function):
            method(X)
    assert len(n_threads) >= 4
    assert set(n_threads) == {1}
