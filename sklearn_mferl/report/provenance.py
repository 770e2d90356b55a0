"""What made a page: versions, settings and the command."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final

from sklearn.pipeline import Pipeline

from sklearn_mferl.datasets import CMIData
from sklearn_mferl.experiments.settings import Settings

_NOT_SHOWN: Final = ("out", "n_jobs", "progress")


def list_settings(settings: Settings, **options: Any) -> list[tuple[str, str]]:
    """Return what decides the figures of the page."""
    given = {each.name: getattr(settings, each.name) for each in fields(settings)}
    shown = {name: value for name, value in given.items() if name not in _NOT_SHOWN and name != "params"}
    return [
        *((name, str(value)) for name, value in {**shown, **options}.items()),
        *((name, _write(value)) for name, value in settings.params.items()),
    ]


def list_parameters(model: Pipeline) -> list[tuple[str, str]]:
    """Return the parameters of a pipeline that are numbers or words."""
    simple = (bool, int, float, str, tuple, type(None))
    params = sorted(model.get_params().items())
    return [(name, _write(value)) for name, value in params if isinstance(value, simple)]


def write_call(data: Any, settings: Settings, **options: Any) -> str:
    """Return the call of Python that makes the page again."""
    source = "data" if isinstance(data, CMIData) else repr(str(data))
    changed = {
        each.name: getattr(settings, each.name)
        for each in fields(settings)
        if each.name not in _NOT_SHOWN and getattr(settings, each.name) != getattr(Settings(), each.name)
    }
    # the seed decides everything, so it is always said
    changed = {"random_state": settings.random_state, **changed}
    arguments = ", ".join(f"{name}={_write(value)}" for name, value in {**options, **changed}.items())
    call = f'write_report({source}, "report.html", {arguments})'
    return f"from sklearn_mferl.report import write_report\n\n{call}"


def _write(value: Any) -> str:
    return " ".join(repr(value).split())
