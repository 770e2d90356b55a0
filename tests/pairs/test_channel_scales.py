"""A channel that compares RNAs places them for the network, and a new one as it is placed in use."""

import numpy as np
import pytest

from sklearn_mferl import KmerTransformer, PairFeatures, PairNeighborhood
from sklearn_mferl.experiments.running.variants import drop_input

NAME = "neighborhood_embedding"


def make_features(data, scales=(), **params):
    channel = PairNeighborhood(**{"random_state": 0, "n_splits": 2, **params})
    return PairFeatures(
        data.circrna,
        data.mirna,
        list(scales),
        evidence=[("neighborhood", channel)],
        channel_scales=True,
        random_state=0,
    )


@pytest.mark.parametrize("side", ["circrna", "mirna"])
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


@pytest.mark.parametrize("side", ["circrna", "mirna"])
@pytest.mark.parametrize("number", [0, 2, 3])
def test_an_rna_as_new_is_as_far_out_as_one_that_the_features_have_not_seen(data, labelled, side, number):
    pairs, y = labelled
    features = make_features(data)
    shown = getattr(features.fit_transform(pairs, y), side)
    without = (pairs[side] != shown.ids[number]).to_numpy()
    features.fit(pairs[without], y[without])
    unseen = getattr(features.transform(pairs[~without]), side)
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
