"""The labelled pairs listed as voters are those whose votes `transform` counts."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from _neighborhood import RNAS, SETTINGS, X, Y, compare_with_training, part_of

from sklearn_mferl import PairNeighborhood
from sklearn_mferl.utils.validation import SIDES

WIDEST = max(SETTINGS["n_neighbors"])
LABELS = dict(zip(X, Y, strict=True))


def test_voters_are_the_labelled_pairs_of_the_nearest_relatives_that_are_not_of_its_part(fitted):
    part = dict(zip(X, part_of(fitted, X), strict=True))
    asked, expected = [*product(*RNAS)], []
    for column, (side, (ids, votes, _)) in enumerate(zip(SIDES, compare_with_training(X), strict=True)):
        for kind in ("sequence",) if side == "circrna" else ("sequence", "seed"):
            weights = votes[f"{kind}_{WIDEST}"]
            for pair in asked:
                similarity = weights[ids.index(pair[column])]
                for voter in np.flatnonzero(similarity):
                    voting = (ids[voter], pair[1]) if column == 0 else (pair[0], ids[voter])
                    if voting in LABELS and part[voting] != part.get(pair):
                        found = bool(LABELS[voting]), round(similarity[voter], 4)
                        expected.append((*pair, side, kind, ids[voter], *found))
    votes = fitted.voters(asked)
    names = [*SIDES, "side", "kind", "voter", "interacts", "similarity"]
    listed = votes.round({"similarity": 4})[names].itertuples(index=False, name=None)
    assert sorted(listed) == sorted(expected)


def test_those_that_interact_add_up_to_the_votes_that_transform_counts(fitted):
    asked = [*product([*RNAS[0], "twin", "c_new"], [*RNAS[1], "m_new"])]
    votes = fitted.voters(asked)
    votes = votes[votes["interacts"]].groupby([*SIDES, "side", "kind"])["similarity"].sum()
    table = pd.DataFrame(fitted.transform(asked), columns=fitted.columns_)
    for side, kind in (("circrna", "sequence"), ("mirna", "sequence"), ("mirna", "seed")):
        counted = table[f"votes_{side}_{kind}_{WIDEST}"].fillna(0.0)
        listed = [votes.get((*pair, side, kind), 0.0) for pair in asked]
        np.testing.assert_allclose(listed, counted, atol=1e-5)


def test_an_rna_that_is_new_to_training_gets_voters_by_its_sequence(fitted):
    asked = next(pair for pair in X if pair[0] == "c07")
    votes = fitted.voters([("twin", asked[1])])
    assert set(votes["side"]) == {"circrna"}  # of the twin no interaction is known
    assert votes["voter"].iloc[0] == "c07"
    assert votes["similarity"].iloc[0] == pytest.approx(1.0, abs=1e-5)
    assert votes["similarity"].is_monotonic_decreasing


def test_votes_are_listed_in_the_order_of_the_pairs_and_once(fitted):
    votes = fitted.voters([X[5], X[0], X[5], X[9]])
    alone = [fitted.voters([pair]) for pair in (X[5], X[0], X[9])]
    pd.testing.assert_frame_equal(votes, pd.concat(alone, ignore_index=True))


def test_without_any_voter_the_table_has_the_same_columns(fitted):
    votes = PairNeighborhood(*RNAS, random_state=0).fit(X[:1]).voters(X[:1])
    assert len(votes) == 0
    pd.testing.assert_series_equal(votes.dtypes, fitted.voters(X[:3]).dtypes)


def test_training_pairs_are_listed_once_with_their_label():
    listed = PairNeighborhood(*RNAS, random_state=0).fit([*X, *X[:3]], [*Y, *Y[:3]]).training_pairs()
    found = {(row.circrna, row.mirna): row.interacts for row in listed.itertuples()}
    assert found == {pair: bool(label) for pair, label in LABELS.items()}
    assert len(listed) == len(X)
