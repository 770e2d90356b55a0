"""The command ``mferl explain``."""

from __future__ import annotations

import joblib
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from typer.testing import CliRunner

from sklearn_mferl import make_mferl_pipeline
from sklearn_mferl.cli import app
from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.inspection import explain
from sklearn_mferl.model_selection import labelled_pairs


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with a saved model, three pairs, and the labelled pairs of training."""
    folder = tmp_path_factory.mktemp("explain")
    data = make_cmi(30, 12, circrna_length=(60, 200), random_state=0)
    few = HistGradientBoostingClassifier(max_iter=10)
    model = make_mferl_pipeline(data.circrna, data.mirna, random_state=0, mferl__boosting__estimator=few)
    pairs, y = labelled_pairs(data.pairs, random_state=0)
    joblib.dump(model.fit(pairs, y), folder / "model.joblib")
    pairs[:3].to_csv(folder / "pairs.csv", index=False)
    pairs.to_csv(folder / "training.csv", index=False)
    return folder


def run(folder, *words):
    arguments = ["explain", folder / "model.joblib", folder / "pairs.csv", *words]
    return CliRunner().invoke(app, [str(word) for word in arguments])


def test_it_writes_what_explain_finds(folder, tmp_path):
    result = run(folder, "--out", tmp_path, "--figures", 1)
    assert result.exit_code == 0, result.output
    expected = explain(
        joblib.load(folder / "model.joblib"), pd.read_csv(folder / "pairs.csv"), random_state=0
    )
    written = pd.read_csv(tmp_path / "summary.csv")
    pd.testing.assert_frame_equal(written, expected.summary, check_dtype=False)
    assert len(pd.read_csv(tmp_path / "sites.csv")) == len(expected.sites)
    assert len(pd.read_csv(tmp_path / "voters.csv")) == len(expected.voters)
    assert sorted(path.name for path in tmp_path.glob("pair-*")) == ["pair-1.png", "pair-1.svg"]


def test_it_takes_families_and_reference_pairs(folder, tmp_path):
    words = ["--out", tmp_path, "--by", "family", "--reference", folder / "training.csv", "--figures", 0]
    assert run(folder, *words).exit_code == 0
    assert "seed sites" in pd.read_csv(tmp_path / "summary.csv")
    assert not list(tmp_path.glob("pair-*"))


def test_bad_input_is_one_line_and_exit_code_2(folder, tmp_path):
    (tmp_path / "file").touch()
    refused = run(folder, "--out", tmp_path / "file", "--by", "letter")  # before the work
    assert (refused.exit_code, refused.output.count("\n")) == (2, 1)
    assert "file is a file; give a folder" in refused.output
    result = run(folder, "--out", tmp_path, "--by", "letter")
    assert result.exit_code == 2
    assert result.output.count("\n") == 1
    assert "letter" in result.output
