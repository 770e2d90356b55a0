"""Vectors come out as the table has them; a table that cannot be read is refused with the reason."""

import numpy as np
import pandas as pd
import pytest

from sklearn_mferl.features.precomputed import PrecomputedEmbedding

TABLE = pd.DataFrame({"d0": [1.0, 2.0, 3.0], "d1": [0.5, 0.25, 0.0]}, index=["circ_1", "circ_2", "circ_3"])


def with_cell(value) -> pd.DataFrame:
    table = TABLE.astype(object)
    table.loc["circ_2", "d1"] = value
    return table


def test_the_rows_of_the_table_come_out_in_the_order_of_the_ids():
    embedding = PrecomputedEmbedding(TABLE).fit(["circ_2"])
    ids = ["circ_3", "circ_1", "circ_3"]
    found = embedding.transform(ids)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, TABLE.loc[ids].to_numpy())
    assert embedding.get_feature_names_out().tolist() == ["d0", "d1"]


@pytest.mark.parametrize(
    "embeddings",
    [
        dict(zip(TABLE.index, TABLE.to_numpy(), strict=True)),
        {name: list(TABLE.loc[name]) for name in TABLE.index},
        pd.Series({name: list(TABLE.loc[name]) for name in TABLE.index}),
        pd.DataFrame(TABLE.to_numpy(), index=TABLE.index),
        pd.DataFrame(TABLE.to_numpy(), index=TABLE.index).astype(object),
    ],
)
def test_a_table_without_column_names_numbers_them(embeddings):
    embedding = PrecomputedEmbedding(embeddings)
    np.testing.assert_array_equal(embedding.fit_transform(list(TABLE.index)), TABLE.to_numpy())
    assert embedding.get_feature_names_out().tolist() == ["0", "1"]


@pytest.mark.parametrize("dtype", ["float32", "int64", "Float64", "Int64", "bool", "boolean"])
def test_every_dtype_of_numbers_is_read(dtype):
    table = pd.DataFrame({"d0": [1, 0], "d1": [0, 1]}, index=["a", "b"]).astype(dtype)
    assert PrecomputedEmbedding(table).fit_transform(["b", "a"]).tolist() == [[0.0, 1.0], [1.0, 0.0]]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e39, None, "0.5", pd.NA, 1j])
def test_a_cell_that_is_not_a_finite_float32_is_refused_with_its_id_and_column(value):
    for table in (with_cell(value), with_cell(np.nan).astype(float)):
        with pytest.raises(ValueError, match=r"for id 'circ_2' in column 'd1'"):
            PrecomputedEmbedding(table).fit(["circ_1"])


def test_an_id_that_stands_twice_with_the_same_vector_is_read_once():
    table = pd.DataFrame({"d0": [3.0, 1.0, 3.0, 2.0]}, index=["c", "a", "c", "b"])
    assert PrecomputedEmbedding(table).fit_transform(["a", "b", "c"]).ravel().tolist() == [1.0, 2.0, 3.0]


def test_an_id_that_is_not_in_the_table_is_refused_with_its_row():
    message = r"The id 'circ_9' of row 1 is not in embeddings="
    with pytest.raises(ValueError, match=message):
        PrecomputedEmbedding(TABLE).fit(["circ_1", "circ_9"])
    with pytest.raises(ValueError, match=message + r" \(2 rows have such ids\)"):
        PrecomputedEmbedding(TABLE).fit(["circ_1"]).transform(["circ_1", "circ_9", "CIRC_1"])


@pytest.mark.parametrize(
    ("embeddings", "message"),
    [
        (None, "embeddings= is required"),
        (TABLE.to_numpy(), "must be a DataFrame indexed by id, or a mapping"),
        (TABLE.reset_index(drop=True), "index of row 0 is 0"),
        (TABLE.reset_index(names="id"), "set_index"),
        (TABLE.iloc[:0], "is empty"),
        (TABLE[[]], "is empty"),
        ({}, "is empty"),
        (TABLE.set_axis(["a", "b", "b"]), "the id 'b' twice with two different vectors"),
        (TABLE.set_axis(["1", 1], axis="columns"), "two columns named '1'"),
        ({"a": [1.0, 2.0], "b": [1.0]}, r"that of 'b' has shape \(1,\)"),
        ({"a": 1.0}, r"that of 'a' has shape \(\)"),
        ({"a": ["x", "y"]}, "'x' for id 'a' in column '0'"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_with_the_reason(embeddings, message):
    with pytest.raises(ValueError, match=message):
        PrecomputedEmbedding(embeddings).fit(["circ_1"])


def test_a_later_table_serves_new_ids_only_if_its_columns_are_the_same():
    embedding = PrecomputedEmbedding(TABLE).fit(["circ_1"])
    embedding.set_params(embeddings=TABLE.rename(index={"circ_3": "circ_4"}))
    assert embedding.transform(["circ_4"]).tolist() == [[3.0, 0.0]]
    embedding.set_params(embeddings=TABLE[["d1", "d0"]])
    with pytest.raises(
        ValueError, match=r"has 2 columns \(d1, d0\), but was fitted with 2 columns \(d0, d1\)"
    ):
        embedding.transform(["circ_1"])
