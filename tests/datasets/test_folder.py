"""A folder is read whole, written whole, and an error in it is named by file, line and id."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sklearn_mferl.datasets import CMIData, load_cmi, make_cmi, save_cmi

GOOD = {
    "interactions.csv": "circrna,mirna\nc1,m1\nc1,m2\nc2,m1\n",
    "circrna.fasta": ">c1\nACGU\n>c2\nGGGG\n>c3\nUUUU\n",
    "mirna_embeddings.csv": "mirna,d0,d1\nm1,0.5,-1\nm2,1e-3,2\n",
}


@pytest.fixture
def folder(tmp_path):
    def write(**changed: str | None) -> Path:
        for name, content in {**GOOD, **changed}.items():
            if content is not None:
                (tmp_path / name).write_text(content)
        return tmp_path

    return write


def test_pairs_sequences_and_vectors_are_read(folder):
    data = load_cmi(folder())
    expected = pd.DataFrame({"circrna": ["c1", "c1", "c2"], "mirna": ["m1", "m2", "m1"]})
    pd.testing.assert_frame_equal(data.pairs, expected)
    assert data.circrna == {"c1": "ACGU", "c2": "GGGG", "c3": "UUUU"}
    assert data.mirna is None
    assert list(data.embeddings) == ["mirna"]
    vectors = data.embeddings["mirna"]
    assert list(vectors.index) == ["m1", "m2"]
    assert list(vectors.columns) == ["d0", "d1"]
    np.testing.assert_array_equal(vectors, [[0.5, -1], [1e-3, 2]])


def test_the_name_is_that_of_the_folder(folder, monkeypatch):
    path = folder()
    assert load_cmi(str(path)).name == path.name
    monkeypatch.chdir(path)
    assert load_cmi(".").name == path.name


def test_gzipped_files_give_the_same_data(folder, tmp_path):
    plain = load_cmi(folder())
    for name, content in GOOD.items():
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content.encode()))
        (tmp_path / name).unlink()
    data = load_cmi(tmp_path)
    pd.testing.assert_frame_equal(data.pairs, plain.pairs)
    pd.testing.assert_frame_equal(data.embeddings["mirna"], plain.embeddings["mirna"])
    assert data.circrna == plain.circrna


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        pytest.param(
            "circrna,mirna\nc2,m1\nc1,m1\nc2,m1\nc1,m1\n", [["c2", "m1"], ["c1", "m1"]], id="repeated"
        ),
        pytest.param(
            "score,mirna,circrna\n3,m1,c2\n\n4,m2,c1\n", [["c2", "m1"], ["c1", "m2"]], id="more columns"
        ),
        pytest.param("circrna,mirna\nNA,007\n", [["NA", "007"]], id="no missing value and no number"),
    ],
)
def test_interactions_are_read_by_column_each_once_and_as_the_strings_they_are(folder, text, pairs):
    data = load_cmi(folder(**{"interactions.csv": text, "circrna.fasta": None, "mirna_embeddings.csv": None}))
    assert list(data.pairs.columns) == ["circrna", "mirna"]
    assert data.pairs.to_numpy().tolist() == pairs
    assert (data.circrna, data.mirna, data.embeddings) == (None, None, {})


def test_an_rna_may_have_a_vector_instead_of_a_sequence_and_any_string_for_an_id(folder):
    vectors = "circrna,d0\n007,1\nNA,2\n007,1.0\n"
    text = "circrna,mirna\nc1,m1\n007,m2\nNA,m2\n"
    files = {"interactions.csv": text, "circrna.fasta": ">c1\nACGU\n", "circrna_embeddings.csv": vectors}
    data = load_cmi(folder(**files))
    assert list(data.circrna) == ["c1"]
    assert list(data.embeddings["circrna"].index) == ["007", "NA"]


def test_a_missing_folder_and_missing_interactions_are_named(folder, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no folder .*nowhere"):
        load_cmi(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match=r"has no interactions\.csv"):
        load_cmi(folder(**{"interactions.csv": None}))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("interactions.csv", "circrna,mirna\n", r"lists no pair"),
        ("interactions.csv", "circrna,mirna\nc1,m1\n\nc1,\n", r"line 4: the mirna id is missing"),
        ("interactions.csv", "circrna,mirna\n  ,m1\n", r"line 2: the circrna id is missing"),
        ("interactions.csv", "circrna,mirna\nc1\n", r"line 2: 1 cells under 2 columns"),
        ("interactions.csv", "circrna,mirna\nc1,m1,x\n", r"line 2: 3 cells under 2 columns"),
        ("interactions.csv", "circrna,mirna\nc1,m1\nc9,m1\n", "line 3: the circrna 'c9' has no sequence in"),
        ("interactions.csv", "circrna,mirna\nc1,m9\n", "line 2: the mirna 'm9' has no vector in"),
        ("mirna_embeddings.csv", "", r"needs a header"),
        ("mirna_embeddings.csv", "mirna\nm1\nm2\n", r"needs a header"),
        ("mirna_embeddings.csv", "mirna,d0\n", r"lists no vector"),
        ("mirna_embeddings.csv", "mirna,d0\nm1,\nm2,1\n", r"line 2: '' of 'm1' is not a finite number"),
        ("mirna_embeddings.csv", "mirna,d0\nm1,1\nm2,nan\n", r"line 3: 'nan' of 'm2' is not a finite"),
        ("mirna_embeddings.csv", "mirna,d0\nm1,inf\n", r"line 2: 'inf' of 'm1' is not a finite number"),
        ("mirna_embeddings.csv", "mirna,d0\nm1,one\n", r"line 2: 'one' of 'm1' is not a finite number"),
        ("mirna_embeddings.csv", "mirna,d0,d1\nm1,1,2\nm2,1\n", r"line 3: 'm2' has 1 numbers instead of 2"),
        ("mirna_embeddings.csv", "mirna,d0\n,1\n", r"line 2: the id is missing"),
        ("mirna_embeddings.csv", "mirna,d0\nm1,1\nm1,2\n", r"line 3: the mirna 'm1' stands twice"),
        ("circrna.fasta", ">c1\nACEU\n", r"'c1'.*line 2.*letter 'E'.*if this is a protein"),
    ],
)
def test_an_error_names_the_file_the_line_and_the_id(folder, name, content, message):
    path = folder(**{name: content})
    with pytest.raises(ValueError, match=message) as caught:
        load_cmi(path)
    assert str(path / name) in str(caught.value)


def test_what_is_saved_is_loaded_back_exactly(tmp_path):
    simulated = make_cmi(20, 10, random_state=0)
    rng = np.random.default_rng(0)
    vectors = pd.DataFrame(rng.normal(size=(20, 3)), index=pd.Index(list(simulated.circrna), name="circrna"))
    vectors.columns = ["d0", "d1", "d2"]
    saved = CMIData("saved", simulated.pairs, None, simulated.mirna, {"circrna": vectors})
    save_cmi(saved, tmp_path / "deep" / "saved")
    loaded = load_cmi(tmp_path / "deep" / "saved")
    pd.testing.assert_frame_equal(loaded.pairs, saved.pairs)
    pd.testing.assert_frame_equal(loaded.embeddings["circrna"], vectors, check_exact=True)
    assert (loaded.name, loaded.circrna, loaded.mirna) == ("saved", None, simulated.mirna)


def test_nothing_of_an_earlier_save_is_loaded(folder, tmp_path):
    vectors = load_cmi(folder())
    sequences = CMIData("other", vectors.pairs, vectors.circrna, {"m1": "ACGU", "m2": "GGGG"})
    (tmp_path / "notes.txt").touch()
    (tmp_path / "interactions.csv.gz").touch()
    save_cmi(sequences, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        *("interactions.csv", "circrna.fasta", "mirna.fasta"),
        "notes.txt",
    }
    assert load_cmi(tmp_path).embeddings == {}
    with pytest.raises(ValueError, match=r"notes\.txt is a file; give a folder"):
        save_cmi(sequences, tmp_path / "notes.txt" / "deeper")


def test_the_data_say_in_one_line_what_they_are(folder):
    data = load_cmi(folder())
    assert repr(data) == f"CMIData(name={data.name!r}, pairs=3, circrna=3 sequences, mirna=2 vectors of 2)"
    assert repr(CMIData("bare", data.pairs)) == "CMIData(name='bare', pairs=3, circrna=None, mirna=None)"


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "n_pairs", "n_circrna", "n_mirna", "with_sequences"),
    [
        ("starbase", 5949, 494, 624, True),
        ("cmi-9589", 9589, 2115, 821, False),
        ("cmi-9905", 9905, 2346, 962, False),
        ("lmi-ingi", 7263, 419, 263, True),
    ],
)
def test_the_public_data_have_their_known_numbers(shared, name, n_pairs, n_circrna, n_mirna, with_sequences):
    data = load_cmi(shared / name)
    assert (data.name, len(data.pairs)) == (name, n_pairs)
    assert (data.pairs["circrna"].nunique(), data.pairs["mirna"].nunique()) == (n_circrna, n_mirna)
    assert set(data.pairs["mirna"]) == set(data.mirna)
    if name == "cmi-9589":  # which is a part of the other
        assert len(data.pairs.merge(load_cmi(shared / "cmi-9905").pairs)) == n_pairs
    if name == "starbase":
        lengths = [len(sequence) for sequence in data.circrna.values()]
        assert (min(lengths), int(np.median(lengths)), max(lengths)) == (81, 536, 31572)
    if with_sequences:
        assert set(data.pairs["circrna"]) == set(data.circrna)
        assert data.embeddings == {}
    else:
        assert data.circrna is None
        assert data.embeddings["circrna"].shape == (n_circrna, 64)
