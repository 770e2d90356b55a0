"""FASTA files in and out."""

from __future__ import annotations

import gzip
import re
import string
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_mferl.datasets.fasta import read_fasta, write_fasta

IDS = st.text(string.ascii_letters + string.digits + "_-.:>", min_size=1, max_size=12)
SEQUENCES = st.text("ACGURYSWKMBDHVN", min_size=1, max_size=40)


@pytest.fixture
def fasta(tmp_path):
    def write(content: str, name: str = "some.fa") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode())
        return path

    return write


def test_sequences_come_out_in_upper_case_with_u_for_t_in_the_order_of_the_file(fasta):
    path = fasta(">b\nacgt\n>a\nUUNN\n")
    assert list(read_fasta(path).items()) == [("b", "ACGU"), ("a", "UUNN")]


def test_a_circbase_header_gives_the_id_before_the_first_bar(fasta):
    path = fasta(">hsa_circ_0000002|chr1:1158623-1159348-|NM_016176|SDF4\nACGT\n")
    assert list(read_fasta(path)) == ["hsa_circ_0000002"]


def test_a_mirbase_header_gives_the_id_before_the_first_white_space(fasta):
    path = fasta(">hsa-let-7a-5p MIMAT0000062 Homo sapiens let-7a-5p\nUGAGG\n>x\tnote\nA\n")
    assert list(read_fasta(path)) == ["hsa-let-7a-5p", "x"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_lines_are_joined_whatever_ends_them_and_blank_ones_do_not_count(fasta, line_end):
    lines = ["", ">a", "ACG", "", "  UAC ", "G", "", ">b", "GG", "", ""]
    assert read_fasta(fasta(line_end.join(lines))) == {"a": "ACGUACG", "b": "GG"}


def test_a_last_line_without_an_end_and_a_byte_order_mark_do_no_harm(fasta):
    assert read_fasta(fasta("\ufeff>a\nACGU")) == {"a": "ACGU"}


@pytest.mark.parametrize("name", ["some.fa.gz", "some.fa", "some"])
def test_a_gzipped_file_is_known_by_its_first_bytes_whatever_its_name(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(gzip.compress(b">a\nACGT\n"))
    assert read_fasta(path) == read_fasta(str(path)) == {"a": "ACGU"}


def test_an_id_may_be_repeated_with_the_same_sequence(fasta):
    assert read_fasta(fasta(">a\nACGU\n>b\nAA\n>a\nac\ngt\n")) == {"a": "ACGU", "b": "AA"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("ACGU\n>a\nACGU\n", r"line 1: 'ACGU' stands before the first header"),
        (">a\nACGU\n\n>\nACGU\n", r"line 4: the header '>' has no id"),
        (">a\nACGU\n> \nACGU\n", r"line 3: the header '>' has no id"),
        (">|chr1\nACGU\n", r"line 1: the header '>\|chr1' has no id"),
        (">a\nACGU\n>empty\n\n>b\nAC\n", r"line 3: the id 'empty' has an empty sequence"),
        (">a\nACGU\n>last", r"line 3: the id 'last' has an empty sequence"),
        (">a\nACGU\nACEU\n", r"'a' \(.*some\.fa, line 3\) has the letter 'E' at position 3"),
        (">a\nAC GU\n", r"'a' \(.*some\.fa, line 2\) has the letter ' '"),
        (">a\nACGU\n>b\nA\n>a\nACGUU\n", r"the id 'a' stands on lines 1 and 5 with two different sequences"),
        ("", r"is empty"),
        ("\n \n", r"is empty"),
    ],
)
def test_an_error_names_the_file_the_line_and_the_id(fasta, content, message):
    path = fasta(content)
    with pytest.raises(ValueError, match=message) as caught:
        read_fasta(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no file .*nowhere\.fa"):
        read_fasta(tmp_path / "nowhere.fa")


@pytest.mark.parametrize("damage", [lambda packed: packed[:-12], lambda packed: packed[:20] + b"x" * 20])
def test_a_damaged_archive_is_named(tmp_path, damage):
    path = tmp_path / "damaged.fa.gz"
    path.write_bytes(damage(gzip.compress(b">a\n" + b"ACGUACCGUA" * 100)))
    with pytest.raises(ValueError, match=r"damaged\.fa\.gz is a damaged gzip file"):
        read_fasta(path)


def test_a_file_that_is_not_text_is_refused_with_its_line(tmp_path):
    path = tmp_path / "binary"
    path.write_bytes(b">a\nAC\xff\xfe")
    with pytest.raises(ValueError, match=r"binary, line 2: .* is not text in UTF-8"):
        read_fasta(path)


@given(st.dictionaries(IDS, SEQUENCES, min_size=1, max_size=8))
@pytest.mark.parametrize("name", ["round.fasta", "round.fasta.gz"])
def test_what_is_written_is_read_back(tmp_path_factory, name, sequences):
    path = tmp_path_factory.getbasetemp() / name
    write_fasta(path, sequences)
    assert list(read_fasta(path).items()) == list(sequences.items())


def test_sequences_are_written_in_upper_case_with_u_for_t(tmp_path):
    write_fasta(tmp_path / "a.fasta", pd.Series({"a": "acgt"}))
    assert (tmp_path / "a.fasta").read_bytes() == b">a\nACGU\n"


def test_a_name_that_ends_in_gz_is_gzipped_and_the_same_sequences_give_the_same_bytes(tmp_path):
    for name in ("one.gz", "two.gz"):
        write_fasta(tmp_path / name, {"a": "ACGU"})
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()
    assert gzip.decompress((tmp_path / "one.gz").read_bytes()) == b">a\nACGU\n"


@pytest.mark.parametrize("name", ["", "a b", "a|b", "a\nb", 7])
def test_an_id_that_would_not_come_back_is_not_written(tmp_path, name):
    with pytest.raises(ValueError, match=re.escape(f"The id {name!r} cannot be written")):
        write_fasta(tmp_path / "a.fasta", {name: "ACGU"})
    assert not (tmp_path / "a.fasta").exists()


@pytest.mark.parametrize(("sequences", "message"), [({}, "no sequences"), ({"a": ""}, "'a' is empty")])
def test_nothing_and_an_empty_sequence_are_not_written(tmp_path, sequences, message):
    with pytest.raises(ValueError, match=message):
        write_fasta(tmp_path / "a.fasta", sequences)
