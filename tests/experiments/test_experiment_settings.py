"""`Settings` reach the models, and tell one run from another."""

import sys
from dataclasses import replace

import pytest
from _light import embedded_only

from sklearn_mferl.baselines import SVDFactorizer
from sklearn_mferl.experiments import Settings


@pytest.mark.parametrize("seed", [None, -1, 1.5, True])
def test_a_seed_that_cannot_be_repeated_is_refused(seed):
    with pytest.raises(ValueError, match="random_state"):
        Settings(random_state=seed)


@pytest.mark.parametrize("out", ["file", "file/deeper"])
def test_a_folder_that_is_a_file_is_refused(tmp_path, out):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="is a file"):
        Settings(out=tmp_path / out)


def test_a_device_that_is_none_is_refused(known):
    with pytest.raises(ValueError, match="'abacus' cannot be used"):
        Settings(device="abacus").make_model(known)


def test_a_missing_matplotlib_is_reported_before_the_work(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    Settings()
    with pytest.raises(ImportError, match=r"sklearn-mferl\[plots\]"):
        Settings(out=tmp_path)


def test_settings_reach_the_models(known):
    settings = Settings(circular=False, random_state=5, params={"features__background": 2})
    models = settings.make_models(known, boosting=True)
    assert list(models) == [
        "default model",
        "degree product",
        "path count",
        "svd factors",
        "seed count",
        "boosting",
    ]
    assert models["default model"]["features"].background == 2
    assert models["svd factors"].random_state == 5
    for name in ("default model", "boosting"):
        assert models[name]["features"].circular is False
    assert models["seed count"].circular is False
    models = Settings().make_baselines(embedded_only(known))
    assert list(models) == ["degree product", "path count", "svd factors"]


def test_the_identity_tells_data_and_models_apart_and_forgets_what_makes_no_difference(known, tmp_path):
    first = Settings().identify(known)
    assert first == Settings(n_jobs=2, progress=True, out=tmp_path).identify(replace(known, name="other"))
    sequences = {**known.mirna, next(iter(known.mirna)): "ACGUACGUACGUACGU"}
    others = [
        Settings().identify(replace(known, pairs=known.pairs[1:])),
        Settings().identify(replace(known, mirna=sequences)),
        Settings(params={"mferl__calibrate": False}).identify(known),
        Settings(circular=False).identify(known),
    ]
    assert all(other != first for other in others)
    svd = [Settings().identify(known, models={"a": SVDFactorizer(n_components=n)}) for n in (4, 4, 5)]
    assert svd[0] == svd[1] != svd[2]
