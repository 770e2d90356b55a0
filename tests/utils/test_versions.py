"""Results of other code or other versions are told apart and not mixed."""

import shutil
from pathlib import Path

import numpy as np
import pytest

import sklearn_mferl
from sklearn_mferl.baselines import PathCount
from sklearn_mferl.experiments import cv
from sklearn_mferl.utils import versions
from sklearn_mferl.utils.versions import digest_source, identify_code


def test_the_identity_of_code_has_the_source_and_the_packages_that_shape_figures():
    found = identify_code()
    assert found["numpy"] == np.__version__
    assert {"code", "Python", "scipy", "scikit-learn", "torch", "sklearn-mferl"} <= set(found)


def test_any_change_of_the_source_is_another_code_but_not_its_place(tmp_path):
    source, copy = Path(sklearn_mferl.__file__).parent, tmp_path / "copy"
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
    assert digest_source(copy) == digest_source(source) == identify_code()["code"]
    digest_source.cache_clear()
    (copy / "metrics.py").write_text((copy / "metrics.py").read_text() + "\n")
    assert digest_source(copy) != digest_source(source)


def test_what_other_code_or_versions_have_made_is_no_part_of_a_result(monkeypatch, known, tmp_path):
    options = {"models": {"paths": PathCount()}, "n_splits": 2, "out": tmp_path}
    cv(known, **options)
    others = tuple({**dict(versions.list_versions()), "numpy": "other"}.items())
    for changed, name, found in (("code", "digest_source", "other"), ("numpy", "list_versions", others)):
        with monkeypatch.context() as patch:
            patch.setattr(versions, name, lambda found=found: found)
            with pytest.raises(ValueError, match=f"another run: its {changed} was '.*' and is 'other' now"):
                cv(known, **options)
