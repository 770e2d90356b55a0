"""The command ``mferl``: parse, call, print.

A command imports what it needs when it is called: help and usage errors come at once.
"""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

import sklearn_mferl
from sklearn_mferl.cli import options as of
from sklearn_mferl.cli.experiment import experiment
from sklearn_mferl.cli.explain import explain
from sklearn_mferl.cli.rank import rank
from sklearn_mferl.cli.report import report
from sklearn_mferl.cli.sites import sites
from sklearn_mferl.cli.training import takes_training

if TYPE_CHECKING:
    import pandas as pd

_UsageError: Any = typer.BadParameter.__base__  # of the click that typer brings or of the installed one
_LONGEST_MESSAGE = 1000


class _OneLineErrors(TyperGroup):
    """Commands that report bad input in one line on stderr, with exit code 2.

    Any other exception is a defect of this package, and its traceback is what a report of it needs.
    """

    def main(self, *args: Any, **kwargs: Any) -> None:
        """Run a command and exit."""
        kwargs["standalone_mode"] = False  # else click reports errors itself, in several lines
        given = args[0] if args else kwargs.pop("args", None)
        words = list(sys.argv[1:] if given is None else given)
        debug = "--debug" in words
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            try:
                code = super().main([word for word in words if word != "--debug"], *args[1:], **kwargs)
            except _UsageError as error:
                code = _report(error.format_message().rstrip(".") + ". Try --help.")
            except BrokenPipeError:  # as of "mferl rank ... | head"
                sys.stdout = open(os.devnull, "w")  # noqa: SIM115, for what is flushed at the end
                code = 141
            except (ValueError, OSError, ImportError) as error:
                if debug:
                    traceback.print_exc()
                code = _report(str(error))
            except typer.Abort:
                code = 130  # interrupted
        sys.exit(code)


app = typer.Typer(
    cls=_OneLineErrors,
    help="Predict circRNA–miRNA interactions, from FASTA and CSV files.",
    epilog="Start with: mferl train --data FOLDER --out model.mferl",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error, too; at any place.")
    ] = False,
) -> None:
    """Predict circRNA–miRNA interactions, from FASTA and CSV files."""
    if version:
        typer.echo(f"mferl {sklearn_mferl.__version__}")
        sklearn_mferl.show_versions()
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
@takes_training
def train(
    read: Any,
    jobs: of.Jobs = -1,
    *,
    out: Annotated[
        Path,
        of.option(
            "FILE", "Where to save the model: a file without code, or by the suffix .joblib one of joblib."
        ),
    ],
) -> None:
    """Train a model on known interactions and save it."""
    from sklearn_mferl.cli.epoch_bar import EpochBar
    from sklearn_mferl.cli.files import set_jobs, write_model
    from sklearn_mferl.utils.progress import announce

    _check_folder(out)
    data, pairs, y, settings = read()
    model = settings.make_model(data)
    set_jobs(model, jobs)
    rows = f"{y.sum()} interactions and {(y == 0).sum()} negatives"
    announce(f"Training on {rows}: seconds for hundreds of pairs, minutes for thousands.")
    has_epochs = "mferl__callbacks" in model.get_params()
    if has_epochs:
        model.set_params(mferl__callbacks=[EpochBar()])
    model.fit(pairs, y)
    if has_epochs:
        model.set_params(mferl__callbacks=None)
    write_model(model, out)
    typer.echo(f"Trained on {rows}; saved to {out}.", err=True)


@app.command()
@takes_training
def evaluate(
    read: Any,
    split: of.Split = "pair",
    folds: of.Folds = None,
    jobs: of.Jobs = -1,
    boosting: Annotated[
        bool, typer.Option("--boosting", help="Also gradient boosting on features of the single RNAs; slow.")
    ] = False,
    as_json: of.AsJSON = False,
    out: Annotated[
        Path | None, of.option("CSV", "Where to write the figures of each fold, at the score 0.5.")
    ] = None,
) -> None:
    """Cross-validate the model beside baselines.

    Prints mean ± standard deviation over the folds. Three baselines read the graph of training interactions
    alone: the number of partners of both RNAs (degree product), that of paths that join them (path count),
    and a low-rank factorisation (svd factors). Where both sides have sequences, a fourth counts seed sites
    (seed count).
    A pair is called an interaction at the score 0.5; at a threshold chosen on the other folds; and at the
    one that is best on the test fold itself, which flatters. Brier score, log loss and calibration error
    (ece) say how good the scores are as probabilities: the lower, the better.
    """
    from sklearn_mferl.cli.files import set_jobs
    from sklearn_mferl.evaluation import cross_validate_pairs

    _check_folder(out)
    data, pairs, y, settings = read()
    models = settings.make_models(data, boosting=boosting)
    for model in models.values():
        set_jobs(model, jobs)
    result = cross_validate_pairs(
        models, pairs, y, split=split, n_splits=folds, random_state=settings.random_state, progress=True
    )
    if out is not None:
        _write(result.figures, out)
    if as_json:
        of.print_json(result.figures)
        return
    _echo(result.summary())
    for threshold, title in (
        ("train", "At the threshold of the best F1 on the other folds"),
        ("best_f1", "At the best F1 of the test fold itself, which flatters"),
    ):
        typer.echo(f"\n{title}")
        _echo(result.summary(threshold).drop(columns=["auc", "aupr"]))
    typer.echo("\nScores as probabilities")
    _echo(result.probability_summary())


@app.command()
def predict(
    model: of.Model,
    pairs: of.Pairs,
    circrna: of.NewCircRNA = None,
    mirna: of.NewMiRNA = None,
    jobs: of.Jobs = -1,
    out: Annotated[Path | None, of.option("CSV", "Where to write the scores.", "stdout")] = None,
) -> None:
    """Score the pairs of a CSV file.

    Writes the same table with further columns. score is the probability of an interaction. Of the default
    model list_score says what it is by the list alone, and binding_score what reads of Argonaute say of the
    sites. applicability is known where training had both RNAs, near where it had relatives of those that
    are new, else far.
    """
    from sklearn_mferl.cli.files import add_rnas, opened_model, refuse_unknown, set_jobs
    from sklearn_mferl.datasets.pairs_file import pair_ids, read_pairs
    from sklearn_mferl.inspection.applicability import SCORE_COLUMNS, score_pairs

    _check_folder(out)
    table = read_pairs(pairs)
    for column in table.columns.intersection([*SCORE_COLUMNS]):
        raise ValueError(f"{pairs} has a column {column!r} already; rename or remove it.")
    ids = pair_ids(table)
    with opened_model(model) as estimator:
        set_jobs(estimator, jobs)
        add_rnas(estimator, ids, {"circrna": circrna, "mirna": mirna})
        refuse_unknown(estimator, table, pairs)
        scores = score_pairs(estimator, ids)
    _write(table.join(scores.set_axis(table.index)), out)


for command in (rank, sites, explain, experiment, report):
    app.command()(command)


def _check_folder(out: Path | None) -> None:
    """Refuse a place that cannot be written to before the work, not after it."""
    from sklearn_mferl.utils.atomic import check_file

    if out is None:
        return
    check_file(out, f"--out {out}")
    if (out.is_file() or not out.exists()) and not os.access(out.parent, os.W_OK):
        raise PermissionError(f"The folder of --out {out} may not be written to.")


def _write(table: pd.DataFrame, out: Path | None) -> None:
    from sklearn_mferl.utils.atomic import replacing

    if out is None:
        table.to_csv(sys.stdout, index=False)
        return
    with replacing(out) as temporary:
        table.to_csv(temporary, index=False)


def _echo(table: pd.DataFrame) -> None:
    typer.echo(table.rename_axis(None).to_string())


def _report(message: str) -> int:
    message = of.in_own_words(" ".join(message.split()))
    cut = "…" if len(message) > _LONGEST_MESSAGE else ""
    typer.echo(f"Error: {message[:_LONGEST_MESSAGE]}{cut}", err=True)
    return 2


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    typer.echo(f"Warning: {' '.join(str(message).split())}", err=True)
