"""Files and habits of users: each row is a kind of report that somebody made of a tool of this kind."""

import bz2
import gzip
import io
import lzma
import os
import pickle
import random
import re
import threading
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from _commands import refused, run
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.tree import DecisionTreeClassifier

import sklearn_mferl
from sklearn_mferl import PairFeatures, PairNeighborhood, TargetSites, make_mferl_pipeline, save_model
from sklearn_mferl.baselines import DegreeProduct, SeedCount
from sklearn_mferl.datasets import load_cmi, read_fasta, write_fasta
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.ranking import find_pair_features
from sklearn_mferl.utils.saved import SavedState
from sklearn_mferl.utils.validation import check_pairs

KNOWN = [(f"c{n}", f"m{(n + shift) % 6}") for n in range(12) for shift in ((1, 2) if n % 2 else (0, 3))][:22]
TABLE = "circrna,mirna\n" + "".join(f"{circrna},{mirna}\n" for circrna, mirna in KNOWN)
LABELS = [1] * 14 + [0] * 8


def sequences(prefix, n, length):
    letters = random.Random(prefix)
    return {f"{prefix}{number}": "".join(letters.choices("ACGU", k=length)) for number in range(n)}


CIRCRNA, MIRNA = sequences("c", 12, 60), sequences("m", 6, 21)


def light_model():
    return make_mferl_pipeline(
        CIRCRNA,
        MIRNA,
        random_state=0,
        features__background=0,
        features__neighborhood="drop",
        mferl__calibrate=False,
        mferl__network__max_epochs=1,
        mferl__evidence__max_epochs=1,
        mferl__boosting__estimator=DecisionTreeClassifier(max_depth=2),
    )


@pytest.fixture(scope="module")
def fitted():
    return light_model().fit(*labelled_pairs(KNOWN, random_state=0))


@pytest.fixture
def folder(tmp_path, fitted, monkeypatch):
    """Return a folder with the files of a small data set and a model, which is the current one."""
    write_fasta(tmp_path / "circrna.fasta", CIRCRNA)
    write_fasta(tmp_path / "mirna.fasta", MIRNA)
    save_model(fitted, tmp_path / "model.mferl")
    (tmp_path / "interactions.csv").write_text(TABLE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def trained(monkeypatch):
    """Return what pipelines are fitted on, in place of fitting them."""
    calls = []
    monkeypatch.setattr(Pipeline, "fit", lambda self, X, y: calls.append((X, y)) or self)
    return calls


def training(table, *options, **files):
    """Return the words of a command that trains on a table."""
    paths = {"circrna": "circrna.fasta", "mirna": "mirna.fasta", **files}
    given = [f"--{side}={path}" for side, path in paths.items()]
    return ["train", "--interactions", table, *given, "--out", "m.mferl", *options]


def check_refused(command, *words):
    """Check that a command ends in one short line that holds these words."""
    line = refused(*command)
    assert len(line) < 700
    for word in words:
        assert word in line


def put(name, content):
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())


def with_column(name, cells, separator=","):
    rows = zip(TABLE.splitlines(), [name, *cells], strict=True)
    return "".join(f"{row},{cell}\n".replace(",", separator, 2) for row, cell in rows)


def swap(text, line, new):
    lines = text.splitlines()
    lines[line - 1] = new
    return "\n".join([*lines, ""])


# Tables that are read -------------------------------------------------------------------------------------


READ = {
    "utf-16 as Excel and Notepad write it": TABLE.encode("utf-16"),
    "utf-16, big end first": b"\xfe\xff" + TABLE.encode("utf-16-be"),
    "utf-32": TABLE.encode("utf-32"),
    "utf-8 with a byte order mark": TABLE.encode("utf-8-sig"),
    "gzipped utf-16 under a plain name": gzip.compress(TABLE.encode("utf-16")),
    "semicolons": TABLE.replace(",", ";"),
    "tabs": TABLE.replace(",", "\t"),
    "spaces": TABLE.replace(",", "  "),
    "bars": TABLE.replace(",", " | "),
    "the line by which Excel names a separator": "sep=;\n" + TABLE.replace(",", ";"),
    "commas within a name": with_column("a, b, c and d", ["x"] * 22, ";"),
    "a header in another case": TABLE.replace("circrna,mirna", "circRNA, miRNA "),
    "quotes": re.sub(r"(\w+),(\w+)", r'"\1", "\2"', TABLE),
    "line ends of Windows, and empty lines": TABLE.replace("\n", "\r\n") + "\r\n,\r\n",
    "a column of 1 alone says nothing": with_column("validated", [1] * 22),
    "a strand is no label": with_column("strand", [1, -1] * 11),
    "a score is no label": with_column("score", [0, 0.5] * 11),
}


@pytest.mark.parametrize("content", READ.values(), ids=READ)
def test_a_table_is_read_whole(folder, trained, content):
    put("t.csv", content)
    run(*training("t.csv"))
    ((pairs, y),) = trained
    assert [tuple(pair) for pair in pairs[y == 1].to_numpy()] == KNOWN


@pytest.mark.parametrize("cells", [("1", "0"), ("1.0", "0.0"), ("True", "False"), ("yes", "no"), ("1", "-1")])
def test_labels_are_read_in_the_usual_words_and_never_ignored(folder, trained, cells):
    put("t.csv", with_column("Label", [cells[0] if label else cells[1] for label in LABELS]))
    for column in ("Label", "LABEL"):
        run(*training("t.csv", "--labels", column))
    assert [y.tolist() for _, y in trained] == [LABELS, LABELS]
    check_refused(training("t.csv"), "t.csv has a column 'Label'", "--labels Label")


# Tables that are refused ----------------------------------------------------------------------------------


REFUSED = {
    "a quote that is not closed": (swap(TABLE, 9, 'c4,"m0'), "line 9", "quote"),
    "a quote that closes lines below": (
        swap(swap(with_column("note", ["x"] * 22), 9, 'c4,m0,"5-prime'), 15, 'c7,m2,x"'),
        "line 9",
        "quote",
    ),
    "a quote in the header": (swap(TABLE, 1, 'circrna,"mirna'), "line 1", "quote"),
    "a quote that is not opened": (swap(TABLE, 23, 'c10,m4"'), "line 23", "'m4\"'"),
    "an accent in cp1252": (swap(TABLE, 5, "c\xe9,m1").encode("cp1252"), "line 5", "UTF-8"),
    "half a letter": (b"\xff\xfe" + TABLE.encode("utf-16-le")[:-1], "line 23", "UTF-8"),
    "utf-16 without a mark": (TABLE.encode("utf-16-le"), "UTF-16", "byte order mark"),
    "bzip2": (bz2.compress(TABLE.encode()), "bzip2"),
    "xz": (lzma.compress(TABLE.encode()), "xz"),
    "half of a gzip file": (gzip.compress(TABLE.encode())[:-9], "damaged gzip"),
    "gzipped twice": (gzip.compress(gzip.compress(TABLE.encode())), "twice"),
    "parquet": (b"PAR1" + bytes(99), "Parquet"),
    "pdf": (b"%PDF-1.7\n", "PDF"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1", ".xls", "save its sheet as CSV in UTF-8"),
    "a workbook": (b"PK\x03\x04\x14\x00", "t.csv is a zip archive, as Excel workbooks (.xlsx) are"),
    "a model": (pickle.dumps(TABLE), "pickle"),
    "the page of a log-in": (b"\n<!DOCTYPE html><html>", "HTML"),
    "binary": (bytes(b for b in random.Random(0).randbytes(200_000) if b not in b"\r\n"), "binary"),
    "one long line": ("x" * 200_000, "line 1: field larger"),
    "nothing": ("", "t.csv is empty", "'circrna,mirna'"),
    "no header": (TABLE.split("\n", 1)[1], "no column 'circrna'", "name those of ids circrna and mirna"),
    "swapped columns": (
        TABLE.replace("circrna,mirna", "mirna,circrna"),
        *("t.csv: the circrna ids are all of miRNAs, such as 'm0'", "exchange the names of the two columns"),
    ),
    "decimal commas": (swap(TABLE, 4, "c1,m2,0,5"), "line 4", "quote a cell that holds the separator"),
    "a near header": (TABLE.replace("circrna,mirna", "circRNA_ID,miRNA"), "'circRNA_ID' meant"),
    "another word": (TABLE.replace("mirna", "microRNA"), "'microRNA' meant"),
    "two equal names": (with_column("mirna", ["m1"] * 22), "two columns for 'mirna'"),
    "two that fit": (TABLE.replace("circrna", "circRNA,CIRCRNA"), "two columns for 'circrna'"),
    "ids in another case": (
        TABLE.replace("m", "M").replace("M", "m", 1),
        *("line 2: the mirna 'M0'", "6 of 6 mirna ids", "nearest id is 'm0'", "mirna.fasta (--mirna)"),
    ),
    "another version": (swap(TABLE, 4, "c1.2,m2"), "line 4", "'c1.2'", "nearest id is 'c1'"),
    "one circRNA": ("circrna,mirna\nc0,m0\nc0,m1\n", "circRNAs", "--labels"),
    "one miRNA": ("circrna,mirna\nc0,m0\nc1,m0\n", "add interactions of other RNAs"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_a_table_is_refused_by_file_and_line(folder, case):
    content, *words = case
    put("t.csv", content)
    check_refused(training("t.csv"), *words)


def test_a_prediction_names_swapped_columns(folder):
    put("t.csv", TABLE.replace("circrna,mirna", "mirna,circrna"))
    check_refused(["predict", "model.mferl", "t.csv"], "ids are all of miRNAs", "exchange the names")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("c1,m1,1\nc1,m1,0\n", "'c1', 'm1' has both labels"),
        ("c1,m1,1\nc1,m2,2\n", "line 3: the label is '2'"),
    ],
)
def test_labels_that_cannot_be_are_refused(folder, rows, words):
    put("t.csv", f"circrna,mirna,y\n{rows}")
    check_refused(training("t.csv", "--labels", "y"), words)


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "--interactions=l.csv", "--circrna=circrna.fasta", "--mirna=mirna.fasta", "--out=m.mferl"],
        ["train", "--data=.", "--out=m.mferl"],
        ["evaluate", "--data=."],
        ["report", "--data=.", "--out=r.html", "--quick"],
        ["experiment", "cv", "--data=.", "--out=out"],
        ["rank", "model.mferl", "--known=l.csv"],
        ["explain", "model.mferl", "p.csv", "--known=l.csv", "--out=out"],
    ],
    ids=lambda arguments: f"{arguments[0]} {arguments[1]}",
)
@pytest.mark.parametrize("column", ["label", "interaction"])
def test_every_command_refuses_labels_that_it_does_not_use(folder, arguments, column):
    for name in ("l.csv", "interactions.csv"):
        (folder / name).write_text(with_column(column, LABELS))
    (folder / "p.csv").write_text(TABLE)
    check_refused(arguments, f".csv has a column {column!r}", f"--labels {column}")
    assert not (folder / "out").exists()


def test_labels_pass_through_a_prediction_and_are_refused_in_python(folder):
    (folder / "interactions.csv").write_text(with_column("Label", LABELS).replace("circrna", "circRNA"))
    scores = pd.read_csv(io.StringIO(run("predict", "model.mferl", "interactions.csv").stdout))
    assert list(scores.columns)[:4] == ["circRNA", "mirna", "Label", "score"]
    assert scores["Label"].tolist() == LABELS
    with pytest.raises(ValueError, match="has a column 'Label' of labels"):
        load_cmi(folder)


# Pipes ----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_every_file_may_be_a_pipe(folder, trained):
    def pipe(name):
        end = folder / f"{name}.pipe"
        os.mkfifo(end)
        threading.Thread(target=lambda: end.write_bytes((folder / name).read_bytes())).start()
        return end.name

    names = {side: pipe(f"{side}.fasta") for side in ("circrna", "mirna")}
    run(*training(pipe("interactions.csv"), **names))
    assert len(trained[0][0]) == 44
    (folder / "p.csv").write_text(TABLE)
    assert len(run("predict", pipe("model.mferl"), pipe("p.csv")).stdout.splitlines()) == 23


def test_a_table_may_be_the_standard_input(folder, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TABLE.encode())))
    assert len(run("predict", "model.mferl", "-").stdout.splitlines()) == 23


def test_sequences_may_be_utf_16_and_gzipped(folder):
    put("circrna.fasta", gzip.compress(Path("circrna.fasta").read_text().encode("utf-16")))
    assert read_fasta("circrna.fasta") == CIRCRNA


# Ids ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["{}:1000|1400", "{}|chr1:2-3|NM_1|GENE"])
def test_an_id_is_the_first_word_of_a_header_or_its_part_before_the_bar(folder, style, trained):
    whole = style.endswith("1400")
    headers = {name: style.format(name) for name in CIRCRNA}
    ids = headers if whole else dict(zip(CIRCRNA, CIRCRNA, strict=True))
    fasta = "".join(f">{headers[name]} a word\n{sequence}\n" for name, sequence in CIRCRNA.items())
    (folder / "circrna.fasta").write_text(fasta)
    pairs = pd.DataFrame([(ids[circrna], mirna) for circrna, mirna in KNOWN], columns=["circrna", "mirna"])
    pairs.to_csv(folder / "interactions.csv", index=False)
    run(*training("interactions.csv"))
    assert list(load_cmi(folder).circrna) == list(ids.values())
    features = PairFeatures("circrna.fasta", MIRNA, [], evidence=[("sites", TargetSites())])
    assert features.fit(pairs).known_ids("circrna") == sorted(ids.values())
    (folder / "more.fasta").write_text(f">{style.format('new')}\nACGUACGUACGU\n")
    assert style.format("new") in features.add_rnas("more.fasta").known_ids("circrna") or not whole


@pytest.mark.parametrize(
    ("fasta", "ids", "expected"),
    [
        (">a|1\nACGU\n>a|2\nACGU\n", (), ["a|1", "a|2"]),
        (">a|1\nACGU\n>a|2\nGGGG\n>b|3\nAC\n", (), ["a|1", "a|2", "b|3"]),
        (">a|1\nACGU\n>b|2\nGGGG\n", (), ["a", "b"]),
        (">a|1\nACGU\n>b|2\nGGGG\n", ("a|1",), ["a|1", "b|2"]),
        (">a|1\nACGU\n>b|2\nGGGG\n", ("a", "c"), ["a", "b"]),
        (">a|1\nACGU\n>a|2\nGGGG\n", ("a",), r"'a' stands on lines 1 and 3 with two different"),
        (">a|1\nACGU\n", ("a", "a|1"), r"line 1: 'a\|1' and 'a' are two ids"),
        (">a\xe9\nACGU\n>b\nAC\n".encode("latin-1"), (), r"line 1: .* UTF-8"),
    ],
)
def test_two_ids_never_become_one(tmp_path, fasta, ids, expected):
    path = tmp_path / "c.fasta"
    put(path, fasta)
    if isinstance(expected, list):
        assert list(read_fasta(path, ids)) == expected
    else:
        with pytest.raises(ValueError, match=expected):
            read_fasta(path, ids)


def test_an_id_that_a_model_does_not_know_is_named_by_line_and_option(folder):
    (folder / "p.csv").write_text(swap(TABLE, 4, "C1,m2"))
    words = ["p.csv, line 4: the circrna 'C1'", "--circrna FASTA", "nearest id is 'c1'"]
    for command in ("predict", "explain --out out"):
        check_refused([*command.split(), "model.mferl", "p.csv"], *words)
    check_refused(["rank", "model.mferl", "--mirna", "m1,M2"], "'M2' of --mirna", "'m2'")


def test_known_pairs_that_the_model_does_not_know_are_counted(folder):
    (folder / "k.csv").write_text(TABLE.replace(",m", ",M").replace(",Mirna", ",mirna"))
    rank = ["rank", "model.mferl", "--top=1000", "--known=k.csv"]
    check_refused(rank, "k.csv: 22 of 22 known pairs", "line 2", "'M0'", "'m0'")
    (folder / "k.csv").write_text(swap(TABLE, 4, "C1,m2"))
    result = run(*rank)
    assert "Warning: k.csv: 1 of 22 known pairs are of ids that the model does not know" in result.stderr
    assert len(result.stdout.splitlines()) == 1 + 12 * 6 - 21


# Models ---------------------------------------------------------------------------------------------------


def test_a_model_of_another_version_is_one_line(folder, fitted, monkeypatch):
    old = pickle.loads(pickle.dumps(fitted))
    del old["mferl"].prevalence
    joblib.dump(old, "old.joblib")
    versions = f"saved by sklearn_mferl {sklearn_mferl.__version__}, this is {sklearn_mferl.__version__}"
    predict = ["predict", "old.joblib", "interactions.csv"]
    check_refused(predict, f"old.joblib was {versions}", "'prevalence'", "train")
    for step in old.named_steps.values():  # as before versions were kept
        vars(step).pop("_saved_by", None)
    monkeypatch.setattr(SavedState, "__getstate__", lambda self: vars(self))
    joblib.dump(old, "old.joblib")
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    check_refused(predict, "by an older version", "train")


def test_a_pickle_names_its_version_and_another_one_warns(folder, fitted, monkeypatch):
    monkeypatch.setattr(sklearn_mferl, "__version__", "0.0.1")
    joblib.dump(fitted, folder / "old.joblib")
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    result = run("predict", "old.joblib", "interactions.csv")
    assert len(result.stdout.splitlines()) == 23
    of_version, of_pickle = result.stderr.splitlines()
    assert "saved by sklearn_mferl 0.0.1, and this is" in of_version
    assert "old.joblib is a pickle" in of_pickle
    with pytest.warns(UserWarning, match="saved by sklearn_mferl 0.0.1"):
        joblib.load("old.joblib")


def test_a_search_stands_for_its_best_estimator(folder):
    pairs, y = labelled_pairs(KNOWN, random_state=0)
    search = GridSearchCV(light_model(), {"mferl__calibrate": [False]}, cv=2).fit(pairs, y)
    joblib.dump(search, "s.joblib")
    assert find_pair_features(search) is search.best_estimator_["features"]
    write_fasta("new.fasta", {"new": "ACGUACGUACGUACGUAAGUC"})
    (folder / "p.csv").write_text("circrna,mirna\nnew,m1\n")
    for command in (["rank", "s.joblib", "--top=2"], ["predict", "s.joblib", "p.csv", "--circrna=new.fasta"]):
        assert "score" in run(*command).stdout


@pytest.mark.parametrize(
    "make",
    [
        lambda path: PairFeatures(path, MIRNA, [], evidence=[("sites", TargetSites())], output="array"),
        lambda path: TargetSites(path, MIRNA),
        lambda path: PairNeighborhood(path, MIRNA, random_state=0),
    ],
    ids=["PairFeatures", "TargetSites", "PairNeighborhood"],
)
def test_a_file_that_changed_is_another_input_of_a_cache(tmp_path, make):
    pairs, y = labelled_pairs(KNOWN, random_state=0)
    path = tmp_path / "c.fasta"

    def columns(memory):
        steps = [("features", make(str(path))), ("tree", DecisionTreeClassifier())]
        return Pipeline(steps, memory=memory).fit(pairs, y)[0].transform(pairs)

    write_fasta(path, CIRCRNA)
    first = columns(str(tmp_path / "cache"))
    assert make(str(path)).get_params()["circrna"] == str(path)
    write_fasta(path, dict(zip(CIRCRNA, reversed(CIRCRNA.values()), strict=True)))
    second = columns(str(tmp_path / "cache"))
    np.testing.assert_array_equal(second, columns(None))
    assert not np.array_equal(first, second)


# Python ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "read",
    [
        lambda pairs: (pair for pair in pairs),
        lambda pairs: zip(*map(list, zip(*pairs, strict=True)), strict=True),
        lambda pairs: dict.fromkeys(pairs).keys(),
    ],
    ids=["generator", "zip", "view"],
)
def test_pairs_from_a_generator_are_pairs_wherever_they_are_given(read):
    pairs, y = labelled_pairs(KNOWN, random_state=0)
    rows = [tuple(pair) for pair in pairs.to_numpy()]
    network = sklearn_mferl.MFERLClassifier(max_epochs=1, embedding_dim=4, random_state=0, device="cpu")
    of_letters = [(CIRCRNA[circrna], MIRNA[mirna]) for circrna, mirna in rows]
    for model, given in ((light_model(), rows), (SeedCount(CIRCRNA, MIRNA), rows), (network, of_letters)):
        expected = clone(model).fit(given, y).predict_proba(given)
        np.testing.assert_array_equal(model.fit(read(given), y).predict_proba(read(given)), expected)
    table = PairFeatures(CIRCRNA, MIRNA, [], evidence=[("sites", TargetSites())], output="array")
    np.testing.assert_array_equal(table.fit_transform(read(rows), y), table.fit_transform(rows, y))


FRAMES = {
    "pandas": pd.DataFrame,
    "polars": lambda columns: pytest.importorskip("polars").DataFrame(columns),
    "polars, lazy": lambda columns: pytest.importorskip("polars").LazyFrame(columns),
    "pyarrow": lambda columns: pytest.importorskip("pyarrow").table(columns),
    "a structured array": lambda columns: pd.DataFrame(columns).to_records(index=False),
}


@pytest.mark.parametrize("make", FRAMES.values(), ids=FRAMES)
def test_a_frame_of_any_library_is_read_by_the_names_of_its_columns(make, fitted):
    circrna, mirna = map(list, zip(*KNOWN, strict=True))
    frame = make({"note": ["x"] * 22, "miRNA": mirna, "circrna": circrna})
    assert check_pairs(frame).tolist() == [list(pair) for pair in KNOWN]
    np.testing.assert_array_equal(fitted.predict_proba(frame), fitted.predict_proba(KNOWN))
    assert len(labelled_pairs(frame, random_state=0)[0]) == 44
    labels = make({"label": LABELS})
    if not hasattr(frame, "collect"):  # a lazy frame has no columns of values yet
        expected = DegreeProduct().fit(KNOWN, LABELS).predict_proba(KNOWN)
        found = DegreeProduct().fit(frame, labels["label"]).predict_proba(frame)
        np.testing.assert_array_equal(found, expected)
    with pytest.raises(ValueError, match="no column 'circrna'; the columns are 'mirna, target'"):
        check_pairs(make({"mirna": mirna, "target": circrna}))
    with pytest.raises(ValueError, match="no column 'circrna'"):
        check_pairs(make({"a": circrna, "b": mirna}))
