"""A ranking is all pairs scored and sorted, ties in the order of the ids, and knows whose pairs it ranks."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sklearn_mferl import KmerTransformer, MFERLClassifier, PairFeatures
from sklearn_mferl.baselines import PathCount
from sklearn_mferl.ranking import find_pair_features, known_rnas, rank_interactions

CIRCRNAS = [f"circ_{i}" for i in range(7)]
MIRNAS = [f"miR-{i}" for i in range(5)]
KMERS = [("kmer", KmerTransformer(k=1))]


class Scores(ClassifierMixin, BaseEstimator):
    """Score pairs from a table, and remember how many were asked for at a time."""

    def __init__(self, table=None):
        self.table = table
        self.sizes = []

    def predict_proba(self, pairs):
        self.sizes.append(len(pairs))
        score = np.array([self.table.loc[c, m] for c, m in pairs.to_numpy()])
        return np.column_stack([1 - score, score])


def scorer(n_levels, seed=0):
    values = np.random.default_rng(seed).integers(0, n_levels, (len(CIRCRNAS), len(MIRNAS))) / n_levels
    return Scores(pd.DataFrame(values, index=CIRCRNAS, columns=MIRNAS))


def brute_force(model, top_k, known=(), per="all"):
    pairs = pd.DataFrame([(c, m) for c in CIRCRNAS for m in MIRNAS], columns=["circrna", "mirna"])
    pairs = pairs[[pair not in set(known) for pair in pairs.itertuples(index=False, name=None)]]
    pairs = pairs.assign(score=model.predict_proba(pairs)[:, 1], all=0)
    ranking = pairs.sort_values([per, "score", "circrna", "mirna"], ascending=[True, False, True, True])
    ranking.insert(0, "rank", ranking.groupby(per).cumcount() + 1)
    return ranking[ranking["rank"] <= top_k].drop(columns="all").reset_index(drop=True)


@pytest.mark.parametrize("per", ["all", "circrna", "mirna"])
@pytest.mark.parametrize("n_levels", [1, 3, 10**6])
@pytest.mark.parametrize("chunk_size", [1, 11, 1000])
def test_it_equals_scoring_and_sorting_everything_with_ties_by_id(per, n_levels, chunk_size):
    model, known = scorer(n_levels), [("circ_3", "miR-1"), ("circ_0", "miR-0")]
    ids = CIRCRNAS[::-1] + CIRCRNAS[:1], MIRNAS[::-1]  # a repeated id counts once
    for top_k, left_out in product((1, 4, 35, 100), ((), known)):
        options = {"top_k": top_k, "known": left_out, "per": per, "chunk_size": chunk_size}
        expected = brute_force(model, top_k, left_out, per)
        pd.testing.assert_frame_equal(rank_interactions(model, *ids, **options), expected)


@pytest.mark.parametrize(("chunk_size", "sizes"), [(8, [5] * 7), (14, [10, 10, 10, 5])])
def test_no_more_pairs_than_a_chunk_are_scored_at_a_time(chunk_size, sizes):
    model = scorer(5)
    rank_interactions(model, CIRCRNAS, MIRNAS, chunk_size=chunk_size)
    assert model.sizes == sizes


@pytest.mark.slow
def test_known_pairs_that_are_not_found_are_counted_and_none_found_is_refused(default_model, data):
    known = list(data.pairs.itertuples(index=False, name=None))
    ids, n = [circrna for circrna, _ in known][:2], len(known)
    strange = [(f"{circrna}_of_another_list", mirna) for circrna, mirna in known]
    # known pairs of other RNAs of the model are no mistake
    found = rank_interactions(default_model, ids, top_k=1000, known=iter(known))
    with pytest.warns(UserWarning, match=rf"^3 of {n + 3} known pairs are of RNAs that the model does"):
        again = rank_interactions(default_model, ids, top_k=1000, known=[*strange[:3], *known, *strange[:3]])
    pd.testing.assert_frame_equal(found, again)
    with pytest.raises(ValueError, match=f"^{n} of {n} known pairs are .*'sim_circ.*_of_ano"):
        rank_interactions(default_model, known=strange)
    with pytest.raises(ValueError, match=r"^1 of 1 known pairs are"):
        rank_interactions(scorer(2), CIRCRNAS, MIRNAS, known=[("other", "another")])
    one_end = [("other", "miR-1"), ("circ_1", "other")]
    ranking = rank_interactions(scorer(9), CIRCRNAS, MIRNAS, known=one_end)
    pd.testing.assert_frame_equal(ranking, brute_force(scorer(9), 100))


def test_known_pairs_of_sequences_are_found_however_they_are_written(data):
    sequences = pd.DataFrame({side: data.pairs[side].map(getattr(data, side)) for side in data.pairs})
    model = make_pipeline(PairFeatures(None, None, KMERS, output="array"), LogisticRegression())
    model.fit(sequences, np.arange(len(sequences)) % 2)
    as_dna = sequences.apply(lambda column: column.str.lower().str.replace("u", "t"))
    ranking = rank_interactions(model, top_k=10**6, known=as_dna)
    n_pairs = sequences["circrna"].nunique() * sequences["mirna"].nunique()
    assert len(ranking) == n_pairs - len(sequences.drop_duplicates())


class Twice(Scores):
    """Ask for the same file again while it is made."""

    def predict_proba(self, pairs):
        if len(self.sizes) == 3:
            self.sizes.append(0)
            rank_interactions(Scores(self.table), **self.asked)
        return super().predict_proba(pairs)


@pytest.mark.parametrize("per", ["all", "circrna"])
def test_two_that_write_one_file_at_a_time_do_not_hurt_each_other(tmp_path, per):
    model, out = Twice(scorer(10).table), tmp_path / "ranking.csv"
    model.asked = {"circrna": CIRCRNAS, "mirna": MIRNAS, "chunk_size": 5, "per": per, "out": out}
    rank_interactions(model, **model.asked)
    assert 0 in model.sizes
    pd.testing.assert_frame_equal(pd.read_csv(out), brute_force(scorer(10), 100, per=per))
    assert list(tmp_path.iterdir()) == [out]


def test_ids_left_out_are_all_that_the_model_knows_added_ones_too(data, default_model):
    assert known_rnas(default_model, "circrna") == sorted(data.circrna)
    assert known_rnas(default_model, "mirna") == sorted(data.mirna)
    ranking = rank_interactions(default_model, mirna=["sim-miR-1-5p"], top_k=1000)
    assert sorted(ranking["circrna"]) == sorted(data.circrna)
    model = make_pipeline(PairFeatures(data.circrna, data.mirna, KMERS).fit(data.pairs), MFERLClassifier())
    model[0].add_rnas(circrna={"new": "ACGUACGU"})
    assert known_rnas(model, "circrna") == sorted([*data.circrna, "new"])


def test_rnas_without_sequence_or_embedding_are_not_known(data):
    some = [*list(data.circrna)[:-2], "circ-without-sequence"]
    vectors = pd.DataFrame(np.eye(len(some)), index=some)
    features = PairFeatures(data.circrna, None, KMERS, embeddings={"circrna": vectors})
    pairs = pd.DataFrame({"circrna": some[:3], "mirna": list(data.mirna.values())[:3]})
    model = make_pipeline(features.fit(pairs), MFERLClassifier())
    assert known_rnas(model, "circrna") == sorted(some[:-1])
    assert known_rnas(model, "mirna") == sorted(pairs["mirna"])  # sequences that are their own ids


def test_features_are_found_in_pipeline_and_classifier(data, sequences, y, default_model):
    assert find_pair_features(default_model) is default_model["features"]
    classifier = MFERLClassifier(embedding_dim=4, max_epochs=1, random_state=0).fit(sequences[::6], y[::6])
    assert find_pair_features(classifier) is classifier.features_
    assert find_pair_features(PathCount()) is None
    # pairs of sequences are ranked under the spelling that is given
    circrna = [next(iter(data.circrna.values())).lower(), "acgtacgtgg"]
    ranking = rank_interactions(classifier, circrna, list(data.mirna.values())[:3])
    assert set(ranking["circrna"]) == set(circrna)
    scores = classifier.predict_proba(ranking[["circrna", "mirna"]])[:, 1]
    np.testing.assert_allclose(ranking["score"], scores, atol=1e-9)


@pytest.mark.parametrize("per", ["all", "circrna", "mirna"])
def test_a_score_that_is_no_number_is_refused_with_its_pair(per):
    model = scorer(10)
    model.table.loc[CIRCRNAS[3], MIRNAS[2]] = np.nan
    with pytest.raises(ValueError, match=f"scores '{CIRCRNAS[3]}' and '{MIRNAS[2]}' as NaN"):
        rank_interactions(model, CIRCRNAS, MIRNAS, per=per, chunk_size=5)


def test_bad_input_is_named(default_model):
    for options, message in (
        ({"top_k": 0}, "top_k must be a whole number of at least 1; got 0"),
        ({"chunk_size": 0.5}, r"chunk_size must be a whole number of at least 1, or None; got 0.5"),
        ({"per": "pair"}, "per must be one of 'all', 'circrna', 'mirna'; got 'pair'"),
        ({"candidates": "6mer"}, "candidates must be one of 'all', 'seed'; got '6mer'"),
        ({"circrna": ["unheard-of"]}, r"circrna 'unheard-of' \(row 0\) has no sequence"),
        ({"circrna": "sim_circ_0001"}, "wrap it in a list"),
    ):
        with pytest.raises(ValueError, match=message):
            rank_interactions(default_model, **options)
    with pytest.raises(ValueError, match=r"All 1 pairs .* are known"):
        rank_interactions(scorer(2), CIRCRNAS[:1], MIRNAS[:1], known=[(CIRCRNAS[0], MIRNAS[0])])
    with pytest.raises(ValueError, match=r"Scores does not say which RNAs it knows.* circrna="):
        rank_interactions(scorer(2))
    with pytest.raises(ValueError, match="without fitted PairFeatures has none"):
        rank_interactions(scorer(2), ["a"], ["b"], candidates="seed")
