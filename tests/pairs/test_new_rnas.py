"""Training RNAs shown as new look as they do to features that were fitted without them."""

from itertools import product

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from sklearn_mferl import (
    CosineSimilarity,
    KmerTransformer,
    LevenshteinSimilarity,
    PairFeatures,
    PairNeighborhood,
    Role2VecEmbedder,
)
from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.experiments.running.variants import drop_input
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.pairs.novelty import VIEWS, Novelty
from sklearn_mferl.utils.validation import SIDES

SCALES = [
    ("kmer", KmerTransformer(k=2)),
    ("role2vec", Role2VecEmbedder(vector_size=4)),
    ("similarity", LevenshteinSimilarity(threshold=0.4)),
]


def shown_and_unseen(features, pairs, y, side, number):
    """Return the RNAs of training, and one of them as features see it that are fitted without it."""
    shown = getattr(features.fit_transform(pairs, y), side)
    without = (pairs[side] != shown.ids[number]).to_numpy()
    features.fit(pairs[without], y[without])
    return shown, getattr(features.transform(pairs[~without]), side)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("number", [0, 3])
def test_an_rna_as_new_is_one_that_the_features_have_not_seen(data, labelled, side, number):
    features = PairFeatures(data.circrna, data.mirna, SCALES, random_state=0)
    shown, unseen = shown_and_unseen(features, *labelled, side, number)
    assert set(shown.cold_scales) == {"role2vec", "similarity"}  # kmers do not depend on others
    assert shown.as_new().scales["kmer"] is shown.scales["kmer"]
    as_new = shown.as_new().take([number])
    np.testing.assert_array_equal(as_new.scales["kmer"], unseen.scales["kmer"])
    np.testing.assert_array_equal(as_new.scales["role2vec"], unseen.scales["role2vec"])
    assert not as_new.scales["role2vec"].any()
    similarity = as_new.scales["similarity"][0]
    assert similarity[number] == 0
    np.testing.assert_array_equal(np.delete(similarity, number), unseen.scales["similarity"][0])
    np.testing.assert_allclose(as_new.propagated["kmer"], unseen.propagated["kmer"], rtol=1e-5)


def test_of_similarity_by_embeddings_alone_the_own_column_goes_too(data, labelled, vectors):
    embeddings = {"circrna": vectors["circrna"]}
    features = PairFeatures(None, data.mirna, SCALES, embeddings=embeddings, random_state=0)
    table = features.fit_transform(*labelled).circrna
    assert isinstance(features.scales_["circrna"]["similarity"], CosineSimilarity)
    assert (np.diag(table.scales["similarity"]) > 0.99).all()
    assert not np.diag(table.as_new().scales["similarity"]).any()


# A channel that compares RNAs places them for the network -------------------------------------------------

NAME = "neighborhood_embedding"


def make_features(data, scales=(), **params):
    channel = PairNeighborhood(**{"random_state": 0, "n_splits": 2, **params})
    kwargs = {"evidence": [("neighborhood", channel)], "channel_scales": True, "random_state": 0}
    return PairFeatures(data.circrna, data.mirna, list(scales), **kwargs)


@pytest.mark.parametrize("side", SIDES)
def test_an_rna_as_new_is_placed_by_the_others_alone(data, labelled, side):
    rnas = getattr(make_features(data).fit_transform(*labelled), side)
    known, as_new = rnas.scales[NAME], rnas.as_new().scales[NAME]
    for number, (own, found) in enumerate(zip(known, as_new, strict=True)):
        others = np.delete(known, number, axis=0).T
        projected = others @ np.linalg.lstsq(others, own, rcond=1e-5)[0]
        np.testing.assert_allclose(found, projected, atol=1e-3)
    assert (np.linalg.norm(as_new, axis=1) < np.linalg.norm(known, axis=1) + 1e-6).all()


def test_rnas_that_are_no_landmarks_are_placed_as_new_ones_are(data, labelled):
    rnas = make_features(data, n_landmarks=5).fit_transform(*labelled).circrna
    moved = np.abs(rnas.as_new().scales[NAME] - rnas.scales[NAME]).max(axis=1) > 1e-6
    assert moved.sum() == 5


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("number", [0, 2, 3])
def test_an_rna_as_new_is_as_far_out_as_one_that_the_features_have_not_seen(data, labelled, side, number):
    shown, unseen = shown_and_unseen(make_features(data), *labelled, side, number)
    as_new = shown.as_new().take([number])
    lengths = [np.linalg.norm(rna.scales[NAME]) for rna in (as_new, unseen)]
    # not the same number: how rare a word is depends on the RNAs of training
    np.testing.assert_allclose(*lengths, rtol=0.1)
    assert lengths[0] < 0.9 * np.linalg.norm(shown.scales[NAME][number])


def test_the_scale_stands_beside_the_others_and_goes_with_its_channel(data, labelled):
    features = make_features(data, scales=[("kmer", KmerTransformer(k=1))])
    table = features.fit_transform(*labelled)
    assert list(table.mirna.scales) == ["kmer", NAME]
    assert list(drop_input(table, "neighborhood").mirna.scales) == ["kmer"]
    matrix = features.set_params(output="array").fit(*labelled).transform(labelled[0])
    names = features.get_feature_names_out()
    assert matrix.shape[1] == len(names)
    assert [name.split("__")[1] for name in names if name.startswith("mirna")][-1] == NAME
    plain = features.set_params(channel_scales=False).fit(*labelled).transform(labelled[0])
    of_scale = [NAME in name for name in names]
    np.testing.assert_array_equal(matrix[:, ~np.array(of_scale)], plain)


# Evidence -------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_no_column_tells_a_pair_shown_as_new_in_training_from_one_that_is_new_in_use():
    data = make_cmi(200, 100, circrna_length=(200, 600), random_state=0)
    pairs, y = labelled_pairs(data.pairs, random_state=0)
    rng = np.random.default_rng(0)
    # each RNA is new in use, and shown as new in the other folds, so that both see the same RNAs
    fold = {side: pairs[side].map({rna: rng.integers(6) for rna in pairs[side].unique()}) for side in pairs}
    shown, used = ({novelty: [] for novelty in VIEWS} for _ in range(2))
    for number, shift in product(range(6), range(2)):
        is_new = {"mirna": fold["mirna"] == number, "circrna": fold["circrna"] == (number + shift) % 6}
        level = Novelty.MIRNA * is_new["mirna"] + Novelty.CIRCRNA * is_new["circrna"]
        known = level == Novelty.NONE
        neighborhood = PairNeighborhood(data.circrna, data.mirna, random_state=0).fit(pairs[known], y[known])
        for novelty, view in zip(VIEWS, neighborhood.cold_views(pairs[known]), strict=True):
            shown[novelty].append(view)
            used[novelty].append(neighborhood.transform(pairs[level == novelty]))
    for novelty in VIEWS:
        of_training, of_use = np.concatenate(shown[novelty]), np.concatenate(used[novelty])
        in_use = np.repeat([0, 1], [len(of_training), len(of_use)])
        for name, column in zip(neighborhood.columns_, np.concatenate([of_training, of_use]).T, strict=True):
            told = roc_auc_score(in_use, np.nan_to_num(column, nan=-1e9))
            assert 0.45 < told < 0.55, (novelty.name, name)
