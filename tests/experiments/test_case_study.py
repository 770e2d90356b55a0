from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from _light import EVIDENCE, NETWORK, contents, embedded_only

from sklearn_mferl import PairFeatures, PairNeighborhood, TargetSites
from sklearn_mferl.evaluation import rank_hidden_pairs
from sklearn_mferl.experiments.case_study import case_study
from sklearn_mferl.experiments.running.candidates import count_paths
from sklearn_mferl.experiments.running.score_counts import ScoreCounter
from sklearn_mferl.experiments.settings import Settings
from sklearn_mferl.plotting.scores import plot_score_counts
from sklearn_mferl.ranking import known_rnas, rank_interactions

TOP = 12
CANONICAL = ["8mer", "7mer-m8", "7mer-A1", "6mer", "offset-6mer"]
OF_SITES = ["n_sites", "crosses_junction", "best_site", "site_start", "site_end", "duplex_score"]


@pytest.fixture(scope="module")
def written(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("case-study")
    return folder, case_study(data, top=TOP, params=EVIDENCE, out=folder)


@pytest.fixture(scope="module")
def ranking(written):
    return written[1]


@pytest.fixture(scope="module")
def model(data):
    settings = Settings(params=EVIDENCE)
    return settings.make_model(data).fit(*settings.draw_pairs(data))


def test_it_is_the_ranking_of_a_model_trained_on_all_known_pairs(data, ranking, model):
    expected = rank_interactions(
        model, data.pairs["circrna"], data.pairs["mirna"], known=data.pairs, top_k=TOP
    )
    pd.testing.assert_frame_equal(ranking[list(expected.columns)], expected, check_exact=True)


def test_sites_are_counted_and_the_best_is_of_the_strongest_type(data, ranking):
    finder = TargetSites(data.circrna, data.mirna).fit(data.pairs)
    assert (ranking["n_sites"] > 0).any()
    for row in ranking.itertuples():
        sites = finder.sites([(row.circrna, row.mirna)])
        canonical = sites[sites["type"].isin(CANONICAL)]
        assert row.n_sites == len(canonical)
        assert row.crosses_junction == canonical["crosses_junction"].any()
        if sites.empty:
            assert row.best_site == row.bars == ""
            assert np.isnan(row.site_start)
            continue
        best = next(kind for kind in [*CANONICAL, "seed-GU", "seed-mismatch"] if kind in set(sites["type"]))
        of_best = sites[sites["type"] == best]
        chosen = of_best[of_best["start"] == row.site_start].iloc[0]
        assert (row.best_site, row.duplex_score) == (best, of_best["duplex_score"].max())
        found = (row.site_end, row.target_3to5, row.bars, row.mirna_5to3)
        assert found == tuple(chosen[["end", "target_3to5", "bars", "mirna_5to3"]])


def test_linear_targets_have_no_junction(data):
    found = case_study(data, top=TOP, params=EVIDENCE, circular=False)
    assert not found["crosses_junction"].any()


def test_degrees_and_paths_are_those_of_the_known_interactions(data, ranking):
    known = set(data.pairs.itertuples(index=False, name=None))
    for row in ranking.itertuples():
        partners = {m for c, m in known if c == row.circrna}
        binders = {c for c, m in known if m == row.mirna}
        assert (row.circrna_degree, row.mirna_degree) == (len(partners), len(binders))
        assert row.n_paths == sum((c, m) in known for c in binders for m in partners)


def test_an_rna_without_known_partners_has_no_path():
    known = pd.DataFrame({"circrna": ["a", "b"], "mirna": ["x", "x"]})
    found = count_paths(pd.DataFrame({"circrna": ["new", "a"], "mirna": ["x", "new"]}), known)
    assert found.to_numpy().tolist() == [[0, 2, 0], [1, 0, 0]]


def test_neighbors_are_the_nearest_relatives_that_are_known_to_interact(data, ranking, model):
    known = set(data.pairs.itertuples(index=False, name=None))
    voters = model["features"].evidence_["neighborhood"].voters(ranking)
    assert (ranking["similar_circrnas"] != "").any()
    for row in ranking.itertuples():
        own = voters[(voters["circrna"] == row.circrna) & (voters["mirna"] == row.mirna)]
        for side in ("circrna", "mirna"):
            relatives = getattr(row, f"similar_{side}s").split("; ")
            relatives = [relative for relative in relatives if relative]
            pairs = [(r, row.mirna) if side == "circrna" else (row.circrna, r) for r in relatives]
            assert set(pairs) <= known
            voting = own[(own["side"] == side) & own["interacts"]]
            assert relatives == list(dict.fromkeys(voting["voter"]))[:3]


def test_every_pair_of_the_rnas_is_counted_in_a_bin_of_scores(data, written, model):
    scores = pd.read_csv(written[0] / "case_study_scores.csv")
    assert scores["known"].sum() == len(data.pairs)
    n_cells = data.pairs["circrna"].nunique() * data.pairs["mirna"].nunique()
    assert scores["unknown"].sum() == n_cells - len(data.pairs)
    of_known = model.predict_proba(data.pairs)[:, 1]
    inside = (of_known >= scores["lower"][40]) & (of_known < scores["upper"][40])
    assert scores["known"][40] == inside.sum()


def test_scores_are_passed_on_as_they_are():
    class Fixed:
        def predict_proba(self, pairs):
            return np.column_stack([1 - np.array(pairs), pairs])

    counter = ScoreCounter(Fixed())
    assert counter.predict_proba([0.0, 0.999])[:, 1].tolist() == [0.0, 0.999]
    counter.predict_proba([1.0])
    assert (counter.counts[0], counter.counts[-1], counter.counts.sum()) == (1, 2, 3)


def test_counting_scores_takes_the_fast_way_to_rank(data, model, monkeypatch):
    expected = rank_interactions(model, top_k=5)
    monkeypatch.delattr(PairFeatures, "transform")  # which reads the RNAs of each pair anew
    counter = ScoreCounter(model)
    rnas = {side: known_rnas(model, side) for side in ("circrna", "mirna")}
    pd.testing.assert_frame_equal(rank_interactions(counter, **rnas, top_k=5), expected)
    assert counter.counts.sum() == len(rnas["circrna"]) * len(rnas["mirna"])


def test_the_figure_of_scores_has_a_logarithmic_axis_and_the_last_rank(written):
    folder, ranking = written
    ax = plot_score_counts(pd.read_csv(folder / "case_study_scores.csv"), ranking).axes[0]
    assert ax.get_yscale() == "log"
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts[-1] == f"rank {TOP} ({ranking['score'].iloc[-1]:.3f})"


def test_vectors_in_place_of_sequences_give_no_sites(data):
    found = case_study(embedded_only(data), top=3, params=EVIDENCE)
    assert not set(OF_SITES) & set(found.columns)
    assert {"circrna_degree", "n_paths", "similar_circrnas"} <= set(found.columns)


def test_the_network_gets_neighbors_of_its_own(data):
    found = case_study(data, top=3, preset="paper", params=NETWORK)
    neighborhood = PairNeighborhood(data.circrna, data.mirna, random_state=0).fit(data.pairs)
    voters = neighborhood.voters(found[:1]).query("interacts and side == 'mirna'")["voter"]
    assert found["similar_mirnas"][0] == "; ".join(list(dict.fromkeys(voters))[:3])


def test_a_finished_ranking_is_not_computed_again(data, written, monkeypatch):
    folder, ranking = written
    before = contents(folder)
    assert set(before) == {
        "case_study.csv",
        "case_study_scores.csv",
        "case_study_scores.png",
        "case_study_scores.svg",
    }
    monkeypatch.setattr(Settings, "make_model", None)
    again = case_study(data, top=TOP, params=EVIDENCE, out=folder)
    pd.testing.assert_frame_equal(again, ranking, check_exact=True)
    assert contents(folder) == before


@pytest.fixture(scope="module")
def held_out(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("holdout")
    return folder, case_study(data, holdout=0.2, params=EVIDENCE, out=folder)


def test_with_holdout_the_model_and_the_baselines_look_for_the_same_hidden_pairs(data, held_out):
    models = Settings(params=EVIDENCE).make_models(data)
    expected = rank_hidden_pairs(models, data.pairs, hidden=0.2, ks=(20, 50, 1000), random_state=0)
    pd.testing.assert_frame_equal(held_out[1], expected, check_exact=True)
    assert expected["model"].tolist()[0] == "MFERL"


def test_an_interrupted_holdout_goes_on_to_the_same_files(data, held_out):
    folder, result = held_out
    before = contents(folder)
    assert set(before) == {"case_study_holdout.csv", "case_study_holdout.png", "case_study_holdout.svg"}
    cells = sorted((folder / "cells" / "case-study-holdout").glob("[!s]*.json"))
    cells[0].unlink()
    again = case_study(data, holdout=0.2, params=EVIDENCE, out=folder)
    pd.testing.assert_frame_equal(again, result, check_exact=True)
    assert contents(folder) == before


def test_vectors_in_place_of_sequences_leave_out_the_seed_count(data):
    found = case_study(embedded_only(data), holdout=0.3, params=EVIDENCE)
    assert "seed count" not in set(found["model"])
    assert found["p@20"].notna().all()


def test_bad_input_is_named(data):
    with pytest.raises(ValueError, match="top must be a whole number of at least 1; got 0"):
        case_study(data, top=0)
    for share in (0, 1.0, True, "half"):
        with pytest.raises(ValueError, match="holdout must be a share between 0 and 1"):
            case_study(data, holdout=share)
