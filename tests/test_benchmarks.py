"""The commands in ``benchmarks/`` measure each cell once, say at which commit, and write pages that agree."""

import importlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sklearn_mferl.baselines import PathCount, SeedCount
from sklearn_mferl.datasets import load_cmi, make_cmi, save_cmi
from sklearn_mferl.evaluation import cross_validate_pairs, rank_hidden_pairs
from sklearn_mferl.model_selection import labelled_pairs

ROOT = Path(__file__).parents[1]
MODELS = ["SeedCount", "PathCount"]
PLAN = ["--allow-dirty", "--splits", "pair", "ranking", "--negatives", "uniform", "degree"]
PLAN += ["--seeds", "0", "1", "1", "--folds", "2"]
KEY = ["model", "split", "negatives", "seed"]


class Calls(list):
    """Calls functions in this process, lists the arguments, and may raise an error at the third call.

    What a call has returned is kept for the next one with the same arguments.
    """

    def __init__(self):
        self.returned = {}

    def __call__(self, *call):
        self.append(call[1:])
        if len(self) == 3 and self.error:
            raise self.error
        if call not in self.returned:
            self.returned[call] = call[0](*call[1:])
        return self.returned[call]


@pytest.fixture(scope="module")
def modules():
    """Import the modules of the commands, which find each other by their short names."""
    names = [path.stem for path in (ROOT / "benchmarks").glob("*.py")]
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")
        patch.setitem(sys.modules, "karateclub", None)  # takes long to import; it counts as not installed
        found = {name: importlib.import_module(name) for name in names}
        found["speed"]._THREADS = ()  # this process has its threads
        yield found
        for name in names:
            del sys.modules[name]  # short names may be those of others


@pytest.fixture(scope="module")
def calls(modules):
    modules["accuracy"].in_own_process = modules["speed"].in_own_process = found = Calls()
    return found


@pytest.fixture
def without_pictures(modules, monkeypatch):
    for name in ("draw_splits", "draw_reliability", "draw_ranking", "draw_growth"):
        monkeypatch.setattr(modules["page"], name, lambda rows: modules["page"].new_axes().figure)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data") / "small"
    save_cmi(make_cmi(60, 60, 240, circrna_length=(60, 200), random_state=0), folder)
    return folder


@pytest.fixture(scope="module")
def run(modules, small, calls):
    def run_command(out, *more, error=None):
        calls.clear()
        calls.error = error
        words = ["--data", small, "--out", out, "--models", *MODELS, *PLAN, *more]
        return modules["accuracy"].main([str(word) for word in words])

    return run_command


@pytest.fixture(scope="module")
def finished(run, tmp_path_factory):
    """Return the folder of a whole run; do not change it."""
    out = tmp_path_factory.mktemp("out") / "new" / "benchmarks"
    assert run(out) == 0
    return out


def figures(out):
    return pd.read_csv(out / "accuracy.csv").drop(columns=["seconds", "peak_gb", "commit", "versions"])


def test_a_run_has_each_cell_once_as_the_evaluation_gives_it_and_a_page_with_pictures(small, finished):
    table, data = pd.read_csv(finished / "accuracy.csv", dtype={"commit": str}), load_cmi(small)
    found = table.set_index(KEY)
    assert len(set(found.index)) == len(found) == 2 * 2 * (2 + 1)  # a ranking is of uniform negatives alone
    assert table["versions"].str.contains(f"numpy {np.__version__}", regex=False).all()
    assert table["commit"].str.fullmatch(r"[0-9a-f]{7,}(-dirty)?|unknown-dirty").all()
    pairs, y = labelled_pairs(data.pairs, random_state=1)
    for name, model in (("SeedCount", SeedCount(data.circrna, data.mirna)), ("PathCount", PathCount())):
        direct = cross_validate_pairs(model, pairs, y, n_splits=2, random_state=1)
        expected = direct.figures[["auc", "brier"]].mean()
        expected["f1@train"] = direct.figures_at("train")["f1"].mean()
        row = found.loc[(name, "pair", "uniform", 1), expected.index].astype(float)
        np.testing.assert_allclose(row, expected, atol=1e-6)
        ap = rank_hidden_pairs(model, data.pairs, random_state=1)["ap"][0]
        assert found.loc[(name, "ranking", "uniform", 1), "ap"] == pytest.approx(ap, abs=1e-6)
    assert set(pd.read_csv(finished / "reliability.csv").groupby(KEY)["n_pairs"].sum()) == {len(y)}
    page = (finished / "index.md").read_text("utf-8")
    auc = table.query("split == 'pair' & model == 'PathCount' & negatives == 'uniform'")["auc"]
    assert f"| path count | {auc.mean():.3f} ± {auc.std():.3f}" in page.replace("**", "")
    pictures = {f"small-{name}.png" for name in ("splits", "reliability", "ranking")}
    assert {path.name for path in finished.glob("*.png")} == pictures
    assert all(f"(<{name}>)" in page for name in pictures)


@pytest.mark.parametrize("known", [("circrna+mirna", "-"), ("mirna", "circrna"), ("mirna", "-")])
def test_a_model_is_left_out_where_what_it_reads_is_missing(modules, known):
    lacking = {"sequences": "circrna" not in known[0], "features": known == ("mirna", "-"), "pairs": False}
    for name, model in modules["cases"].MODELS.items():
        reason = modules["cases"].why_left_out(name, {"sequences": known[0], "vectors": known[1]})
        assert bool(reason) == lacking[model.needs]


@pytest.mark.usefixtures("without_pictures")
@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("no memory")], ids=["stopped", "failed"])
def test_what_is_stopped_or_fails_goes_on_to_a_whole_run(run, calls, finished, tmp_path, capsys, error):
    stopped = isinstance(error, KeyboardInterrupt)
    assert run(tmp_path, error=error) == (130 if stopped else 1)
    assert ("Stopped" if stopped else "RuntimeError: no memory") in capsys.readouterr().err
    assert len(calls) == (3 if stopped else 12)  # a cell that fails harms no other
    assert len(figures(tmp_path)) == len(calls) - 1
    for n_left in (10 if stopped else 1, 0):
        assert run(tmp_path) == 0
        assert len(calls) == n_left
        pd.testing.assert_frame_equal(figures(tmp_path), figures(finished))
        assert (tmp_path / "reliability.csv").read_bytes() == (finished / "reliability.csv").read_bytes()


@pytest.mark.usefixtures("without_pictures")
def test_a_model_is_measured_again_on_demand_and_a_linear_rna_has_ends(run, calls, finished, tmp_path):
    out = shutil.copytree(finished, tmp_path / "copied")
    assert run(out, "--rerun", "PathCount") == 0
    assert [cell.model for cell, _ in calls] == ["PathCount"] * 6
    few = ["--splits", "pair", "--negatives", "uniform", "--seeds", "0"]
    assert run(tmp_path / "linear", "--linear", "small", *few) == 0
    both = figures(tmp_path / "linear").merge(figures(out), on=KEY)
    assert set(both["model"][both["auc_x"] != both["auc_y"]]) == {"SeedCount"}


def test_what_cannot_be_compared_or_read_is_refused(run, calls, small, finished, tmp_path, capsys):
    out, other = shutil.copytree(finished, tmp_path / "copied"), shutil.copytree(small, tmp_path / "small")
    pairs = (other / "interactions.csv").read_text().splitlines(keepends=True)
    (other / "interactions.csv").write_text("".join(pairs[:-1]))
    for more, says in (
        (["--data", small, other], "Two data folders have the same name"),
        (["--linear", "smal"], "--linear smal is none of the data folders, small."),
        (["--data", other], "with known_pairs=240, now 239; remove these rows"),
        (["--folds", "3"], "with folds=2, now 3; remove these rows"),
    ):
        assert run(out, *more) == 2
        assert says in capsys.readouterr().err
    for damage in (b"a,b\n1,2\n", b"", b"\x80\x81"):
        (out / "accuracy.csv").write_bytes(damage)
        assert run(out) == 2
        assert capsys.readouterr().err.startswith(f"Error: {out / 'accuracy.csv'} is damaged, or of another")
        assert (out / "accuracy.csv").read_bytes() == damage
    assert not calls


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_uncommitted_changes_are_refused_but_for_those_of_the_command_itself(modules, tmp_path, monkeypatch):
    measuring, docs = modules["measuring"], [tmp_path / "docs"]
    monkeypatch.setattr(measuring, "ROOT", tmp_path.resolve())
    monkeypatch.setattr(measuring.sklearn_mferl, "__file__", str(tmp_path.resolve() / "__init__.py"))
    assert measuring.uncommitted(docs) == [f"{tmp_path.resolve()} is no git checkout"]
    for name in ("code.py", "docs/table.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("1")
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        config = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *config, *words], cwd=tmp_path, check=True)
    (tmp_path / "docs" / "table.csv").write_text("2")
    assert not measuring.provenance(False, docs)["commit"].endswith("-dirty")
    (tmp_path / "code.py").write_text("2")
    with pytest.raises(ValueError, match=r"a clean tree only, and here code\.py has changes; mend that"):
        measuring.provenance(False, docs)
    assert measuring.provenance(True, docs)["commit"].endswith("-dirty")


@pytest.mark.usefixtures("without_pictures")
def test_readme_and_pages_are_what_their_tables_give(modules, tmp_path):
    page, read, accuracy = modules["page"], modules["measuring"].read, modules["accuracy"]
    docs = shutil.copytree(ROOT / "docs" / "benchmarks", tmp_path / "docs" / "benchmarks")
    readme = Path(shutil.copy(ROOT / "README.md", tmp_path))
    rows = read(docs / "accuracy.csv", accuracy.COLUMNS)
    page.write_accuracy(rows, read(docs / "reliability.csv", accuracy.COLUMNS_OF_BINS), docs, readme)
    page.write_speed(read(docs / "speed.csv", modules["speed"].COLUMNS), docs)
    for name in ("README.md", "docs/benchmarks/index.md", "docs/benchmarks/speed.md"):
        assert (tmp_path / name).read_text("utf-8") == (ROOT / name).read_text("utf-8"), "make benchmarks"
    assert rows[["commit", "versions"]].notna().all(axis=None)
    table = readme.read_text("utf-8").split("<!-- results -->")[1].split("<!-- /results -->")[0]
    assert table.count("\n| `") == 6
    of_trees = rows[rows["model"] == "trees"]
    auc = of_trees.query("data == 'cmi-9589' & split == 'pair' & negatives == 'uniform'")["auc"]
    assert f"| {auc.mean():.3f} ± {auc.std():.3f} / " in table
    assert "| two networks and trees (default) " in table
    assert "| evidence boosting " in table  # boosted trees are not called by the network's name


def test_a_call_has_a_process_of_its_own_whose_death_is_an_error(modules):
    modules["measuring"]._CONTEXT.set_forkserver_preload([])  # which takes longer than these calls
    call = modules["measuring"].in_own_process
    assert call(os.getpid) != os.getpid()
    with pytest.raises(RuntimeError, match="terminated abruptly"):
        call(os._exit, 3)


def test_the_command_gives_the_same_figures_with_a_process_for_each_cell(small, finished, tmp_path):
    few = ["--models", "PathCount", "--negatives", "uniform", "--seeds", "1"]
    words = ["--data", small, "--out", tmp_path, *PLAN, *few]
    command = [sys.executable, ROOT / "benchmarks" / "accuracy.py", *words]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    expected = figures(finished).query("model == 'PathCount' & negatives == 'uniform' & seed == 1")
    pd.testing.assert_frame_equal(figures(tmp_path), expected.reset_index(drop=True))


@pytest.mark.usefixtures("few_trees")
def test_every_part_is_timed_with_its_peer_its_growth_and_its_page(modules, calls, tmp_path, capsys):
    words = ["--quick", "--full", "--threads", "1", "--allow-dirty", "--out", str(tmp_path)]
    modules["speed"].provenance = lambda *_: {"commit": "1e5", "versions": "1"}  # a commit may come between
    calls.clear()
    calls.error = RuntimeError("too little memory")
    assert modules["speed"].main(words) == 1
    assert "Failed: similarity: RuntimeError: too little memory" in capsys.readouterr().err
    calls.clear()
    calls.error = None
    assert modules["speed"].main(words) == 0
    assert [part.__name__ for part, _ in calls] == ["similarity", "large_similarity"]  # the others are kept
    table = pd.read_csv(tmp_path / "speed.csv")
    assert list(table["benchmark"].unique()) == list(modules["speed"].parts(modules["speed"].Settings()))
    unmatched = table[(table["kind"] == "figure") & table["ratio"].isna()]
    assert set(unmatched["benchmark"]) == {"role2vec", "folds"}  # no karateclub, and no published time
    for _, ns in table[table["kind"] == "growth"].groupby("what")["n"]:
        assert list(ns / ns.min())[:4] == [1, 2, 4, 8]
    differences = table["note"].str.extract(r"predict_proba by (\S+)", expand=False).dropna().astype(float)
    assert list(differences < 1e-6) == [True] * 4
    page = (tmp_path / "speed.md").read_text("utf-8")
    assert "quick sizes, 1 threads, simulated data" in page
    assert all(f"\n## {title}\n\n| what " in page for title in ("Large inputs", "How it grows"))
    assert len(re.findall("(: reached|: [*]{2}not reached)", page)) == table["aim"].notna().sum() == 5
