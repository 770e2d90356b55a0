"""A file that an earlier commit saved scores as it did then, or one sentence says which release reads it."""

import gzip
import json
import runpy
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load

from sklearn_mferl import load_model
from sklearn_mferl.saving.files import FORMAT

OLD = Path(__file__).parent / "old"


@pytest.mark.filterwarnings("ignore::UserWarning")  # of the versions that saved it
@pytest.mark.parametrize("file", sorted(OLD.glob("*.mferl.gz")), ids=lambda path: path.name.split(".")[0])
def test_a_file_of_an_earlier_commit_is_read_or_names_its_release(file, tmp_path):
    path = tmp_path / "model.mferl"
    path.write_bytes(gzip.decompress(file.read_bytes()))
    if not file.name.startswith(f"format-{FORMAT}"):
        with pytest.raises(
            ValueError, match=r"is of format \d, .*: sklearn_mferl 0\.1\.0 saved it and reads it"
        ):
            load_model(path)
        return
    expected = json.loads((OLD / f"format-{FORMAT}.json").read_text(encoding="utf-8"))
    scores = load_model(path).predict_proba(expected["pairs"])[:, 1]
    # graphs without a part are made again, and the last digits depend on the processor
    np.testing.assert_allclose(scores, expected["scores"], atol=1e-5)


def attributes(content):
    """Return what the state of each class of this package is called in a file."""
    found = {}

    def walk(node):
        if isinstance(node, dict):
            kind = node.get("object", "")
            # torch and skorch have attributes of their own in networks, by their version
            if kind.startswith("sklearn_mferl.") and ".network." not in kind:
                named = [name for name, _ in node.get("state", {}).get("dict", [])]
                found.setdefault(kind, set()).update(named or [len(node.get("arguments", []))])
            node = list(node.values())
        for each in node if isinstance(node, list) else ():
            walk(each)

    walk(json.loads(load(content)["graph"].tobytes()))
    return found


def test_what_is_saved_has_the_classes_and_attributes_of_its_format():
    content, *_ = runpy.run_path(str(OLD / "make.py"))["make"]()
    kept = attributes(gzip.decompress((OLD / f"format-{FORMAT}.mferl.gz").read_bytes()))
    now = attributes(content)
    assert len(kept) > 10
    assert {kind: now.get(kind) for kind in kept} == kept, "raise FORMAT: see tests/saving/old/README.md"
