"""Equal pairs are in one fold; without repeats the folds are scikit-learn's."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import KFold, cross_val_score

from sklearn_mferl.baselines import PathCount
from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.features import KmerTransformer
from sklearn_mferl.model_selection import ColdStartKFold, PairKFold, labelled_pairs
from sklearn_mferl.pairs import PairFeatures

NAMES = st.sampled_from(["a", "b", "c", "ab", ""])


@given(st.lists(st.tuples(NAMES, NAMES), min_size=2), st.booleans(), st.integers(0, 5))
def test_every_row_is_tested_once_and_never_trained_on_under_another_row(pairs, shuffle, seed):
    if len(set(pairs)) < 2:
        pairs += [("d", "d")]
    splitter = PairKFold(2, shuffle=shuffle, random_state=seed if shuffle else None)
    folds = list(splitter.split(pairs))
    np.testing.assert_array_equal(np.sort(np.concatenate([test for _, test in folds])), np.arange(len(pairs)))
    for train, test in folds:
        assert sorted([*train, *test]) == list(range(len(pairs)))
        assert not {pairs[row] for row in train} & {pairs[row] for row in test}
    n_distinct = [len({pairs[row] for row in test}) for _, test in folds]
    assert max(n_distinct) - min(n_distinct) <= 1


@pytest.mark.parametrize("shuffle", [True, False])
def test_where_no_pair_is_repeated_the_folds_are_those_of_scikit_learn(shuffle):
    pairs, y = labelled_pairs(make_cmi(30, 15, random_state=0).pairs, random_state=0)
    options = {"shuffle": shuffle, "random_state": 3 if shuffle else None}
    splitters = PairKFold(4, **options), KFold(4, **options)
    for found, expected in zip(*(splitter.split(pairs, y) for splitter in splitters), strict=True):
        np.testing.assert_array_equal(np.concatenate(found), np.concatenate(expected))
    assert len(cross_val_score(PathCount(), pairs, y, cv=PairKFold())) == PairKFold().get_n_splits() == 5


@pytest.mark.parametrize("splitter", [PairKFold, ColdStartKFold])
def test_frames_lists_arrays_and_tables_are_split_alike(splitter):
    data = make_cmi(12, 6, circrna_length=(60, 150), random_state=0)
    pairs = pd.concat([data.pairs, data.pairs[::-1]], ignore_index=True)
    table = PairFeatures(data.circrna, data.mirna, [("kmer", KmerTransformer(k=1))]).fit_transform(pairs)
    forms = [pairs[["mirna", "circrna"]], pairs.to_numpy(), list(pairs.itertuples(index=False)), table]
    expected = list(splitter(3, random_state=0).split(pairs))
    for form in forms:
        for one, other in zip(expected, splitter(3, random_state=0).split(form), strict=True):
            np.testing.assert_array_equal(np.concatenate(one), np.concatenate(other))


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="n_splits=3 is more than the number of distinct pairs, 2"):
        next(PairKFold(3).split([("a", "x"), ("a", "x"), ("b", "x")]))
    with pytest.raises(ValueError, match="k-fold cross-validation requires at least one train/test split"):
        PairKFold(1).get_n_splits()
    with pytest.raises(ValueError, match="Row 1, column 'circrna' is missing"):
        next(PairKFold().split([("a", "x"), (None, "x")]))
