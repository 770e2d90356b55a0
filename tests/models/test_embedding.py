"""Embeddings of pairs and RNAs are what the network computes on its way to a score."""

import joblib
import numpy as np
import pandas as pd
import pytest
import torch
from _builders import random_rna
from _networks import SCALES
from _networks import small_network as small
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_mferl import PairFeatures, PairNeighborhood, make_mferl_pipeline

SIDES = ["circrna", "mirna"]
LAYERS = ["initial", "attention", "final"]


@pytest.fixture(scope="module")
def model(table, y):
    return small().fit(table, y)


# Pairs ----------------------------------------------------------------------------------------------------

OF_VIEWS = {"homogeneous": None, "bilinear": False}


@pytest.mark.parametrize(
    "params", [{}, {"convolution": False}, {"attention": "node"}, {"attention": None}, OF_VIEWS], ids=str
)
def test_the_head_makes_the_logit_of_the_embedding(table, y, params):
    model = small(**params).fit(table, y)
    embeddings = model.transform(table)
    assert embeddings.dtype == np.float64
    logits = model.net_.module_.head.linear(torch.from_numpy(embeddings)).detach().ravel()
    np.testing.assert_allclose(logits, model.decision_function(table), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("layer", LAYERS)
def test_the_embedding_of_a_pair_is_the_product_of_those_of_its_rnas(model, table, layer):
    ends = [
        model.embed(side, getattr(table, side).ids[table.rows[:, column]], layer=layer)
        for column, side in enumerate(SIDES)
    ]
    expected = ends[0].to_numpy() * ends[1].to_numpy()
    np.testing.assert_allclose(model.embed_pairs(table, layer), expected, rtol=1e-9, atol=1e-12)


def test_transform_gives_the_final_layer_with_a_name_for_each_column(model, table, y):
    expected = model.embed_pairs(table, "final")
    np.testing.assert_array_equal(model.transform(table), expected)
    names = model.get_feature_names_out()
    assert len(set(names)) == expected.shape[1] == 12
    assert names[0] == "mferlclassifier0"
    found = small().set_output(transform="pandas").fit_transform(table, y)
    assert found.columns.tolist() == names.tolist()
    np.testing.assert_array_equal(found, expected)
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(len(y), 4)), columns=list("abcd"))
    pipeline = make_pipeline(StandardScaler(), small()).set_output(transform="pandas")
    assert pipeline.fit(X, y).transform(X).shape == (len(y), 12)


def test_evidence_beside_the_network_does_not_change_what_transform_means(data, labelled, model, table):
    features = PairFeatures(data.circrna, data.mirna, SCALES, evidence=[("paths", PairNeighborhood())])
    with_evidence = features.fit_transform(*labelled)
    beside = small().fit(with_evidence, labelled[1])
    np.testing.assert_array_equal(beside.transform(with_evidence), model.transform(table))


# RNAs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", SIDES)
def test_the_initial_layer_is_the_fused_projection_of_the_scales(model, table, side):
    encoder = model.net_.module_.encoders[side]
    scaled = model.scalers_[side].transform(getattr(table, side)).scales.values()
    layers = zip(encoder.projections, scaled, strict=True)
    hidden = [layer(torch.from_numpy(block).double()) for layer, block in layers]
    expected = encoder.fuse(torch.cat(hidden, dim=1)).detach()
    found = model.embed(side, getattr(table, side).ids, layer="initial")
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_the_attention_layer_is_one_of_the_views_that_the_convolution_reads(table, y):
    model = small(homogeneous=None, bilinear=False, convolution=False).fit(table, y)
    for side in SIDES:  # it is the only view here
        pd.testing.assert_frame_equal(model.embed(side, layer="attention"), model.embed(side))
    assert not np.allclose(model.embed("mirna", layer="initial"), model.embed("mirna"))


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("side", SIDES)
def test_training_rnas_have_the_same_embedding_by_id_and_by_table(model, table, side, layer):
    by_id, by_table = model.embed(side, layer=layer), model.embed(side, X=table, layer=layer)
    assert by_id.index.name == side
    assert by_id.shape == (len(getattr(table, side)), 12 if layer == "final" else 4)
    pd.testing.assert_frame_equal(by_id, by_table, rtol=1e-9, atol=1e-12)


def test_the_rows_are_those_asked_for_in_their_order_or_those_of_the_pairs(model, table):
    everything = model.embed("mirna")
    ids = [everything.index[3], everything.index[0], everything.index[3]]
    pd.testing.assert_frame_equal(model.embed("mirna", ids), everything.loc[ids])
    assert model.embed("mirna", []).shape == (0, 12)
    of_pairs = model.embed("circrna", X=table[:2])
    assert set(of_pairs.index) == set(table.circrna.ids[table.rows[:2, 0]])


def test_new_rnas_are_embedded_from_a_table_and_alike_in_any_company(data, labelled, model):
    rng = np.random.default_rng(1)
    rnas = {side: {f"new {i}": random_rna(30, rng) for i in range(3)} for side in SIDES}
    pairs = [(f"new {i}", f"new {j}") for i in range(3) for j in range(2)]
    features = PairFeatures(data.circrna, data.mirna, SCALES).fit(labelled[0]).add_rnas(**rnas)
    together = model.embed("circrna", X=features.transform(pairs))
    assert together.index.tolist() == ["new 0", "new 1", "new 2"]
    alone = model.embed("circrna", ["new 1"], X=features.transform(pairs[2:3]))
    np.testing.assert_allclose(alone, together.loc[["new 1"]], rtol=1e-9, atol=1e-12)
    with pytest.raises(ValueError, match="The circrna 'new 2' is in no pair of X"):
        model.embed("circrna", ["new 2"], X=features.transform(pairs[2:3]))


def test_ids_are_enough_in_the_pipeline_of_the_publication(data, labelled, tmp_path):
    pairs, y = labelled
    params = {"preset": "paper", "random_state": 0, "mferl__max_epochs": 1, "mferl__embedding_dim": 4}
    pipeline = make_mferl_pipeline(data.circrna, data.mirna, **params).fit(pairs, y)
    ids = pairs["circrna"].unique()[:3]
    found = pipeline[-1].embed("circrna", ids)
    assert found.index.tolist() == ids.tolist()
    assert pipeline.transform(pairs).shape == (len(y), 12)
    joblib.dump(pipeline, tmp_path / "model.joblib")
    loaded = joblib.load(tmp_path / "model.joblib")
    pd.testing.assert_frame_equal(loaded[-1].embed("circrna", ids), found)


def test_a_sequence_is_its_own_id_in_any_spelling(sequences, y):
    model, new = small(max_epochs=1).fit(sequences, y), "ACGUACGUACGUACGUACGU"
    circrna, mirna = sequences.iloc[0]
    found = model.embed("mirna", [mirna, mirna.lower().replace("u", "t")])
    np.testing.assert_array_equal(found.iloc[0], found.iloc[1])
    assert model.embed("mirna", [new], X=[(circrna, new)]).shape == (1, 12)
    for name, message in ((new, "was not in training; give X"), ("ACGJ", "letter 'J'")):
        with pytest.raises(ValueError, match=message):
            model.embed("mirna", [name])


@pytest.mark.parametrize("n_columns", [2, 6])
def test_the_rows_of_a_matrix_have_no_ids(n_columns):
    X, y = np.random.default_rng(0).normal(size=(20, n_columns)), np.arange(20) % 2
    model = small().fit(X, y)
    assert model.transform(X).shape == (20, 12)
    assert len(model.embed("circrna", X=X)) == 20
    with pytest.raises(ValueError, match="fitted on a matrix, whose RNAs have no ids; give X"):
        model.embed("circrna")


# What is not there ----------------------------------------------------------------------------------------


def test_a_model_that_is_not_fitted_has_none_yet(table):
    model = small()
    for call in (lambda: model.transform(table), lambda: model.embed("mirna"), model.get_feature_names_out):
        with pytest.raises(NotFittedError):
            call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda model: model.embed("gene"), "side must be 'circrna' or 'mirna'; got 'gene'"),
        (lambda model: model.embed("mirna", "miR-1"), r"for a single one give \['miR-1'\]"),
        (lambda model: model.embed("mirna", layer="last"), "layer must be one of .*; got 'last'"),
        (
            lambda model: model.embed("circrna", [model.embed("circrna").index[0], "nobody"]),
            r"The circrna 'nobody' was not in training; give X .*pipeline\[:-1\].transform\(pairs\)",
        ),
    ],
)
def test_a_wrong_question_is_answered(model, call, message):
    with pytest.raises(ValueError, match=message):
        call(model)


def test_a_network_without_attention_has_no_attention_layer(table, y):
    model = small(attention=None).fit(table, y)
    assert model.embed("mirna", layer="initial").shape[1] == 4
    for call in (model.embed_pairs, lambda _, layer: model.embed("mirna", layer=layer)):
        with pytest.raises(ValueError, match="this one has attention=None"):
            call(table, "attention")
