"""The background: unknown pairs that are drawn like the negatives."""

import numpy as np
import pytest

from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.evidence import default_evidence
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.pairs import PairFeatures
from sklearn_mferl.pairs.background import draw_background


@pytest.fixture(scope="module")
def labelled():
    data = make_cmi(80, 40, random_state=0)
    pairs, y = labelled_pairs(data.pairs, random_state=0)
    return data, pairs.to_numpy(dtype=object), y


def test_no_background_pair_is_labelled_or_drawn_twice(labelled):
    _, pairs, y = labelled
    drawn = [tuple(pair) for pair in draw_background(pairs, y == 1, 3, seed=0)]
    assert len(drawn) > 1.5 * (y == 0).sum()
    assert len(set(drawn)) == len(drawn)
    assert not set(drawn) & {tuple(pair) for pair in pairs}


def test_an_rna_is_as_frequent_as_among_the_negatives():
    rng = np.random.default_rng(0)
    often = np.arange(1, 101) / np.arange(1, 101).sum()
    cells = np.unique(np.column_stack([rng.choice(100, 900, p=often) for _ in range(2)]), axis=0)
    pairs = np.array([(f"c{i:03d}", f"m{j:03d}") for i, j in cells], dtype=object)
    drawn = draw_background(pairs, np.arange(len(pairs)) == 0, 3, seed=0)
    for column in range(2):
        ids, count = np.unique(pairs[1:, column].astype(str), return_counts=True)
        found = np.array([(drawn[:, column] == name).sum() for name in ids])
        assert np.corrcoef(count, found)[0, 1] > 0.9
        assert set(drawn[:, column]) <= set(ids)


def test_the_order_of_the_pairs_changes_nothing(labelled):
    _, pairs, y = labelled
    order = np.random.default_rng(0).permutation(len(y))
    drawn = draw_background(pairs, y == 1, 2, seed=3)
    np.testing.assert_array_equal(drawn, draw_background(pairs[order], y[order] == 1, 2, seed=3))
    assert not np.array_equal(drawn, draw_background(pairs, y == 1, 2, seed=4))


def test_nothing_is_drawn_where_every_pair_is_labelled_or_none_is_negative():
    pairs = np.array([(c, m) for c in "ab" for m in "xy"], dtype=object)
    assert draw_background(pairs, np.array([True, False, False, False]), 4, seed=0).shape == (0, 2)
    assert draw_background(pairs, np.ones(4, dtype=bool), 4, seed=0).shape == (0, 2)


def test_training_pairs_carry_it_and_others_do_not(labelled):
    data, pairs, y = labelled
    features = PairFeatures(
        data.circrna, data.mirna, [], evidence=default_evidence(), background=1.0, random_state=0
    )
    table = features.fit_transform(pairs, y)
    assert len(table.background) > 0.5 * (y == 0).sum()
    assert table.background.evidence.keys() == table.evidence.keys()
    assert table[:5].background is None
    assert features.transform(pairs).background is None


@pytest.mark.parametrize("background", [-1, "4", None, True, np.inf])
def test_a_background_that_is_no_number_is_refused(labelled, background):
    data, pairs, y = labelled
    features = PairFeatures(data.circrna, data.mirna, [], evidence=default_evidence(), background=background)
    with pytest.raises(ValueError, match="background must be a"):
        features.fit(pairs, y)
