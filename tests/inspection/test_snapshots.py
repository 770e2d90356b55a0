"""Snapshots show the network in training, and leave the training as it is."""

import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from _networks import SCALES, small_network
from sklearn.pipeline import make_pipeline
from skorch import NeuralNet

from sklearn_mferl import MFERLClassifier, PairFeatures
from sklearn_mferl.inspection import EmbeddingSnapshots


def small(*callbacks, **params) -> MFERLClassifier:
    return small_network(callbacks=list(callbacks), **{"max_epochs": 3, "dropout": 0.2, **params})


@pytest.fixture(scope="module")
def model(table, y):
    return small(EmbeddingSnapshots(epochs=(0, 1, 3, 50))).fit(table, y)


@pytest.fixture(scope="module")
def snapshots(model):
    return EmbeddingSnapshots.of(model)


def test_training_is_bit_for_bit_the_same_with_and_without_snapshots(model, table, y):
    without = small().fit(table, y)
    weights = without.net_.module_.state_dict()
    assert weights.keys() == model.net_.module_.state_dict().keys()
    for name, found in model.net_.module_.state_dict().items():
        assert torch.equal(found, weights[name]), name
    np.testing.assert_array_equal(model.history_[:, "train_loss"], without.history_[:, "train_loss"])


def test_the_epochs_that_training_reaches_are_kept_with_every_layer_and_the_labels(snapshots, labelled):
    found = snapshots.snapshots_
    n_pairs = len(labelled[1])
    assert list(found) == list(snapshots.nodes_) == list(snapshots.outputs_) == [0, 1, 3]
    for layers in found.values():
        shapes = {layer: array.shape for layer, array in layers.items()}
        assert shapes == {"initial": (n_pairs, 4), "attention": (n_pairs, 4), "final": (n_pairs, 12)}
    kept = snapshots.pairs_.assign(label=snapshots.labels_)
    assert {*map(tuple, kept.to_numpy())} == {*map(tuple, labelled[0].assign(label=labelled[1]).to_numpy())}
    assert len(kept) == n_pairs


def test_the_last_snapshot_is_what_the_fitted_model_gives(model, data, labelled, snapshots):
    table = PairFeatures(data.circrna, data.mirna, SCALES).fit(*labelled).transform(snapshots.pairs_)
    close = {"rtol": 1e-5, "atol": 1e-6}
    np.testing.assert_allclose(snapshots.outputs_[3], model.decision_function(table), **close)
    for layer in ("initial", "attention", "final"):
        of_pairs = model.embed_pairs(table, layer)
        np.testing.assert_allclose(snapshots.snapshots_[3][layer], of_pairs, **close)
        of_nodes = model.embed("mirna", snapshots.ids_["mirna"], layer=layer)
        np.testing.assert_allclose(snapshots.nodes_[3]["mirna"][layer], of_nodes, **close)


def test_an_early_snapshot_is_what_a_model_trained_as_far_gives(table, y):
    early, short = (
        small(EmbeddingSnapshots(epochs=[2]), max_epochs=n, lr_schedule="constant").fit(table, y)
        for n in (3, 2)
    )
    found = [EmbeddingSnapshots.of(model).snapshots_[2]["final"] for model in (early, short)]
    np.testing.assert_array_equal(*found)


def test_snapshots_can_be_of_held_out_pairs_too(data, labelled):
    pairs, y = labelled
    train, test = np.arange(len(y)) % 3 > 0, np.arange(len(y)) % 3 == 0
    features = PairFeatures(data.circrna, data.mirna, SCALES)
    table = features.fit_transform(pairs[train], y[train])
    held_out = features.transform(pairs[test])
    model = small(EmbeddingSnapshots([3], pairs=held_out, y=y[test])).fit(table, y[train])
    found = EmbeddingSnapshots.of(model)
    np.testing.assert_allclose(found.snapshots_[3]["final"], model.transform(held_out), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(found.labels_, y[test])
    assert found.pairs_.to_numpy().tolist() == pairs[test].to_numpy().tolist()


def test_pairs_may_be_ids_of_training_rnas_in_a_pipeline(data, labelled):
    pairs, y = labelled
    callback = EmbeddingSnapshots([1], layers=["final"], pairs=pairs[:7])
    pipeline = make_pipeline(PairFeatures(data.circrna, data.mirna, SCALES), small(callback, max_epochs=1))
    found = EmbeddingSnapshots.of(pipeline.fit(pairs, y))
    expected = pipeline[-1].transform(pipeline[:-1].transform(pairs[:7]))
    np.testing.assert_allclose(found.snapshots_[1]["final"], expected, rtol=1e-5, atol=1e-6)
    assert found.labels_ is None


def test_a_saved_model_keeps_its_snapshots_but_no_features(table, y, snapshots, model):
    loaded = EmbeddingSnapshots.of(pickle.loads(pickle.dumps(model)))
    np.testing.assert_array_equal(loaded.snapshots_[3]["final"], snapshots.snapshots_[3]["final"])
    params = {"epochs", "layers", "pairs", "y"}
    assert set(vars(loaded)) == params | {"nodes_", "outputs_", "labels_", "ids_", "rows_"}


def test_early_stopping_leaves_the_snapshots_of_all_training_pairs(table, y, snapshots):
    model = small(EmbeddingSnapshots([1]), early_stopping=True, validation_fraction=0.2)
    found = EmbeddingSnapshots.of(model.fit(table, y))
    pd.testing.assert_frame_equal(found.pairs_, snapshots.pairs_)


def test_a_matrix_has_snapshots_too():
    X, y = np.random.default_rng(0).normal(size=(20, 6)), np.arange(20) % 2
    model = small(EmbeddingSnapshots([3], ["final"])).fit(X, y)
    assert EmbeddingSnapshots.of(model).snapshots_[3]["final"].shape == (20, 12)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"epochs": ()}, "epochs must be whole numbers of at least 0"),
        ({"epochs": (1, -2)}, "epochs must be whole numbers of at least 0"),
        ({"epochs": 3}, "epochs must be whole numbers of at least 0; got 3"),
        ({"layers": "final"}, "layers must be some of"),
        ({"layers": ["last"]}, r"layers must be some of .* got \['last'\]"),
        ({"y": [1, 0]}, "y are the labels of pairs"),
        ({"pairs": [("nobody", "miR")]}, "The circrna 'nobody' was not in training; leave its pairs out"),
    ],
)
def test_a_parameter_out_of_range_is_named(table, y, params, message):
    with pytest.raises(ValueError, match=message):
        small(EmbeddingSnapshots(**params)).fit(table, y)


def test_a_network_without_attention_has_no_such_layer(table, y):
    with pytest.raises(ValueError, match="layer='attention' needs a network with attention"):
        small(EmbeddingSnapshots(), attention=None).fit(table, y)
    model = small(EmbeddingSnapshots([1], ["initial", "final"]), attention=None).fit(table, y)
    assert list(EmbeddingSnapshots.of(model).snapshots_[1]) == ["initial", "final"]


def test_what_was_not_kept_is_named(snapshots, table, y):
    with pytest.raises(ValueError, match=r"no snapshot of epoch 2, .* kept are the epochs \[0, 1, 3\]"):
        snapshots.embed_pairs(2)
    with pytest.raises(ValueError, match="fitted with 0 EmbeddingSnapshots"):
        EmbeddingSnapshots.of(small().fit(table, y))


def test_other_nets_are_refused():
    callbacks, shape = [EmbeddingSnapshots()], {"module__in_features": 1, "module__out_features": 1}
    net = NeuralNet(torch.nn.Linear, torch.nn.MSELoss, callbacks=callbacks, verbose=0, **shape)
    with pytest.raises(RuntimeError, match="callback of MFERLClassifier"):
        net.fit(np.zeros((4, 1), np.float32), np.zeros((4, 1), np.float32))
