"""What is written is read back, headers of the known databases give ids, and errors are named."""

import gzip
import re
import string
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_mferl.datasets import read_fasta, write_fasta
from sklearn_mferl.datasets.fasta import read_headers

IDS = st.text(string.ascii_letters + string.digits + "_-.:>", min_size=1, max_size=12)
SEQUENCES = st.text("ACGURYSWKMBDHVN", min_size=1, max_size=40)


@pytest.fixture
def fasta(tmp_path):
    def write(content: str, name: str = "some.fa") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode())
        return path

    return write


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (">b\nacgt\n>a\nUUNN\n", {"b": "ACGU", "a": "UUNN"}),
        (">hsa_circ_0000002|chr1:1158623-1159348-|NM_016176|SDF4\nACGT\n", {"hsa_circ_0000002": "ACGU"}),
        (">hsa-let-7a-5p MIMAT0000062 Homo\nUGAGG\n>x\tnote\nA\n", {"hsa-let-7a-5p": "UGAGG", "x": "A"}),
        ("\ufeff>a\nACGU", {"a": "ACGU"}),
        (">a\nACGU\n>b\nAA\n>a\nac\ngt\n", {"a": "ACGU", "b": "AA"}),
    ],
    ids=["in order", "circBase", "miRBase", "byte order mark and no last line end", "repeated"],
)
def test_ids_and_sequences_in_upper_case_with_u_for_t_are_read(fasta, content, expected):
    assert list(read_fasta(fasta(content)).items()) == list(expected.items())


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_lines_are_joined_whatever_ends_them_and_blank_ones_do_not_count(fasta, line_end):
    lines = ["", ">a", "ACG", "", "  UAC ", "G", "", ">b", "GG", "", ""]
    assert read_fasta(fasta(line_end.join(lines))) == {"a": "ACGUACG", "b": "GG"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "ACGU\n>a\nACGU\n",
            r"line 1: 'ACGU' stands before the first header; a FASTA file begins with a line '>id'\.$",
        ),
        ("A" * 31 + "\n", r"line 1: 'A{29}…' stands before"),
        (">a\nACGU\n\n>\nACGU\n", r"line 4: the header '>' has no id"),
        (">|chr1\nACGU\n", r"line 1: the header '>\|chr1' has no id"),
        (
            ">a\nACGU\n>empty\n\n>b\nAC\n",
            r"line 3: the id 'empty' has an empty sequence; remove .* its nucleotides\.$",
        ),
        (">a\nACGU\n>last", r"line 3: the id 'last' has an empty sequence"),
        (">a\nACGU\nACEU\n", r"'a' \(.*some\.fa, line 3\) has the letter 'E' at position 3"),
        (">a\nAC GU\n", r"'a' \(.*some\.fa, line 2\) has the letter ' '"),
        (">a\nACGU\n>b\nA\n>a\nACGUU\n", r"the id 'a' stands on lines 1 and 5 with two different sequences"),
        ("\n \n", r"is empty"),
    ],
)
def test_an_error_names_the_file_the_line_and_the_id(fasta, content, message):
    path = fasta(content)
    with pytest.raises(ValueError, match=message) as caught:
        read_fasta(path)
    assert str(path) in str(caught.value)


def test_the_first_words_of_headers_go_by_either_id_the_first_of_a_kind_by_the_short_one(fasta):
    words = read_headers(fasta(">a|1 note\nAC\n>a|2\nGG\n>b\nU\n"))
    assert words == {"a": "a|1", "a|1": "a|1", "a|2": "a|2", "b": "b"}
    with pytest.raises(ValueError, match=r"some\.fa, line 1: the header '>' has no id"):
        read_headers(fasta(">\nAC\n"))


def test_a_damaged_archive_is_named(tmp_path):
    path = tmp_path / "damaged.fa.gz"
    path.write_bytes(gzip.compress(b">a\n" + b"ACGUACCGUA" * 100)[:20] + b"x" * 20)
    with pytest.raises(ValueError, match=r"damaged\.fa\.gz is a damaged gzip file"):
        read_fasta(path)


@given(st.dictionaries(IDS, SEQUENCES, min_size=1, max_size=8))
def test_what_is_written_is_read_back(tmp_path_factory, sequences):
    for name in ("round.fasta", "round.fasta.gz"):
        path = tmp_path_factory.getbasetemp() / name
        write_fasta(path, sequences)
        assert list(read_fasta(path).items()) == list(sequences.items())


def test_upper_case_is_written_and_gzipped_for_a_name_that_ends_so_with_the_same_bytes_again(tmp_path):
    first, second = tmp_path / "one.gz", tmp_path / "two.gz"
    for path in (tmp_path / "a.fasta", first, second):
        write_fasta(path, pd.Series({"a": "acgt"}))
    assert (tmp_path / "a.fasta").read_bytes() == gzip.decompress(first.read_bytes()) == b">a\nACGU\n"
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes()[4:8] == bytes(4)  # no time


@pytest.mark.parametrize(
    ("sequences", "message"),
    [
        *[
            ({name: "ACGU"}, re.escape(f"The id {name!r} cannot be written"))
            for name in ("", "a b", "a|b", "a\nb", 7)
        ],
        ({}, "no sequences"),
        ({"a": ""}, "'a' is empty"),
        (pd.Series(["A", "C"], index=["a", "a"]), "The FASTA id 'a' stands twice"),
    ],
)
def test_what_would_not_come_back_is_not_written(tmp_path, sequences, message):
    with pytest.raises(ValueError, match=message):
        write_fasta(tmp_path / "a.fasta", sequences)
    assert not (tmp_path / "a.fasta").exists()
