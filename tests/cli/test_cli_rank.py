"""The options of ``mferl rank`` for rankings at scale."""

from __future__ import annotations

from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

import joblib
import pandas as pd
import pytest
from typer.main import get_command

from sklearn_mferl.cli import app
from sklearn_mferl.ranking import rank_interactions


def mferl(*arguments):
    """Run the program, and return its exit code, stdout and stderr."""
    with (
        redirect_stdout(StringIO()) as out,
        redirect_stderr(StringIO()) as err,
        pytest.raises(SystemExit) as end,
    ):
        get_command(app).main([str(argument) for argument in arguments], prog_name="mferl")
    return end.value.code or 0, out.getvalue(), err.getvalue()


@pytest.fixture(scope="module")
def model(default_model):
    return default_model


@pytest.fixture(scope="module")
def file(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("rank") / "model.joblib"
    joblib.dump(model, path)
    return path


@pytest.mark.parametrize("per", ["circrna", "mirna"])
def test_it_keeps_the_best_of_each_rna_among_candidates(file, model, per):
    code, out, err = mferl("rank", file, "--per", per, "--candidates", "seed", "--top", 2, "--jobs", 2)
    assert code == 0, err
    expected = rank_interactions(model, per=per, candidates="seed", top_k=2)
    pd.testing.assert_frame_equal(pd.read_csv(StringIO(out)), expected, check_dtype=False)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_it_writes_a_file_by_its_suffix(file, model, tmp_path, suffix):
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    path = tmp_path / f"ranking{suffix}"
    code, out, err = mferl("rank", file, "--top", 5, "--out", path)
    assert (code, out) == (0, ""), err
    found = (pd.read_csv if suffix == ".csv" else pd.read_parquet)(path)
    pd.testing.assert_frame_equal(found, rank_interactions(model, top_k=5), check_dtype=False)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--out", "ranking.txt"), "out must end in .csv or .parquet"),
        (("--per", "pair"), "per must be one of"),
        (("--candidates", "6mer"), "candidates must be one of"),
    ],
)
def test_bad_options_are_one_line(file, arguments, message):
    code, out, err = mferl("rank", file, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("Error: ")
    assert message in err
    assert err.count("\n") == 1
