"""The options of ``mferl rank`` for rankings at scale."""

from __future__ import annotations

from io import StringIO

import joblib
import pandas as pd
import pytest

from sklearn_mferl.ranking import rank_interactions


@pytest.fixture(scope="module")
def file(default_model, tmp_path_factory):
    path = tmp_path_factory.mktemp("rank") / "model.joblib"
    joblib.dump(default_model, path)
    return path


@pytest.mark.parametrize("per", ["circrna", "mirna"])
def test_it_keeps_the_best_of_each_rna_among_candidates(run, file, default_model, per):
    out = run("rank", file, "--per", per, "--candidates", "seed", "--top", 2, "--jobs", 2).stdout
    expected = rank_interactions(default_model, per=per, candidates="seed", top_k=2)
    pd.testing.assert_frame_equal(pd.read_csv(StringIO(out)), expected, check_dtype=False)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_it_writes_a_file_by_its_suffix(run, file, default_model, tmp_path, suffix):
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    path = tmp_path / f"ranking{suffix}"
    assert run("rank", file, "--top", 5, "--out", path).stdout == ""
    found = (pd.read_csv if suffix == ".csv" else pd.read_parquet)(path)
    pd.testing.assert_frame_equal(found, rank_interactions(default_model, top_k=5), check_dtype=False)
    assert list(tmp_path.iterdir()) == [path]
