"""The same seed gives the same bits in any process and order, on any threads; else nearly the same."""

from functools import cache
from tempfile import TemporaryDirectory

import joblib
import numpy as np
import pytest
import torch
from _processes import run_python
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from sklearn_mferl import make_mferl_pipeline
from sklearn_mferl.datasets import make_cmi, write_fasta
from sklearn_mferl.model_selection import labelled_pairs

# columns are drawn for each split, as by default
FEW_TREES = HistGradientBoostingClassifier(max_iter=20, max_features=0.4, early_stopping=False)
LIGHT = {
    "best": {
        "mferl__network__max_epochs": 2,
        "mferl__evidence__max_epochs": 2,
        "mferl__boosting__estimator": FEW_TREES,
        "features__background": 1,
        "features__neighborhood__n_splits": 3,
    },
    "paper": {"mferl__max_epochs": 2},
    "binding": {},
}
CHANGES = {
    "records of FASTA and rows of the table in another order": {"shuffle": True},
    "one job": {"n_jobs": 1},
    "two jobs, each with two threads of BLAS": {"n_jobs": 2, "blas_threads": 2},
}
OTHER_PROCESS = """
import joblib
import numpy as np
import torch
from tests.test_determinism import score
if __name__ == "__main__":
    torch.set_num_threads(1)
    np.save("scores.npy", score("best", "."))
    models, pairs = joblib.load("models.joblib")
    np.save("loaded.npy", [model.predict_proba(pairs[::-1])[::-1, 1] for model in models])
"""


def fit(preset, folder, shuffle=False, n_jobs=None, blas_threads=1):
    """Return a fitted pipeline, and its pairs."""
    data = make_cmi(24, 12, circrna_length=(60, 200), random_state=0)
    pairs, y = labelled_pairs(data.pairs, random_state=0)
    paths = {side: f"{folder}/{side}.fasta" for side in ("circrna", "mirna")}
    for side, path in paths.items():
        records = list(getattr(data, side).items())
        write_fasta(path, dict(records[::-1] if shuffle else records))
    model = make_mferl_pipeline(**paths, preset=preset, random_state=0, **LIGHT[preset])
    if n_jobs:
        names = [name for name in model.get_params() if name.endswith("n_jobs")]
        model.set_params(**dict.fromkeys(names, n_jobs))
    rows = np.random.default_rng(1).permutation(len(y)) if shuffle else np.arange(len(y))
    with threadpool_limits(blas_threads, user_api="blas"):
        return model.fit(pairs.iloc[rows], y[rows]), pairs


def score(preset, folder, **change):
    model, pairs = fit(preset, folder, **change)
    return model.predict_proba(pairs)[:, 1]


@cache
def fit_once(preset):
    torch.set_num_threads(1)
    with TemporaryDirectory() as folder:
        model, pairs = fit(preset, folder)
        return model, pairs, model.predict_proba(pairs)[:, 1]


@pytest.fixture(params=LIGHT)
def usual(request):
    return request.param, *fit_once(request.param)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_scores_are_the_same_bits(usual, tmp_path, change):
    preset, _, _, scores = usual
    np.testing.assert_array_equal(score(preset, tmp_path, **change), scores)


def test_a_process_whose_hashes_are_salted_otherwise_fits_the_same_bits_and_loads_the_same_model(tmp_path):
    fitted = [fit_once(preset) for preset in ("best", "paper")]
    joblib.dump(([model for model, _, _ in fitted], fitted[0][1]), tmp_path / "models.joblib")
    done = run_python("-c", OTHER_PROCESS, cwd=tmp_path, PYTHONHASHSEED="11", OMP_NUM_THREADS="2")
    assert done.returncode == 0, done.stderr
    np.testing.assert_array_equal(np.load(tmp_path / "scores.npy"), fitted[0][2])
    expected = [scores for _, _, scores in fitted]
    np.testing.assert_allclose(np.load(tmp_path / "loaded.npy"), expected, rtol=1e-12)


def test_a_batch_of_another_size_has_the_same_evidence_and_scores_to_the_last_digits(usual):
    """A product of matrices may round a row by its place: on some processors that is the last digit."""
    _, model, pairs, expected = usual
    batches = [pairs.iloc[start : start + 5] for start in range(0, len(pairs), 5)]
    tables = [model["features"].transform(batch) for batch in batches]
    for name, values in model["features"].transform(pairs).evidence.items():
        found = np.concatenate([table.evidence[name] for table in tables])
        np.testing.assert_array_equal(found, values)
    scores = np.concatenate([model.predict_proba(batch)[:, 1] for batch in batches])
    np.testing.assert_allclose(scores, expected, rtol=1e-12)


def test_another_number_of_threads_of_torch_moves_scores_in_the_digits_of_single_precision(tmp_path):
    usual = fit_once("paper")[2]
    torch.set_num_threads(2)
    np.testing.assert_allclose(score("paper", tmp_path), usual, atol=1e-4)
