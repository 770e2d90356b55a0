"""Classifiers together: what each is fitted on, how much it counts, and how probable a score is."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import brier_score_loss

from sklearn_mferl import (
    KmerTransformer,
    MFERLClassifier,
    PairFeatures,
    PairNeighborhood,
    Role2VecEmbedder,
    make_mferl_pipeline,
)
from sklearn_mferl.baselines import DegreeProduct, EvidenceBoosting, SeedCount
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.models import StackedPairClassifier, find_network
from sklearn_mferl.models.calibration import hold_out
from sklearn_mferl.models.training_data import show_held_out

FEW_TREES = HistGradientBoostingClassifier(max_iter=10, early_stopping=False)


def make_features(data):
    scales = [("kmer", KmerTransformer(k=2)), ("role2vec", Role2VecEmbedder(vector_size=4))]
    channels = [("neighborhood", PairNeighborhood(n_splits=3))]
    return PairFeatures(data.circrna, data.mirna, scales, evidence=channels, background=1, random_state=0)


@pytest.fixture(scope="module")
def table(data, labelled):
    return make_features(data).fit_transform(*labelled)


@pytest.fixture
def stack():
    network, boosting = MFERLClassifier(embedding_dim=4, max_epochs=2), EvidenceBoosting(FEW_TREES)
    return StackedPairClassifier([("network", network), ("boosting", boosting)], random_state=0)


class Spy(ClassifierMixin, BaseEstimator):
    """A classifier of pairs of ids that keeps what it was fitted on and has scored."""

    fits: list = []
    scored: list = []

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        Spy.fits.append([tuple(pair) for pair in X])
        return self

    def predict_proba(self, X):
        Spy.scored.append([tuple(pair) for pair in X])
        return np.full((len(X), 2), 0.5)


def test_what_calibrates_was_in_no_fit_that_scores_it(data, labelled):
    Spy.fits, Spy.scored = [], []
    StackedPairClassifier([("spy", Spy())], random_state=0).fit(*labelled)
    whole, part = Spy.fits
    held_out = {pair for pairs in Spy.scored for pair in pairs}
    assert set(part) | held_out <= set(whole)
    assert not set(part) & held_out
    circrnas, mirnas = ({pair[side] for pair in part} for side in (0, 1))
    new = {(circrna not in circrnas, mirna not in mirnas) for circrna, mirna in held_out}
    assert new == {(False, False), (True, False), (False, True), (True, True)}


def test_the_background_of_a_calibration_is_none_that_was_learned_from(table, y):
    part, others, background = show_held_out(table, y, hold_out(table, 0))
    shown, learned, labelled, all_of_it = (
        set(map(tuple, each.pairs())) for each in (background, part.background, table, table.background)
    )
    assert set(map(tuple, others.pairs())) < labelled
    assert shown
    assert shown == all_of_it - learned
    assert not shown & labelled


def test_any_classifier_of_pairs_can_be_calibrated(data, labelled):
    pairs, y = labelled
    scores = [("degree", DegreeProduct()), ("seed", SeedCount(data.circrna, data.mirna))]
    model = StackedPairClassifier(scores, random_state=0).fit(pairs, y)
    assert (model.weights_ >= 0).all()
    assert list(model.named_estimators_) == ["degree", "seed"]
    expected = np.column_stack([each.fit(pairs, y).decision_function(pairs) for _, each in scores])
    nothing_new = model.weights_[0] * expected
    np.testing.assert_allclose(model.decision_function(pairs), nothing_new.sum(axis=1) + model.offsets_[0])


def test_without_calibration_the_score_is_the_mean_of_the_logits(table, y, stack):
    model = stack.set_params(calibrate=False).fit(table, y)
    each = [member.decision_function(table) for member in model.named_estimators_.values()]
    np.testing.assert_allclose(model.decision_function(table), np.mean(each, axis=0))


def test_a_part_can_be_dropped_and_the_network_be_found(table, y, stack):
    assert isinstance(find_network(stack.fit(table, y)), MFERLClassifier)
    stack.set_params(network="drop").fit(table, y)
    assert list(stack.named_estimators_) == ["boosting"]
    assert find_network(stack) is None
    with pytest.raises(ValueError, match="no classifier in estimators"):
        stack.set_params(boosting="drop").fit(table, y)


def test_a_pair_of_weight_0_is_absent(data, labelled, stack):
    pairs, y = labelled
    features = make_features(data)
    weights = np.where(np.arange(len(y)) % 3 == 0, 0.0, 2.0)
    model = stack.set_params(network__class_weight="balanced")
    table = features.fit_transform(pairs, y, weights)
    weighted = clone(model).fit(table, y, sample_weight=weights)
    part = features.fit_transform(pairs[weights > 0], y[weights > 0])
    assert len(part.background)
    absent = clone(model).fit(part, y[weights > 0])
    asked = features.transform(pairs)
    np.testing.assert_array_equal(weighted.decision_function(asked), absent.decision_function(asked))


def test_a_matrix_and_weights_that_a_classifier_cannot_take_are_refused(labelled):
    model = StackedPairClassifier([("spy", Spy())])
    with pytest.raises(ValueError, match="needs to know the RNAs of a pair"):
        model.fit(np.zeros((4, 2)), [0, 1, 0, 1])
    with pytest.raises(ValueError, match="'spy' takes no sample_weight"):
        model.fit(*labelled, sample_weight=1.0 + labelled[1])


@pytest.mark.slow
def test_calibrated_probabilities_of_held_out_pairs_are_better_than_those_of_overfitted_trees(known):
    pairs, y = labelled_pairs(known.pairs, random_state=0)
    rng = np.random.default_rng(0)
    train = rng.random(len(y)) < 0.7
    y = np.where(rng.random(len(y)) < 0.3, 1 - y, y)  # which the trees learn by heart
    trees = HistGradientBoostingClassifier(max_iter=60, learning_rate=0.3, early_stopping=False)
    params = {"features__background": 0, "features__scales": [], "features__binding": "drop"}
    params |= {"mferl__network": "drop", "mferl__evidence": "drop", "mferl__boosting__estimator": trees}
    model = make_mferl_pipeline(known.circrna, known.mirna, random_state=0, **params)
    loss = []
    for calibrate in (True, False):
        model.set_params(mferl__calibrate=calibrate).fit(pairs[train], y[train])
        loss.append(brier_score_loss(y[~train], model.predict_proba(pairs[~train])[:, 1]))
    assert loss[0] < loss[1]


def test_ids_reach_the_classifiers_as_they_are_and_a_score_depends_on_its_pair_alone():
    # ids of letters that are nucleotides, too
    pairs = [(f"{a}{b}", c) for a in "abcd" for b in "xys" for c in "acgtk"]
    y = np.arange(len(pairs)) % 2
    Spy.fits = []
    StackedPairClassifier([("spy", Spy())], random_state=0).fit(pairs, y)
    assert set(Spy.fits[0]) == set(pairs)
    model = StackedPairClassifier([("degree", DegreeProduct())], random_state=0).fit(pairs, y)
    together = model.decision_function([*pairs, ("e1", "zz")])
    alone = [model.decision_function([pair])[0] for pair in pairs]
    np.testing.assert_array_equal(together[:-1], alone)


def test_rnas_that_were_added_to_fitted_features_can_be_trained_on(data, labelled, stack):
    pairs, y = labelled
    others, last = dict(data.circrna), pairs["circrna"].iloc[0]
    added = {last: others.pop(last)}
    channels = [("graph", PairNeighborhood(n_splits=2))]
    features = PairFeatures(others, data.mirna, [], evidence=channels, random_state=0)
    is_old = (pairs["circrna"] != last).to_numpy()
    table = features.fit(pairs[is_old], y[is_old]).add_rnas(circrna=added).transform(pairs)
    with pytest.warns(UserWarning, match="'graph'.* is not given as it were if"):
        model = stack.set_params(network="drop").fit(table, y)
    assert np.isfinite(model.decision_function(table)).all()
