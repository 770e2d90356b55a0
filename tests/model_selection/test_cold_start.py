"""The RNAs of a test fold, and those similar to them, are new to training; equal pairs are in one fold."""

import warnings
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from _builders import hub_pairs, random_rna, random_rnas
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import KFold, cross_val_score

from sklearn_mferl import PairFeatures
from sklearn_mferl.baselines import PathCount
from sklearn_mferl.datasets import make_cmi, write_fasta
from sklearn_mferl.features import CosineSimilarity, KmerTransformer, LevenshteinSimilarity
from sklearn_mferl.model_selection import ColdStartKFold, PairKFold, labelled_pairs

SIDES = ["circrna", "mirna"]
SPLIT_SIDES = {"circrna": ["circrna"], "mirna": ["mirna"], "both": SIDES}
GRID = pd.DataFrame([(f"c{c:02}", f"m{m:02}") for c in range(12) for m in range(9)], columns=SIDES)
CIRCRNAS = sorted(set(GRID["circrna"]))
HUBS = hub_pairs(60, 40, 400)


def chain(names, linked):
    """Return a matrix in which the names of each run of `linked` are neighbours, one after the other."""
    matrix = pd.DataFrame(0.0, index=names, columns=names)
    for run in linked:
        for left, right in pairwise(run):
            matrix.loc[left, right] = matrix.loc[right, left] = 0.9
    return matrix


def fold_of_name(splitter, pairs, side):
    """Return the fold of each RNA, and check that it has one."""
    found = {}
    for fold, (_, test) in enumerate(splitter.split(pairs)):
        for name in pairs[side].iloc[test]:
            assert found.setdefault(name, fold) == fold
    return found


@pytest.mark.slow
@settings(max_examples=settings.default.max_examples // 2)
@given(
    edges=st.sets(st.tuples(st.integers(0, 14), st.integers(0, 11)), min_size=25),
    on=st.sampled_from(list(SPLIT_SIDES)),
    n_splits=st.integers(2, 4),
    shuffle=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_no_rna_of_a_test_fold_is_in_training(edges, on, n_splits, shuffle, seed):
    pairs = pd.DataFrame([(f"c{c}", f"m{m}") for c, m in sorted(edges)], columns=SIDES)
    splitter = ColdStartKFold(n_splits, on=on, shuffle=shuffle, random_state=seed if shuffle else None)
    try:
        folds = list(splitter.split(pairs))
    except ValueError as error:
        if on != "both" and "number of groups" not in str(error):
            raise
        return
    assert len(folds) == splitter.get_n_splits() == n_splits
    n_tested = np.zeros(len(pairs), dtype=int)
    for train, test in folds:
        assert len(train)
        assert len(test)
        for side in SPLIT_SIDES[on]:
            assert not set(pairs[side].iloc[train]) & set(pairs[side].iloc[test])
        assert on == "both" or sorted([*train, *test]) == list(range(len(pairs)))
        n_tested[test] += 1
    assert n_tested.max() == 1
    assert on == "both" or n_tested.min() == 1


@pytest.mark.parametrize("on", ["circrna", "mirna"])
@pytest.mark.parametrize("shuffle", [True, False])
def test_folds_differ_by_no_more_than_the_pairs_of_the_largest_rna(on, shuffle):
    sizes = [len(test) for _, test in ColdStartKFold(on=on, shuffle=shuffle, random_state=None).split(HUBS)]
    assert len(sizes) == 5
    assert max(sizes) - min(sizes) <= HUBS[on].value_counts().max()


def test_folds_of_many_small_rnas_are_even():
    numbers = np.random.default_rng(0).integers(0, 400, 1000)
    pairs = pd.DataFrame({"circrna": [f"c{i}" for i in numbers], "mirna": "m"})
    sizes = [len(test) for _, test in ColdStartKFold(on="circrna", random_state=0).split(pairs)]
    assert max(sizes) - min(sizes) <= 1


def test_with_both_ends_new_the_test_is_a_diagonal_block_and_training_is_all_outside_its_row_and_column():
    folds = list(ColdStartKFold(on="both", random_state=0).split(GRID))
    assert len(folds) == 3
    for train, test in folds:
        inside = {side: set(GRID[side].iloc[test]) for side in SIDES}
        assert len(test) == len(inside["circrna"]) * len(inside["mirna"]) == 4 * 3
        outside = ~GRID["circrna"].isin(inside["circrna"]) & ~GRID["mirna"].isin(inside["mirna"])
        np.testing.assert_array_equal(train, np.flatnonzero(outside))
        assert len(train) == 8 * 6
    for side in SIDES:  # each RNA is new in one fold
        assert set.union(*(set(GRID[side].iloc[test]) for _, test in folds)) == set(GRID[side])


@pytest.mark.parametrize("on", list(SPLIT_SIDES))
def test_an_integer_seed_gives_the_same_folds_in_any_order_of_the_pairs(on):
    shuffled = HUBS.sample(frac=1, random_state=1)
    splitter = ColdStartKFold(on=on, random_state=3)
    for (_, test), (_, other) in zip(splitter.split(HUBS), splitter.split(shuffled), strict=True):
        assert set(HUBS.index[test]) == set(shuffled.index[other])


def test_another_seed_gives_other_folds_of_the_hubs_too():
    hub_names = HUBS["mirna"].value_counts().index[:8]
    found = set()
    for seed in range(6):
        fold_of = fold_of_name(ColdStartKFold(on="mirna", random_state=seed), HUBS, "mirna")
        found.add(tuple(pd.factorize(np.array([fold_of[name] for name in hub_names]))[0]))
    assert len(found) > 3  # partitions, whatever the folds are called


@given(
    clusters=st.lists(st.integers(0, 9), min_size=12, max_size=12),
    seed=st.integers(0, 1000),
    form=st.sampled_from(["matrix", "boolean", "sparse", "clusters"]),
)
def test_similar_rnas_are_never_split(clusters, seed, form):
    runs = [[n for n, c in zip(CIRCRNAS, clusters, strict=True) if c == cluster] for cluster in set(clusters)]
    matrix = chain(CIRCRNAS, runs)
    similarity = {
        "matrix": matrix,
        "boolean": matrix > 0.5,
        "sparse": matrix.astype(pd.SparseDtype(float, 0.0)),
        "clusters": pd.Series(clusters, index=CIRCRNAS),
    }[form]
    splitter = ColdStartKFold(2, on="circrna", similarity={"circrna": similarity}, random_state=seed)
    if len(runs) < 2:
        with pytest.raises(ValueError, match="into which similarity joins 12"):
            next(splitter.split(GRID))
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of a large cluster
        fold_of = fold_of_name(splitter, GRID, "circrna")
    for run in runs:
        assert len({fold_of[name] for name in run}) == 1


def test_a_matrix_may_have_its_columns_in_another_order_and_rnas_of_no_pair():
    names = [*CIRCRNAS, "other"]
    # c00 and c01 are joined through an RNA of no pair
    matrix = chain(names, [["c00", "other", "c01"], ["c02", "c03"]])
    turned = matrix.sample(frac=1, axis=1, random_state=0)
    expected, *others = (
        fold_of_name(ColdStartKFold(3, similarity=similarity, random_state=0), GRID, "circrna")
        for similarity in (matrix, turned, turned.T)
    )
    assert expected["c00"] == expected["c01"]
    assert expected["c02"] == expected["c03"]
    assert others == [expected, expected]


def test_a_missing_cluster_stands_alone():
    clusters = pd.Series(np.nan, index=CIRCRNAS)
    alone = ColdStartKFold(12, on="circrna", similarity=clusters, random_state=0)
    assert len(set(fold_of_name(alone, GRID, "circrna").values())) == 12


@pytest.fixture(scope="module")
def isoforms():
    """Pairs of ids, and the sequences: each circRNA has a near-copy, and one that equals it."""
    rng = np.random.default_rng(0)
    circrna, mirna = {}, {f"m{i}": rna for i, rna in enumerate(random_rnas([22] * 6, rng))}
    for gene in range(8):
        first = random_rna(60, rng)
        circrna |= {f"g{gene}_a": first, f"g{gene}_b": first[:-2] + "AC", f"g{gene}_c": first.lower()}
    pairs = pd.DataFrame([(c, m) for c in circrna for m in mirna], columns=SIDES)
    return pairs, circrna, mirna


def genes_are_whole(fold_of, gene_of=lambda name: name.split("_")[0]):
    folds = pd.Series(fold_of).groupby(gene_of).nunique()
    return len(folds) == 8 and (folds == 1).all()


@pytest.mark.parametrize("fitted", [False, True])
def test_a_transformer_compares_the_sequences_of_the_ids_or_vectors_by_id(isoforms, tmp_path, fitted):
    pairs, circrna, mirna = isoforms
    write_fasta(tmp_path / "circrna.fasta", circrna)
    levenshtein = LevenshteinSimilarity(threshold=0.9)
    if fitted:
        levenshtein.fit(["ACGU"])
    vectors = pd.DataFrame({name: np.eye(8)[int(name[1])] for name in circrna}).T
    for similarity, sequences in (
        (levenshtein, {"circrna": circrna}),
        (levenshtein, {"circrna": tmp_path / "circrna.fasta", "mirna": None}),
        (CosineSimilarity(vectors, threshold=0.9), None),
    ):
        splitter = ColdStartKFold(4, similarity=similarity, sequences=sequences, random_state=0)
        assert genes_are_whole(fold_of_name(splitter, pairs, "circrna"))
    assert not genes_are_whole(fold_of_name(ColdStartKFold(4, random_state=0), pairs, "circrna"))
    assert hasattr(levenshtein, "references_") == fitted

    spelled = pd.DataFrame({"circrna": pairs["circrna"].map(circrna), "mirna": pairs["mirna"].map(mirna)})
    fold_of = fold_of_name(ColdStartKFold(4, similarity=levenshtein, random_state=0), spelled, "circrna")
    gene_of = {sequence: name.split("_")[0] for name, sequence in circrna.items()}
    assert genes_are_whole(fold_of, gene_of.get)


def test_each_side_has_a_similarity_of_its_own(isoforms):
    pairs, circrna, mirna = isoforms
    similarity = {
        "circrna": LevenshteinSimilarity(threshold=0.9),
        "mirna": pd.Series([0, 0, 1, 1, 2, 2], index=list(mirna)),
    }
    splitter = ColdStartKFold(
        on="both", similarity=similarity, sequences={"circrna": circrna}, random_state=0
    )
    assert genes_are_whole(fold_of_name(splitter, pairs, "circrna"))
    fold_of = fold_of_name(splitter, pairs, "mirna")
    assert [fold_of[f"m{i}"] for i in (0, 2, 4)] == [fold_of[f"m{i}"] for i in (1, 3, 5)]
    one_side = ColdStartKFold(4, on="circrna", similarity=similarity, sequences={"circrna": circrna})
    assert len(list(one_side.split(pairs))) == 4


def test_without_shuffling_large_groups_are_dealt_first():
    pairs = [(f"c{c}", f"m{m}") for c, n_pairs in enumerate((1, 1, 2, 4)) for m in range(n_pairs)]
    folds = [test for _, test in ColdStartKFold(2, shuffle=False).split(pairs)]
    assert [len(test) for test in folds] == [4, 4]


def test_a_group_that_is_larger_than_a_fold_is_warned_of():
    clusters = pd.Series([0] * 5 + list(range(1, 8)), index=CIRCRNAS)
    with pytest.warns(UserWarning, match="5 similar circrnas have 45 of 108 pairs, more than one of 3 folds"):
        next(ColdStartKFold(3, similarity=clusters, random_state=0).split(GRID))
    next(ColdStartKFold(2, similarity=clusters, random_state=0).split(GRID))


MATRIX = chain(CIRCRNAS, [])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"on": "gene"}, "on must be one of 'circrna', 'mirna', 'both'; got 'gene'"),
        ({"n_splits": 1}, "n_splits must be a whole number of at least 2, or None; got 1"),
        ({"n_splits": 2.0}, "n_splits must be"),
        ({"n_splits": True}, "n_splits must be"),
        ({"n_splits": 13}, r"n_splits=13 is more than the number of groups of circrnas, 12; lower"),
        ({"n_splits": 10, "on": "mirna"}, r"number of groups of mirnas, 9"),
        ({"shuffle": False, "random_state": 0}, "random_state has no effect with shuffle=False"),
        ({"random_state": "seed"}, "random_state must be"),
        ({"similarity": "levenshtein"}, "similarity of the circrnas is 'levenshtein'; give a transformer"),
        ({"similarity": LevenshteinSimilarity}, "give a transformer"),
        ({"similarity": KmerTransformer()}, "with a method graph"),
        ({"similarity": {"circ": MATRIX}}, "similarity has the key 'circ'; allowed are circrna and mirna"),
        ({"similarity": MATRIX.iloc[:-1]}, "same ids as index and columns"),
        ({"similarity": MATRIX.iloc[[*range(12), 0]]}, r"each once; got shape \(13, 12\)"),
        ({"similarity": MATRIX.iloc[:, [*range(12), 0]]}, r"each once; got shape \(12, 13\)"),
        ({"similarity": MATRIX.rename(columns={"c11": "c12"})}, r"each once; got shape \(12, 12\)"),
        (
            {"similarity": MATRIX.iloc[:-1, :-1]},
            r"The circrna 'c11' is not in similarity, like 0 more; add them or leave their pairs out\.$",
        ),
        ({"similarity": MATRIX.replace(0.0, np.nan)}, "missing values"),
        ({"similarity": MATRIX + 1.0}, "groups of circrnas, 1, into which similarity joins 12; make it"),
        ({"similarity": pd.Series([1, 2], ["c00", "c00"])}, "'c00' in two rows"),
        ({"similarity": pd.Series([1], ["c00"])}, "The circrna 'c01' is not in similarity, like 10 more"),
        ({"similarity": LevenshteinSimilarity(), "sequences": {"circrna": {"c00": "A"}}}, "not in sequences"),
        ({"similarity": LevenshteinSimilarity(), "sequences": "c.fasta"}, "sequences must be a mapping"),
        ({"similarity": LevenshteinSimilarity()}, "the letter '0' .* if these are ids, give sequences="),
        (
            {"pairs": [(f"c{i}", f"m{i}") for i in range(4)], "n_splits": 4, "on": "both", "random_state": 1},
            r"Fold \d has no test pair: no pair has both ends in its groups",
        ),
    ],
)
def test_bad_input_is_named(parameters, message):
    parameters = {"pairs": GRID, **parameters}
    pairs = parameters.pop("pairs")
    with pytest.raises(ValueError, match=message):
        list(ColdStartKFold(**parameters).split(pairs))


# Folds of pairs ---------------------------------------------------------------------------------------------

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


def test_bad_input_for_folds_of_pairs_is_named():
    with pytest.raises(ValueError, match="n_splits=3 is more than the number of distinct pairs, 2"):
        next(PairKFold(3).split([("a", "x"), ("a", "x"), ("b", "x")]))
    with pytest.raises(ValueError, match="k-fold cross-validation requires at least one train/test split"):
        PairKFold(1).get_n_splits()
    with pytest.raises(ValueError, match="Row 1, column 'circrna' is missing"):
        next(PairKFold().split([("a", "x"), (None, "x")]))
