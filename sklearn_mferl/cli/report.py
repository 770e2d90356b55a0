"""The command ``mferl report``: options to keyword arguments."""

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from sklearn_mferl.cli import options as of


def report(
    data: of.DataFolder,
    out: Annotated[Path, of.option("FILE", "Where to write the page (HTML).")],
    preset: of.Preset = "best",
    folds: of.Folds = None,
    top: Annotated[int, of.option("N", "How many predictions to list.", min=1)] = 50,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Leave out new RNAs, ablation, MDA and most explanations; 3 folds."),
    ] = False,
    cells: Annotated[
        Path | None,
        of.option(
            "DIR",
            "Folder for finished parts, from which an interrupted report goes on; may be that of mferl "
            "experiment.",
        ),
    ] = None,
    reads: Annotated[
        Path | None,
        of.option("CSV", "Pairs that reads of Argonaute support: the models are compared by them, too."),
    ] = None,
    negatives: of.Negatives = "uniform",
    linear: of.Linear = False,
    epochs: of.Epochs = None,
    device: of.Device = "auto",
    seed: of.Seed = 0,
    jobs: of.PartJobs = 1,
) -> None:
    """Write one page about your data and the model.

    Cross-validates beside baselines, on new pairs and new RNAs, leaves parts of the model out, ranks the
    unknown pairs and explains the best. The page is one HTML file, which needs neither network nor other
    files.
    """
    from sklearn_mferl.report import write_report

    options: dict[str, Any] = {"top": top, "quick": quick, "negatives": negatives}
    asked = {"data": data, "out": out, "preset": preset, "folds": folds, **options, "linear": linear}
    asked |= {"epochs": epochs, "reads": reads, "device": None if device == "auto" else device, "seed": seed}
    write_report(
        data,
        out,
        n_splits=folds,
        cells=cells,
        reads=reads,
        command=_command(**asked),
        n_jobs=jobs,
        progress=True,
        **options,
        **of.model_settings(preset, linear, epochs, device, seed),
    )
    typer.echo(f"Open {out} in a browser.", err=True)


def _command(**options: Any) -> str:
    """Return the command with the options that decide what the page says."""
    words = ["mferl", "report"]
    for name, value in options.items():
        if value is True:
            words.append(f"--{name}")
        elif value is not None and value is not False:
            words += [f"--{name}", str(value)]
    return shlex.join(words)
