"""What sites say of a pair: columns of the evidence, and the preset that learns nothing from a list."""

import copy

import numpy as np
import pandas as pd
import pytest
from scipy.special import logsumexp
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator

from sklearn_mferl import BindingSites, PairFeatures, TargetSites, make_mferl_pipeline
from sklearn_mferl.inspection import explain
from sklearn_mferl.models import BindingScore
from sklearn_mferl.models.sites.along_target import find_peaks
from sklearn_mferl.models.sites.scan import scan_targets
from tests.models._sites import small_model

# of the default what reads evidence
LIGHT = {"features__scales": [], "features__background": 0, "mferl__network": "drop"}
COLUMNS = ["binding_best", "binding_sites", "binding_log_sum"]


@pytest.fixture(scope="module")
def frozen():
    return FrozenEstimator(small_model())


def binding(data, frozen, **params):
    sites = {"features__binding__binding": frozen}
    return make_mferl_pipeline(data.circrna, data.mirna, preset="binding", **sites, **params)


@pytest.mark.parametrize("circular", [True, False])
def test_columns_are_of_the_windows_along_the_target(data, frozen, circular):
    pairs = data.pairs.to_numpy()[:40]
    sites = TargetSites(data.circrna, data.mirna, circular=circular, binding=frozen)
    sites.set_output(transform="pandas")
    found = sites.fit(pairs).transform(pairs)[COLUMNS]
    for (circrna, mirna), row in zip(pairs, found.to_numpy(), strict=True):
        rnas = data.circrna[circrna], data.mirna[mirna][:20]
        target, seed = (np.array(["ACGU".index(x) for x in rna], dtype=np.uint8) for rna in rnas)
        (logits,) = scan_targets(small_model(), [target], seed[None], circular)
        peaks = logits[find_peaks(logits, circular)]
        expected = [logits.max(), (peaks > 0).sum(), logsumexp(peaks)]
        np.testing.assert_allclose(row, expected, rtol=1e-5, atol=1e-5)


def test_the_channel_is_the_columns_of_the_target_sites(data, frozen):
    pairs = data.pairs.to_numpy()
    of_sites = TargetSites(data.circrna, data.mirna, binding=frozen).fit_transform(pairs)
    channel = BindingSites(data.circrna, data.mirna, binding=frozen)
    np.testing.assert_array_equal(channel.fit_transform(pairs), of_sites[:, -3:])
    assert channel.get_feature_names_out().tolist() == COLUMNS


@pytest.fixture(scope="module")
def default(data, labelled, frozen, few_trees_in_module):
    """Return the light default without the odds of sites, fitted where computing these would fail."""
    params = {**LIGHT, "features__binding__binding": frozen, "mferl__site_prevalence": None}
    model = make_mferl_pipeline(data.circrna, data.mirna, random_state=0, **params)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BindingSites, "_describe", None)
        return model.fit(*labelled)


def test_the_default_adds_the_odds_of_list_and_sites(default, labelled):
    pairs = labelled[0]
    of_list = default.decision_function(pairs)
    of_sites = default["features"].transform(pairs).evidence["binding"][:, 2] - np.log(7999)
    model = copy.deepcopy(default).set_params(mferl__site_prevalence=1 / 8000)
    added = model.decision_function(pairs)
    np.testing.assert_allclose(np.exp(added), np.exp(of_list) + np.exp(of_sites), rtol=1e-4)
    explained = explain(model, pairs[:2], random_state=0)
    assert "binding" in explained.players
    shares = explained.summary[["base", *explained.players]]
    np.testing.assert_allclose(shares.sum(axis=1), added[:2], atol=1e-6)


def test_without_sequences_the_default_is_the_list_alone(data, labelled, few_trees_in_module):
    vectors = pd.DataFrame(np.eye(len(data.circrna)), index=list(data.circrna))
    rnas = {"circrna": None, "mirna": data.mirna, "embeddings": {"circrna": vectors}}
    model = make_mferl_pipeline(**rnas, random_state=0, **LIGHT).fit(*labelled)
    scores = model.decision_function(labelled[0])
    alone = model.set_params(mferl__site_prevalence=None).decision_function(labelled[0])
    np.testing.assert_array_equal(scores, alone)


def test_no_classifier_learns_from_the_channel_and_no_fit_computes_it(data, labelled, default):
    pairs = labelled[0]
    table = clone(default["features"]).fit_transform(*labelled)
    assert np.isnan(table.evidence["binding"]).all()
    assert np.isfinite(default["features"].transform(pairs).evidence["binding"]).all()
    params = {**LIGHT, "features__binding": "drop", "mferl__site_prevalence": None, "random_state": 0}
    without = make_mferl_pipeline(data.circrna, data.mirna, **params).fit(*labelled)
    scores = [model.decision_function(pairs) for model in (default, without)]
    np.testing.assert_allclose(*scores, atol=1e-9)


def test_threads_and_company_change_no_bit(data, frozen):
    pairs = data.pairs.to_numpy()
    sites = TargetSites(data.circrna, data.mirna, binding=frozen).fit(pairs)
    together = sites.transform(pairs)
    np.testing.assert_array_equal(sites.transform(pairs[3:9]), together[3:9])
    np.testing.assert_array_equal(sites.set_params(n_jobs=2).transform(pairs), together)


@pytest.mark.parametrize(
    ("channel", "model", "message"),
    [
        (TargetSites, clone(small_model()), r"not fitted; .*FrozenEstimator"),
        (TargetSites, "trained", "binding must be 'pretrained', a fitted SiteClassifier or None"),
        (BindingSites, None, "binding must be 'pretrained' or a fitted SiteClassifier; got None"),
    ],
)
def test_a_model_that_is_not_fitted_or_none_at_all_is_refused(data, channel, model, message):
    with pytest.raises(ValueError, match=message):
        channel(data.circrna, data.mirna, binding=model).fit(data.pairs.to_numpy()[:3])


def test_the_preset_learns_nothing_from_labels_but_must_have_one_a_pair(data, labelled, frozen):
    pairs, y = labelled
    first, second, third = (
        binding(data, frozen).fit(pairs, labels).decision_function(pairs) for labels in (y, 1 - y, None)
    )
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first, third)
    with pytest.raises(ValueError, match="inconsistent"):
        binding(data, frozen).fit(pairs, y[:-1])


def test_the_score_is_the_column_at_the_stated_prevalence(data, labelled, frozen):
    pairs, y = labelled
    table = TargetSites(data.circrna, data.mirna, binding=frozen).fit(pairs).transform(pairs)
    for column, place in (("binding_best", -3), ("binding_log_sum", -1)):
        model = binding(data, frozen, mferl__column=column).fit(pairs, y)
        np.testing.assert_allclose(model.decision_function(pairs), table[:, place], rtol=1e-6)
        odds = np.exp(model.set_params(mferl__prevalence=0.1).decision_function(pairs) - table[:, place])
        np.testing.assert_allclose(odds, 1 / 9, rtol=1e-4)


def test_pairs_without_sites_are_refused(data, labelled):
    table = PairFeatures(data.circrna, data.mirna, evidence=None).fit_transform(*labelled)
    with pytest.raises(ValueError, match="no evidence 'binding'"):
        BindingScore().fit(table).predict(table)
