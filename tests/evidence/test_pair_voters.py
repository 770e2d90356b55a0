"""The labelled pairs listed as voters are those whose votes `transform` counts."""

import numpy as np
import pandas as pd
import pytest

from sklearn_mferl import PairNeighborhood
from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.evidence.graph.relatedness import MicroRNAFamilies, SharedKmers
from sklearn_mferl.model_selection import labelled_pairs

N_NEIGHBORS = (3, 6)
DATA = make_cmi(30, 14, circrna_length=(60, 200), random_state=0)
X, Y = labelled_pairs(DATA.pairs, random_state=0)
PAIRS = [tuple(pair) for pair in np.asarray(X, dtype=object)]
EVERY_PAIR = [(c, m) for c in DATA.circrna for m in DATA.mirna]


@pytest.fixture(scope="module")
def fitted():
    return PairNeighborhood(
        DATA.circrna, DATA.mirna, n_neighbors=N_NEIGHBORS, n_components=2, n_splits=4, random_state=0
    ).fit(X, Y)


@pytest.fixture(scope="module")
def parts(fitted):
    """Return the part of each labelled pair."""
    listed = fitted.training_pairs()[["circrna", "mirna"]].itertuples(index=False, name=None)
    return dict(zip(listed, fitted._labelled.part, strict=True))


def similarities(side):
    """Return by kind how similar each two training RNAs of a side are, from scratch."""
    sequences = getattr(DATA, side)
    ids = sorted({pair[("circrna", "mirna").index(side)] for pair in PAIRS})
    kwargs = {"n_neighbors": [len(ids)], "n_landmarks": 99, "n_directions": 9}
    kinds = SharedKmers(True, **kwargs) if side == "circrna" else MicroRNAFamilies(**kwargs)
    found = kinds.fit(
        np.array(ids, dtype=object), [sequences[rna] for rna in ids], np.random.default_rng(0)
    ).neighbours
    return {
        name.rsplit("_", 1)[0]: pd.DataFrame(table.toarray(), index=ids, columns=ids)
        for name, table in found.items()
    }


@pytest.mark.slow
def test_voters_are_the_labelled_pairs_of_the_nearest_relatives(fitted, parts):
    labels = dict(zip(PAIRS, Y, strict=True))
    tables = {side: similarities(side) for side in ("circrna", "mirna")}
    known = [pair for pair in EVERY_PAIR if all(pair[i] in {p[i] for p in PAIRS} for i in (0, 1))]
    for asked in known[::5]:
        expected = set()
        for column, side in enumerate(("circrna", "mirna")):
            for kind, table in tables[side].items():
                row = table.loc[asked[column]]
                nearest = row[row > 0].sort_values(ascending=False, kind="stable").index
                for voter in nearest[: max(N_NEIGHBORS)]:
                    pair = (voter, asked[1]) if column == 0 else (asked[0], voter)
                    if pair in labels and parts[pair] != parts.get(asked):
                        expected.add((side, kind, voter, bool(labels[pair]), round(float(row[voter]), 4)))
        votes = fitted.voters([asked])
        found = {
            (row.side, row.kind, row.voter, bool(row.interacts), round(row.similarity, 4))
            for row in votes.itertuples()
        }
        assert found == expected
        assert len(found) == len(votes)


@pytest.mark.slow
def test_those_that_interact_add_up_to_the_votes_that_transform_counts(fitted):
    votes = fitted.voters(EVERY_PAIR)
    votes = votes[votes["interacts"]].groupby(["circrna", "mirna", "side", "kind"])["similarity"].sum()
    table = pd.DataFrame(fitted.transform(EVERY_PAIR), columns=fitted.columns_)
    widest = max(N_NEIGHBORS)
    for side, kind in (("circrna", "sequence"), ("mirna", "sequence"), ("mirna", "seed")):
        counted = table[f"votes_{side}_{kind}_{widest}"].fillna(0.0)
        listed = [votes.get((*pair, side, kind), 0.0) for pair in EVERY_PAIR]
        np.testing.assert_allclose(listed, counted, atol=1e-5)


def test_a_training_pair_does_not_vote_for_itself_nor_for_those_of_its_part(fitted, parts):
    for row in fitted.voters(PAIRS).itertuples():
        voting = (row.voter, row.mirna) if row.side == "circrna" else (row.circrna, row.voter)
        assert voting != (row.circrna, row.mirna)
        assert parts[voting] != parts[row.circrna, row.mirna]


def test_an_rna_that_is_new_to_training_gets_voters_by_its_sequence():
    circrna, mirna = PAIRS[0]
    twin = {"twin": DATA.circrna[circrna]}
    fitted = PairNeighborhood(DATA.circrna, DATA.mirna, random_state=0).fit(X, Y).add_rnas(circrna=twin)
    votes = fitted.voters([("twin", mirna)])
    assert set(votes["side"]) == {"circrna"}  # of the twin no interaction is known
    assert votes["voter"].iloc[0] == circrna
    assert votes["similarity"].iloc[0] == pytest.approx(1.0, abs=1e-5)
    assert votes["similarity"].is_monotonic_decreasing


def test_votes_are_listed_in_the_order_of_the_pairs_and_once(fitted):
    asked = [PAIRS[5], PAIRS[0], PAIRS[5], PAIRS[9]]
    votes = fitted.voters(asked)
    alone = [fitted.voters([pair]) for pair in (PAIRS[5], PAIRS[0], PAIRS[9])]
    pd.testing.assert_frame_equal(votes, pd.concat(alone, ignore_index=True))


def test_without_any_voter_the_table_has_the_same_columns(fitted):
    lonely = PairNeighborhood(DATA.circrna, DATA.mirna, random_state=0).fit([PAIRS[0]])
    votes = lonely.voters([PAIRS[0]])
    assert len(votes) == 0
    pd.testing.assert_series_equal(votes.dtypes, fitted.voters(PAIRS[:3]).dtypes)


def test_training_pairs_are_listed_once_with_their_label():
    doubled = pd.concat([pd.DataFrame(X), pd.DataFrame(X).head(3)])
    listed = PairNeighborhood(DATA.circrna, DATA.mirna, random_state=0).fit(doubled, [*Y, *Y[:3]])
    found = {(row.circrna, row.mirna): row.interacts for row in listed.training_pairs().itertuples()}
    assert found == {pair: bool(label) for pair, label in zip(PAIRS, Y, strict=True)}
