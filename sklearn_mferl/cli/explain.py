"""The command ``mferl explain``: why a saved model scores pairs as it does."""

from pathlib import Path
from typing import Annotated

import typer

from sklearn_mferl.cli import options as of


def explain(
    model: of.Model,
    pairs: of.Pairs,
    out: Annotated[Path, of.option("DIR", "Folder for tables and figures; made if need be.")],
    by: Annotated[
        str,
        of.option(
            "channel|family|part",
            "Share the score among channels, families of columns, or structure, sites and neighbours.",
        ),
    ] = "channel",
    reference: Annotated[
        Path | None,
        of.option(
            "CSV",
            "Pairs that stand in for what is absent, such as those of training; a model of --preset paper "
            "needs them.",
        ),
    ] = None,
    known: Annotated[
        Path | None, of.option("CSV", "Known interactions that vote, for a model of --preset paper.")
    ] = None,
    circrna: of.NewCircRNA = None,
    mirna: of.NewMiRNA = None,
    figures: Annotated[int, of.option("N", "Draw the first N pairs.", min=0)] = 10,
    seed: of.Seed = 0,
    jobs: of.Jobs = -1,
    as_json: of.AsJSON = False,
) -> None:
    """Explain the scores of pairs: contributions, target sites and voters.

    Writes summary.csv (score, logit, and contributions that add up to it), sites.csv (each target site with
    its duplex), voters.csv (the nearest known interactions) and a figure for each of the first pairs.
    """
    from sklearn_mferl.cli.files import add_rnas, opened_model, read_known_to, refuse_unknown, set_jobs
    from sklearn_mferl.datasets.pairs_file import pair_ids, read_pairs
    from sklearn_mferl.experiments.running.files import write_figure, write_table
    from sklearn_mferl.inspection import explain as explain_pairs
    from sklearn_mferl.utils.atomic import check_folder

    check_folder(out)
    table = read_pairs(pairs)
    others = None if reference is None else read_pairs(reference)
    with opened_model(model) as estimator:
        set_jobs(estimator, jobs)
        add_rnas(estimator, pair_ids(table), {"circrna": circrna, "mirna": mirna})
        refuse_unknown(estimator, table, pairs)
        if others is not None and reference is not None:
            refuse_unknown(estimator, others, reference)
        voters = None if known is None else read_known_to(estimator, known)
        explanation = explain_pairs(
            estimator, table, by=by, random_state=seed, reference=others, known=voters
        )
    out.mkdir(parents=True, exist_ok=True)
    for name in ("summary", "sites", "voters"):
        write_table(getattr(explanation, name), out, name)
    for row in range(min(figures, len(explanation.summary))):
        write_figure(explanation.plot(row), out, f"pair-{row + 1}")
    if as_json:
        of.print_json(explanation.summary)
    else:
        typer.echo(explanation.summary.round(4).to_string(index=False))
