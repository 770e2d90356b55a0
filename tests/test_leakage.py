"""Whatever is fitted comes from the training rows."""

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_score, cross_validate
from sklearn.pipeline import Pipeline

from sklearn_mferl import (
    CTDTransformer,
    KmerTransformer,
    LevenshteinSimilarity,
    MFERLClassifier,
    PairFeatures,
    PairNeighborhood,
    Role2VecEmbedder,
    make_mferl_pipeline,
)
from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.models import EvidenceNetwork, StackedPairClassifier
from sklearn_mferl.models.calibration import Calibrator

PAPER = {"preset": "paper", "random_state": 0, "mferl__embedding_dim": 8, "mferl__max_epochs": 2}


def paper_pipeline(data):
    return make_mferl_pipeline(data.circrna, data.mirna, **PAPER)


def best_pipeline(data):
    trees = HistGradientBoostingClassifier(max_iter=20, early_stopping=False)
    light = {"mferl__network__max_epochs": 2, "mferl__evidence__max_epochs": 2, "features__background": 1}
    light |= {"features__neighborhood__n_splits": 5, "mferl__boosting__estimator": trees}
    return make_mferl_pipeline(data.circrna, data.mirna, random_state=0, **light)


def cheap_pipeline(data, scales, **params):
    params = {"embedding_dim": 8, "max_epochs": 2, "batch_size": 512, "random_state": 0, **params}
    features = PairFeatures(data.circrna, data.mirna, scales, random_state=0)
    return Pipeline([("features", features), ("mferl", MFERLClassifier(**params))])


def fitted_models(model, pairs, y, splits):
    return cross_validate(model, pairs, y, cv=splits, return_estimator=True, error_score="raise")["estimator"]


def splits_by_circrna(pairs, y):
    return list(GroupKFold(3).split(pairs, y, groups=pairs["circrna"]))


def fitted_by_circrna(model, pairs, y):
    """Return the model fitted on each split, with the pairs and labels of training and the test pairs."""
    splits = splits_by_circrna(pairs, y)
    models = fitted_models(model, pairs, y, splits)
    return [
        (fitted, pairs.iloc[train], y[train], pairs.iloc[test])
        for fitted, (train, test) in zip(models, splits, strict=True)
    ]


def flip(y, rows):
    """Give some rows the other label."""
    flipped = y.copy()
    flipped[rows] = 1 - y[rows]
    return flipped


def fitted_state(model) -> dict[str, str]:
    """Return a hash of each fitted part: scales, tables, means and deviations, weights of the network."""
    features, mferl = model["features"], model["mferl"]
    network = mferl.net_.module_
    parts = {
        **{f"{side} scales": scales for side, scales in features.scales_.items()},
        **{f"{side} table": vars(side_.table) for side, side_ in features._sides.items()},
        **{f"{side} scaler": vars(scaler) for side, scaler in mferl.scalers_.items()},
        "weights": {name: tensor.numpy() for name, tensor in network.state_dict().items()},
        "contexts": {side: [t.numpy() for t in context] for side, context in network._contexts.items()},
    }
    return {name: joblib.hash(part) for name, part in parts.items()}


@pytest.fixture(scope="module")
def split(labelled):
    pairs, y = labelled
    return next(StratifiedKFold(2, shuffle=True, random_state=0).split(pairs, y))


@pytest.fixture(scope="module")
def state(data, labelled, split):
    (model,) = fitted_models(paper_pipeline(data), *labelled, [split])
    return fitted_state(model)


def permute_test_labels(pairs, y, train, test):
    return pairs, flip(y, test), (train, test)


def drop_test_edges(pairs, y, train, test):
    kept = np.sort(np.concatenate([train, test[y[test] == 0], test[y[test] == 1][:1]]))
    of_kept = np.flatnonzero(np.isin(kept, train)), np.flatnonzero(np.isin(kept, test))
    return pairs.iloc[kept], y[kept], of_kept


def replace_test_pairs(pairs, y, train, test):
    replaced = pairs.copy()
    replaced.iloc[test, 1] = pairs["mirna"].iloc[np.roll(test, 1)].to_numpy()
    return replaced, y, (train, test)


@pytest.mark.parametrize("change", [permute_test_labels, drop_test_edges, replace_test_pairs])
def test_what_changes_in_the_test_leaves_the_fitted_state_bit_equal(data, labelled, split, state, change):
    pairs, y, changed_split = change(*labelled, *split)
    (model,) = fitted_models(paper_pipeline(data), pairs, y, [changed_split])
    assert fitted_state(model) == state


def test_a_training_label_changes_every_part_of_the_fitted_state(data, labelled, split, state):
    pairs, y = labelled
    (model,) = fitted_models(paper_pipeline(data), pairs, flip(y, split[0][0]), [split])
    assert not fitted_state(model).items() & state.items()


class SpyKmer(KmerTransformer):
    def _fit(self, sequences):
        super()._fit(sequences)
        self.seen_ = list(sequences)


class SpyRole2Vec(Role2VecEmbedder):
    def fit(self, X, y=None):
        self.seen_ = [(circrna, mirna, label) for (circrna, mirna), label in zip(X, y, strict=True)]
        return super().fit(X, y)


@pytest.fixture(scope="module")
def spied(data, labelled):
    """Return a model fitted by circRNA, among whose scales are spies; do not change it."""
    scales = [("spy", SpyKmer(k=1)), ("of pairs", SpyRole2Vec(vector_size=4))]
    scales.append(("similarity", LevenshteinSimilarity()))
    return fitted_by_circrna(cheap_pipeline(data, scales), *labelled)


def test_a_spy_among_the_scales_sees_the_training_rnas_and_no_other(data, spied):
    for fitted, pairs, _, tested in spied:
        for side, sequences in (("circrna", data.circrna), ("mirna", data.mirna)):
            seen = fitted["features"].scales_[side]["spy"].seen_
            assert sorted(seen) == sorted({sequences[rna] for rna in pairs[side]})
        held_out = {data.circrna[rna] for rna in tested["circrna"]}
        assert not held_out & set(fitted["features"].scales_["circrna"]["spy"].seen_)


def test_a_spy_that_learns_from_pairs_sees_the_training_pairs_with_their_labels_and_no_other(spied):
    for fitted, pairs, y, _ in spied:
        seen = fitted["features"].scales_["circrna"]["of pairs"].seen_
        assert seen == [(*pair, label) for pair, label in zip(pairs.to_numpy(), y, strict=True)]


def test_similarities_and_the_graph_are_to_training_rnas_only(data, spied):
    for fitted, pairs, _, tested in spied:
        references = {data.circrna[rna] for rna in pairs["circrna"]}
        similarity = fitted["features"].scales_["circrna"]["similarity"]
        assert set(similarity.references_) == references
        assert similarity.graph().shape == (len(references), len(references))
        table = fitted["features"].transform(tested).circrna
        assert table.scales["similarity"].shape[1] == len(references)


def test_the_default_features_of_the_classifier_see_the_training_pairs_only(sequences, y):
    model = MFERLClassifier(embedding_dim=4, max_epochs=1, random_state=0)
    for fitted, pairs, labels, _ in fitted_by_circrna(model, sequences, y):
        scales = fitted.features_.scales_["circrna"]
        assert set(scales["similarity"].references_) == set(pairs["circrna"])
        assert set(scales["role2vec"].circrna_ids_) == set(pairs["circrna"][labels == 1])


@pytest.mark.parametrize("held_out", ["sequences", "embeddings"])
def test_what_is_known_of_a_test_rna_leaves_the_scores_of_other_pairs_bit_equal(
    data, labelled, vectors, held_out
):
    pairs, y = labelled
    train, test = splits_by_circrna(pairs, y)[0]
    unseen = sorted(set(pairs["circrna"].iloc[test]))

    def scores(circrna, vectors):
        known = circrna if held_out == "sequences" else None
        model = make_mferl_pipeline(known, data.mirna, embeddings={"circrna": vectors}, **PAPER)
        return model.fit(pairs.iloc[train], y[train]).decision_function(pairs.iloc[train])

    other_vectors = vectors["circrna"].copy()
    other_vectors.loc[unseen] = 7.0
    other_sequences = {**data.circrna, **dict.fromkeys(unseen, "ACGU" * 20)}
    np.testing.assert_array_equal(
        scores(data.circrna, vectors["circrna"]), scores(other_sequences, other_vectors)
    )


@pytest.mark.parametrize(
    "make",
    [
        paper_pipeline,
        best_pipeline,
        lambda data: best_pipeline(data).set_params(mferl__evidence=EvidenceNetwork(max_epochs=2)),
        lambda data: cheap_pipeline(data, [("ctd", CTDTransformer())]),
    ],
)
def test_a_score_does_not_change_when_other_rows_join(data, labelled, make):
    pairs, y = labelled
    train, test = splits_by_circrna(pairs, y)[0]
    model = make(data).fit(pairs.iloc[train], y[train])
    for rows in (pairs.iloc[train], pairs.iloc[test]):
        together = model.predict_proba(pd.concat([rows, pairs.sample(frac=1, random_state=0)]))[: len(rows)]
        alone = np.concatenate([model.predict_proba(rows.iloc[[row]]) for row in range(0, len(rows), 21)])
        np.testing.assert_allclose(together[::21], alone, rtol=1e-12)
        np.testing.assert_allclose(together, model.predict_proba(rows), rtol=1e-12)


# Evidence -------------------------------------------------------------------------------------------------


def test_permuting_test_labels_leaves_scores_and_their_calibration_bit_equal(data, labelled, split):
    pairs, y = labelled
    first, second = (
        fitted_models(best_pipeline(data), pairs, labels, [split])[0] for labels in (y, flip(y, split[1]))
    )
    np.testing.assert_array_equal(first.decision_function(pairs), second.decision_function(pairs))


def test_the_label_of_a_training_pair_leaves_its_own_evidence_bit_equal(data, labelled):
    pairs, y = labelled
    before = PairNeighborhood(data.circrna, data.mirna, random_state=0).fit(pairs, y)
    for row in range(0, len(y), 25):
        after = PairNeighborhood(data.circrna, data.mirna, random_state=0).fit(pairs, flip(y, row))
        own = pairs.iloc[[row]]
        np.testing.assert_array_equal(after.transform(own), before.transform(own))
        np.testing.assert_array_equal(after.cold_views(own), before.cold_views(own))
        assert not np.array_equal(after.transform(pairs), before.transform(pairs), equal_nan=True)


def random_graph(n_circrna, n_mirna, n_pairs):
    """Return pairs drawn at random, in which there is nothing to predict, and random vectors of the RNAs."""
    rng = np.random.default_rng(0)
    ends = np.divmod(rng.choice(n_circrna * n_mirna, n_pairs, replace=False), n_mirna)
    pairs = pd.DataFrame({"circrna": np.char.mod("c%d", ends[0]), "mirna": np.char.mod("m%d", ends[1])})
    vectors = {
        side: pd.DataFrame(rng.normal(size=(n, 4)), index=[f"{side[0]}{i}" for i in range(n)])
        for side, n in (("circrna", n_circrna), ("mirna", n_mirna))
    }
    return pairs, vectors


def trace_of_the_own_edge(n_splits):
    """Return the AUC of trees on the evidence for a random graph."""
    known, vectors = random_graph(60, 30, 150)
    neighborhood = PairNeighborhood(embeddings=vectors, n_splits=n_splits, random_state=0)
    trees = HistGradientBoostingClassifier(max_iter=50, early_stopping=False, random_state=0)
    pairs, y = labelled_pairs(known, random_state=0)
    return cross_val_score(trees, neighborhood.fit_transform(pairs, y), y, scoring="roc_auc", cv=5).mean()


def test_the_absence_of_the_own_edge_is_told_less_well_the_larger_the_part_that_is_left_out():
    few_parts, usual, one_pair_a_part = (trace_of_the_own_edge(n_splits) for n_splits in (2, 10, 300))
    assert few_parts < usual < one_pair_a_part - 0.1


class ShareOfPositives(BaseEstimator):
    """A scale that remembers the labels that it is fitted on, or leaks those of all pairs, by RNA."""

    def __init__(self, pairs=None, labels=None):
        self.pairs = pairs
        self.labels = labels

    def fit(self, X, y):
        pairs, labels = (X, y) if self.pairs is None else (self.pairs, self.labels)
        pairs = pd.DataFrame(np.asarray(pairs, dtype=object), columns=["circrna", "mirna"])
        self.shares_ = {side: pd.Series(labels).groupby(pairs[side]).mean() for side in pairs}
        return self

    def embed(self, side, ids):
        return self.shares_[side].reindex(list(ids), fill_value=0.5).to_numpy(np.float32)[:, None]


@pytest.mark.parametrize("by_transform", [False, True])
def test_the_calibration_of_a_network_scores_pairs_whose_labels_no_scale_has_seen(monkeypatch, by_transform):
    pairs, vectors = random_graph(150, 150, 1500)
    y = np.random.default_rng(1).integers(0, 2, len(pairs))  # there is nothing to learn
    found = {}
    monkeypatch.setattr(Calibrator, "fit", lambda self, *given: found.update(given=given) or self)
    features = PairFeatures(scales=[("seen", ShareOfPositives())], embeddings=vectors)
    table = features.fit(pairs, y).transform(pairs) if by_transform else features.fit_transform(pairs, y)
    network = MFERLClassifier(embedding_dim=8, max_epochs=5, batch_size=200)
    StackedPairClassifier([("network", network)], random_state=0).fit(table, y)
    scores, _, labels, _ = found["given"]
    assert roc_auc_score(labels, scores) < 0.55  # 0.66 where the scale has seen them


# Shuffled labels ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def larger_data():
    data = make_cmi(120, 50, circrna_length=(60, 200), random_state=0)
    return data, *labelled_pairs(data.pairs, random_state=0)


def auc_by_circrna(model, pairs, y):
    cv = splits_by_circrna(pairs, y)
    return cross_validate(model, pairs, y, cv=cv, scoring="roc_auc", error_score="raise")["test_score"].mean()


def three_scales_pipeline(data, more_scales=()):
    scales = [
        ("kmer", KmerTransformer(k=2)),
        ("role2vec", Role2VecEmbedder(vector_size=16)),
        ("similarity", LevenshteinSimilarity()),
        *more_scales,
    ]
    return cheap_pipeline(data, scales, max_epochs=6)


def shuffled(y, n_times):
    rng = np.random.default_rng(0)
    return [rng.permutation(y) for _ in range(n_times)]


@pytest.mark.parametrize(
    ("make", "n_times"),
    [
        (three_scales_pipeline, 2),
        (lambda data: paper_pipeline(data).set_params(mferl__max_epochs=6, mferl__batch_size=512), 1),
        (best_pipeline, 1),
    ],
    ids=["three scales", "the features of the publication", "evidence"],
)
def test_shuffled_labels_score_an_auc_of_a_half(larger_data, make, n_times):
    data, pairs, y = larger_data
    scores = [auc_by_circrna(make(data), pairs, labels) for labels in shuffled(y, n_times)]
    assert np.mean(scores) == pytest.approx(0.5, abs=0.05)


def test_true_labels_score_more_than_that(larger_data):
    data, pairs, y = larger_data
    assert auc_by_circrna(three_scales_pipeline(data), pairs, y) > 0.55


def test_shuffled_labels_score_more_than_that_where_a_scale_leaks(larger_data):
    data, pairs, y = larger_data
    scores = []
    for labels in shuffled(y, 2):
        model = three_scales_pipeline(data, [("leak", ShareOfPositives(pairs, labels))])
        scores.append(auc_by_circrna(model, pairs, labels))
    assert np.mean(scores) > 0.55
