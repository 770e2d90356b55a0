"""`case_study` ranks what is unknown, says why, and finds what was hidden."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from _light import EVIDENCE, FAST, NETWORK, assert_goes_on, contents, embedded_only, written_names

from sklearn_mferl import PairFeatures, PairNeighborhood, TargetSites
from sklearn_mferl.evaluation import rank_hidden_pairs
from sklearn_mferl.experiments import Settings, case_study
from sklearn_mferl.experiments.case_study import ScoreCounter
from sklearn_mferl.plotting.experiments import plot_score_counts
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
    rnas = data.pairs["circrna"], data.pairs["mirna"]
    expected = rank_interactions(model, *rnas, known=data.pairs, top_k=TOP)
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
    found = case_study(data, top=TOP, params=FAST, circular=False)
    assert not found["crosses_junction"].any()


def test_degrees_paths_and_neighbors_are_those_of_the_known_interactions(data, ranking, model):
    known = set(data.pairs.itertuples(index=False, name=None))
    voters = model["features"].evidence_["neighborhood"].voters(ranking)
    assert (ranking["similar_circrnas"] != "").any()
    for row in ranking.itertuples():
        partners = {m for c, m in known if c == row.circrna}
        binders = {c for c, m in known if m == row.mirna}
        assert (row.circrna_degree, row.mirna_degree) == (len(partners), len(binders))
        assert row.n_paths == sum((c, m) in known for c in binders for m in partners)
        of_pair = voters[(voters["circrna"] == row.circrna) & (voters["mirna"] == row.mirna)]
        for side, binding in (("circrna", binders), ("mirna", partners)):
            relatives = [name for name in getattr(row, f"similar_{side}s").split("; ") if name]
            assert set(relatives) <= binding
            voting = of_pair[(of_pair["side"] == side) & of_pair["interacts"]]
            assert relatives == list(dict.fromkeys(voting["voter"]))[:3]


def test_every_pair_of_the_rnas_is_counted_in_a_bin_of_scores(data, written, model):
    folder, ranking = written
    scores = pd.read_csv(folder / "case_study_scores.csv")
    n_cells = data.pairs["circrna"].nunique() * data.pairs["mirna"].nunique()
    assert scores["unknown"].sum() == n_cells - len(data.pairs)
    expected = np.histogram(model.predict_proba(data.pairs)[:, 1], 50, (0, 1))[0]
    assert scores["known"].tolist() == expected.tolist()
    ax = plot_score_counts(scores, ranking).axes[0]
    assert ax.get_yscale() == "log"
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts[-1] == f"rank {TOP} ({ranking['score'].iloc[-1]:.3f})"


def test_counting_scores_takes_the_fast_way_to_rank(model, monkeypatch):
    expected = rank_interactions(model, top_k=5)
    monkeypatch.delattr(PairFeatures, "transform")  # which reads the RNAs of each pair anew
    counter = ScoreCounter(model)
    rnas = {side: known_rnas(model, side) for side in ("circrna", "mirna")}
    pd.testing.assert_frame_equal(rank_interactions(counter, **rnas, top_k=5), expected)
    assert counter.counts.sum() == len(rnas["circrna"]) * len(rnas["mirna"])


def test_vectors_in_place_of_sequences_give_no_sites_and_no_seed_count(data):
    found = case_study(embedded_only(data), top=3, params=FAST)
    assert not set(OF_SITES) & set(found.columns)
    assert {"circrna_degree", "n_paths", "similar_circrnas"} <= set(found.columns)
    found = case_study(embedded_only(data), holdout=0.3, params=FAST)
    assert "seed count" not in set(found["model"])
    assert found["p@20"].notna().all()


def test_the_network_gets_neighbors_of_its_own(data):
    found = case_study(data, top=3, preset="paper", params=NETWORK)
    neighborhood = PairNeighborhood(data.circrna, data.mirna, random_state=0).fit(data.pairs)
    voters = neighborhood.voters(found[:1]).query("interacts and side == 'mirna'")["voter"]
    assert found["similar_mirnas"][0] == "; ".join(list(dict.fromkeys(voters))[:3])


def test_a_finished_ranking_is_not_computed_again(data, written, monkeypatch):
    assert set(contents(written[0])) == written_names("case_study", "_scores", figure="case_study_scores")
    monkeypatch.setattr(Settings, "make_model", None)
    assert_goes_on(partial(case_study, data, top=TOP, params=EVIDENCE), *written, n_missing=0)


def test_with_holdout_the_model_and_the_baselines_look_for_the_same_hidden_pairs(data, tmp_path):
    run = partial(case_study, data, holdout=0.2, params=FAST)
    found = run(out=tmp_path)
    models = Settings(params=FAST).make_models(data)
    expected = rank_hidden_pairs(models, data.pairs, hidden=0.2, ks=(20, 50, 1000), random_state=0)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    assert expected["model"].tolist()[0] == "default model"
    assert set(contents(tmp_path)) == written_names("case_study_holdout", figure="case_study_holdout")
    assert_goes_on(run, tmp_path, found)
