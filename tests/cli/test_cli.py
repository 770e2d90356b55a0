"""The program ``mferl``: what it writes, and that it says in one line what is wrong."""

import json
import warnings
from importlib import import_module
from io import StringIO

import joblib
import numpy as np
import pandas as pd
import pytest
from _commands import mferl, refused, run
from _processes import run_python
from typer.main import get_command

import sklearn_mferl
from sklearn_mferl import load_model
from sklearn_mferl.cli import app
from sklearn_mferl.cli.options import in_own_words
from sklearn_mferl.datasets import save_cmi, write_fasta
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.ranking import rank_interactions
from tests.experiments._light import embedded_only

COMMANDS = ["train", "evaluate", "predict", "rank", "sites", "explain", "experiment", "report"]
MODELS = ["default model", "degree product", "path count", "svd factors", "seed count"]
# the commands pass on what the model says, however good it is
pytestmark = pytest.mark.usefixtures("few_trees_in_module")
PAPER = ["--preset", "paper", "--epochs", "2", "--device", "cpu"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("cli") / "data"
    save_cmi(data, folder)
    return folder


@pytest.fixture(scope="module")
def files(folder):
    """Return the options that name the sequences."""
    return [f"--{name}={folder / name}.fasta" for name in ("circrna", "mirna")]


@pytest.fixture(scope="module")
def model_file(folder):
    path = folder.parent / "model.mferl"
    run("train", "--data", folder, "--out", path)
    return path


@pytest.fixture(scope="module")
def model(model_file):
    return load_model(model_file)


@pytest.fixture
def pairs_file(tmp_path, data):
    path = tmp_path / "pairs.csv"
    data.pairs[:5].assign(note=list("abcde"))[["note", "mirna", "circrna"]].to_csv(path, index=False)
    return path


@pytest.fixture
def train(tmp_path):
    """Return a function that trains by some options, and returns the model and what was said on stderr."""

    def train(*options):
        result = run("train", *options, "--out", tmp_path / "trained.mferl")
        assert result.stdout == ""
        return load_model(tmp_path / "trained.mferl"), result.stderr

    return train


# The program ----------------------------------------------------------------------------------------------


def test_version_and_help_are_shown():
    shown = run("--version").stdout.splitlines()
    assert shown[0] == f"mferl {sklearn_mferl.__version__}"
    assert any(line.startswith("torch ") for line in shown)
    for arguments in ([], ["--help"]):
        text = run(*arguments).stdout
        assert all(command in text for command in COMMANDS)
    for command in COMMANDS:  # explains itself and limits parallel work
        text = run(command, "--help").stdout
        assert "Options:" in text
        assert "--jobs" in text


def test_the_program_itself_ends_with_code_2_and_one_line():
    done = run_python("-m", "sklearn_mferl.cli", "train")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1


# train ----------------------------------------------------------------------------------------------------


def test_train_shows_the_epochs_of_the_network_and_passes_options_on(train, folder):
    options = ["--linear", "--seed", "7", "--ratio", "0.5"]
    model, said = train("--data", folder, *options, *PAPER)
    assert "training:" not in said  # a bar, which is for a terminal
    n_positive, n_negative = (int(word) for word in said.split("Trained on")[1].split() if word.isdigit())
    assert n_negative == round(n_positive / 2)
    assert model["features"].circular is False
    network = model["mferl"]
    assert network.device == "cpu"
    assert len(network.history_) == 2
    assert network.callbacks is None


def test_single_files_and_their_labels_are_the_same_as_their_folder(
    train, tmp_path, folder, files, model, data
):
    pairs, y = labelled_pairs(data.pairs, 1.0, 0)
    pairs.assign(truth=y).to_csv(tmp_path / "labelled.csv", index=False)
    for options in ([folder / "interactions.csv"], [tmp_path / "labelled.csv", "--labels", "truth"]):
        trained, _ = train("--interactions", *options, *files)
        np.testing.assert_array_equal(trained.predict_proba(data.pairs), model.predict_proba(data.pairs))


def test_negatives_are_drawn_as_asked_for(monkeypatch, tmp_path, folder, data):
    trained = []
    monkeypatch.setattr("sklearn.pipeline.Pipeline.fit", lambda self, X, y: trained.append((X, y)) or self)
    run("train", "--data", folder, "--negatives", "reliable", "--out", tmp_path / "model.mferl")
    pairs, y = labelled_pairs(data.pairs, 1.0, 0, strategy="reliable")
    pd.testing.assert_frame_equal(trained[0][0], pairs)
    np.testing.assert_array_equal(trained[0][1], y)


@pytest.fixture(scope="module")
def of_vectors(data, tmp_path_factory):
    """Return a folder of data with vectors of the circRNAs in place of their sequences."""
    folder = tmp_path_factory.mktemp("vectors") / "data"
    save_cmi(embedded_only(data), folder)
    return folder


def test_vectors_stand_in_for_sequences(train, of_vectors, data):
    files = ["--interactions", of_vectors / "interactions.csv", "--mirna", of_vectors / "mirna.fasta"]
    files += ["--circrna-embeddings", of_vectors / "circrna_embeddings.csv"]
    (first, _), (second, _) = train("--data", of_vectors, *PAPER), train(*files, *PAPER)
    assert "embedding" in first["features"].scales_["circrna"]
    np.testing.assert_array_equal(first.predict_proba(data.pairs), second.predict_proba(data.pairs))


# evaluate -------------------------------------------------------------------------------------------------


def test_evaluate_prints_a_table_and_writes_the_figures_of_each_fold(tmp_path, folder):
    out, models = tmp_path / "metrics.csv", ["binding", *MODELS[1:], "boosting"]
    options = ["--preset=binding", "--split=circrna", "--folds=2", "--boosting", "--out", out]
    result = run("evaluate", "--data", folder, *options)
    table, by_training, by_test, probabilities = result.stdout.split("\n\n")
    header, *rows = table.splitlines()
    assert header.split() == ["auc", "aupr", "f1", "accuracy", "recall", "precision"]
    assert [row.split("  ")[0].strip() for row in rows] == models
    figures = pd.read_csv(out)
    assert len(figures) == 2 * len(models)
    auc = figures.loc[figures["model"] == "binding", "auc"]
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


def test_evaluate_shows_the_baselines_that_the_data_allow(monkeypatch, folder, of_vectors):
    shown = []

    def stop(models, *_, **__):
        shown.append(models)
        raise ValueError("enough")

    monkeypatch.setattr("sklearn_mferl.evaluation.cross_validate_pairs", stop)
    for arguments in ([folder, "--boosting", "--linear"], [of_vectors]):
        assert "enough" in refused("evaluate", "--data", *arguments)
    assert list(shown[0]) == [*MODELS, "boosting"]
    assert shown[0]["seed count"].circular is False
    assert shown[0]["boosting"]["features"].circular is False
    assert list(shown[1]) == [name for name in MODELS if name != "seed count"]


def test_evaluate_takes_rnas_that_are_new_on_both_sides_and_other_negatives_and_prints_json(tmp_path, known):
    save_cmi(known, tmp_path / "data")
    out = tmp_path / "metrics.csv"
    options = ["--split=both", "--negatives=near", "--preset=binding", "--out", out, "--json"]
    printed = run("evaluate", "--data", tmp_path / "data", *options).stdout
    found = pd.read_csv(out)
    assert set(found["fold"]) == {1, 2, 3}
    pd.testing.assert_frame_equal(pd.DataFrame(json.loads(printed)), found, check_dtype=False)


# predict --------------------------------------------------------------------------------------------------


def test_predict_adds_columns_to_the_table(tmp_path, model_file, model, pairs_file):
    out = tmp_path / "scores.csv"
    assert run("predict", model_file, pairs_file, "--out", out).stdout == ""
    scores = pd.read_csv(out)
    added = ["score", "list_score", "binding_score", "applicability"]
    assert list(scores.columns) == ["note", "mirna", "circrna", *added]
    assert scores["applicability"].isin(["known", "near", "far"]).all()
    assert list(scores["note"]) == list("abcde")
    np.testing.assert_allclose(scores["score"], model.predict_proba(scores)[:, 1], rtol=1e-12)
    assert run("predict", model_file, pairs_file).stdout == out.read_text()


def test_a_model_is_a_file_without_code_and_a_pickle_is_warned_of(tmp_path, folder, pairs_file):
    scores = {}
    for name in ("m.mferl", "m.joblib"):
        run("train", "--data", folder, "--preset", "binding", "--out", tmp_path / name)
        scores[name] = run("predict", tmp_path / name, pairs_file)
    assert scores["m.mferl"].stdout == scores["m.joblib"].stdout
    assert scores["m.mferl"].stderr == ""
    assert "m.joblib is a pickle, which may run any code" in scores["m.joblib"].stderr
    (tmp_path / "cut.mferl").write_bytes((tmp_path / "m.mferl").read_bytes()[:-9])
    assert "cut.mferl is damaged" in refused("predict", tmp_path / "cut.mferl", pairs_file)


# rank -----------------------------------------------------------------------------------------------------


def test_rank_writes_the_best_unknown_pairs(tmp_path, model_file, model, folder, data):
    out = tmp_path / "ranking.csv"
    result = run("rank", model_file, "--known", folder / "interactions.csv", "--top", "7", "--out", out)
    assert (result.stdout, result.stderr) == ("", "")
    pd.testing.assert_frame_equal(pd.read_csv(out), rank_interactions(model, top_k=7, known=data.pairs))


@pytest.mark.parametrize(("per", "suffix"), [("circrna", ".csv"), ("mirna", ".parquet")])
def test_rank_keeps_the_best_of_each_rna_among_candidates(tmp_path, model_file, model, per, suffix):
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    out = tmp_path / f"ranking{suffix}"
    options = ["--per", per, "--candidates", "seed", "--top", 2, "--jobs", 2]
    assert run("rank", model_file, *options, "--out", out).stdout == ""
    expected = rank_interactions(model, per=per, candidates="seed", top_k=2)
    shown = pd.read_csv(StringIO(run("rank", model_file, *options).stdout))
    for found in (shown, (pd.read_csv if suffix == ".csv" else pd.read_parquet)(out)):
        pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    assert list(tmp_path.iterdir()) == [out]


def test_rank_takes_ids_or_a_fasta_file(tmp_path, model_file, data):
    circrna, mirna = list(data.circrna)[:2], next(iter(data.mirna))
    by_ids = run("rank", model_file, "--circrna", ", ".join(circrna), "--mirna", mirna).stdout
    assert set(pd.read_csv(StringIO(by_ids))["circrna"]) == set(circrna)
    new = tmp_path / "new.fasta"
    write_fasta(new, {"new_1": "ACGUACGUAGCUAGCUAGGAUCGAUU", "new_2": "GGGCUAUUCGCGAUUAGCUUAGCAU"})
    by_file = pd.read_csv(StringIO(run("rank", model_file, "--circrna", new, "--top", "5").stdout))
    assert len(by_file) == 5
    assert set(by_file["circrna"]) <= {"new_1", "new_2"}


# What is wrong --------------------------------------------------------------------------------------------


@pytest.fixture
def places(tmp_path, folder, model_file, pairs_file, data):
    """Return files, good and bad, that stand in command lines by their names."""
    write_fasta(tmp_path / "clash.fasta", {next(iter(data.circrna)): "AAAA"})
    (tmp_path / "scored.csv").write_text("circrna,mirna,score\na,b,1\n")
    joblib.dump({"a": 1}, tmp_path / "dict.joblib")
    table = folder / "interactions.csv"
    return {"tmp": tmp_path, "data": folder, "table": table, "model": model_file, "pairs": pairs_file}


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("trian", "'trian'"),
        ("train", "--out"),
        ("train --out {tmp}/m --epoch 3", "--epoch"),
        ("train --out {tmp}/m --data {data} --seed -1", "--seed"),
        ("train --out {tmp}/m", "--interactions"),
        ("train --out {tmp}/m --data {data} --interactions {table}", "not both"),
        ("train --out {tmp}/m --interactions {table}", "--circrna"),
        ("train --out {tmp}/m --data {tmp}/none", "no folder"),
        ("train --out {tmp}/m --data {data} --preset=paper --epochs=0", "--epochs"),
        ("train --out {tmp}/m --data {data} --ratio -1", "ratio"),
        ("train --out {tmp}/m --data {data} --labels truth", "no column 'truth'"),
        ("train --out {tmp}/none/m --data {data}", "no folder"),
        ("train --out {tmp} --data {data}", "is a folder"),
        ("evaluate --data {data} --split gene", "'gene'"),
        ("evaluate --data {data} --negatives hard", "'hard'"),
        ("evaluate --data {data} --folds 1", "--folds"),
        ("predict", "MODEL"),
        ("predict {tmp}/none.joblib {pairs}", "no model"),
        ("predict {model} {tmp}/none.csv", "There is no file"),
        ("predict {pairs} {pairs}", "can be loaded"),
        ("predict {tmp}/dict.joblib {pairs}", "holds a dict"),
        ("predict {model} {tmp}/scored.csv", "'score' already"),
        ("predict {model} {pairs} --circrna {tmp}/clash.fasta", "known with another sequence"),
        ("predict {model} {pairs} --jobs 0", "--jobs"),
        ("rank {model} --top 0", "--top"),
        ("rank {model} --circrna unheard-of", "'unheard-of'"),
        ("rank {model} --circrna {tmp}/none.fasta", "no file"),
        ("report --data {tmp}/none --out {tmp}/r.html", "There is no folder"),
    ],
)
def test_what_is_wrong_is_one_line(places, command, words):
    assert words in refused(*command.format(**places).split())


# Company --------------------------------------------------------------------------------------------------


def test_a_warning_is_one_line(monkeypatch, model_file, pairs_file):
    def warn(*_):
        warnings.warn("many\nwords", UserWarning, stacklevel=1)

    monkeypatch.setattr("sklearn_mferl.cli.files.refuse_unknown", warn)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert run("predict", model_file, pairs_file).stderr == "Warning: many words\n"


def test_a_traceback_is_for_debugging_and_defects(monkeypatch, folder, tmp_path):
    command = ["train", "--data", tmp_path / "none", "--out", tmp_path / "m.mferl"]
    assert refused(*command).startswith("Error: There is no folder")
    for arguments in (["--debug", *command], [*command, "--debug"]):
        result = mferl(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "Traceback" in result.stderr
        assert result.stderr.splitlines()[-1].startswith("Error: There is no folder")
    monkeypatch.setattr("sklearn_mferl.cli.files.choose_files", lambda *_: {}["defect"])
    with pytest.raises(KeyError, match="defect"):
        get_command(app).main(["train", "--data", str(folder), "--out", "m"], prog_name="mferl")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("n_splits=5 is too many; lower n_splits.", "--folds 5 is too many; lower --folds."),
        ("give the ids as circrna=.", "give the ids as --circrna."),
        ("take candidates='all', not top_k", "take --candidates 'all', not --top"),
        ("out must end in .csv", "--out must end in .csv"),
        ("circular=False, ratios must be", "--linear False, --ratio must be"),
        ("mferl__max_epochs and the split of known pairs", "mferl__max_epochs and the split of known pairs"),
    ],
)
def test_messages_name_the_options_of_the_command(message, expected):
    assert in_own_words(message) == expected


def test_jobs_reach_what_computes(monkeypatch, model_file, folder, pairs_file, tmp_path):
    used = []
    monkeypatch.setattr("sklearn_mferl.cli.main._write", lambda *_: None)
    monkeypatch.setattr(
        import_module("sklearn_mferl.inspection.applicability"),  # the function has the same name
        "score_pairs",
        lambda model, X: (
            used.append(model["features"].evidence_["sites"].n_jobs)
            or pd.DataFrame({"score": np.zeros(len(X))})
        ),
    )
    run("predict", model_file, pairs_file, "--jobs", "1")
    monkeypatch.setattr(
        "sklearn.pipeline.Pipeline.fit",
        lambda self, X, y: used.append(self.get_params()["features__sites__n_jobs"]) or self,
    )
    run("train", "--data", folder, "--jobs", "2", "--out", tmp_path / "m.mferl")
    assert used == [1, 2]
