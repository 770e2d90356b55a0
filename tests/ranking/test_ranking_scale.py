"""Rankings per RNA, of candidates, in threads and as files: always the same pairs with the same scores."""

import copy
import sys
from functools import cache
from itertools import product

import numpy as np
import pandas as pd
import pytest
from _rna_strings import reverse_complement, windows_by_hand
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import make_pipeline

from sklearn_mferl import PairFeatures, TargetSites, make_mferl_pipeline
from sklearn_mferl.baselines import SVDFactorizer
from sklearn_mferl.ranking import rank_interactions
from sklearn_mferl.utils.estimators import LogOddsClassifier

each_per = pytest.mark.parametrize("per", ["all", "circrna", "mirna"])
EXACT = dict.fromkeys(["score"], float)  # pandas rounds the last digit of some numbers
NETWORK = {"preset": "paper", "features__doc2vec": "drop", "features__role2vec": "drop"}
NETWORK |= {"mferl__embedding_dim": 4, "mferl__max_epochs": 2}
NEW = {"new_1": "ACGUUGCAGGAUCCAUUGCAACGGAUUACGCUUAAGGC", "new_2": "UUGGCACGUACCAGUAGGAUCCAAUGCA"}
NEW["new_3"] = "ACGUACG"
NEW_MIRNA = {"new-miR": "UGAGGUAGUAGGUUGUAUAGUU"}


@pytest.fixture(scope="module")
def best(default_model):
    model = copy.deepcopy(default_model)
    model["features"].add_rnas(NEW, NEW_MIRNA)
    return model


def fit_network(data, labelled, **settings):
    model = make_mferl_pipeline(data.circrna, data.mirna, random_state=0, **NETWORK, **settings)
    model.fit(*labelled)["features"].add_rnas(NEW, NEW_MIRNA)
    return model


@pytest.fixture(scope="module")
def network(data, labelled):
    return fit_network(data, labelled, mferl__prevalence=0.05)


@pytest.fixture(scope="module")
def factors(labelled):
    """Return a quick model, where what is tested does not depend on the model."""
    return SVDFactorizer(3, random_state=0).fit(*labelled)


@pytest.fixture(scope="module")
def settings(data):
    ids = {"circrna": [*data.circrna, *NEW], "mirna": [*data.mirna, *NEW_MIRNA]}
    return {**ids, "top_k": 3, "known": data.pairs, "chunk_size": 39}


@pytest.fixture(params=["best", "network"])
def model(request):
    return request.getfixturevalue(request.param)


@cache
def score_everything(model):
    ids = (model["features"].known_ids(side) for side in ("circrna", "mirna"))
    pairs = pd.MultiIndex.from_product(ids, names=["circrna", "mirna"]).to_frame(index=False)
    return pairs.assign(score=model.predict_proba(pairs)[:, 1])


def sort_everything(model, top_k, per, known, kept=None):
    """Score all pairs, and sort them by hand."""
    pairs = score_everything(model)
    out = set(known.itertuples(index=False, name=None))
    stays = [(c, m) not in out and (kept is None or (c, m) in kept) for c, m, _ in pairs.to_numpy()]
    group = [] if per == "all" else [per]
    ascending = [True] * len(group) + [False, True, True]
    pairs = pairs[stays].sort_values([*group, "score", "circrna", "mirna"], ascending=ascending)
    return pairs[:top_k] if per == "all" else pairs.groupby(per, sort=False).head(top_k)


def assert_same(ranking, expected):
    found, wanted = (table[["circrna", "mirna"]].to_numpy().tolist() for table in (ranking, expected))
    assert found == wanted
    np.testing.assert_allclose(ranking["score"], expected["score"], rtol=0, atol=1e-6)


@each_per
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_the_best_are_those_of_predict_proba_sorted(data, model, per, n_jobs):
    ranking = rank_interactions(model, top_k=4, per=per, known=data.pairs, chunk_size=70, n_jobs=n_jobs)
    assert_same(ranking, sort_everything(model, 4, per, data.pairs))


@each_per
def test_seed_candidates_are_the_pairs_with_a_match_of_nucleotides_2_to_8(data, model, per):
    pairs = product({**data.circrna, **NEW}.items(), {**data.mirna, **NEW_MIRNA}.items())
    kept = {(c, m) for (c, one), (m, other) in pairs if windows_by_hand(one, other)}
    ranking = rank_interactions(model, top_k=3, per=per, known=data.pairs, candidates="seed", chunk_size=9)
    assert 0 < len(kept) < len(score_everything(model)) / 2
    assert_same(ranking, sort_everything(model, 3, per, data.pairs, kept))


@pytest.mark.parametrize("circular", [True, False])
def test_seeds_are_found_across_the_junction_of_a_circle_only(circular):
    rng = np.random.default_rng(0)
    letters = np.array(list("ACGUN"))
    circrna = {
        f"c{i:03d}": "".join(rng.choice(letters, n, p=[0.3, 0.2, 0.2, 0.28, 0.02]))
        for i, n in enumerate(rng.integers(5, 400, 60))
    }
    mirna = {f"m{i:02d}": "".join(rng.choice(letters[:4], n)) for i, n in enumerate(rng.integers(6, 24, 40))}
    word = reverse_complement(mirna["m39"][1:8])
    circrna["junction"] = word[3:] + "A" * 9 + word[:3]
    evidence = [("sites", TargetSites())]
    features = PairFeatures(circrna, mirna, [], evidence=evidence, circular=circular, output="array")
    model = make_pipeline(features, DummyClassifier()).fit([("c000", "m00"), ("c001", "m01")], [0, 1])
    found = rank_interactions(model, top_k=10**6, candidates="seed", chunk_size=17)
    pairs = product(sorted(circrna), sorted(mirna))
    expected = [(c, m) for c, m in pairs if windows_by_hand(circrna[c], mirna[m], circular)]
    assert list(zip(found["circrna"], found["mirna"], strict=True)) == expected  # all scores tie
    assert (("junction", "m39") in expected) == circular


def test_a_network_that_attends_to_nodes_is_no_matrix_product(data, labelled):
    model = fit_network(data, labelled, mferl__attention="node")
    ranking = rank_interactions(model, top_k=10**6)
    scores = model.predict_proba(ranking[["circrna", "mirna"]])[:, 1]
    np.testing.assert_allclose(ranking["score"], scores, rtol=0, atol=1e-5)


def test_no_model_is_asked_for_more_than_it_takes(best, network, monkeypatch):
    monkeypatch.delattr(PairFeatures, "transform")  # which reads the RNAs of each pair anew
    rank_interactions(best, top_k=3)
    monkeypatch.delattr(LogOddsClassifier, "predict_proba")  # the scores of the network are a matrix product
    rank_interactions(network, top_k=3)


def test_rnas_of_equal_sequence_tie_in_the_order_of_their_ids(network):
    twins, network = {f"twin_{i}": NEW["new_1"] for i in range(5)}, copy.deepcopy(network)
    network["features"].add_rnas(circrna=twins)
    ranking = rank_interactions(network, circrna=list(twins)[::-1], top_k=7, per="mirna")
    for _, group in ranking.groupby("mirna"):
        assert group["circrna"].tolist() == sorted(twins)
        assert group["score"].nunique() == 1


# Files ----------------------------------------------------------------------------------------------------


@each_per
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_the_file_holds_the_table(tmp_path, factors, settings, per, suffix):
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    out = tmp_path / f"ranking{suffix}"
    assert rank_interactions(factors, out=str(out), per=per, **settings) == out
    read = pd.read_parquet(out) if suffix == ".parquet" else pd.read_csv(out, converters=EXACT)
    table = rank_interactions(factors, per=per, **settings)
    pd.testing.assert_frame_equal(read, table, check_exact=True, check_dtype=False)
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


class Stop(Exception):
    """Raised in the middle."""


class StopAfter:
    """A model that is stopped after some calls, the first of which is the probe."""

    def __init__(self, model, n_calls=10**6):
        self.model, self.n_calls, self.calls = model, n_calls, 0

    def predict_proba(self, pairs):
        self.calls += 1
        if self.calls > self.n_calls:
            raise Stop
        return self.model.predict_proba(pairs)


@each_per
def test_a_stopped_ranking_goes_on_where_it_was_and_ends_the_same(tmp_path, factors, settings, per):
    whole, out = tmp_path / "whole.csv", tmp_path / "ranking.csv"
    total, rest = StopAfter(factors), StopAfter(factors)
    rank_interactions(total, out=whole, per=per, **settings)
    with pytest.raises(Stop):
        rank_interactions(StopAfter(factors, 5), out=out, per=per, **settings)
    assert not out.exists()
    with pytest.raises(Stop):  # in a thread
        rank_interactions(StopAfter(factors, 1), out=tmp_path / "other.csv", per=per, n_jobs=2, **settings)
    rank_interactions(rest, out=out, per=per, **settings)
    assert rest.calls == total.calls - 4  # but for the probe, four were done
    assert out.read_bytes() == whole.read_bytes()
    assert not (tmp_path / "ranking.csv.part").exists()


def test_a_stopped_ranking_does_not_go_on_as_another(tmp_path, labelled, factors, settings):
    settings = {**settings, "out": tmp_path / "ranking.csv"}
    with pytest.raises(Stop):
        rank_interactions(StopAfter(factors, 3), **settings)
    for change, named in (
        ({"top_k": 4}, "top_k"),
        ({"per": "mirna"}, "per"),
        ({"chunk_size": 30}, "chunk_size"),
        ({"known": None}, "known pairs"),
        ({"mirna": ["sim-miR-1-5p", "new-miR"]}, "miRNAs"),
        ({"model": SVDFactorizer(1, random_state=0).fit(*labelled)}, "model is another"),
    ):
        with pytest.raises(ValueError, match=f"another run: .*its {named} .*now.* or remove that one"):
            rank_interactions(**{"model": factors, **settings, **change})


def test_a_damaged_chunk_is_named_and_computed_anew(tmp_path, factors, settings):
    settings, out = {**settings, "per": "circrna"}, tmp_path / "ranking.csv"
    with pytest.raises(Stop):
        rank_interactions(StopAfter(factors, 4), out=out, **settings)
    damaged = tmp_path / "ranking.csv.part" / "00000001.npz"
    damaged.write_bytes(damaged.read_bytes()[:50])
    with pytest.raises(ValueError, match=r"00000001\.npz is damaged .*; remove it, and it is computed anew"):
        rank_interactions(factors, out=out, **settings)
    damaged.unlink()
    rank_interactions(factors, out=out, **settings)
    read = pd.read_csv(out, converters=EXACT)
    pd.testing.assert_frame_equal(read, rank_interactions(factors, **settings), check_exact=True)


def test_files_that_cannot_be_written_are_named_before_the_work(tmp_path, monkeypatch, factors):
    (tmp_path / "folder.csv").mkdir()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for name, error, message in (
        ("ranking.txt", ValueError, r"out must end in .csv or .parquet; got"),
        ("none/ranking.csv", FileNotFoundError, "There is no folder"),
        ("folder.csv", ValueError, "is a folder; name a file"),
        ("ranking.parquet", ImportError, r"pip install 'sklearn-mferl\[parquet\]'"),
    ):
        with pytest.raises(error, match=message):
            rank_interactions(factors, out=tmp_path / name)


def test_seeds_need_sequences_on_both_sides(data, labelled, vectors, best, few_trees):
    with pytest.raises(ValueError, match="has a match of nucleotides 2 to 8"):
        rank_interactions(best, ["new_3"], ["new-miR"], candidates="seed")
    embeddings = {"circrna": vectors["circrna"]}
    model = make_mferl_pipeline(None, data.mirna, embeddings=embeddings, random_state=0).fit(*labelled)
    with pytest.raises(ValueError, match="the circrna has none here"):
        rank_interactions(model, candidates="seed")
    assert_same(rank_interactions(model, top_k=5), sort_everything(model, 5, "all", data.pairs[:0]))
