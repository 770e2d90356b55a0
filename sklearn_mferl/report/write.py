"""A report of a data set and a model as one file."""

import os
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pandas as pd
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from sklearn.pipeline import Pipeline

from sklearn_mferl.datasets import CMIData
from sklearn_mferl.experiments.settings import Settings, describe_value, read_data
from sklearn_mferl.report.content import describe_sections, facts, lead
from sklearn_mferl.report.page.parts import Section, Table
from sklearn_mferl.report.predictions import columns_of, describe_predictions
from sklearn_mferl.report.runs import Runs, run_experiments
from sklearn_mferl.utils.atomic import check_file, check_folder, replacing
from sklearn_mferl.utils.parameters import check_whole
from sklearn_mferl.utils.versions import list_versions

_NOT_SHOWN: Final = ("out", "n_jobs", "progress")


def write_report(
    data: Any,
    path: str | os.PathLike[str],
    *,
    n_splits: int | None = None,
    top: int = 50,
    quick: bool = False,
    reads: Any = None,
    cells: str | os.PathLike[str] | None = None,
    command: str | None = None,
    **settings: Any,
) -> Path:
    """Evaluate the model on some data, rank the unknown pairs, and write all of it as one page.

    The page needs neither network nor other files, and is the same each time but for date and runtime: the
    data, cross-validation beside baselines, calibration, new RNAs, ablation, maps of held-out pairs, the best
    predictions with the reasons for each, and how to make it again.

    Parameters
    ----------
    data : CMIData, str or Path
        Data, or a folder as `load_cmi` reads it.
    path : str or Path
        HTML file to write; its folder must be there.
    n_splits : int, default=None
        Number of folds; None is 5, and 3 for pairs with both ends new.
    top : int, default=50
        How many predictions to list, at least 1.
    quick : bool, default=False
        Whether to leave out new RNAs, ablation, MDA and the explanations of all but the first 10
        predictions, and to take 3 folds where `n_splits` is None.
    reads : DataFrame or path of a CSV file, default=None
        Pairs that reads of Argonaute support, as in `experiments.binding`: one more section compares the
        models by them, in as many folds.
    cells : str or Path, default=None
        Folder for the finished parts, tables and figures, from which an interrupted report goes on. It may
        be that of ``mferl experiment``, whose folds are used then. None keeps nothing.
    command : str, default=None
        What the page names as the way to make it again; None names this call.
    **settings
        As in `Settings`, but for `out`.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    FileNotFoundError
        If the folder of `path` is missing.
    ValueError
        If `path` is a folder, `cells` is a file or holds parts of another run, or a parameter is not among
        those above.
    ImportError
        If matplotlib is missing.

    Examples
    --------
    >>> from sklearn_mferl.report import write_report
    >>> write_report("data/starbase", "report.html", top=20)  # doctest: +SKIP
    """
    start = time.perf_counter()
    path = Path(path)
    if "out" in settings:
        raise ValueError("write_report takes no out; give cells, the folder for the finished parts.")
    check_file(path, str(path))
    if cells is not None:
        check_folder(cells)
    check_whole("n_splits", n_splits, 2, or_none=True)
    check_whole("top", top)
    if not isinstance(quick, bool):
        raise ValueError(f"quick must be True or False; got {quick!r}.")
    common = Settings(**settings)
    if common.preset == "binding":
        raise ValueError("A report is of a model that learns from a list; preset='binding' does not.")
    options: dict[str, Any] = {"n_splits": n_splits, "top": top, "quick": quick}
    if reads is not None:
        options["reads"] = reads
    command = command or write_call(data, common, **options)
    opened: AbstractContextManager[Any] = TemporaryDirectory() if cells is None else nullcontext(cells)
    with opened as folder:
        runs = run_experiments(read_data(data), common, Path(folder), **options)
    page = _describe(runs, command, list_settings(common, **options), start)
    with replacing(path) as temporary:
        temporary.write_text(render(page), encoding="utf-8")
    return path


def _describe(runs: Runs, command: str, shown: list[tuple[str, str]], start: float) -> dict[str, Any]:
    """Return all that the template asks for."""
    sections = describe_sections(runs)
    reproduction = Section(
        "reproduction",
        "How to make this page again",
        [
            f"The seed {runs.settings.random_state} decides everything that is drawn: negatives, folds, "
            "features and training. With the same versions, the same data give the same figures."
        ],
        tables=[
            Table("Settings.", ["Setting", "Value"], shown),
            Table("Versions.", ["Package", "Version"], list_versions()),
        ],
    )
    return {
        "title": f"circRNA–miRNA interactions: {runs.data.name}",
        "lead": lead(runs),
        "facts": facts(runs),
        "sections": [*sections, reproduction],
        "columns": columns_of(runs.predictions.candidates),
        "predictions": describe_predictions(runs.predictions),
        "command": command,
        "parameters": list_parameters(runs.settings.make_model(runs.data)),
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "runtime": _duration(time.perf_counter() - start),
    }


def render(page: Mapping[str, Any]) -> str:
    """Write a page that needs nothing but itself."""
    folder = files("sklearn_mferl.report.page")
    names = ("template.html.jinja", "report.css", "report.js")
    template, style, script = (folder.joinpath(name).read_text(encoding="utf-8") for name in names)
    # StrictUndefined: a misspelt name in the template is an error, not a gap in the page
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(template).render(page=page, style=Markup(style), script=Markup(script))


def list_settings(settings: Settings, **options: Any) -> list[tuple[str, str]]:
    """Return what decides the figures of the page."""
    given = vars(settings).items()
    shown = {name: value for name, value in given if name not in _NOT_SHOWN and name != "params"}
    return [
        *((name, _in_words(value)) for name, value in {**shown, **options}.items()),
        *((name, _in_python(value)) for name, value in settings.params.items()),
    ]


def list_parameters(model: Pipeline) -> list[tuple[str, str]]:
    """Return the parameters of a pipeline that are numbers or words."""
    simple = (bool, int, float, str, tuple, type(None))
    params = sorted(model.get_params().items())
    return [(name, _in_python(value)) for name, value in params if isinstance(value, simple)]


def write_call(data: Any, settings: Settings, **options: Any) -> str:
    """Return the call of Python that makes the page again."""
    source = "data" if isinstance(data, CMIData) else repr(str(data))
    usual = vars(Settings())
    changed = {
        name: value
        for name, value in vars(settings).items()
        if name not in _NOT_SHOWN and describe_value(value) != describe_value(usual[name])
    }
    # the seed decides everything, so it is always said
    changed = {"random_state": settings.random_state, **changed}
    arguments = ", ".join(f"{name}={_in_python(value)}" for name, value in {**options, **changed}.items())
    call = f'write_report({source}, "report.html", {arguments})'
    return f"from sklearn_mferl.report import write_report\n\n{call}"


def _in_python(value: Any) -> str:
    if isinstance(value, pd.DataFrame):
        return "table"
    return " ".join(repr(value).split())


def _in_words(value: Any) -> str:
    return "a table" if isinstance(value, pd.DataFrame) else str(value)


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
