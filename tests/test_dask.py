"""What runs on a Dask cluster: a real one, of two processes on this machine."""

import os
import signal
import sys
from functools import partial
from pathlib import Path
from uuid import uuid4

import joblib
import numpy as np
import pandas as pd
import pytest
from _commands import run
from sklearn.base import clone
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_validate

from sklearn_mferl import (
    CosineSimilarity,
    LevenshteinSimilarity,
    PairFeatures,
    TargetSites,
    make_mferl_pipeline,
)
from sklearn_mferl.baselines import PathCount, SVDFactorizer
from sklearn_mferl.datasets import make_cmi, save_cmi
from sklearn_mferl.evidence.sites import rna_pairs
from sklearn_mferl.experiments import EXPERIMENTS, cv
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.ranking import rank_interactions
from sklearn_mferl.utils import scheduling
from sklearn_mferl.utils.scheduling import (
    count_threads,
    on_cluster,
    run_in_order,
    run_unordered,
    uses_cluster,
)
from tests.experiments._light import EVIDENCE, NETWORK

dask_config = pytest.importorskip("dask.config", reason="needs Dask: pip install 'sklearn-mferl[dask]'")
distributed = pytest.importorskip("distributed", reason="needs Dask: pip install 'sklearn-mferl[dask]'")

SECONDS = 900  # a busy machine is no mistake of the code
PATIENT = {
    "distributed.scheduler.worker-ttl": None,  # a busy worker is not a lost one
    "distributed.deploy.lost-worker-timeout": f"{SECONDS}s",  # after 15 s Dask gives up
}
PIPELINES = {
    "best": (
        {**EVIDENCE, "features__background": 0, "mferl__calibrate": False},
        {"mferl__prevalence": [None, 0.1]},
    ),
    "paper": (NETWORK, {"mferl__lr": [0.01, 0.001]}),
}


@pytest.fixture(scope="module")
def cluster():
    with (
        dask_config.set(PATIENT),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client


@pytest.fixture
def dask(cluster):
    """Have joblib compute on the cluster, both of whose workers are there."""
    cluster.wait_for_workers(2, timeout=SECONDS)
    with joblib.parallel_config("dask", client=cluster):
        yield cluster


@pytest.fixture(scope="module")
def known():
    return make_cmi(40, 20, circrna_length=(40, 90), random_state=0)


@pytest.fixture
def labelled(known):
    return labelled_pairs(known.pairs, random_state=0)


@pytest.fixture(scope="module", params=PIPELINES)
def model(request, known):
    """Return a pipeline, not fitted, and a grid of its parameters."""
    params, grid = PIPELINES[request.param]
    options = {"preset": request.param, "random_state": 0}
    return make_mferl_pipeline(known.circrna, known.mirna, **options, **params), grid


def pid_and_sum(number, values):
    return number, os.getpid(), float(values.sum())


def fail(number):
    raise ValueError(f"call {number} fails")


def nested(n_calls):
    """Make calls from within a call, and say where they are made."""
    pids = run_in_order(os.getpid, [{}] * n_calls, n_jobs=2, prefer="processes")
    return os.getpid(), set(pids), uses_cluster(), count_threads(-1)


def die_once(folder):
    """Kill this process if it is the first to ask for it; the folder remembers."""
    try:
        (folder / "killed").touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def die_half_way(folder):
    """Kill a process that is to score once one has scored."""
    if list(folder.glob("*.scored")):
        die_once(folder)
    (folder / f"{uuid4()}.scored").touch()


class FatalPathCount(PathCount):
    """The first fit anywhere kills its process."""

    def __init__(self, folder=None, weighted=True):
        super().__init__(weighted=weighted)
        self.folder = folder

    def fit(self, X, y):
        die_once(Path(self.folder))
        return super().fit(X, y)


class FatalScores(SVDFactorizer):
    """A worker that is to score a block once one is scored is killed."""

    folder, home = Path(), 0

    def predict_proba(self, X):
        if os.getpid() != self.home:
            die_half_way(self.folder)
        return super().predict_proba(X)


def score_or_die(model, pairs, y, folder):
    die_half_way(folder)
    return get_scorer("neg_log_loss")(model, pairs, y)


def as_lists_and_arrays(pairs, y):
    """Return pairs, labels and splits as lists, which joblib scatters to no worker, and as arrays."""
    splits = list(StratifiedKFold(2, shuffle=True, random_state=0).split(pairs, y))
    listed = list(pairs.itertuples(index=False, name=None))
    as_lists = [(train.tolist(), test.tolist()) for train, test in splits]
    return (listed, y.tolist(), as_lists), (pairs, y, splits)


class PidOfTheFit(PathCount):
    """The score tells the process that computed it."""

    def predict_proba(self, X):
        positive = np.full(len(X), 1 / os.getpid())
        return np.column_stack([1 - positive, positive])


def test_calls_are_made_by_workers_and_come_back_in_order_or_raise_an_error(dask):
    values = np.arange(1000.0)
    found = run_in_order(pid_and_sum, [{"number": number, "values": values} for number in range(20)])
    assert [number for number, _, _ in found] == list(range(20))
    assert {total for _, _, total in found} == {values.sum()}
    assert {pid for _, pid, _ in found} <= set(dask.run(os.getpid).values())
    with pytest.raises(ValueError, match="call 3 fails"):
        list(run_unordered(fail, [{"number": 3}]))


def test_what_a_worker_calls_stays_on_its_thread(dask):
    assert uses_cluster()
    [through_us] = run_in_order(nested, [{"n_calls": 3}])
    [through_joblib] = joblib.Parallel()([joblib.delayed(nested)(3)])
    for pid, pids, away, threads in (through_us, through_joblib):
        assert pid != os.getpid()
        assert (pids, away, threads) == ({pid}, False, 1)


def test_the_command_line_computes_on_a_cluster(cluster, known, tmp_path, monkeypatch):
    monkeypatch.setitem(EXPERIMENTS, "cv", partial(cv, models={"pids": PidOfTheFit()}))
    monkeypatch.setattr(scheduling, "_CONNECT_SECONDS", SECONDS)
    save_cmi(known, tmp_path / "data")
    command = ["experiment", "cv", "--data", tmp_path / "data", "--folds", 3, "--out", tmp_path / "out"]
    command += ["--scheduler", cluster.scheduler_info()["address"]]
    run(*command)
    scores = pd.read_csv(tmp_path / "out" / "cv_scores.csv")["score"]
    assert set(round(1 / scores)) <= set(cluster.run(os.getpid).values())


def test_a_scheduler_or_package_that_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(scheduling, "_CONNECT_SECONDS", 0.2)
    no_answer = r"No Dask scheduler answers at '127\.0\.0\.1:9'"
    with pytest.raises(ValueError, match=no_answer), on_cluster("127.0.0.1:9"):
        pass
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ImportError, match=r"pip install 'sklearn-mferl\[dask\]'"), on_cluster("127.0.0.1:9"):
        pass


def twice(compute):
    """Return what is computed on the cluster, and what is computed here."""
    found = compute()
    with joblib.parallel_config("sequential"):
        return found, compute()


def assert_same_graph(one, other):
    assert (one != other).nnz == 0
    assert one.nnz == other.nnz


def test_the_similarity_graphs_of_a_cluster_are_the_same(dask, known):
    sequences = list(known.circrna.values()) * 3 + list(known.mirna.values())
    similarity = LevenshteinSimilarity(n_landmarks=50, random_state=0, threshold=0.3)
    with joblib.parallel_config("sequential"):
        similarity.fit(sequences)
    assert similarity.graph().nnz
    assert_same_graph(*twice(similarity.graph))
    assert_same_graph(*twice(lambda: similarity.graph(sequences[5:40])))
    np.testing.assert_array_equal(*twice(lambda: similarity.transform(sequences)))
    rows = enumerate(np.random.default_rng(0).normal(size=(150, 4)))
    vectors = {f"rna {number}": row for number, row in rows}
    similarity = CosineSimilarity(vectors).fit(list(vectors))
    assert_same_graph(*twice(similarity.graph))


def test_features_and_sites_of_a_cluster_are_the_same(dask, known, labelled, monkeypatch):
    monkeypatch.setattr(rna_pairs, "_BLOCK_COST", 20_000)  # several blocks
    scales, evidence = [("similarity", LevenshteinSimilarity(n_jobs=-1))], [("sites", TargetSites())]
    features = PairFeatures(known.circrna, known.mirna, scales, evidence=evidence, output="array")
    np.testing.assert_array_equal(*twice(lambda: features.fit_transform(*labelled)))
    sites = features.evidence_["sites"]
    pd.testing.assert_frame_equal(*twice(lambda: sites.sites(labelled[0])), check_exact=True)


def test_searches_and_cross_validation_find_the_same(dask, labelled, model):
    search = GridSearchCV(*model, scoring="neg_log_loss", cv=2, refit=False)
    found, here = twice(lambda: search.fit(*labelled).cv_results_)
    scores = cross_validate(model[0], *labelled, scoring="neg_log_loss", cv=2)["test_score"]
    np.testing.assert_array_equal(scores, [found["split0_test_score"][0], found["split1_test_score"][0]])
    np.testing.assert_array_equal(found["mean_test_score"], here["mean_test_score"])


def test_lists_are_not_scattered_as_arrays_are(dask, labelled, monkeypatch):
    scattered = []
    scatter = dask.scatter
    monkeypatch.setattr(dask, "scatter", lambda data, **how: scattered.append(data) or scatter(data, **how))
    found = []
    for *given, splits in as_lists_and_arrays(*labelled):
        assert not scattered  # after lists: no worker holds the only copy of anything
        found.append(cross_validate(PathCount(), *given, cv=splits, scoring="roc_auc")["test_score"])
    assert scattered
    np.testing.assert_array_equal(*found)


# the last tests: a new worker takes its time to start


@pytest.fixture(scope="module")
def fitted(model, known):
    return clone(model[0]).fit(*labelled_pairs(known.pairs, random_state=0))


@pytest.mark.parametrize("per", ["all", "circrna"])
def test_a_ranking_of_a_cluster_is_the_same(dask, fitted, per):
    pd.testing.assert_frame_equal(*twice(lambda: rank_interactions(fitted, top_k=5, per=per, chunk_size=300)))


def test_a_search_on_lists_outlives_a_killed_worker(dask, labelled, tmp_path):
    (*lists, splits), (*arrays, splits_of_arrays) = as_lists_and_arrays(*labelled)
    scoring = partial(score_or_die, folder=tmp_path)
    factors, grid = SVDFactorizer(random_state=0), {"n_components": [1, 2]}
    search = GridSearchCV(factors, grid, scoring=scoring, cv=splits, refit=False)
    found = search.fit(*lists).cv_results_
    assert (tmp_path / "killed").exists()  # so here nobody is killed
    with joblib.parallel_config("sequential"):
        here = search.set_params(cv=splits_of_arrays).fit(*arrays).cv_results_
    for score in ("split0_test_score", "split1_test_score"):
        np.testing.assert_array_equal(found[score], here[score])


def test_an_experiment_writes_the_same_files_though_a_worker_is_killed(dask, known, tmp_path):
    def contents(out):
        models = {"paths": PathCount(), "fatal": FatalPathCount(str(tmp_path))}
        cv(known, models=models, n_splits=3, out=out)
        return {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}

    on_cluster = contents(tmp_path / "cluster")
    assert (tmp_path / "killed").exists()  # so here nobody is killed
    with joblib.parallel_config("sequential"):
        assert contents(tmp_path / "here") == on_cluster
    assert len(list((tmp_path / "here" / "cells" / "cv").glob("*fold*.json"))) == 6


@pytest.mark.parametrize("per", ["all", "mirna"])
def test_a_ranking_is_the_same_bytes_though_a_worker_is_killed_in_the_middle(dask, known, tmp_path, per):
    model = FatalScores(3, random_state=0).fit(*labelled_pairs(known.pairs, random_state=0))
    model.folder, model.home = tmp_path / "scored", os.getpid()
    model.folder.mkdir()
    settings = {"circrna": [*known.circrna], "mirna": [*known.mirna], "per": per, "chunk_size": 40}
    rank_interactions(model, **settings, out=tmp_path / "cluster.csv")
    assert (model.folder / "killed").exists()
    with joblib.parallel_config("sequential"):
        rank_interactions(model, **settings, out=tmp_path / "here.csv")
    assert (tmp_path / "cluster.csv").read_bytes() == (tmp_path / "here.csv").read_bytes()
