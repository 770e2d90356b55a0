"""The command ``mferl sites``: where miRNAs bind, from sequences alone."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from sklearn_mferl.cli.options import Jobs, Linear, option


def sites(
    circrna: Annotated[Path, typer.Argument(metavar="CIRCRNA", help="FASTA file of the circRNAs.")],
    mirna: Annotated[Path, typer.Argument(metavar="MIRNA", help="FASTA file of the miRNAs.")],
    top: Annotated[int, typer.Option(min=1, help="How many sites to list.")] = 1000,
    min_probability: Annotated[
        float, typer.Option(help="List no site of a lower probability of binding.")
    ] = 0.5,
    energy: Annotated[
        bool,
        typer.Option("--energy", help="Also the free energy of each duplex in kcal/mol; needs ViennaRNA."),
    ] = False,
    linear: Linear = False,
    jobs: Jobs = -1,
    bed: Annotated[Path | None, option("BED", "Where to write the sites as BED12, too.", "nowhere")] = None,
    out: Annotated[
        Path | None, option("TSV|CSV", "Where to write the sites, by its suffix.", "stdout")
    ] = None,
) -> None:
    """List the most probable binding sites of all circRNAs and miRNAs; no known interactions are needed.

    The probability is of a model of reads in which Argonaute held a miRNA and a target together, half of
    the sites it learned from being bound. With --out, what is finished is kept beside the file until it is
    written: after a stop, the same command goes on.
    """
    from sklearn_mferl.datasets import read_fasta
    from sklearn_mferl.datasets.fasta import read_headers
    from sklearn_mferl.ranking import rank_sites
    from sklearn_mferl.ranking.bed import write_bed
    from sklearn_mferl.utils.atomic import check_file

    if bed is not None:
        check_file(bed, f"--bed {bed}")
    sequences = read_fasta(circrna)
    table = rank_sites(
        sequences,
        read_fasta(mirna),
        circular=not linear,
        top_k=top,
        min_probability=min_probability,
        energy=energy,
        n_jobs=jobs,
        out=out,
        progress=True,
    )
    if out is None:
        table.to_csv(sys.stdout, index=False, sep="\t")
    if bed is not None:
        headers = read_headers(circrna) if circrna.is_file() else {}  # a pipe has been read
        write_bed(table, {name: len(rna) for name, rna in sequences.items()}, bed, headers)
