"""Negatives are distinct unknown pairs, each with the chance that the strategy gives it."""

import numpy as np
import pandas as pd
import pytest
from _builders import hub_pairs
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_mferl.model_selection import ColdStartKFold, labelled_pairs, negatives, sample_negatives

MANY = negatives._FEW_PAIRS
STRATEGIES = ["uniform", "degree", "near", "reliable"]
KNOWN = pd.DataFrame(
    [("c1", "m1"), ("c1", "m2"), ("c1", "m3"), ("c2", "m1"), ("c3", "m1"), ("c4", "m4")],
    columns=["circrna", "mirna"],
)


def as_set(pairs) -> set[tuple[str, str]]:
    return set(map(tuple, np.asarray(pairs, dtype=object).tolist()))


def paths_and_degrees(pairs):
    """Return the number of paths of three steps, and the product of the degrees, of each unknown pair."""
    table = pd.crosstab(*np.asarray(pairs, dtype=object).T).clip(upper=1)
    known = table.to_numpy()
    rows, columns = np.nonzero(known == 0)
    unknown = pd.MultiIndex.from_arrays([table.index[rows], table.columns[columns]])
    paths, products = known @ known.T @ known, np.outer(known.sum(axis=1), known.sum(axis=0))
    return [pd.Series(values[rows, columns], unknown, dtype=float) for values in (paths, products)]


@pytest.mark.parametrize("strategy", STRATEGIES)
@settings(max_examples=settings.default.max_examples // 2)
@given(
    known=st.sets(st.tuples(st.integers(0, 6), st.integers(0, 5)), min_size=2),
    extra=st.sets(st.tuples(st.integers(0, 7), st.integers(0, 6))),
    ratio=st.floats(0.1, 3),
    few=st.sampled_from([0, 1, 7, 10**6]),
    seed=st.integers(0, 2**32 - 1),
)
def test_negatives_are_distinct_unknown_pairs_of_the_known_rnas(known, extra, ratio, strategy, few, seed):
    pairs = [(f"c{c}", f"m{m}") for c, m in sorted(known)]
    circrnas, mirnas = map(set, zip(*known, strict=True))
    of_known_rnas = {(c, m) for c, m in extra if c in circrnas or m in mirnas}  # others alone are refused
    exclude = [(f"c{c}", f"m{m}") for c, m in sorted(of_known_rnas)]
    paths, _ = paths_and_degrees(pairs)
    paths = paths[[pair not in exclude for pair in paths.index]]  # they are no part of a path either
    wanted = max(1, round(ratio * len(pairs)))
    if strategy == "near" and len(paths) >= wanted:
        paths = paths[paths > 0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(negatives, "_FEW_PAIRS", few)

        def draw():
            return sample_negatives(pairs, ratio=ratio, strategy=strategy, exclude=exclude, random_state=seed)

        if wanted > len(paths):
            with pytest.raises(ValueError, match=f"only {len(paths)} unknown pairs"):
                draw()
            return
        drawn = draw()
    assert list(drawn.columns) == ["circrna", "mirna"]
    assert list(drawn.index) == list(range(wanted))
    assert len(as_set(drawn)) == wanted
    assert as_set(drawn) <= set(paths.index)
    if strategy == "reliable":
        assert sorted(paths[pair] for pair in as_set(drawn)) == sorted(paths)[:wanted]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_seed_and_the_set_of_known_pairs_decide_in_any_order_and_form(strategy):
    known = hub_pairs(60, 40, 300)
    before = known.copy()
    first = sample_negatives(known, strategy=strategy, random_state=3)
    forms = [
        known.sample(frac=1, random_state=1),
        pd.concat([known, known]),
        known[["mirna", "circrna"]].assign(score=1.0),
        known.to_numpy(),
        list(known.itertuples(index=False)),
    ]
    for form in forms:
        pd.testing.assert_frame_equal(sample_negatives(form, strategy=strategy, random_state=3), first)
    assert not first.equals(sample_negatives(known, strategy=strategy, random_state=4))
    pd.testing.assert_frame_equal(known, before)


@pytest.mark.parametrize("nothing", [None, [], iter([]), pd.DataFrame(columns=["circrna", "mirna"])])
def test_nothing_to_exclude_changes_nothing(nothing):
    drawn = sample_negatives(KNOWN, exclude=nothing, random_state=0)
    pd.testing.assert_frame_equal(drawn, sample_negatives(KNOWN, random_state=0))


@pytest.mark.parametrize(
    ("strategy", "few"),
    [("uniform", MANY), ("degree", MANY), ("degree", 0), ("near", MANY), ("reliable", MANY), ("reliable", 0)],
)
def test_every_unknown_pair_has_the_chance_that_the_strategy_gives_it(strategy, few, monkeypatch):
    """Look for it in a graph of 30 copies of each RNA, in which each unknown pair stands 900 times."""
    monkeypatch.setattr(negatives, "_FEW_PAIRS", few)
    further = [("c2", "m2"), ("c3", "m4"), ("c5", "m5"), ("c5", "m6")]
    known = pd.concat([KNOWN, pd.DataFrame(further, columns=KNOWN.columns)])
    copies = [f".{number:02}" for number in range(30)]
    copied = [(c + i, m + j) for c, m in known.itertuples(index=False) for i in copies for j in copies]
    drawn = pd.concat(
        sample_negatives(copied, ratio=300 / len(copied), strategy=strategy, random_state=seed)
        for seed in range(5)
    )
    paths, products = paths_and_degrees(known)
    weights = {
        "uniform": paths * 0 + 1,
        "degree": products,
        "near": paths,
        "reliable": products[paths == 0],
    }[strategy]
    expected = (weights / weights.sum())[weights > 0].sort_index()
    assert strategy == "uniform" or expected.max() > 1.9 * expected.min()
    original = [drawn[side].str.split(".").str[0] for side in drawn]
    shares = drawn.groupby(original).size().sort_index() / len(drawn)
    assert list(shares.index) == list(expected.index)
    np.testing.assert_allclose(shares, expected, atol=0.04)  # 4 standard errors
    for side in drawn:  # none of its copies is before the others
        share = drawn[side].str.split(".").str[1].value_counts(normalize=True)
        np.testing.assert_allclose(share.reindex([copy[1:] for copy in copies]), 1 / 30, atol=0.02)


LISTED = {"_FEW_PAIRS": 100, "_MAX_ROUNDS": 0}  # in blocks, for drawing blindly takes too long


@pytest.mark.parametrize(
    ("strategy", "usual", "other"),
    [
        ("degree", {}, LISTED),
        ("near", {}, LISTED),
        ("reliable", {}, LISTED),
        ("reliable", {"_FEW_PAIRS": 0}, {"_CHUNK": 7}),
    ],
)
def test_neither_the_size_of_a_block_nor_of_a_chunk_changes_what_is_drawn(
    strategy, usual, other, monkeypatch
):
    known, drawn = hub_pairs(60, 40, 100), []
    for changed in (usual, other):
        for name, value in changed.items():
            monkeypatch.setattr(negatives, name, value)
        drawn.append(sample_negatives(known, strategy=strategy, random_state=0))
    pd.testing.assert_frame_equal(*drawn)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_huge_grid_is_never_listed(strategy):
    n = 100_000  # 10 billion pairs; a list of them would take 80 GB
    rows = columns = np.arange(n)
    if strategy == "near":  # circles of two circRNAs and two miRNAs, with one of the four pairs unknown
        rows, columns = np.r_[rows, rows[::2]], np.r_[rows - rows % 2, rows[1::2]]
    known = pd.DataFrame({"circrna": [f"c{i}" for i in rows], "mirna": [f"m{i}" for i in columns]})
    drawn = sample_negatives(known, ratio=0.02, strategy=strategy, random_state=0)
    assert len(as_set(drawn)) == round(0.02 * len(known))
    assert not as_set(drawn) & as_set(known)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"strategy": "hard"}, "strategy must be one of"),
        ({"strategy": "near"}, "6 near negatives are wanted, but only 4 unknown pairs are joined"),
        ({"ratio": 0}, "ratio must be a number above 0; got 0"),
        ({"ratio": -1.0}, "ratio must be"),
        ({"ratio": np.nan}, "ratio must be"),
        ({"ratio": np.inf}, "ratio must be"),
        ({"ratio": "1"}, "ratio must be"),
        ({"ratio": True}, "ratio must be"),
        ({"ratio": 2}, r"12 negatives are wanted \(ratio=2\), but only 10 unknown pairs"),
        ({"exclude": [("c2", "m2"), ("c2", "m3")], "ratio": 1.5}, "but only 8 unknown pairs"),
        ({"exclude": [("c2", None)]}, "Row 0, column 'mirna' is missing"),
        (
            {"exclude": [("x1", "x3"), ("x2", "x3"), ("x1", "x3")]},
            "None of the 2 pairs to exclude, such as 'x1' and 'x3'",
        ),
        ({"pairs": [("c1", "m1"), (np.nan, "m2")]}, "Row 1, column 'circrna' is missing"),
        ({"random_state": "seed"}, "random_state must be"),
    ],
)
def test_a_bad_parameter_is_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        sample_negatives(**{"pairs": KNOWN, "random_state": 0, **parameters})


def test_labelled_pairs_are_the_known_ones_each_once_and_then_their_negatives():
    options = {"ratio": 1.3, "strategy": "degree", "exclude": [("c2", "m2")], "random_state": 5}
    pairs, y = labelled_pairs(pd.concat([KNOWN, KNOWN]), **options)
    assert y.dtype == np.int64
    assert y.tolist() == [1] * 6 + [0] * 8
    expected = pd.concat([KNOWN, sample_negatives(KNOWN, **options)], ignore_index=True)
    pd.testing.assert_frame_equal(pairs, expected)


def test_no_global_generator_is_touched():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    next(ColdStartKFold(2).split(KNOWN, labelled_pairs(KNOWN)[1]))
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
