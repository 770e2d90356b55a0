"""Levels in samples: what scipy's correlation says of them, and nothing of RNAs that are not in the table."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from sklearn_mferl import Expression, PairFeatures, PrecomputedEmbedding, make_mferl_pipeline

RNG = np.random.default_rng(0)
IDS = [f"circ{i}" for i in range(5)] + [f"miR-{i}" for i in range(4)]
LEVELS = pd.DataFrame(RNG.integers(0, 9, (9, 7)).astype(float), index=IDS, columns=list("abcdefg"))
PAIRS = [(circrna, mirna) for circrna in IDS[:5] for mirna in IDS[5:]]


def test_columns_are_spearmans_correlation_and_levels():
    found = Expression(LEVELS).fit_transform(PAIRS)
    for (circrna, mirna), row in zip(PAIRS, found, strict=True):
        circrna, mirna = LEVELS.loc[circrna], LEVELS.loc[mirna]
        expected = [spearmanr(circrna, mirna)[0], np.log1p(circrna).mean(), np.log1p(mirna).mean(), 1]
        np.testing.assert_allclose(row, expected, rtol=1e-6, atol=1e-6)


def test_what_is_not_in_the_table_is_unknown():
    flat = LEVELS.copy()
    flat.loc["circ0"] = 2.0
    found = (
        Expression(flat).fit([("circ1", "y")]).transform([("new", "miR-0"), ("circ0", "miR-0"), ("n", "m")])
    )
    np.testing.assert_array_equal(np.isnan(found[:, :3]), [[1, 1, 0], [1, 0, 0], [1, 1, 1]])
    np.testing.assert_array_equal(found[:, 3], [0, 1, 0])
    few = Expression(LEVELS[["a", "b"]]).fit_transform(PAIRS)
    assert np.isnan(few[:, 0]).all()
    assert not np.isnan(few[:, 1:]).any()
    nothing = Expression().fit_transform(PAIRS)
    assert np.isnan(nothing[:, :3]).all()
    assert not nothing[:, 3].any()


def test_a_file_and_a_table_a_side_mean_the_same(tmp_path):
    expected = Expression(LEVELS).fit_transform(PAIRS)
    LEVELS.to_csv(tmp_path / "levels.csv")
    sides = {"circrna": LEVELS.iloc[:5], "mirna": LEVELS.iloc[5:, ::-1]}
    for levels in (tmp_path / "levels.csv", str(tmp_path / "levels.csv"), sides):
        np.testing.assert_allclose(Expression(levels).fit_transform(PAIRS), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        (3, "levels must be a DataFrame, a path, a mapping of both sides or None; got a int"),
        ({"circrna": LEVELS}, "needs the keys"),
        (-LEVELS - 1, r"has the level -\d.* of 'circ0' in sample 'a'; levels are at least 0"),
        (LEVELS.astype(object).where(LEVELS > 5, "much"), "levels that are no numbers"),
        (pd.concat([LEVELS, LEVELS]), "has the RNA 'circ0' twice"),
        ({"circrna": LEVELS, "mirna": LEVELS.add_prefix("x")}, "no sample in common"),
        (
            LEVELS.rename("other-{}".format),
            "of none of these RNAs: the table has 'other-circ0', the pairs have",
        ),
    ],
)
def test_bad_levels_are_named(levels, message):
    with pytest.raises(ValueError, match=message):
        Expression(levels).fit(PAIRS)


def test_it_reads_ids_where_there_are_no_sequences():
    vectors = {"circrna": LEVELS.iloc[:5], "mirna": LEVELS.iloc[5:]}
    features = PairFeatures(
        scales=[("own", PrecomputedEmbedding(LEVELS))],
        evidence=[("expression", Expression(LEVELS))],
        embeddings=vectors,
        output="array",
    ).fit(PAIRS)
    assert "pair__expression__expression_correlation" in features.get_feature_names_out()


def test_the_pipeline_takes_both_and_refuses_them_where_nothing_reads_them(data, labelled, few_trees):
    levels = pd.DataFrame(RNG.random((36, 4)), index=[*data.circrna, *data.mirna])
    known = {"regions": [*data.circrna.values()][:6], "expression": levels}
    model = make_mferl_pipeline(data.circrna, data.mirna, **known, random_state=0)
    model.fit(*labelled)
    evidence = model["features"].transform(labelled[0]).evidence
    assert [*evidence][-2:] == ["regions", "expression"]
    assert np.isfinite(model.predict_proba(labelled[0])).all()
    for preset in ("paper", "binding"):
        with pytest.raises(ValueError, match="expression has no effect with preset="):
            make_mferl_pipeline(None, None, preset=preset, expression=levels)
