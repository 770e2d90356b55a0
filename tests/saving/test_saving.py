"""A saved model gives the same scores, holds no code, and a damaged or hostile file is a ValueError."""

import json
import os
import pickle
import zipfile
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import torch
from _processes import run_python
from safetensors.numpy import load, save
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sklearn_mferl import (
    KmerTransformer,
    PairFeatures,
    PairNeighborhood,
    SiteClassifier,
    baselines,
    load_model,
    make_mferl_pipeline,
    save_model,
)
from sklearn_mferl.model_selection import PairKFold
from sklearn_mferl.saving.allowed import Allowed
from sklearn_mferl.saving.decode import Decoder
from sklearn_mferl.saving.encode import Encoder
from sklearn_mferl.saving.files import FORMAT, _digest
from tests.models._sites import planted_sites, small_model

LIGHT = {"mferl__network__max_epochs": 1, "mferl__evidence__max_epochs": 1}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Return the bytes of a small model with a network."""
    return save_model(small_model(), tmp_path_factory.mktemp("saved") / "sites.mferl").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("preset", "params"), [("best", LIGHT), ("paper", {"mferl__max_epochs": 1}), ("binding", {})]
)
def test_a_loaded_pipeline_gives_the_same_scores(data, labelled, tmp_path, few_trees, preset, params):
    model = make_mferl_pipeline(data.circrna, data.mirna, preset=preset, random_state=0, **params)
    model.fit(*labelled)
    path = save_model(model, tmp_path / "model.mferl")
    loaded = load_model(path)
    pairs = labelled[0]
    np.testing.assert_array_equal(loaded.predict_proba(pairs), model.predict_proba(pairs))
    assert str(loaded.get_params()) == str(model.get_params())
    joblib.dump(model, tmp_path / "model.joblib")
    assert path.stat().st_size < 1.2 * (tmp_path / "model.joblib").stat().st_size
    new = {"new": "GCAUCGAUUCGAGCUUAGCGAUUC" * 4}
    pairs = [("new", mirna) for mirna in data.mirna]
    for each in (model, loaded):
        each["features"].add_rnas(circrna=new)
    np.testing.assert_array_equal(loaded.predict_proba(pairs), model.predict_proba(pairs))
    again = save_model(loaded, tmp_path / "again.mferl")  # what was loaded can be saved
    np.testing.assert_array_equal(load_model(again).predict_proba(pairs), model.predict_proba(pairs))


@pytest.mark.parametrize(
    "model",
    [
        SiteClassifier(channels=(4, 4, 4), max_epochs=1, random_state=0),
        *(baselines.PathCount(), baselines.DegreeProduct(), baselines.SVDFactorizer(2, random_state=0)),
        GridSearchCV(
            make_pipeline(
                PairFeatures(scales=[("kmer", KmerTransformer(1))], output="array"), LogisticRegression()
            ),
            {"logisticregression__C": [0.1, 1.0]},
            cv=PairKFold(3, random_state=0),
        ),
    ],
    ids=lambda model: type(model).__name__,
)
def test_other_models_of_pairs_are_the_same_again(model, tmp_path):
    sites, y = planted_sites(60)
    if not isinstance(model, SiteClassifier):
        sites = sites.set_axis(["circrna", "mirna"], axis=1)
    model.fit(sites, y)
    loaded = load_model(save_model(model, tmp_path / "model.mferl"))
    np.testing.assert_array_equal(loaded.predict_proba(sites), model.predict_proba(sites))


def test_values_come_back_as_they_were():
    shared = ["x"] * 3
    value = {
        "numbers": [
            None,
            True,
            2,
            2**80,
            0.1,
            float("inf"),
            "a" * 50,
            b"\0\1",
            (1, (2,)),
            {"s"},
            np.float32(3),
        ],
        "arrays": [np.arange(6).reshape(2, 3), np.array(["a", None], dtype=object), np.array(["ab"])],
        "records": np.zeros(3, dtype=[("x", "<i4"), ("y", "<f8")]),
        "sparse": sparse.csr_array(np.eye(3)),
        "frames": [
            pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}, index=["i", "j"]),
            pd.Index([3, 4], name="n"),
        ],
        "tensors": [torch.ones(2), torch.nn.Parameter(torch.zeros(2, 2))],
        ("key", 1): np.dtype("<f4"),
        "same": [shared, shared],
        "random": [np.random.RandomState(3), np.random.default_rng(4)],
    }
    value["itself"] = value
    encoder = Encoder(Allowed())
    node = json.loads(json.dumps(encoder.encode(value)))
    found = Decoder(encoder.arrays, [*encoder.strings], Allowed()).decode(node)
    assert found["itself"] is found
    assert found["same"][0] is found["same"][1]
    assert found["numbers"] == value["numbers"]
    assert found["arrays"][2].dtype == value["arrays"][2].dtype
    for name in ("arrays", "records"):
        for a, b in zip(found[name], value[name], strict=True):
            np.testing.assert_array_equal(a, b)
    assert (found["sparse"] != value["sparse"]).nnz == 0
    pd.testing.assert_frame_equal(found["frames"][0], value["frames"][0])
    pd.testing.assert_index_equal(found["frames"][1], value["frames"][1])
    assert [type(each) for each in found["tensors"]] == [torch.Tensor, torch.nn.Parameter]
    assert [each.random() for each in found["random"]] == [each.random() for each in value["random"]]


@pytest.mark.slow
def test_the_same_model_is_the_same_file(tmp_path):
    script = (
        "import sys; sys.path.insert(0, sys.argv[2])\n"
        "import torch; torch.set_num_threads(1)\n"
        "from sklearn_mferl import save_model\n"
        "from tests.models._sites import small_model\n"
        "save_model(small_model(), sys.argv[1])\n"
    )
    root = Path(__file__).parents[2]
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"  # another one than here
    done = run_python("-c", script, tmp_path / "there.mferl", root, PYTHONHASHSEED=seed)
    assert done.returncode == 0, done.stderr
    here = save_model(small_model(), tmp_path / "here.mferl")
    assert here.read_bytes() == (tmp_path / "there.mferl").read_bytes()


def test_a_file_is_the_same_before_and_after_pairs_were_scored(data, labelled, tmp_path):
    pairs = sorted(labelled[0].itertuples(index=False, name=None))
    y = [int(circrna != pairs[0][0]) for circrna, _ in pairs]  # the first pair is of an RNA without a partner
    model = PairNeighborhood(data.circrna, data.mirna, random_state=0).fit(pairs, y)
    before = save_model(model, tmp_path / "before.mferl").read_bytes()
    model.transform([(circrna, mirna) for circrna in data.circrna for mirna in data.mirna])
    assert save_model(model, tmp_path / "after.mferl").read_bytes() == before


def forge(content, path, change):
    """Write a file whose digest fits what was changed in it."""
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
    header = json.loads(header["sklearn_mferl"])
    arrays = load(content)
    del header["sha256"]
    graph = json.loads(arrays["graph"].tobytes())
    change(graph, arrays, header)
    arrays["graph"] = np.frombuffer(json.dumps(graph).encode(), dtype=np.uint8)
    signed = {**header, "sha256": _digest(header, arrays)}
    path.write_bytes(save(arrays, metadata={"sklearn_mferl": json.dumps(signed)}))


def calls(name, *arguments):
    def change(graph, arrays, header):
        graph["root"] = {"call": name, "arguments": list(arguments), "number": 0}

    return change


def sets(value):
    def change(graph, arrays, header):
        graph["root"]["state"]["dict"].append(["extra", value])

    return change


def spoil_weights(graph, arrays, header):
    name = max(arrays, key=lambda each: arrays[each].size if arrays[each].dtype == np.float32 else 0)
    arrays[name] = np.full_like(arrays[name], np.nan)


def drop_letters(graph, arrays, header):
    name = next(name for name in arrays if arrays[name].ndim > 1)
    arrays[name] = arrays[name][1:]


def nest(graph, arrays, header):
    node = None
    for _ in range(300):
        node = {"tuple": [node]}
    graph["root"] = node


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (calls("os:system", "touch CANARY"), "It names os:system, which a model may not hold"),
        (calls("posix:system", "touch CANARY"), "posix:system"),
        (calls("builtins:eval", "open('CANARY', 'w')"), "builtins:eval"),
        (calls("builtins:exec", "open('CANARY', 'w')"), "builtins:exec"),
        (calls("builtins:getattr", "x", "y"), "builtins:getattr"),
        (calls("sklearn.pipeline:Pipeline", []), "sklearn.pipeline:Pipeline"),
        (calls("sklearn_mferl.utils.atomic:Resumable", "CANARY"), "Resumable"),
        (calls("sklearn_mferl.models.base:np.save", "CANARY", 1), "np.save"),
        (sets({"name": "os:system"}), "os:system"),
        (sets({"name": "sklearn_mferl.cli.main:train"}), "cli.main"),
        (sets({"object": "subprocess:Popen", "number": 99}), "subprocess:Popen"),
        (sets({"object": "sklearn.utils:os.system", "number": 99}), "os.system"),
        (sets({"object": "sklearn_mferl.models.stacking:logit", "number": 99}), "logit"),
        (sets({"again": 10**9}), "KeyError"),
        (sets({"string": 10**9}), "IndexError"),
        (sets({"array": "none", "shape": [1], "number": 99}), "KeyError"),
        (sets({"array": "graph", "shape": [10**12], "number": 99}), "cannot be loaded|KeyError"),
        (sets({"dtype": "|O", "number": 99}), "objects"),
        (sets([1]), "A node is a list"),
        (spoil_weights, "weights that are not finite"),
        (drop_letters, "cannot reshape|cannot be loaded"),
        (nest, "deep in each other"),
        (lambda graph, arrays, header: graph.update(root=5), "holds a int, which is no model"),
        (
            lambda graph, arrays, header: header.update(format=99),
            f"format 99, this release reads {FORMAT}: sklearn_mferl .* saved it",
        ),
        (lambda graph, arrays, header: header.update(kind="other"), "it is a other"),
    ],
)
def test_a_hostile_file_runs_nothing(saved, tmp_path, monkeypatch, change, message):
    monkeypatch.chdir(tmp_path)
    forge(saved, tmp_path / "forged.mferl", change)
    with pytest.raises(ValueError, match=message):
        load_model(tmp_path / "forged.mferl")
    assert not (tmp_path / "CANARY").exists()


def test_damage_anywhere_is_found(saved, tmp_path):
    rng, path = np.random.default_rng(0), tmp_path / "damaged.mferl"
    for length in (*range(40), *rng.integers(40, len(saved), 60).tolist(), len(saved) - 1):
        path.write_bytes(saved[:length])
        with pytest.raises(ValueError, match="damaged"):
            load_model(path)
    header = 8 + int.from_bytes(saved[:8], "little")
    for place in (*rng.integers(0, header, 200).tolist(), *rng.integers(header, len(saved), 100).tolist()):
        flipped = bytearray(saved)
        flipped[place] ^= 1 << rng.integers(8)
        path.write_bytes(flipped)
        with pytest.raises(ValueError, match=r"damaged|is of format|cannot be loaded"):
            load_model(path)
    path.write_bytes(saved + b"more")
    with pytest.raises(ValueError, match="damaged"):
        load_model(path)


class Harmful:
    def __reduce__(self):
        return open, ("CANARY", "w")


def test_other_files_are_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "m.mferl"
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("../../x", b"\0" * 10_000_000)
    contents = [b"", b"\x80\x04.", pickle.dumps(Harmful()), (tmp_path / "bomb.zip").read_bytes()]
    contents += [(2**40).to_bytes(8, "little") + b"{}", save({"x": np.zeros(2)})]
    for content in contents:
        path.write_bytes(content)
        with pytest.raises(ValueError, match="no model that save_model wrote"):
            load_model(path)
    assert not (tmp_path / "CANARY").exists()
    with pytest.raises(FileNotFoundError, match="There is no model"):
        load_model(tmp_path / "none.mferl")


class Own(BaseEstimator):
    """An estimator of somebody else's."""


def test_what_holds_code_is_refused_and_others_classes_need_trust(tmp_path):
    path = tmp_path / "m.mferl"
    path.write_text("old")
    for value in (lambda: 0, print, Own()):
        model = KmerTransformer(k=value)
        with pytest.raises(ValueError, match="cannot be saved without code"):
            save_model(model, path)
    assert path.read_text() == "old"
    name = f"{Own.__module__}:Own"
    save_model(Own(), path, trusted=[name])
    with pytest.raises(ValueError, match="give trusted="):
        load_model(path)
    assert isinstance(load_model(path, trusted=[name]), Own)
