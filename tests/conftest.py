"""Fixtures of all tests."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from _networks import SCALES
from hypothesis import HealthCheck, settings
from joblib.externals.loky import get_reusable_executor

from sklearn_mferl import PairFeatures, make_mferl_pipeline
from sklearn_mferl.datasets import CMIData, make_cmi
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.models import evidence_boosting
from sklearn_mferl.pipeline import PRESETS

# the same examples in every run, however slow the machine
settings.register_profile(
    "deterministic", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("deterministic")
# other examples in every run: make fuzz
settings.register_profile(
    "nightly",
    max_examples=int(os.environ.get("EXAMPLES", "100000")),
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)


HERE = Path(__file__).parent
# whole journeys and what stands beside other packages; single slow tests elsewhere have the mark themselves
SLOW = {
    "experiments",
    "pipeline.py",
    "rank.py",
    "report",
    "test_bayesian_reduction.py",
    "test_benchmarks.py",
    "test_calibration.py",
    "test_cli.py",
    "test_cli_experiment.py",
    "test_cli_explain.py",
    "test_dask.py",
    "test_demo.py",
    "test_determinism.py",
    "test_device.py",
    "test_embedding_maps.py",
    "test_explain.py",
    "test_factorization.py",
    "test_faults.py",
    "test_leakage.py",
    "test_mda.py",
    "test_memory.py",
    "test_negatives.py",
    "test_neighborhood.py",
    "test_net.py",
    "test_pipeline.py",
    "test_ranking_scale.py",
    "test_shared_data.py",
}


# Files with tests of many seconds, and those that share what took many, the longest first: one process begins
# with them and the other one with the rest, so that none is left with a long test when the other is done, and
# what one has made, or compiled as UMAP does, is not made again.
LONG = (
    "test_shared_data",
    "test_docs",
    "test_report",
    "test_report_browser",
    "test_ablation",
    "test_benchmarks",
    "test_dask",
    "test_mda",
    "test_embedding_maps",
    "test_demo",
)


def pytest_collection_modifyitems(items):
    """Mark the tests of slow files, and the examples in packages of the same name; put long ones first."""
    items.sort(key=lambda item: LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG))
    for item in items:
        path = item.path.relative_to(
            HERE if item.path.is_relative_to(HERE) else HERE.parent / "sklearn_mferl"
        )
        if {path.name, *path.parent.parts} & SLOW:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Keep torch to one thread: the tests' networks are small, and more threads only wait for each other.

    It is set before each test: a library may change it (UMAP does, through numba), and torch rounds
    differently with another number of threads.
    """
    torch.set_num_threads(1)


@pytest.fixture
def own_processes():
    """Give a test processes of joblib that no other test has had.

    joblib ends one that has grown by 300 MB since its first call, which may have loaded next to nothing.
    """
    get_reusable_executor(max_workers=2, reuse=True).shutdown(wait=True)
    yield
    get_reusable_executor(max_workers=2, reuse=True).shutdown(wait=True)


def lighten(patch):
    """Give the default model few trees, epochs, parts of the graph and background pairs."""
    make_usual = PRESETS["best"]

    def make_light():
        params = make_usual()
        params["mferl"].set_params(network__max_epochs=2, evidence__max_epochs=2)
        params["features__background"] = 1
        dict(params["features__evidence"])["neighborhood"].set_params(n_splits=3)
        return params

    patch.setitem(PRESETS, "best", make_light)
    patch.setitem(evidence_boosting.DEFAULTS, "max_iter", 20)


@pytest.fixture
def few_trees(monkeypatch):
    """Have the default model light, where what is tested does not depend on how good it is."""
    lighten(monkeypatch)


@pytest.fixture(scope="module")
def few_trees_in_module():
    """Have it light in all tests of a file, and in fixtures of a wider scope than a test."""
    with pytest.MonkeyPatch.context() as patch:
        lighten(patch)
        yield


@pytest.fixture(scope="session")
def data() -> CMIData:
    """Return small simulated data; do not change them."""
    return make_cmi(24, 12, circrna_length=(60, 200), random_state=0)


@pytest.fixture(scope="session")
def known() -> CMIData:
    """Return more of them, of which every split has both classes; do not change them."""
    return make_cmi(60, 30, circrna_length=(60, 120), random_state=0)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of the shared data."""
    folder = os.environ.get("SKLEARN_MFERL_DATA")
    return Path(folder) if folder else pytest.skip("SKLEARN_MFERL_DATA does not name it")


@pytest.fixture(scope="session")
def labelled(data):
    """Return pairs of these data with labels of two classes."""
    return labelled_pairs(data.pairs, random_state=0)


@pytest.fixture(scope="session")
def y(labelled):
    return labelled[1]


@pytest.fixture(scope="session")
def sequences(data, labelled):
    """Return these pairs as pairs of sequences."""
    return labelled[0].apply(lambda side: side.map(getattr(data, side.name)))


@pytest.fixture(scope="session")
def table(data, labelled):
    """Return these pairs with the scales of a small network; do not change them."""
    return PairFeatures(data.circrna, data.mirna, SCALES).fit_transform(*labelled)


@pytest.fixture(scope="session")
def vectors(data):
    """Return random vectors of the RNAs of each side; do not change them."""
    rng = np.random.default_rng(0)
    return {
        side: pd.DataFrame(rng.normal(size=(len(known), 3)), index=list(known))
        for side, known in (("circrna", data.circrna), ("mirna", data.mirna))
    }


@pytest.fixture(scope="session")
def default_model(data, labelled):
    """Return the default model fitted on them; do not change it."""
    return make_mferl_pipeline(data.circrna, data.mirna, random_state=0).fit(*labelled)
