"""The command ``mferl explain``: why a saved model scores pairs as it does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sklearn_mferl._cli_options import Model, Seed


def explain(
    model: Model,
    pairs: Annotated[
        Path, typer.Argument(metavar="PAIRS", help="CSV file of pairs: columns circrna and mirna.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for tables and figures; made if need be.")],
    by: Annotated[
        str,
        typer.Option(
            metavar="channel|family", help="Share the score among channels, or families of columns."
        ),
    ] = "channel",
    reference: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV",
            help="Pairs that stand in for what is absent, such as those of training; a model of --preset "
            "paper needs them.",
        ),
    ] = None,
    known: Annotated[
        Path | None,
        typer.Option(metavar="CSV", help="Known interactions that vote, for a model of --preset paper."),
    ] = None,
    circrna: Annotated[
        Path | None, typer.Option(metavar="FASTA", help="Sequences of circRNAs that are new to the model.")
    ] = None,
    mirna: Annotated[
        Path | None, typer.Option(metavar="FASTA", help="Sequences of miRNAs that are new to the model.")
    ] = None,
    figures: Annotated[int, typer.Option(metavar="N", min=0, help="Draw the first N pairs.")] = 10,
    seed: Seed = 0,
) -> None:
    """Explain the scores of pairs: contributions, target sites and voters.

    Writes summary.csv (score, logit, and contributions that add up to it), sites.csv (each target site with
    its duplex), voters.csv (the nearest known interactions) and a figure for each of the first pairs.
    """
    from sklearn_mferl._atomic import check_folder
    from sklearn_mferl._cli_files import add_rnas, load_model, read_pairs
    from sklearn_mferl.experiments._files import write_figure, write_table
    from sklearn_mferl.inspection import explain as explain_pairs

    check_folder(out)
    table = read_pairs(pairs)
    others: dict[str, Any] = {
        name: None if file is None else read_pairs(file)
        for name, file in (("reference", reference), ("known", known))
    }
    estimator = load_model(model)
    add_rnas(estimator, circrna, mirna)
    explanation = explain_pairs(estimator, table, by=by, random_state=seed, **others)
    out.mkdir(parents=True, exist_ok=True)
    for name in ("summary", "sites", "voters"):
        write_table(getattr(explanation, name), out, name)
    for row in range(min(figures, len(explanation.summary))):
        write_figure(explanation.plot(row), out, f"pair-{row + 1}")
    typer.echo(explanation.summary.round(4).to_string(index=False))
