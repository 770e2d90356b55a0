"""The command ``mferl explain``."""

import pandas as pd
import pytest
from _commands import refused, run

from sklearn_mferl import load_model, make_mferl_pipeline, save_model
from sklearn_mferl.inspection import explain
from tests.experiments._light import FAST


@pytest.fixture(scope="module")
def folder(tmp_path_factory, data, labelled):
    """Return a folder with a saved model, three pairs, and the labelled pairs of training."""
    folder = tmp_path_factory.mktemp("explain")
    model = make_mferl_pipeline(data.circrna, data.mirna, random_state=0, **FAST)
    save_model(model.fit(*labelled), folder / "model.mferl")
    labelled[0][:3].to_csv(folder / "pairs.csv", index=False)
    labelled[0].to_csv(folder / "training.csv", index=False)
    return folder


@pytest.fixture
def words(folder):
    return ["explain", folder / "model.mferl", folder / "pairs.csv", "--out"]


def test_it_writes_what_explain_finds(words, folder, tmp_path):
    run(*words, tmp_path, "--figures", 1)
    model, pairs = load_model(folder / "model.mferl"), pd.read_csv(folder / "pairs.csv")
    expected = explain(model, pairs, random_state=0)
    written = pd.read_csv(tmp_path / "summary.csv")
    pd.testing.assert_frame_equal(written, expected.summary, check_dtype=False)
    assert len(pd.read_csv(tmp_path / "sites.csv")) == len(expected.sites)
    assert len(pd.read_csv(tmp_path / "voters.csv")) == len(expected.voters)
    assert sorted(path.name for path in tmp_path.glob("pair-*")) == ["pair-1.png", "pair-1.svg"]


def test_it_takes_families_and_reference_pairs(words, folder, tmp_path):
    run(*words, tmp_path, "--by", "family", "--reference", folder / "training.csv", "--figures", 0)
    assert "seed sites" in pd.read_csv(tmp_path / "summary.csv")
    assert not list(tmp_path.glob("pair-*"))


def test_bad_input_is_one_line(words, tmp_path):
    (tmp_path / "file").touch()
    assert "file is a file; give a folder" in refused(*words, tmp_path / "file", "--by", "letter")
    assert "letter" in refused(*words, tmp_path, "--by", "letter")
