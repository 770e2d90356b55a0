"""A file is written whole or not at all."""

import os
import threading

import pytest

from sklearn_mferl.utils.atomic import replacing


def test_a_file_is_there_whole_or_as_it_was(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text("before")
    with pytest.raises(KeyboardInterrupt), replacing(path) as temporary:  # noqa: PT012
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert path.read_text() == "before"
    with replacing(path) as temporary:
        temporary.write_text("after")
    assert path.read_text() == "after"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_file_is_written_to_as_it_is(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    with replacing(pipe) as target:
        target.write_text("scores")
    reader.join()
    assert read == ["scores"]
    assert pipe.is_fifo()
