"""The command ``mferl experiment``: options to keyword arguments, the result to a summary."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from sklearn_mferl.cli import options as of
from sklearn_mferl.cli.options import AsJSON, model_settings, option, parse_params, parse_setting, print_json

if TYPE_CHECKING:
    import pandas as pd

_OWN_PRESET: Final = ("ablation", "sensitivity")  # both models, or the network alone, whatever the preset


def experiment(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which of these experiments.")],
    data: of.DataFolder,
    out: Annotated[
        Path, option("DIR", "Folder for tables, figures and finished parts; it is made if need be.")
    ],
    test: Annotated[
        Path | None, option("FOLDER", "independent: the folder to test on; --data is trained on.")
    ] = None,
    reads: Annotated[
        Path | None,
        option("CSV", "binding: pairs that reads of Argonaute support, columns circrna and mirna."),
    ] = None,
    sites: Annotated[
        Path | None,
        option(
            "CSV",
            "binding: labelled sites, columns target, mirna, label and chromosome, to cross-validate what "
            "reads a site.",
        ),
    ] = None,
    conflicts: Annotated[
        str | None,
        option(
            "raise|drop",
            "independent: refuse RNAs with another sequence in each folder, or leave them out of the test.",
            "raise",
        ),
    ] = None,
    split: of.SplitOrNone = None,
    folds: of.Folds = None,
    repeats: Annotated[
        int | None,
        option(
            "N", "repeated-cv, compare, ablation: number of cross-validations.", "10; 1 but for repeated-cv"
        ),
    ] = None,
    reference: Annotated[
        str | None, option("MODEL", "compare: what the others are compared with.", "the model itself")
    ] = None,
    holdout: Annotated[
        float | None,
        option("SHARE", "case-study: hide this share of the known pairs, and see who finds them."),
    ] = None,
    top: Annotated[int | None, option("N", "case-study: how many pairs to list.", "50")] = None,
    metric: Annotated[
        list[str] | None,
        option(
            "NAME",
            "compare: a figure to compare, such as auc or f1. May be given several times.",
            "auc and aupr",
        ),
    ] = None,
    part: Annotated[
        list[str] | None,
        option("network|evidence", "ablation: which model to take apart. May be given twice.", "both"),
    ] = None,
    grid: Annotated[
        list[str] | None,
        option(
            "NAME=VALUES",
            "sensitivity: a parameter of the network and its values as a list in JSON, such as "
            "lr=[0.001,0.01]. May be given several times.",
            "embedding_dim, lr, temperature and threshold",
        ),
    ] = None,
    ratio: Annotated[
        list[float] | None,
        option(
            "NUMBER",
            "Negatives for each interaction. ratio: give it once for each ratio.",
            "1; for ratio 1, 2, 5 and 10",
        ),
    ] = None,
    negatives: of.Negatives = "uniform",
    preset: of.PresetOrNone = None,
    param: of.Param = None,
    linear: of.Linear = False,
    epochs: of.Epochs = None,
    device: of.Device = "auto",
    seed: of.Seed = 0,
    jobs: of.PartJobs = 1,
    scheduler: Annotated[
        str | None,
        option(
            "ADDRESS",
            "Compute the parts on the Dask cluster with this scheduler, such as tcp://10.0.0.1:8786, on all "
            "its workers; --jobs has no effect.",
        ),
    ] = None,
    as_json: AsJSON = False,
) -> None:
    """Run an experiment of the publication on your data.

    cv: cross-validation with ROC and PR curves. repeated-cv: the same ten times. compare: t-tests and
    effect sizes against the baselines. ablation: without each part of the model. sensitivity: other
    parameters of the network. ratio: more negatives. independent: test on another folder. cold: new
    circRNAs, new miRNAs and both. case-study: the best unknown pairs. binding: unlisted pairs
    that reads of Argonaute support, and sites of such reads.

    Prints a summary and writes tables (CSV) and figures (PNG, SVG). After an interruption the same command
    goes on where it was.
    """
    import pandas as pd

    from sklearn_mferl.datasets.folder import find_files
    from sklearn_mferl.datasets.pairs_file import read_known
    from sklearn_mferl.experiments import EXPERIMENTS
    from sklearn_mferl.utils.scheduling import on_cluster

    if name not in EXPERIMENTS:
        raise ValueError(f"There is no experiment {name!r}; there are {', '.join(EXPERIMENTS)}.")
    if preset is not None and name in _OWN_PRESET:
        raise ValueError(f"The experiment {name} has its own models and takes no --preset; leave it out.")
    given: dict[str, Any] = {"reads": reads, "sites": sites, "test": test, "conflicts": conflicts}
    given |= {"split": split, "n_splits": folds, "n_repeats": repeats, "reference": reference}
    given |= {"holdout": holdout, "top": top, "metrics": metric, "parts": part}
    given["grid"] = _parse_grid(grid) if grid else None
    options = _options_of(name, given)
    if ratio and name == "ratio":
        options["ratios"] = ratio
    elif ratio:
        if len(ratio) > 1:
            raise ValueError(f"The experiment {name} takes one --ratio; got {len(ratio)}.")
        options["ratio"] = ratio[0]
    for folder in (data, test):
        if folder is not None:  # before the work, and before --out is made
            read_known(find_files(folder).interactions)
    model_preset = preset or ("paper" if name in _OWN_PRESET else "best")
    settings = model_settings(model_preset, linear, epochs, device, seed, parse_params(param, model_preset))
    with on_cluster(scheduler):
        common = {"negatives": negatives, "out": out, "n_jobs": jobs, "progress": True}
        table = EXPERIMENTS[name](data, **options, **settings, **common)
    typer.echo(f"Tables and figures are in {out}.", err=True)
    if as_json:
        print_json(table)
        return
    typer.echo(summarize(table).to_string(index=False, na_rep="", float_format="{:.4g}".format))
    if name == "independent":
        typer.echo("\nHow much of the test is in training")
        typer.echo(pd.read_csv(out / "independent_overlap.csv").to_string(index=False))


def summarize(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table to print: means ± standard deviations over folds, or the first rows."""
    from sklearn_mferl.evaluation.cross_validation import mean_and_deviation
    from sklearn_mferl.metrics import SIX_METRICS

    figures = [name for name in SIX_METRICS if name in table.columns]
    if "fold" not in table.columns or not figures:
        return table.iloc[:20, :12]
    before = table.columns[: table.columns.get_loc(figures[0])]
    keys = [name for name in before if name not in ("fold", "repeat", "positives", "negatives")]
    groups = table.groupby(keys, sort=False, dropna=False)[figures]
    return mean_and_deviation(groups).reset_index()


def _options_of(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return the options that were given as keyword arguments; the experiment must take each."""
    from sklearn_mferl.experiments import EXPERIMENTS

    taken = {other: inspect.signature(run).parameters for other, run in EXPERIMENTS.items()}
    for keyword, value in given.items():
        takers = [other for other, parameters in taken.items() if keyword in parameters]
        if value is not None and name not in takers:
            raise ValueError(
                f"The experiment {name} takes no {of.name_of(keyword)}; leave it out. It is for "
                f"{', '.join(takers)}."
            )
        needed = name in takers and taken[name][keyword].default is inspect.Parameter.empty
        if value is None and needed:
            raise ValueError(f"The experiment {name} needs {of.name_of(keyword)}.")
    return {keyword: value for keyword, value in given.items() if value is not None}


def _parse_grid(given: list[str]) -> dict[str, list[Any]]:
    grid = {}
    for text in given:
        name, values = parse_setting(text, "--grid", "lr=[0.001,0.01]")
        if not isinstance(values, list):
            raise ValueError(f"--grid takes a list in JSON, such as lr=[0.001,0.01]; got {text!r}.")
        grid[name] = values
    return grid
