"""Another process, whose hashes of strings are salted otherwise, gives the same bits in silence."""

import pytest
from _processes import run_python

from sklearn_mferl import Doc2VecEmbedder, Role2VecEmbedder
from sklearn_mferl.datasets import make_cmi

PROGRAM = "from tests.features.test_processes import describe; print(describe())"


def describe():
    """Return vectors and simulated data as text."""
    rnas = ["ACGUACGGACUUAGCAUCG", "GGCAUCGAUCGAUUAGC", "ACGUNNACGUACG", "AC"]
    pairs = [("c1", "m1"), ("c1", "m2"), ("c2", "m2"), ("c3", "m2"), ("c3", "m3"), ("c4", "m1")]
    found = [Doc2VecEmbedder(16, dm=dm, random_state=0).fit_transform(rnas) for dm in (0, 1)]
    found.append(Role2VecEmbedder(8, random_state=0).fit_transform(pairs))
    assert all(vectors.any() for vectors in found)
    data = make_cmi(random_state=0)
    return [vectors.tobytes().hex() for vectors in found], data.pairs.to_csv(), data.circrna, data.mirna


@pytest.mark.slow
def test_vectors_and_simulated_data_do_not_depend_on_the_process():
    run = run_python("-c", PROGRAM, PYTHONHASHSEED="1")
    assert (run.stderr, run.stdout.rstrip("\n")) == ("", str(describe()))
