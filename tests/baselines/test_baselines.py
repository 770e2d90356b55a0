"""Degrees and paths are what a search counts, seeds the matches found; all tell held-out pairs."""

import itertools
from collections import Counter

import numpy as np
import pytest
from _builders import random_rna
from sklearn.base import clone
from sklearn.ensemble._hist_gradient_boosting import gradient_boosting
from sklearn.metrics import roc_auc_score
from sklearn.utils._openmp_helpers import _openmp_effective_n_threads
from threadpoolctl import threadpool_limits

from sklearn_mferl import KmerTransformer
from sklearn_mferl.baselines import (
    DegreeProduct,
    PathCount,
    SeedCount,
    SiteScore,
    SVDFactorizer,
    make_boosting_pipeline,
)
from sklearn_mferl.datasets import load_cmi, make_cmi
from sklearn_mferl.model_selection import labelled_pairs

LET_7 = "UGAGGUAGUAGGUUGUAUAGUU"
BOOSTING = {
    "features__doc2vec": "drop",
    "boosting__max_iter": 5,
    "boosting__min_samples_leaf": 2,
    "random_state": 0,
}


def judged(model, data, pairs, y):
    """Yield each possible pair, the evidence for it, and the positive training pairs but for itself."""
    positives = {tuple(pair) for pair in pairs[y == 1].to_numpy()}
    everything = list(itertools.product([*data.circrna, "new"], [*data.mirna, "new"]))
    for pair, found in zip(everything, model.decision_function(everything) + model.midpoint_, strict=True):
        yield pair, found, positives - {pair}


def test_degree_product_counts_the_other_partners(data, labelled):
    pairs, y = labelled
    model = DegreeProduct().fit(pairs, y)
    for (circrna, mirna), found, edges in judged(model, data, pairs, y):
        degrees = sum(c == circrna for c, _ in edges), sum(m == mirna for _, m in edges)
        assert found == pytest.approx(np.log((1 + degrees[0]) * (1 + degrees[1])))


@pytest.mark.parametrize("weighted", [True, False])
def test_path_count_counts_what_a_search_finds(data, labelled, weighted):
    pairs, y = labelled
    model = PathCount(weighted=weighted).fit(pairs, y)
    degrees = Counter(pairs[y == 1].to_numpy().ravel())
    means = [(y == 1).sum() / pairs.loc[y == 1, side].nunique() for side in ("circrna", "mirna")]
    for (circrna, mirna), found, edges in judged(model, data, pairs, y):
        degree = {name: count / means[name in data.mirna] for name, count in degrees.items()}
        steps = [(m, other) for c, m in edges if c == circrna for other, last in edges if last == mirna]
        paths = [1 / (degree[m] * degree[other]) for m, other in steps if (other, m) in edges]
        assert found == pytest.approx(np.log1p(sum(paths) if weighted else len(paths)))


@pytest.mark.parametrize("model", [DegreeProduct(), PathCount(), PathCount(weighted=False)])
@pytest.mark.parametrize("n_negatives", [20, 100])
def test_no_other_midpoint_calls_a_number_of_training_pairs_positive_nearer_to_theirs(model, n_negatives):
    pairs, y = labelled_pairs(make_cmi(40, 20, random_state=0).pairs, 3, random_state=0)
    rows = np.r_[np.flatnonzero(y == 1)[:40], np.flatnonzero(y == 0)[:n_negatives]]
    model.fit(pairs.iloc[rows], y[rows])
    order = model.decision_function(pairs.iloc[rows])
    n_called = model.predict(pairs.iloc[rows]).sum()
    assert abs(n_called - 40) == min(abs((order > level).sum() - 40) for level in np.unique(order)[:-1])
    assert 0 not in order


def test_without_a_difference_in_evidence_every_probability_is_a_half():
    pairs = [("c1", "m1"), ("c2", "m2")]
    np.testing.assert_array_equal(PathCount().fit(pairs, [0, 1]).predict_proba(pairs), 0.5)


def test_a_pair_with_both_labels_is_positive():
    pairs = [("c1", "m1"), ("c1", "m1"), ("c2", "m2")]
    assert DegreeProduct().fit(pairs, [0, 1, 0]).graph_.sum() == 1


def test_the_evidence_of_a_seed_is_the_matches_found_against_those_expected():
    target = "CUACCUCGAAGCUUGACUACCUCAAGGU"
    shares = {letter: target.count(letter) / len(target) for letter in "ACGU"}
    expected = len(target) * np.prod([shares[letter] for letter in "CUACCUC"])
    model = SeedCount().fit([(target, LET_7), ("GGGGGGGGGG", LET_7)], [1, 0])
    evidence = model.decision_function([(target, LET_7)]) + model.midpoint_
    assert evidence[0] == pytest.approx(np.log(3) - np.log1p(expected), rel=1e-6)


def test_a_match_across_the_junction_counts_on_a_circle_only():
    pairs = [("ACCUCAGGGGGCUU" + "CU", LET_7), ("GGGGGAUGGGGGCUUA", LET_7)]
    assert np.ptp(SeedCount().fit(pairs, [1, 0]).decision_function(pairs)) > 0.5
    assert np.ptp(SeedCount(circular=False).fit(pairs, [1, 0]).decision_function(pairs)) < 0.1


def test_the_labels_set_the_midpoint_only(data, labelled):
    pairs, y = labelled
    models = [SeedCount(data.circrna, data.mirna).fit(pairs, labels) for labels in (y, 1 - y)]
    np.testing.assert_allclose(*(model.decision_function(pairs) + model.midpoint_ for model in models))


@pytest.mark.parametrize(
    ("sequences", "message"),
    [
        ({}, "SeedCount reads the sequences of both RNAs: give it circrna= and"),
        ({"circrna": {"c1": "ACGU", "c2": "ACGU"}}, "give it mirna=, or pairs of sequences"),
        (
            {"circrna": {"c1": "ACGU"}, "mirna": {"hsa-miR-7-5p": "ACGU"}},
            r"circrna 'c2' \(row 1\) has no sequence; .* or leave the pair out\.$",
        ),
    ],
)
def test_ids_without_sequences_are_refused_with_what_to_give(sequences, message):
    with pytest.raises(ValueError, match=message):
        SeedCount(**sequences).fit([("c1", "hsa-miR-7-5p"), ("c2", "hsa-miR-7-5p")], [1, 0])


@pytest.mark.data
def test_on_starbase_the_seed_alone_is_hard_to_beat(shared):
    data = load_cmi(shared / "starbase")
    pairs, y = labelled_pairs(data.pairs, random_state=0)
    model = SeedCount(data.circrna, data.mirna).fit(pairs, y)
    assert roc_auc_score(y, model.decision_function(pairs)) > 0.96


def small(data, **params):
    return make_boosting_pipeline(data.circrna, data.mirna, **{**BOOSTING, **params})


@pytest.fixture(scope="module")
def fitted(data, labelled):
    return small(data).fit(*labelled)


def test_the_pipeline_of_boosting_does_what_its_steps_do_by_themselves(data, labelled, fitted):
    pairs, y = labelled
    features, boosting = clone(fitted["features"]), clone(fitted["boosting"])
    expected = boosting.fit(features.fit_transform(pairs, y), y).predict_proba(features.transform(pairs))
    np.testing.assert_array_equal(fitted.predict_proba(pairs), expected)
    other = clone(fitted).fit(pairs, 1 - y)  # labels shape no feature
    np.testing.assert_array_equal(other["features"].transform(pairs), fitted["features"].transform(pairs))


def test_by_default_no_feature_of_boosting_is_read_from_the_graph_or_grows_with_the_number_of_rnas(data):
    scales = make_boosting_pipeline(data.circrna, data.mirna)["features"].scales
    assert [name for name, _ in scales] == ["kmer", "ctd", "doc2vec"]


def test_parameters_of_boosting_reach_both_steps_and_an_unknown_one_is_named(data, labelled):
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


@pytest.mark.parametrize(
    ("make", "params", "least"),
    [
        (lambda *_: DegreeProduct(), {}, 0.65),
        (lambda *_: PathCount(), {}, 0.65),
        (lambda *_: PathCount(weighted=False), {}, 0.65),
        (lambda *_: SVDFactorizer(4, random_state=0), {}, 0.65),
        (SeedCount, {"noise": 0.0}, 0.9),
        (
            lambda *rnas: make_boosting_pipeline(*rnas, **{**BOOSTING, "boosting__max_iter": 50}),
            {"circrna_length": (60, 200)},
            0.6,
        ),
    ],
    ids=["degrees", "weighted paths", "paths", "factors", "seeds", "boosting"],
)
def test_new_pairs_of_known_rnas_are_told_from_the_rest(make, params, least):
    data = make_cmi(100, 40, random_state=0, **params)
    pairs, y = labelled_pairs(data.pairs, random_state=0)
    train = np.arange(len(y)) % 4 > 0
    model = make(data.circrna, data.mirna).fit(pairs[train], y[train])
    assert roc_auc_score(y[~train], model.predict_proba(pairs[~train])[:, 1]) > least


def test_probabilities_tell_apart_whatever_scores_do():
    rng = np.random.default_rng(0)
    sites = [(random_rna(50, rng), LET_7) for _ in range(200)] + [("GGACUACCUCAGGA" * 4, LET_7)]
    model = SiteScore(circular=False).fit(sites, [0] * 200 + [1])
    column = model.sites_.get_feature_names_out().tolist().index("duplex_best")
    duplexes = model.sites_.transform(sites)[:, column]
    assert np.ptp(duplexes) > 80  # so far from their middle a sigmoid is 0 or 1
    assert len(np.unique(model.predict_proba(sites)[:, 1])) == len(np.unique(duplexes)) > 5
