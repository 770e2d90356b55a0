"""`Settings` reach the models and tell one run from another, and each experiment names what it cannot use."""

import sys
from dataclasses import replace

import pytest
from _light import MODELS, embedded_only

from sklearn_mferl.baselines import PathCount, SVDFactorizer
from sklearn_mferl.experiments import (
    Settings,
    ablation,
    case_study,
    cold,
    compare,
    cv,
    ratio,
    repeated_cv,
    sensitivity,
)

NO_SHARES = (0, 1.0, True, "half")
WITH_MODELS = {
    cold: [({"splits": splits}, "splits must be some of") for splits in ([], ["pair", "pair"], ["gene"])],
    compare: [
        (
            {"models": {"a": PathCount()}, "reference": "b"},
            r"reference must be one of the models, \['a'\]; got 'b'",
        ),
        *(({"metrics": metrics}, "metrics must be some of") for metrics in (["accurracy"], [])),
    ],
    cv: [({"models": {}}, "models is empty"), ({"split": "gene"}, "'gene'")],
    ratio: [
        ({"ratio": 2}, "Give ratios"),
        ({"ratios": ()}, "each once"),
        ({"ratios": (1, 1.0)}, "each once"),
        ({"ratios": (1, 1000)}, "lower ratio"),
    ],
    repeated_cv: [({"n_repeats": number}, "n_repeats") for number in (0, 1.5, True)],
}
OF_ONE_MODEL = {
    ablation: [
        ({"parts": ["sites"]}, r"parts must be some of .* got \['sites'\]"),
        ({"parts": "network"}, "parts must be some of"),
        ({"params": {"mferl__width": 3}}, "params has 'mferl__width', which no model"),
        ({"parts": ["evidence"], "params": {"mferl__lr": 0.1}}, "params has 'mferl__lr'"),
        ({"n_repeats": 0}, "n_repeats must be a whole number of at least 1; got 0"),
    ],
    case_study: [
        ({"top": 0}, "top must be a whole number of at least 1; got 0"),
        *(({"holdout": share}, "holdout must be a share between 0 and 1") for share in NO_SHARES),
    ],
    sensitivity: [
        ({"grid": {"width": (1, 2)}}, "grid has 'width', which is no parameter"),
        ({"grid": {"lr": ()}}, r"grid\['lr'\] must be different values, at least one; got \(\)"),
        ({"grid": {"lr": (0.1, 0.1)}}, r"grid\['lr'\] must be different values"),
        ({"grid": {}}, "grid has no parameter"),
    ],
}
CASES = [
    pytest.param(experiment, {**models, **options}, message, id=f"{experiment.__name__}-{options}")
    for models, refused in (({"models": {"MFERL": PathCount(), **MODELS}}, WITH_MODELS), ({}, OF_ONE_MODEL))
    for experiment, cases in refused.items()
    for options, message in cases
]


@pytest.mark.parametrize(("experiment", "options", "message"), CASES)
def test_bad_input_is_named(data, experiment, options, message):
    with pytest.raises(ValueError, match=message):
        experiment(data, **options)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        *(({"random_state": seed}, "random_state") for seed in (None, -1, 1.5, True)),
        *(({"out": f"{__file__}{deeper}"}, "is a file") for deeper in ("", "/deeper")),
        ({"device": "abacus"}, "'abacus' cannot be used"),
    ],
)
def test_bad_settings_are_named(known, settings, message):
    with pytest.raises(ValueError, match=message):
        Settings(**settings).make_model(known)


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
