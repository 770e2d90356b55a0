"""What writes each kind of file; as a program: is killed while it writes, and says what is there then."""

import json
import os
import signal
import sys
from functools import cache
from pathlib import Path

import pandas as pd
from _commands import mferl

from sklearn_mferl import save_model
from sklearn_mferl.baselines import SVDFactorizer
from sklearn_mferl.cli.files import write_model
from sklearn_mferl.experiments.running.files import write_table
from sklearn_mferl.ranking import rank_interactions
from sklearn_mferl.ranking.bed import write_bed
from sklearn_mferl.utils.atomic import Resumable

IDS = [f"rna{number:02}" for number in range(40)]
PAIRS = pd.DataFrame([(a, b) for a in IDS for b in IDS], columns=["circrna", "mirna"])
LABELS = [(7 * number) % 3 == 0 for number in range(len(PAIRS))]


@cache  # what is killed is the writer
def fit(version):
    return SVDFactorizer(4 + version, random_state=0).fit(PAIRS, LABELS)


def write_piece(path, version):
    with Resumable(path.parent, {"run": 1}, str.encode, bytes.decode, suffix=path.suffix) as store:
        store[path.stem] = str(version) * 9000


def write_bed_file(path, version):
    sites = PAIRS.assign(start=3, end=9 + version, probability=0.5)
    write_bed(sites, dict.fromkeys(IDS, 20), path)


def predict(path, version):
    model = path.with_name(f"{version}.mferl")
    if not model.exists():
        save_model(fit(version), model)
        PAIRS.to_csv("pairs.csv", index=False)
    done = mferl("predict", model, "pairs.csv", "--out", path)
    if done.exit_code:
        raise OSError(done.stderr)


def rank(path, version):
    rank_interactions(fit(version), IDS, IDS, out=path, top_k=1000, chunk_size=800)


# by file; each is called as write(path, version), in the folder of the file
WRITERS = {
    "model.mferl": lambda path, version: save_model(fit(version), path),
    "model.joblib": lambda path, version: write_model(fit(version), path),
    "store/piece.json": write_piece,
    "scores.csv": predict,
    "ranking.csv": rank,
    "ranking.parquet": rank,
    "sites.bed": write_bed_file,
    "table.csv": lambda path, version: write_table(PAIRS.assign(x=version), path.parent, path.stem),
}


def write_both(name):
    """Leave the file as version 0 has it, and return both contents."""
    path, contents = Path(name), {}
    for version in (1, 0):
        WRITERS[name](path, version)
        contents[version] = path.read_bytes()
    return contents


def kill_at_step(number):
    """Have this process killed before it opens, renames or removes a file for the time of this number."""
    left = [number]

    def count(event, arguments):
        opens = event == "open" and isinstance(arguments[1], str) and not arguments[1].startswith("r")
        if opens or event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"):
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


def kill_at_byte(number):
    """Have the kernel end this process in the middle of a write, without a word."""
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (number, number))


def in_child(call):
    """Make a call in a copy of this process, and return the signal that ended it, 0 for none."""
    pid = os.fork()
    if not pid:
        try:
            call()
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code <= 0
    return -code


def kill_everywhere(name):
    """Yield where a writer was killed, which of both contents was there then, and whether it can go on."""
    path, contents = Path(name), write_both(name)
    size = len(contents[1])
    places = [(kill_at_byte, byte) for byte in (0, 1, size // 2, size - 1)]
    places += [(kill_at_step, step) for step in range(100)]
    for kill, number in places:
        path.write_bytes(contents[0])
        ended = in_child(lambda kill=kill, number=number: (kill(number), WRITERS[name](path, 1)))
        found = [version for version, content in contents.items() if content == path.read_bytes()]
        WRITERS[name](path, 1)
        yield kill.__name__, number, ended, found, path.read_bytes() == contents[1]
        if not ended:
            return


if __name__ == "__main__":
    print(json.dumps({name: list(kill_everywhere(name)) for name in WRITERS}))
