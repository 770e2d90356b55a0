from __future__ import annotations

import json
import signal
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

import joblib
import numpy as np
import pandas as pd
import pytest
from _killed import run_and_kill
from typer.main import get_command

from sklearn_mferl.cli import app
from sklearn_mferl.datasets import make_cmi, save_cmi
from sklearn_mferl.experiments import cv
from sklearn_mferl.experiments.running.runner import Cell, run_cells

VALUES = [0.1 + 0.2, 1 / 3, np.nan, 5e-324, 1e300]


def table_of(number):
    rows = pd.DataFrame({"number": number, "value": np.array(VALUES) * number, "name": 'α, "b"\n'})
    return {"figures": rows, "counts": pd.DataFrame({"n": [number]})}


def refuse(number):
    raise AssertionError(f"{number} was computed again")


def fail_at_two(number):
    if number == 2:
        raise RuntimeError("interrupted")
    return table_of(number)


def run(compute, out=None, numbers=(0, 1, 2, 3), identity=None, **options):
    cells = [Cell(f"n={number}", {"number": number}) for number in numbers]
    return run_cells(compute, cells, experiment="e", identity=identity or {"seed": 0}, out=out, **options)


def assert_same(first, second):
    assert list(first) == list(second)
    for name in first:
        pd.testing.assert_frame_equal(first[name], second[name], check_exact=True)


def test_tables_are_joined_in_the_order_of_the_cells():
    found = run(table_of, numbers=(3, 1))
    assert found["counts"]["n"].tolist() == [3, 1]
    expected = pd.concat([table_of(number)["figures"] for number in (3, 1)], ignore_index=True)
    pd.testing.assert_frame_equal(found["figures"], expected, check_exact=True)


def test_what_was_kept_is_the_same_to_the_last_bit(tmp_path):
    computed = run(table_of, tmp_path)
    assert_same(computed, run(refuse, tmp_path))
    assert_same(computed, run(table_of))


def test_an_interrupted_run_goes_on_with_what_is_missing(tmp_path):
    with pytest.raises(RuntimeError, match="interrupted"):
        run(fail_at_two, tmp_path)
    kept = sorted(path.name for path in (tmp_path / "cells" / "e").glob("n=*"))
    assert kept == ["n=0.json", "n=1.json"]
    changed = {path: path.stat().st_mtime_ns for path in (tmp_path / "cells" / "e").glob("n=*")}
    assert_same(run(table_of, tmp_path), run(table_of))
    assert all(path.stat().st_mtime_ns == when for path, when in changed.items())


def test_two_at_a_time_give_the_same_as_one():
    with joblib.parallel_config("threading"):
        assert_same(run(table_of, n_jobs=2), run(table_of))


def test_cells_of_another_run_are_refused(tmp_path):
    run(table_of, tmp_path, identity={"seed": 0, "data": "a"})
    with pytest.raises(ValueError, match="seed was 0 and is 1 now"):
        run(refuse, tmp_path, identity={"seed": 1, "data": "a"})
    with pytest.raises(ValueError, match="data was 'a' and is None now"):
        run(refuse, tmp_path, identity={"seed": 0})


def test_a_damaged_file_is_named(tmp_path):
    run(table_of, tmp_path)
    path = tmp_path / "cells" / "e" / "n=2.json"
    path.write_text(path.read_text()[:10])
    with pytest.raises(ValueError, match=r"n=2\.json is damaged .*; remove it"):
        run(table_of, tmp_path)
    (tmp_path / "cells" / "e" / "settings.json").write_text("{")
    with pytest.raises(ValueError, match=r"settings\.json is damaged"):
        run(table_of, tmp_path)


def test_names_that_look_alike_have_files_of_their_own(tmp_path):
    names = ["a b", "a_b", "a/b", "A/../b", "w/o α"]
    cells = [Cell(name, {"number": number}) for number, name in enumerate(names)]
    for compute in (table_of, refuse):
        found = run_cells(compute, cells, experiment="e", identity={}, out=tmp_path)
        assert found["counts"]["n"].tolist() == list(range(len(names)))
    assert len(list((tmp_path / "cells" / "e").iterdir())) == len(names) + 1


def test_two_cells_of_one_name_are_refused(tmp_path):
    with pytest.raises(ValueError, match="named 'n=1'"):
        run(table_of, tmp_path, numbers=(1, 1))


def test_nothing_half_written_is_left(tmp_path):
    run(table_of, tmp_path)
    files = list((tmp_path / "cells" / "e").iterdir())
    assert all(path.suffix == ".json" and json.loads(path.read_text()) for path in files)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_an_experiment_that_is_killed_half_way_ends_in_the_same_file(tmp_path):
    folder, killed, whole = (tmp_path / name for name in ("data", "killed", "whole"))
    save_cmi(make_cmi(30, 15, circrna_length=(60, 120), random_state=0), folder)
    command = ["experiment", "cv", "--data", str(folder), "--folds", "2", "--out", str(killed)]
    command += ["--param", "features__background=0", "--param", "mferl__calibrate=false"]
    script = "from sklearn_mferl.cli import app\nsys.argv[0] = 'mferl'\napp()"
    run_and_kill(script, *command, after=2, suffix=".json")
    cells = killed / "cells" / "cv"
    kept = {path: path.stat().st_mtime_ns for path in cells.glob("[!.]*fold*.json")}
    assert len(kept) == 1  # and the settings
    assert not (killed / "cv.csv").exists()

    with redirect_stdout(StringIO()), redirect_stderr(StringIO()), pytest.raises(SystemExit) as end:
        get_command(app).main(command, prog_name="mferl")
    assert not end.value.code
    assert all(path.stat().st_mtime_ns == when for path, when in kept.items())
    params = {"features__background": 0, "mferl__calibrate": False}
    cv(folder, n_splits=2, params=params, out=whole)
    for name in ("cv.csv", "cv_scores.csv", "cv_curves.svg", "cv_curves.png"):
        assert (killed / name).read_bytes() == (whole / name).read_bytes()
