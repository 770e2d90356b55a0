"""The command ``mferl rank``: the best of all pairs that are not known yet."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from sklearn_mferl.cli.options import Jobs, Model, option


def rank(
    model: Model,
    known: Annotated[
        Path | None,
        option("CSV", "Interactions to leave out; without it, those of training are ranked as well."),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="How many pairs to keep, of all or of each RNA.")] = 100,
    per: Annotated[
        str, option("all|circrna|mirna", "Keep the best of all pairs, or of each circRNA or miRNA.")
    ] = "all",
    candidates: Annotated[
        str,
        option(
            "all|seed",
            "Which pairs to score; seed: only those with a match of nucleotides 2-8 of the miRNA in the "
            "circRNA, one in fifteen or so.",
        ),
    ] = "all",
    circrna: Annotated[
        str | None,
        option(
            "IDS|FASTA",
            "Only these circRNAs: ids with commas between them, or a FASTA file of known or new ones.",
        ),
    ] = None,
    mirna: Annotated[str | None, option("IDS|FASTA", "Only these miRNAs, likewise.")] = None,
    jobs: Jobs = -1,
    out: Annotated[
        Path | None, option("CSV|PARQUET", "Where to write the ranking, by its suffix.", "stdout")
    ] = None,
) -> None:
    """Rank all pairs that are not known yet.

    Scores the pairs of all RNAs that the model knows, or of those given, and writes the best. With --out,
    what is finished is kept beside the file until it is written: after a stop, the same command goes on.
    """
    from sklearn_mferl.cli.files import opened_model, read_known_to, select_rnas
    from sklearn_mferl.ranking import rank_interactions
    from sklearn_mferl.ranking.files import check_out

    if out is not None:
        check_out(out)
    with opened_model(model) as estimator:
        settings: dict[str, Any] = {"top_k": top, "per": per, "candidates": candidates, "n_jobs": jobs}
        table: Any = rank_interactions(
            estimator,
            select_rnas(estimator, circrna, "circrna"),
            select_rnas(estimator, mirna, "mirna"),
            known=None if known is None else read_known_to(estimator, known),
            out=out,
            progress=True,
            **settings,
        )
        if out is None:
            table.to_csv(sys.stdout, index=False)
