"""Unknown pairs beside the labelled ones: a background like the negatives, and those that look positive."""

import numpy as np
import pytest
from _rna_strings import windows_by_hand

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


def make_features(data, **params):
    kwargs = {"background": 1, "hard_negatives": 0.5, "random_state": 0, **params}
    return PairFeatures(data.circrna, data.mirna, [], evidence=default_evidence(), **kwargs)


@pytest.fixture(scope="module")
def fitted(labelled):
    """Return features with both kinds of pairs and their table; do not change them."""
    data, pairs, y = labelled
    features = make_features(data)
    return features, features.fit_transform(pairs, y)


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


def test_training_pairs_carry_both_and_others_do_not(labelled, fitted):
    _, pairs, y = labelled
    features, table = fitted
    assert len(table.background) > 0.5 * (y == 0).sum()
    assert table.background.evidence.keys() == table.evidence.keys()
    for other in (table[:5], features.transform(pairs)):
        assert other.background is None
        assert other.hard_negatives is None
    np.testing.assert_array_equal(table[5:9].is_hard, table.is_hard[5:9])


def test_hard_negatives_have_a_match_of_the_seed_and_stand_in_no_other_list(labelled, fitted):
    data, pairs, y = labelled
    table = fitted[1]

    def has_match(pairs):
        return [len(windows_by_hand(data.circrna[c], data.mirna[m])) > 0 for c, m in pairs]

    hard = table.hard_negatives
    assert 10 < len(hard) <= 0.5 * (y == 0).sum()
    assert all(has_match(hard.pairs()))
    np.testing.assert_array_equal(table.is_hard, has_match(pairs))
    lists = [set(map(tuple, each.pairs())) for each in (table, table.background, hard)]
    assert len(set.union(*lists)) == sum(map(len, lists))


def test_hard_negatives_are_shown_as_the_labelled_pairs_are(labelled, fitted):
    data, pairs, y = labelled
    drawn, hard = fitted[0]._drawn_pairs(), fitted[1].hard_negatives
    # the same draw, labelled by hand: the neighbourhood deals the same distinct pairs into the same parts
    by_hand = make_features(data, background=0)
    table = by_hand.fit_transform(np.concatenate([pairs, drawn]), np.append(y, np.zeros(len(drawn), int)))
    assert table.hard_negatives is None  # without a background there are none
    for name, views in hard.cold_evidence.items():
        np.testing.assert_array_equal(views, table.cold_evidence[name][:, -len(hard) :])
    for name, block in hard.evidence.items():
        np.testing.assert_array_equal(block, table.evidence[name][-len(hard) :])


def test_there_are_no_hard_negatives_without_sites(labelled):
    data, pairs, y = labelled
    table = make_features(data).set_params(sites="drop").fit_transform(pairs, y)
    assert table.hard_negatives is None
    assert table.background is not None


@pytest.mark.parametrize("background", [-1, "4", None, True, np.inf])
def test_a_background_that_is_no_number_is_refused(labelled, background):
    data, pairs, y = labelled
    with pytest.raises(ValueError, match="background must be a"):
        make_features(data, background=background).fit(pairs, y)
