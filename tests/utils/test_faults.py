"""Killed at any write, on a full disk, in a read-only folder: the old file is whole, or the new one."""

import json
import os
import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from _commands import refused
from _processes import run_python

import sklearn_mferl
from sklearn_mferl.utils.atomic import replacing

resource = pytest.importorskip("resource", reason="needs the limits of a Unix system")

from _writers import WRITERS, write_both  # noqa: E402

each_writer = pytest.mark.parametrize("name", WRITERS)
SOURCE = Path(sklearn_mferl.__file__).parent
WRITES = r"\.(write_(bytes|text)|to_csv|savefig|to_parquet)\(|joblib\.dump\(|open\([^)]*\"[wax]b?\""
# to the screen or to memory, to a folder that goes, or to one that is renamed when it is whole
OTHERS = {"cli/rank.py", "cli/sites.py", "report/page/svg.py", "experiments/settings.py"}
OTHERS |= {"testing/input_checks.py", "datasets/fetch.py"}
BY_HAND = {"demo.py"}


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda: {path.name for path in Path().rglob("*") if ".part" not in str(path)}


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """Return what each writer left behind, wherever it was killed."""
    folder = tmp_path_factory.mktemp("killed")
    done = run_python(Path(__file__).with_name("_writers.py"), cwd=folder, OMP_NUM_THREADS="1")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@each_writer
def test_a_killed_writer_leaves_the_old_file_or_the_new_one_and_can_go_on(killed, name):
    *ended, last = killed[name]
    assert last[2:] == [0, [1], True]  # beyond the last step nobody is killed
    assert len(ended) >= 7
    for kind, number, signal_, versions, goes_on in ended:
        assert signal_, (kind, number)
        assert len(versions) == 1, (kind, number)
        assert goes_on, (kind, number)
    assert {version for *_, (version,), _ in ended} == {0, 1}


def check_untouched(name, contents, files, error, message):
    """Check that a writer fails with the name of the file, which stays as it was, and leaves nothing else."""
    before = files()
    with pytest.raises(error, match=message) as raised:
        WRITERS[name](Path(name), 1)
    assert "ranking" in name or name in str(raised.value)
    assert Path(name).read_bytes() == contents[0]
    assert files() == before


@each_writer
@pytest.mark.parametrize("share", [0, 0.5])
def test_a_write_that_the_system_cuts_short_leaves_the_old_file(files, name, share):
    contents = write_both(name)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(share * len(contents[1])), limits[1]))
    try:
        check_untouched(name, contents, files, OSError, "File too large")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    WRITERS[name](Path(name), 1)
    assert Path(name).read_bytes() == contents[1]


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    """Return a disk of one megabyte."""
    folder = tmp_path_factory.mktemp("disk")
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a disk cannot be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@each_writer
@pytest.mark.parametrize("free", [0, 4096])
def test_a_full_disk_leaves_the_old_file(disk, monkeypatch, name, free):
    folder = disk / f"{name}{free}".replace("/", "-")
    folder.mkdir()
    monkeypatch.chdir(folder)
    contents = write_both(name)
    filler = disk / "filler"
    with pytest.raises(OSError, match="No space left"), filler.open("wb", buffering=0) as file:  # noqa: PT012
        while True:
            file.write(bytes(4096))
    os.truncate(filler, filler.stat().st_size - free)
    try:
        check_untouched(
            name, contents, lambda: set(os.listdir(folder)) - {f"{name}.part"}, OSError, "No space"
        )
    finally:
        filler.unlink()
    WRITERS[name](Path(name), 1)
    assert Path(name).read_bytes() == contents[1]


@contextmanager
def read_only(folders):
    """Let nobody write to folders, root included."""
    is_root = os.geteuid() == 0
    for folder in folders:
        folder.chmod(0o555)
    if is_root:
        os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        if is_root:
            os.setresuid(0, 0, 0)
        for folder in folders:
            folder.chmod(0o755)


@each_writer
def test_a_folder_that_may_not_be_written_to_leaves_the_old_file(tmp_path, files, name):
    contents = write_both(name)
    with read_only({tmp_path, (tmp_path / name).parent}):
        check_untouched(name, contents, files, OSError, "Permission denied|may not be written to")


def test_a_writer_that_is_stopped_leaves_the_old_file_alone(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text("before")
    with pytest.raises(KeyboardInterrupt), replacing(path) as temporary:  # noqa: PT012
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert [each.read_text() for each in tmp_path.iterdir()] == ["before"]


def test_what_is_no_file_is_written_to_as_it_is(tmp_path):
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    with replacing(pipe) as target:
        target.write_text("scores")
    reader.join()
    assert read == ["scores"]
    assert pipe.is_fifo()


def test_training_does_not_begin_where_its_model_cannot_be_written(tmp_path, files):
    with read_only([tmp_path]):
        line = refused("train", "--data", "none", "--out", "model.mferl")
    assert "The folder of --out model.mferl may not be written to" in line


def test_whatever_writes_a_file_does_it_by_the_one_writer():
    writing = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if re.search(WRITES, text := re.sub(r">>> .*|``.*?``", "", path.read_text(encoding="utf-8")))
        and "replacing(" not in text
    }
    assert writing == OTHERS | BY_HAND
