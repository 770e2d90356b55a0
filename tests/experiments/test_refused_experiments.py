"""Each experiment names what it cannot use."""

import pytest
from _light import MODELS

from sklearn_mferl.baselines import PathCount
from sklearn_mferl.experiments import (
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
