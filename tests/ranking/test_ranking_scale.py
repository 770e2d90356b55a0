"""Rankings per RNA, of candidates, in threads and as files: always the same pairs with the same scores."""

from __future__ import annotations

import copy
import json
import signal
import sys
from functools import cache

import joblib
import numpy as np
import pandas as pd
import pytest
from _killed import run_and_kill

from sklearn_mferl import MFERLClassifier, TargetSites, make_mferl_pipeline
from sklearn_mferl.baselines import SVDFactorizer
from sklearn_mferl.ranking import rank_interactions
from sklearn_mferl.ranking.best import KEEPERS, Scored
from sklearn_mferl.ranking.grid import make_grid
from sklearn_mferl.ranking.scorers import (
    PairScorer,
    ProductScorer,
    RowScorer,
    make_scorer,
)

EXACT = dict.fromkeys(["score"], float)  # pandas rounds the last digit of some numbers
NETWORK = {
    "preset": "paper",
    "features__doc2vec": "drop",
    "features__role2vec": "drop",
    "mferl__embedding_dim": 4,
    "mferl__max_epochs": 2,
}
NEW = {
    "new_1": "ACGUUGCAGGAUCCAUUGCAACGGAUUACGCUUAAGGC",
    "new_2": "UUGGCACGUACCAGUAGGAUCCAAUGCA",
    "new_3": "ACGUACG",
}
NEW_MIRNA = {"new-miR": "UGAGGUAGUAGGUUGUAUAGUU"}


@pytest.fixture(scope="module")
def best(default_model):
    model = copy.deepcopy(default_model)
    model["features"].add_rnas(NEW, NEW_MIRNA)
    return model


@pytest.fixture(scope="module")
def network(data, labelled):
    settings = {**NETWORK, "mferl__prevalence": 0.05}
    model = make_mferl_pipeline(data.circrna, data.mirna, random_state=0, **settings).fit(*labelled)
    model["features"].add_rnas(NEW, NEW_MIRNA)
    return model


@pytest.fixture(scope="module")
def factors(labelled):
    """Return a quick model, where what is tested does not depend on the model."""
    return SVDFactorizer(3, random_state=0).fit(*labelled)


@pytest.fixture(scope="module")
def ids(data):
    return {"circrna": [*data.circrna, *NEW], "mirna": [*data.mirna, *NEW_MIRNA]}


@pytest.fixture(params=["best", "network"])
def model(request):
    return request.getfixturevalue(request.param)


def all_pairs(model):
    ids = (model["features"].known_ids(side) for side in ("circrna", "mirna"))
    return pd.MultiIndex.from_product(ids, names=["circrna", "mirna"]).to_frame(index=False)


@cache
def score_everything(model):
    pairs = all_pairs(model)
    return pairs.assign(score=model.predict_proba(pairs)[:, 1])


def sort_everything(model, top_k, per, known, kept=None):
    """Score all pairs, and sort them by hand."""
    pairs = score_everything(model)
    out = set(known.itertuples(index=False, name=None))
    stays = [(c, m) not in out and (kept is None or (c, m) in kept) for c, m, _ in pairs.to_numpy()]
    group = [] if per == "all" else [per]
    pairs = pairs[stays].sort_values(
        [*group, "score", "circrna", "mirna"], ascending=[True] * len(group) + [False, True, True]
    )
    if per == "all":
        return pairs[:top_k]
    return pairs.groupby(per, sort=False).head(top_k)


def assert_same(ranking, expected):
    assert (
        ranking[["circrna", "mirna"]].to_numpy().tolist()
        == expected[["circrna", "mirna"]].to_numpy().tolist()
    )
    np.testing.assert_allclose(ranking["score"], expected["score"], rtol=0, atol=1e-6)


@pytest.mark.parametrize("per", ["all", "circrna", "mirna"])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_the_best_are_those_of_predict_proba_sorted(data, model, per, n_jobs):
    ranking = rank_interactions(model, top_k=4, per=per, known=data.pairs, chunk_size=70, n_jobs=n_jobs)
    expected = sort_everything(model, 4, per, data.pairs)
    assert_same(ranking, expected)
    if per != "all":
        groups = ranking.groupby(per)["rank"]
        assert groups.apply(lambda ranks: ranks.tolist() == list(range(1, len(ranks) + 1))).all()


def has_seed_match(circrna, mirna, circular=True):
    word = mirna[1:8][::-1].translate(str.maketrans("ACGU", "UGCA"))
    if len(mirna) < 8 or len(circrna) < (8 if circular else 7):
        return False
    return word in (circrna + circrna[:6] if circular else circrna)


@pytest.mark.parametrize("per", ["all", "circrna", "mirna"])
def test_seed_candidates_are_the_pairs_with_a_match_of_nucleotides_2_to_8(data, model, per):
    sequences = {**data.circrna, **NEW}, {**data.mirna, **NEW_MIRNA}
    kept = {
        (c, m)
        for c, one in sequences[0].items()
        for m, other in sequences[1].items()
        if has_seed_match(one, other)
    }
    ranking = rank_interactions(model, top_k=3, per=per, known=data.pairs, candidates="seed", chunk_size=9)
    assert 0 < len(kept) < len(all_pairs(model)) / 2
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
    word = mirna["m39"][1:8][::-1].translate(str.maketrans("ACGU", "UGCA"))
    circrna["junction"] = word[3:] + "A" * 9 + word[:3]
    pairs = [("c000", "m00"), ("c001", "m01")]
    model = make_mferl_pipeline(
        circrna, mirna, preset="paper", features__circular=circular, mferl__max_epochs=1, features__scales=[]
    )
    features = model["features"].set_params(evidence=[("sites", TargetSites())])
    features.fit(pairs, [0, 1])
    ids = [np.array(features.known_ids(side), dtype=object) for side in ("circrna", "mirna")]
    grid = make_grid(model, *ids, None, "seed")
    cells = np.concatenate([grid.cells(block) for block in grid.blocks(17)])
    found = {(ids[0][cell // len(ids[1])], ids[1][cell % len(ids[1])]) for cell in cells}
    expected = {(c, m) for c in ids[0] for m in ids[1] if has_seed_match(circrna[c], mirna[m], circular)}
    assert found == expected
    assert (("junction", "m39") in found) == circular
    assert (np.diff(cells) > 0).all()


def test_each_model_is_scored_in_the_fastest_way_that_fits_it(data, labelled, best, network):
    ids = [np.array(["sim_circ_0001"], dtype=object), np.array(["sim-miR-1-5p"], dtype=object)]
    for model, kind in ((best, RowScorer), (network, ProductScorer)):
        assert type(make_scorer(model, make_grid(model, *ids, None, "all"))) is kind
    on_nodes = make_mferl_pipeline(
        data.circrna, data.mirna, random_state=0, **NETWORK, mferl__attention="node"
    ).fit(*labelled)
    assert type(make_scorer(on_nodes, make_grid(on_nodes, *ids, None, "all"))) is RowScorer

    class Wrapped:
        def predict_proba(self, pairs):
            return best.predict_proba(pairs)

    assert type(make_scorer(Wrapped(), make_grid(Wrapped(), *ids, None, "all"))) is PairScorer


def test_pairs_of_sequences_are_ranked_under_the_given_spelling(data, labelled):
    pairs, y = labelled
    sequences = pd.DataFrame({side: pairs[side].map(getattr(data, side)) for side in ("circrna", "mirna")})
    model = MFERLClassifier(embedding_dim=4, max_epochs=1, random_state=0).fit(sequences[::6], y[::6])
    circrna = [next(iter(data.circrna.values())).lower(), "acgtacgtgg"]
    mirna = list(data.mirna.values())[:3]
    ranking = rank_interactions(model, circrna, mirna)
    assert set(ranking["circrna"]) == set(circrna)
    scores = model.predict_proba(ranking[["circrna", "mirna"]])[:, 1]
    np.testing.assert_allclose(ranking["score"], scores, atol=1e-9)


def test_rnas_of_equal_sequence_tie_in_the_order_of_their_ids(network):
    twins, network = {f"twin_{i}": NEW["new_1"] for i in range(5)}, copy.deepcopy(network)
    network["features"].add_rnas(circrna=twins)
    ranking = rank_interactions(network, circrna=list(twins)[::-1], top_k=7, per="mirna")
    for _, group in ranking.groupby("mirna"):
        assert group["circrna"].tolist() == sorted(twins)
        assert group["score"].nunique() == 1


@pytest.mark.parametrize("per", ["all", "circrna", "mirna"])
@pytest.mark.parametrize("n_levels", [2, 10**6])
def test_sifting_in_any_chunks_keeps_the_best(per, n_levels):
    rng = np.random.default_rng(0)
    n_circrnas, n_mirnas = 30, 7
    cells = np.flatnonzero(rng.random(n_circrnas * n_mirnas) < 0.7)
    scores = rng.integers(0, n_levels, len(cells)) / n_levels
    group = {"all": 0 * cells, "circrna": cells // n_mirnas, "mirna": cells % n_mirnas}[per]
    table = pd.DataFrame({"group": group, "score": scores, "cell": cells})
    table = table.sort_values(["group", "score", "cell"], ascending=[True, False, True])
    expected = table.groupby("group").head(3)
    for step in (1, 4, 30):
        best = KEEPERS[per](3, n_mirnas)
        for first in range(0, n_circrnas, step):
            inside = (cells >= first * n_mirnas) & (cells < (first + step) * n_mirnas)
            if inside.any():
                best.add(best.sift(Scored(cells[inside], scores[inside])))
        ordered, rank = best.order(best.pairs)
        assert ordered.cells.tolist() == expected["cell"].tolist()
        assert rank.tolist() == (expected.groupby("group").cumcount() + 1).tolist()


# Files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("per", ["all", "circrna", "mirna"])
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_the_file_holds_the_table(tmp_path, data, factors, ids, per, suffix):
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    settings = {**ids, "top_k": 3, "per": per, "known": data.pairs, "chunk_size": 50}
    out = tmp_path / f"ranking{suffix}"
    assert rank_interactions(factors, out=str(out), **settings) == out
    read = pd.read_parquet(out) if suffix == ".parquet" else pd.read_csv(out, converters=EXACT)
    pd.testing.assert_frame_equal(
        read, rank_interactions(factors, **settings), check_exact=True, check_dtype=False
    )
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


class Stop(Exception):
    """Raised in the middle."""


def stop_after(model, n_calls):
    """Return a model that is stopped after some calls, the first of which is the probe."""

    class Stopping:
        def __init__(self):
            self.calls = 0

        def predict_proba(self, pairs):
            self.calls += 1
            if self.calls > n_calls:
                raise Stop
            return model.predict_proba(pairs)

    return Stopping()


def test_an_error_in_a_thread_is_raised(tmp_path, factors, ids):
    with pytest.raises(Stop):
        rank_interactions(stop_after(factors, 2), out=tmp_path / "r.csv", **ids, chunk_size=39, n_jobs=2)


@pytest.mark.parametrize("per", ["all", "circrna", "mirna"])
def test_a_stopped_ranking_goes_on_where_it_was_and_ends_the_same(tmp_path, data, factors, ids, per):
    settings = {**ids, "top_k": 3, "per": per, "known": data.pairs, "chunk_size": 39}
    whole, out = tmp_path / "whole.csv", tmp_path / "ranking.csv"
    total, rest = stop_after(factors, 10**6), stop_after(factors, 10**6)
    rank_interactions(total, out=whole, **settings)
    with pytest.raises(Stop):
        rank_interactions(stop_after(factors, 5), out=out, **settings)
    assert not out.exists()
    rank_interactions(rest, out=out, **settings)
    assert rest.calls == total.calls - 4  # but for the probe, four were done
    assert out.read_bytes() == whole.read_bytes()
    assert not (tmp_path / "ranking.csv.part").exists()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"top_k": 4}, "top_k"),
        ({"per": "mirna"}, "per"),
        ({"chunk_size": 30}, "chunk_size"),
        ({"known": None}, "known pairs"),
        ({"mirna": ["sim-miR-1-5p", "new-miR"]}, "miRNAs"),
    ],
)
def test_a_stopped_ranking_does_not_go_on_as_another(tmp_path, data, factors, ids, change, named):
    settings = {**ids, "top_k": 3, "per": "all", "known": data.pairs, "chunk_size": 39}
    out = tmp_path / "ranking.csv"
    with pytest.raises(Stop):
        rank_interactions(stop_after(factors, 3), out=out, **settings)
    with pytest.raises(ValueError, match=f"was stopped, with another .*{named}.*; remove it to start anew"):
        rank_interactions(stop_after(factors, 10**6), out=out, **{**settings, **change})


def test_a_stopped_ranking_does_not_go_on_with_another_model(tmp_path, labelled, factors, ids):
    out = tmp_path / "ranking.csv"
    with pytest.raises(Stop):
        rank_interactions(stop_after(factors, 3), out=out, **ids, chunk_size=39)
    other = SVDFactorizer(1, random_state=0).fit(*labelled)
    with pytest.raises(ValueError, match="with another model"):
        rank_interactions(stop_after(other, 10**6), out=out, **ids, chunk_size=39)


SCRIPT = """
import joblib
from sklearn_mferl.ranking import rank_interactions
model, out, per = sys.argv[1:]
rank_interactions(joblib.load(model), out=out, top_k=3, per=per, chunk_size=39)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_a_killed_ranking_goes_on_and_ends_the_same(tmp_path, best):
    per = "circrna"  # whose chunks are files of their own
    model, whole, out = (tmp_path / name for name in ("model.joblib", "whole.csv", "ranking.csv"))
    joblib.dump(best, model)
    rank_interactions(best, out=whole, top_k=3, per=per, chunk_size=39)
    run_and_kill(SCRIPT, model, out, per, after=2, suffix=".npz")
    part = tmp_path / "ranking.csv.part"
    assert len(list(part.glob("[!.]*.npz"))) == 2
    assert json.loads((part / "identity.json").read_text())["per"] == per
    assert not out.exists()
    rank_interactions(best, out=out, top_k=3, per=per, chunk_size=39)
    assert out.read_bytes() == whole.read_bytes()
    assert not part.exists()


def test_bad_input_is_named_before_the_work(tmp_path, monkeypatch, data, best):
    for change, message in (
        ({"per": "pair"}, "per must be one of 'all', 'circrna', 'mirna'; got 'pair'"),
        ({"candidates": "6mer"}, "candidates must be one of 'all', 'seed'; got '6mer'"),
        ({"chunk_size": 0}, "chunk_size must be a whole number of at least 1, or None; got 0"),
        ({"out": tmp_path / "ranking.txt"}, r"out must end in .csv or .parquet; got"),
        (
            {"circrna": ["new_3"], "mirna": ["new-miR"], "candidates": "seed"},
            "has a match of nucleotides 2 to 8",
        ),
    ):
        with pytest.raises(ValueError, match=message):
            rank_interactions(best, **change)
    with pytest.raises(FileNotFoundError, match="There is no folder"):
        rank_interactions(best, out=tmp_path / "none" / "ranking.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(ValueError, match="is a folder; name a file"):
        rank_interactions(best, out=tmp_path / "folder.csv")
    with pytest.raises(ValueError, match="without fitted PairFeatures has none"):
        rank_interactions(stop_after(best, 1), ["a"], ["b"], candidates="seed")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"pip install 'sklearn-mferl\[parquet\]'"):
        rank_interactions(best, out=tmp_path / "ranking.parquet")


def test_seeds_need_sequences_on_both_sides(data, labelled):
    pairs, y = labelled
    rng = np.random.default_rng(0)
    vectors = pd.DataFrame(rng.normal(size=(len(data.circrna), 4)), index=list(data.circrna))
    model = make_mferl_pipeline(None, data.mirna, embeddings={"circrna": vectors}, random_state=0).fit(
        pairs, y
    )
    with pytest.raises(ValueError, match="the circrna has none here"):
        rank_interactions(model, candidates="seed")
    assert_same(rank_interactions(model, top_k=5), sort_everything(model, 5, "all", data.pairs[:0]))
