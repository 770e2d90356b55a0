"""What runs on a Dask cluster: a real one, of two processes on this machine."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from io import StringIO
from pathlib import Path
from uuid import uuid4

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_validate
from typer.main import get_command

from sklearn_mferl import (
    CosineSimilarity,
    Doc2VecEmbedder,
    LevenshteinSimilarity,
    PairFeatures,
    TargetSites,
    make_mferl_pipeline,
)
from sklearn_mferl.baselines import PathCount, SVDFactorizer
from sklearn_mferl.cli import app
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

dask_config = pytest.importorskip("dask.config", reason="needs Dask: pip install 'sklearn-mferl[dask]'")
distributed = pytest.importorskip("distributed", reason="needs Dask: pip install 'sklearn-mferl[dask]'")

SECONDS = 900  # a busy machine is no mistake of the code
PATIENT = {
    "distributed.scheduler.worker-ttl": None,  # a busy worker is not a lost one
    "distributed.deploy.lost-worker-timeout": f"{SECONDS}s",  # after 15 s Dask gives up
}
FACTORS = SVDFactorizer(random_state=0)
TREES = HistGradientBoostingClassifier(max_iter=5, min_samples_leaf=5, early_stopping=False)
PIPELINES = {
    "best": (
        {
            "features__neighborhood__n_splits": 2,
            "features__background": 1,
            "mferl__boosting__estimator": TREES,
            "mferl__calibrate": False,
        },
        {"mferl__prevalence": [None, 0.1]},
    ),
    "paper": (
        {
            "features__doc2vec": "drop",
            "features__role2vec": "drop",
            "mferl__embedding_dim": 4,
            "mferl__max_epochs": 2,
        },
        {"mferl__lr": [0.01, 0.001]},
    ),
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


def pid_and_sum(number, values):
    return number, os.getpid(), float(values.sum())


def fail(number):
    raise ValueError(f"call {number} fails")


def nested(n_calls):
    """Make calls from within a call, and say where they are made."""
    pids = run_in_order(os.getpid, [{}] * n_calls, n_jobs=2, prefer="processes")
    return os.getpid(), set(pids), uses_cluster(), count_threads(-1)


class FatalPathCount(PathCount):
    """The first fit anywhere kills its process."""

    def __init__(self, flag=None, weighted=True):
        super().__init__(weighted=weighted)
        self.flag = flag

    def fit(self, X, y):
        if not Path(self.flag).exists():
            Path(self.flag).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().fit(X, y)


def score_or_die(model, pairs, y, folder):
    """Kill a process that is to score once a fit is scored; the folder remembers."""
    if list(folder.glob("*.scored")):
        try:
            (folder / "killed").touch(exist_ok=False)
        except FileExistsError:
            pass
        else:
            os.kill(os.getpid(), signal.SIGKILL)
    (folder / f"{uuid4()}.scored").touch()
    return get_scorer("neg_log_loss")(model, pairs, y)


def as_arrays(splits):
    return [(np.array(train), np.array(test)) for train, test in splits]


def as_lists(pairs, y):
    """Return pairs, labels and splits as lists, which joblib scatters to no worker."""
    splits = StratifiedKFold(2, shuffle=True, random_state=0).split(pairs, y)
    listed = list(pairs.itertuples(index=False, name=None))
    return listed, y.tolist(), [(train.tolist(), test.tolist()) for train, test in splits]


class PidOfTheFit(PathCount):
    """The score tells the process that computed it."""

    def predict_proba(self, X):
        positive = np.full(len(X), 1 / os.getpid())
        return np.column_stack([1 - positive, positive])


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def run_cv(known, flag, out):
    models = {"paths": PathCount(), "fatal": FatalPathCount(str(flag))}
    return cv(known, models=models, n_splits=3, out=out)


def test_calls_are_made_by_workers_and_come_back_in_order(dask):
    values = np.arange(1000.0)
    found = run_in_order(pid_and_sum, [{"number": number, "values": values} for number in range(20)])
    assert [number for number, _, _ in found] == list(range(20))
    assert {total for _, _, total in found} == {values.sum()}
    assert {pid for _, pid, _ in found} <= set(dask.run(os.getpid).values())


def test_an_error_on_a_worker_is_raised_here(dask):
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
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()), pytest.raises(SystemExit) as end:
        get_command(app).main(list(map(str, command)), prog_name="mferl")
    assert not end.value.code
    scores = pd.read_csv(tmp_path / "out" / "cv_scores.csv")["score"]
    assert set(round(1 / scores)) <= set(cluster.run(os.getpid).values())


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setattr(scheduling, "_CONNECT_SECONDS", 0.2)
    with (
        pytest.raises(ValueError, match=r"No Dask scheduler answers at '127\.0\.0\.1:9'"),
        on_cluster("127.0.0.1:9"),
    ):
        pass


def test_without_dask_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ImportError, match=r"pip install 'sklearn-mferl\[dask\]'"), on_cluster("127.0.0.1:9"):
        pass


def test_the_similarity_graph_of_a_cluster_is_the_same(dask, known, monkeypatch):
    sequences = list(known.circrna.values()) * 3 + list(known.mirna.values())
    here = LevenshteinSimilarity(n_landmarks=50, random_state=0, threshold=0.3)
    with joblib.parallel_config("sequential"):
        here.fit(sequences)
        graph, to_others, features = here.graph(), here.graph(sequences[5:40]), here.transform(sequences)
    assert graph.nnz
    assert_equal(here.graph(), graph)
    assert_equal(here.graph(sequences[5:40]), to_others)
    np.testing.assert_array_equal(here.transform(sequences), features)


def test_the_graph_of_embeddings_is_the_same(dask):
    vectors = {
        f"rna {number}": row for number, row in enumerate(np.random.default_rng(0).normal(size=(150, 4)))
    }
    similarity = CosineSimilarity(vectors).fit(list(vectors))
    on_workers = similarity.graph()
    with joblib.parallel_config("sequential"):
        assert_equal(on_workers, similarity.graph())


def test_target_sites_of_a_cluster_are_the_same(dask, known, monkeypatch):
    monkeypatch.setattr(rna_pairs, "_BLOCK_COST", 20_000)  # several blocks
    pairs = [(circrna, mirna) for circrna in known.circrna for mirna in list(known.mirna)[::3]]
    sites = TargetSites(known.circrna, known.mirna).fit(pairs)
    on_workers, listed = sites.transform(pairs), sites.sites(pairs)
    with joblib.parallel_config("sequential"):
        np.testing.assert_array_equal(on_workers, sites.transform(pairs))
        assert listed.equals(sites.sites(pairs))


def test_any_transformer_runs_in_chunks(dask, known):
    sequences = list(known.circrna.values())
    embedder = Doc2VecEmbedder(vector_size=4, epochs=1, random_state=0).fit(sequences)
    chunks = joblib.Parallel()(
        joblib.delayed(embedder.transform)(sequences[start : start + 20])
        for start in range(0, len(sequences), 20)
    )
    np.testing.assert_array_equal(np.vstack(chunks), embedder.transform(sequences))


@pytest.mark.parametrize("preset", PIPELINES)
def test_searches_and_cross_validation_find_the_same(dask, known, preset):
    pairs, y = labelled_pairs(known.pairs, random_state=0)
    params, grid = PIPELINES[preset]
    model = make_mferl_pipeline(known.circrna, known.mirna, preset=preset, random_state=0, **params)
    search = GridSearchCV(model, grid, scoring="neg_log_loss", cv=2, refit=False)
    found = search.fit(pairs, y).cv_results_
    scores = cross_validate(model, pairs, y, scoring="neg_log_loss", cv=2)["test_score"]
    with joblib.parallel_config("sequential"):
        here = search.fit(pairs, y).cv_results_
    np.testing.assert_array_equal(scores, [found["split0_test_score"][0], found["split1_test_score"][0]])
    np.testing.assert_array_equal(found["mean_test_score"], here["mean_test_score"])


def test_lists_are_not_scattered_as_arrays_are(dask, known, monkeypatch):
    scattered = []
    scatter = dask.scatter
    monkeypatch.setattr(dask, "scatter", lambda data, **how: scattered.append(data) or scatter(data, **how))
    pairs, y = labelled_pairs(known.pairs, random_state=0)
    listed, labels, splits = as_lists(pairs, y)
    on_lists = cross_validate(PathCount(), listed, labels, cv=splits, scoring="roc_auc")["test_score"]
    assert not scattered  # so no worker holds the only copy of anything
    on_arrays = cross_validate(PathCount(), pairs, y, cv=as_arrays(splits), scoring="roc_auc")["test_score"]
    assert scattered
    np.testing.assert_array_equal(on_lists, on_arrays)


def test_features_fitted_on_a_cluster_are_the_same(dask, known):
    pairs, y = labelled_pairs(known.pairs, random_state=0)
    scales = [("similarity", LevenshteinSimilarity(n_jobs=-1))]
    features = PairFeatures(
        known.circrna, known.mirna, scales, evidence=[("sites", TargetSites())], output="array"
    )
    on_workers = features.fit_transform(pairs, y)
    with joblib.parallel_config("sequential"):
        np.testing.assert_array_equal(on_workers, features.fit_transform(pairs, y))


# the last tests: a new worker takes its time to start


@pytest.fixture(scope="module", params=PIPELINES)
def fitted(request, known):
    params = PIPELINES[request.param][0]
    model = make_mferl_pipeline(known.circrna, known.mirna, preset=request.param, random_state=0, **params)
    return model.fit(*labelled_pairs(known.pairs, random_state=0))


@pytest.mark.parametrize("per", ["all", "circrna"])
def test_a_ranking_of_a_cluster_is_the_same(dask, fitted, per):
    with joblib.parallel_config("sequential"):
        expected = rank_interactions(fitted, top_k=5, per=per, chunk_size=100)
    pd.testing.assert_frame_equal(rank_interactions(fitted, top_k=5, per=per, chunk_size=100), expected)


def test_a_search_on_lists_outlives_a_killed_worker(dask, known, tmp_path):
    pairs, y = labelled_pairs(known.pairs, random_state=0)
    listed, labels, splits = as_lists(pairs, y)
    scoring = partial(score_or_die, folder=tmp_path)
    search = GridSearchCV(FACTORS, {"n_components": [1, 2]}, scoring=scoring, cv=splits, refit=False)
    found = search.fit(listed, labels).cv_results_
    assert (tmp_path / "killed").exists()  # so here nobody is killed
    with joblib.parallel_config("sequential"):
        here = search.set_params(cv=as_arrays(splits)).fit(pairs, y).cv_results_
    for score in ("split0_test_score", "split1_test_score"):
        np.testing.assert_array_equal(found[score], here[score])


def test_an_experiment_writes_the_same_files_though_a_worker_is_killed(dask, known, tmp_path):
    flag = tmp_path / "flag"
    run_cv(known, flag, tmp_path / "cluster")
    assert flag.exists()  # so here nobody is killed
    with joblib.parallel_config("sequential"):
        run_cv(known, flag, tmp_path / "here")
    assert contents(tmp_path / "cluster") == contents(tmp_path / "here")
    assert len(list((tmp_path / "here" / "cells" / "cv").glob("*fold*.json"))) == 6


def assert_equal(one, other):
    assert (one != other).nnz == 0
    assert one.nnz == other.nnz
