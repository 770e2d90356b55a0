"""The program ``mferl``: what it writes, and that it says in one line what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import NamedTuple

import joblib
import numpy as np
import pandas as pd
import pytest
from typer.main import get_command

import sklearn_mferl
from sklearn_mferl.cli import app
from sklearn_mferl.cli.options import in_own_words
from sklearn_mferl.datasets import CMIData, make_cmi, save_cmi, write_fasta
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.models import evidence_boosting, find_network
from sklearn_mferl.ranking import rank_interactions

MODELS = ["MFERL", "degree product", "path count", "svd factors", "seed count"]
PAPER = ["--preset", "paper", "--epochs", "2", "--device", "cpu"]


class Result(NamedTuple):
    exit_code: int
    stdout: str
    stderr: str


def mferl(*arguments):
    """Run the program in this process; typer's own runner differs from version to version."""
    command = get_command(app)
    with (
        redirect_stdout(StringIO()) as out,
        redirect_stderr(StringIO()) as err,
        pytest.raises(SystemExit) as end,
    ):
        command.main([str(argument) for argument in arguments], prog_name="mferl")
    return Result(end.value.code or 0, out.getvalue(), err.getvalue())


def run(*arguments):
    result = mferl(*arguments)
    assert result.exit_code == 0, result.stderr
    return result


def refused(*arguments):
    """Return the one line that says what is wrong."""
    result = mferl(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    line = result.stderr.split("\r")[-1]  # what comes after a progress bar
    assert line.startswith("Error: ")
    assert line.count("\n") == 1
    return line


@pytest.fixture(scope="module", autouse=True)
def few_trees():
    """Give the default model few trees: the commands pass on what the model says, however good it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(evidence_boosting.DEFAULTS, "max_iter", 20)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("cli") / "data"
    save_cmi(data, folder)
    return folder


@pytest.fixture(scope="module")
def model_file(folder):
    path = folder.parent / "model.joblib"
    run("train", "--data", folder, "--out", path)
    return path


@pytest.fixture(scope="module")
def model(model_file):
    return joblib.load(model_file)


@pytest.fixture
def pairs_file(tmp_path, data):
    path = tmp_path / "pairs.csv"
    data.pairs[:5].assign(note=list("abcde"))[["note", "mirna", "circrna"]].to_csv(path, index=False)
    return path


@pytest.fixture
def new_fasta(tmp_path):
    path = tmp_path / "new.fasta"
    write_fasta(path, {"new_1": "ACGUACGUAGCUAGCUAGGAUCGAUU", "new_2": "GGGCUAUUCGCGAUUAGCUUAGCAU"})
    return path


# The program ----------------------------------------------------------------------------------------------


def test_version_and_help_are_shown():
    assert run("--version").stdout == f"mferl {sklearn_mferl.__version__}\n"
    for arguments in ([], ["--help"]):
        text = run(*arguments).stdout
        assert all(command in text for command in ("train", "evaluate", "predict", "rank"))


@pytest.mark.parametrize("command", ["train", "evaluate", "predict", "rank"])
def test_each_command_explains_itself(command):
    assert "Options:" in run(command, "--help").stdout


def test_a_missing_option_argument_or_command_is_one_line(tmp_path):
    assert "--out" in refused("train")
    assert "MODEL" in refused("predict")
    assert "'trian'" in refused("trian")
    assert "--epoch" in refused("train", "--out", tmp_path / "m", "--epoch", "3")
    assert "--epochs" in refused("train", "--out", tmp_path / "m", "--epochs", "many")


def test_the_program_itself_ends_with_code_2_and_one_line():
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "sklearn_mferl.cli", "train"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1


# train ----------------------------------------------------------------------------------------------------


def test_train_saves_a_model_that_scores_pairs(model, data):
    assert model.predict_proba(data.pairs).shape == (len(data.pairs), 2)
    assert find_network(model["mferl"]) is None


def test_train_shows_the_epochs_of_the_network_on_stderr(tmp_path, folder):
    out = tmp_path / "model.joblib"
    result = run("train", "--data", folder, *PAPER, "--out", out)
    assert result.stdout == ""
    assert "training:" not in result.stderr  # a bar, which is for a terminal
    assert "Trained on" in result.stderr
    network = joblib.load(out)["mferl"]
    assert len(network.history_) == 2
    assert network.callbacks is None


def test_without_a_network_there_are_no_epochs(tmp_path, folder):
    out = ["--out", tmp_path / "model.joblib"]
    assert run("train", "--data", folder, *out).stderr.startswith("Trained on")
    for command in (["train", *out], ["evaluate"]):
        assert "--preset paper" in refused(*command, "--data", folder, "--epochs", "2")


def test_single_files_are_the_same_as_their_folder(tmp_path, folder, model, data):
    files = [f"--{name}={folder / name}.fasta" for name in ("circrna", "mirna")]
    out = tmp_path / "model.joblib"
    run("train", "--interactions", folder / "interactions.csv", *files, "--out", out)
    np.testing.assert_array_equal(joblib.load(out).predict_proba(data.pairs), model.predict_proba(data.pairs))


def test_labels_of_the_file_are_the_labels_of_training(tmp_path, folder, model, data):
    pairs, y = labelled_pairs(data.pairs, 1.0, 0)
    pairs.assign(truth=y).to_csv(tmp_path / "labelled.csv", index=False)
    files = [f"--{name}={folder / name}.fasta" for name in ("circrna", "mirna")]
    out = tmp_path / "model.joblib"
    run("train", "--interactions", tmp_path / "labelled.csv", "--labels", "truth", *files, "--out", out)
    np.testing.assert_array_equal(joblib.load(out).predict_proba(data.pairs), model.predict_proba(data.pairs))


def test_options_reach_the_model(tmp_path, folder):
    out = tmp_path / "model.joblib"
    options = ["--linear", "--seed", "7", "--ratio", "0.5"]
    result = run("train", "--data", folder, *options, *PAPER, "--out", out)
    model = joblib.load(out)
    assert model["features"].circular is False
    assert model["mferl"].device == "cpu"
    n_positive, n_negative = (
        int(word) for word in result.stderr.split("Trained on")[1].split() if word.isdigit()
    )
    assert n_negative == round(n_positive / 2)


def test_negatives_are_drawn_as_asked_for(monkeypatch, tmp_path, folder, data):
    trained = []
    monkeypatch.setattr("sklearn.pipeline.Pipeline.fit", lambda self, X, y: trained.append((X, y)) or self)
    run("train", "--data", folder, "--negatives", "reliable", "--out", tmp_path / "model.joblib")
    pairs, y = labelled_pairs(data.pairs, 1.0, 0, strategy="reliable")
    pd.testing.assert_frame_equal(trained[0][0], pairs)
    np.testing.assert_array_equal(trained[0][1], y)


@pytest.mark.parametrize("preset", [[], PAPER])
def test_vectors_stand_in_for_sequences(tmp_path, data, preset):
    rng = np.random.default_rng(0)
    vectors = pd.DataFrame(rng.normal(size=(len(data.circrna), 3)), index=list(data.circrna))
    vectors.columns = list("xyz")
    save_cmi(CMIData("vectors", data.pairs, None, data.mirna, {"circrna": vectors}), tmp_path / "data")
    run("train", "--data", tmp_path / "data", *preset, "--out", tmp_path / "by_folder.joblib")
    files = [
        "--interactions",
        tmp_path / "data" / "interactions.csv",
        "--mirna",
        tmp_path / "data" / "mirna.fasta",
    ]
    embeddings = ["--circrna-embeddings", tmp_path / "data" / "circrna_embeddings.csv"]
    run("train", *files, *embeddings, *preset, "--out", tmp_path / "by_file.joblib")
    first, second = (joblib.load(tmp_path / f"by_{name}.joblib") for name in ("folder", "file"))
    assert "embedding" in first["features"].scales_["circrna"]
    np.testing.assert_array_equal(first.predict_proba(data.pairs), second.predict_proba(data.pairs))


def test_bad_training_data_are_one_line(tmp_path, folder):
    out = ["--out", tmp_path / "model.joblib"]
    interactions = folder / "interactions.csv"
    assert "--interactions" in refused("train", *out)
    assert "not both" in refused("train", "--data", folder, "--interactions", interactions, *out)
    assert "--circrna" in refused("train", "--interactions", interactions, *out)
    assert "no folder" in refused("train", "--data", tmp_path / "none", *out)
    assert "'newest'" in refused("train", "--data", folder, "--preset", "newest", *out)
    assert "--epochs" in refused("train", "--data", folder, "--preset", "paper", "--epochs", "0", *out)
    assert "'abacus'" in refused("train", "--data", folder, "--device", "abacus", *out)
    assert "ratio" in refused("train", "--data", folder, "--ratio", "-1", *out)
    assert "no column 'truth'" in refused("train", "--data", folder, "--labels", "truth", *out)
    assert "no folder" in refused("train", "--data", folder, "--out", tmp_path / "none" / "model.joblib")
    assert "is a folder" in refused("train", "--data", folder, "--out", tmp_path)


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("circrna\nc1\n", [], "no column 'mirna'"),
        ("circrna,mirna\n", [], "no pair"),
        ("circrna,mirna,mirna\nc1,m1,m1\n", [], "two columns for 'mirna'"),
        ("", [], "no column 'circrna'"),
        ("circrna,mirna\nc1,m1\n\nc2\n", [], "line 4: 1 cells under 2 columns"),
        ("circrna,mirna\nc1,\n", [], "line 2: the mirna id is missing"),
        ("circrna,mirna,label\nc1,m1,0\n", [], "--labels label"),
        ("circrna,mirna,y\nc1,m1,1\nc1,m2,2\n", ["--labels", "y"], "line 3: the label is '2'"),
        (
            "circrna,mirna,y\nc1,m1,1\nc1,m1,0\n",
            ["--labels", "y"],
            "line 3: the pair 'c1', 'm1' has both labels",
        ),
        ("circrna,mirna\nc1,m1\nc2,m1\n", [], "add interactions of other RNAs"),
        ("circrna,mirna\nnone,m1\nc2,m2\n", [], "line 2: the circrna 'none' has no sequence"),
    ],
)
def test_a_bad_table_of_interactions_is_one_line(tmp_path, folder, content, options, message):
    path = tmp_path / "interactions.csv"
    path.write_text(content)
    write_fasta(tmp_path / "c.fasta", {"c1": "ACGUACGUAC", "c2": "ACGGACGUAC"})
    write_fasta(tmp_path / "m.fasta", {"m1": "ACGUACGUAC", "m2": "ACGGACGUAC"})
    files = ["--interactions", path, "--circrna", tmp_path / "c.fasta", "--mirna", tmp_path / "m.fasta"]
    assert message in refused("train", *files, *options, "--out", tmp_path / "model.joblib")


# evaluate -------------------------------------------------------------------------------------------------


def test_evaluate_prints_a_table_and_writes_the_figures_of_each_fold(tmp_path, folder):
    out, models = tmp_path / "metrics.csv", [*MODELS, "boosting"]
    result = run(
        "evaluate", "--data", folder, "--split", "circrna", "--folds", "2", "--boosting", "--out", out
    )
    table, by_training, by_test, probabilities = result.stdout.split("\n\n")
    header, *rows = table.splitlines()
    assert header.split() == ["auc", "aupr", "f1", "accuracy", "recall", "precision"]
    assert [row.split("  ")[0].strip() for row in rows] == models
    figures = pd.read_csv(out)
    assert len(figures) == 2 * len(models)
    auc = figures.loc[figures["model"] == "MFERL", "auc"]
    assert f"{auc.mean():.3f} ± {auc.std():.3f}" in rows[0]
    assert result.stderr == ""
    for text, title, columns in (
        (by_training, "At the threshold of the best F1 on the other folds", ["f1", "accuracy"]),
        (by_test, "At the best F1 of the test fold itself, which flatters", ["f1", "accuracy"]),
        (probabilities, "Scores as probabilities", ["brier", "log_loss"]),
    ):
        first, header, *rows = text.splitlines()
        assert first == title
        assert header.split()[:2] == columns
        assert len(rows) == len(models)


def test_evaluate_shows_the_baselines_that_the_data_allow(monkeypatch, tmp_path, data):
    shown = []

    def stop(models, *_, **__):
        shown.append(models)
        raise ValueError("enough")

    monkeypatch.setattr("sklearn_mferl.evaluation.cross_validate_pairs", stop)
    save_cmi(data, tmp_path / "sequences")
    vectors = pd.DataFrame({"x": 1.0, "y": np.arange(len(data.circrna))}, index=list(data.circrna))
    save_cmi(CMIData("v", data.pairs, None, data.mirna, {"circrna": vectors}), tmp_path / "vectors")
    for arguments in (["sequences", "--boosting", "--linear"], ["vectors"]):
        assert "enough" in refused("evaluate", "--data", tmp_path / arguments[0], *arguments[1:])
    assert list(shown[0]) == [*MODELS, "boosting"]
    assert shown[0]["seed count"].circular is False
    assert shown[0]["boosting"]["features"].circular is False
    assert list(shown[1]) == [name for name in MODELS if name != "seed count"]


def test_evaluate_takes_rnas_that_are_new_on_both_sides_and_other_negatives(tmp_path):
    save_cmi(make_cmi(60, 24, circrna_length=(60, 120), random_state=0), tmp_path / "data")
    out = tmp_path / "metrics.csv"
    options = ["--split", "both", "--negatives", "near"]
    run("evaluate", "--data", tmp_path / "data", *options, "--out", out)
    assert set(pd.read_csv(out)["fold"]) == {1, 2, 3}


def test_bad_evaluation_is_one_line(folder):
    assert "'gene'" in refused("evaluate", "--data", folder, "--split", "gene")
    assert "'hard'" in refused("evaluate", "--data", folder, "--negatives", "hard")
    assert "--folds" in refused("evaluate", "--data", folder, "--folds", "1")


# predict --------------------------------------------------------------------------------------------------


def test_predict_adds_a_column_to_the_table(tmp_path, model_file, model, pairs_file):
    out = tmp_path / "scores.csv"
    assert run("predict", model_file, pairs_file, "--out", out).stdout == ""
    scores = pd.read_csv(out)
    assert list(scores.columns) == ["note", "mirna", "circrna", "score"]
    assert list(scores["note"]) == list("abcde")
    np.testing.assert_allclose(scores["score"], model.predict_proba(scores)[:, 1], rtol=1e-12)
    assert run("predict", model_file, pairs_file).stdout == out.read_text()


def test_predict_takes_new_rnas_from_fasta_files(tmp_path, model_file, data, new_fasta):
    mirna = next(iter(data.mirna))
    path = tmp_path / "pairs.csv"
    path.write_text(f"circrna,mirna\nnew_1,{mirna}\nnew_2,{mirna}\n")
    assert "line 2: the circrna 'new_1' has no sequence" in refused("predict", model_file, path)
    scores = pd.read_csv(StringIO(run("predict", model_file, path, "--circrna", new_fasta).stdout))
    assert scores["score"].between(0, 1).all()


def test_bad_prediction_is_one_line(tmp_path, model_file, data, pairs_file):
    assert "no model" in refused("predict", tmp_path / "none.joblib", pairs_file)
    assert "There is no file" in refused("predict", model_file, tmp_path / "none.csv")
    assert "can be loaded" in refused("predict", pairs_file, pairs_file)
    joblib.dump({"a": 1}, tmp_path / "dict.joblib")
    assert "holds a dict" in refused("predict", tmp_path / "dict.joblib", pairs_file)
    scored = tmp_path / "scored.csv"
    scored.write_text("circrna,mirna,score\na,b,1\n")
    assert "'score' already" in refused("predict", model_file, scored)
    clash = tmp_path / "clash.fasta"
    write_fasta(clash, {next(iter(data.circrna)): "AAAA"})
    assert "known with another sequence" in refused("predict", model_file, pairs_file, "--circrna", clash)


# rank -----------------------------------------------------------------------------------------------------


def test_rank_writes_the_best_unknown_pairs(tmp_path, model_file, model, folder, data):
    out = tmp_path / "ranking.csv"
    result = run("rank", model_file, "--known", folder / "interactions.csv", "--top", "7", "--out", out)
    assert result.stdout == ""
    assert result.stderr == ""
    expected = rank_interactions(model, top_k=7, known=data.pairs)
    pd.testing.assert_frame_equal(pd.read_csv(out), expected)


def test_rank_takes_ids_or_a_fasta_file(model_file, data, new_fasta):
    circrna = list(data.circrna)[:2]
    by_ids = run(
        "rank", model_file, "--circrna", ", ".join(circrna), "--mirna", next(iter(data.mirna))
    ).stdout
    assert set(pd.read_csv(StringIO(by_ids))["circrna"]) == set(circrna)
    by_file = pd.read_csv(StringIO(run("rank", model_file, "--circrna", new_fasta, "--top", "5").stdout))
    assert len(by_file) == 5
    assert set(by_file["circrna"]) <= {"new_1", "new_2"}


def test_bad_ranking_is_one_line(tmp_path, model_file):
    assert "--top" in refused("rank", model_file, "--top", "0")
    assert "'unheard-of'" in refused("rank", model_file, "--circrna", "unheard-of")
    assert "no file" in refused("rank", model_file, "--circrna", tmp_path / "none.fasta")
    assert "no file" in refused("rank", model_file, "--known", tmp_path / "none.csv")


# Company --------------------------------------------------------------------------------------------------


def test_a_warning_is_one_line(monkeypatch, model_file, pairs_file):
    def warn(*_):
        warnings.warn("many\nwords", UserWarning, stacklevel=1)

    monkeypatch.setattr("sklearn_mferl.cli.files.refuse_unknown", warn)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert run("predict", model_file, pairs_file).stderr == "Warning: many words\n"


def test_a_traceback_is_for_debugging_and_defects(monkeypatch, folder, tmp_path):
    command = ["train", "--data", tmp_path / "none", "--out", tmp_path / "m.joblib"]
    assert refused(*command).startswith("Error: There is no folder")
    for arguments in (["--debug", *command], [*command, "--debug"]):
        result = mferl(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "Traceback" in result.stderr
        assert result.stderr.splitlines()[-1].startswith("Error: There is no folder")
    monkeypatch.setattr("sklearn_mferl.cli.files.read_training_data", lambda *_: {}["defect"])
    with pytest.raises(KeyError, match="defect"):
        get_command(app).main(["train", "--data", str(folder), "--out", "m"], prog_name="mferl")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("n_splits=5 is too many; lower n_splits.", "--folds 5 is too many; lower --folds."),
        ("give the ids as circrna=.", "give the ids as --circrna."),
        ("take candidates='all', not top_k", "take --candidates 'all', not --top"),
        ("out must end in .csv", "--out must end in .csv"),
        ("mferl__max_epochs and the split of known pairs", "mferl__max_epochs and the split of known pairs"),
    ],
)
def test_messages_name_the_options_of_the_command(message, expected):
    assert in_own_words(message) == expected


@pytest.mark.parametrize(
    "command", ["train", "evaluate", "predict", "rank", "explain", "experiment", "report"]
)
def test_work_in_parallel_is_limited_by_jobs(command):
    assert "--jobs" in run(command, "--help").stdout


def test_jobs_reach_what_computes(monkeypatch, model_file, folder, pairs_file, tmp_path):
    used = []
    monkeypatch.setattr("sklearn_mferl.cli.main._write", lambda *_: None)
    monkeypatch.setattr(
        "sklearn.pipeline.Pipeline.predict_proba",
        lambda self, X: used.append(self["features"].evidence_["sites"].n_jobs) or np.zeros((len(X), 2)),
    )
    run("predict", model_file, pairs_file, "--jobs", "1")
    monkeypatch.setattr(
        "sklearn.pipeline.Pipeline.fit",
        lambda self, X, y: used.append(self.get_params()["features__sites__n_jobs"]) or self,
    )
    run("train", "--data", folder, "--jobs", "2", "--out", tmp_path / "m.joblib")
    assert used == [1, 2]
    assert "--jobs" in refused("predict", model_file, pairs_file, "--jobs", "0")


def test_a_seed_is_not_negative(folder, tmp_path):
    assert "--seed" in refused("train", "--data", folder, "--out", tmp_path / "m", "--seed", "-1")
    assert "--seed" in refused("evaluate", "--data", folder, "--seed", "-1")
