"""Another process, whose hashes of strings are salted otherwise, gives the same bits in silence."""

import os
import subprocess
import sys

import numpy as np
import pytest

PROGRAM = """
import sys
from sklearn_mferl import Doc2VecEmbedder, Role2VecEmbedder
from sklearn_mferl.datasets import make_cmi
rnas = ["ACGUACGGACUUAGCAUCG", "GGCAUCGAUCGAUUAGC", "ACGUNNACGUACG", "AC"]
pairs = [("c1", "m1"), ("c1", "m2"), ("c2", "m2"), ("c3", "m2"), ("c3", "m3"), ("c4", "m1")]
for dm in (0, 1):
    sys.stdout.buffer.write(Doc2VecEmbedder(16, dm=dm, random_state=0).fit_transform(rnas).tobytes())
sys.stdout.buffer.write(Role2VecEmbedder(8, random_state=0).fit_transform(pairs).tobytes())
data = make_cmi(random_state=0)
print(data.pairs.to_numpy().tolist(), data.circrna, data.mirna)
"""


@pytest.mark.slow
def test_vectors_and_simulated_data_do_not_depend_on_the_process():
    outputs = []
    for salt in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": salt, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", PROGRAM]
        run = subprocess.run(command, env=environment, capture_output=True, check=True)
        assert run.stderr == b""
        outputs.append(run.stdout)
    assert outputs[0] == outputs[1]
    assert outputs[0].count(b"sim_circ_") > 200
    assert np.frombuffer(outputs[0][:896], dtype=np.float32).any()
