"""Options that several commands share, and what they mean for the model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="FOLDER",
        help="Folder with interactions.csv and the FASTA or vector files below, by these names; in place of "
        "the options below.",
    ),
]
Interactions = Annotated[
    Path | None,
    typer.Option(metavar="CSV", help="Known interactions: columns circrna and mirna, a pair of ids a line."),
]
CircRNA = Annotated[
    Path | None, typer.Option("--circrna", metavar="FASTA", help="circRNA sequences by id; may be gzipped.")
]
MiRNA = Annotated[
    Path | None, typer.Option("--mirna", metavar="FASTA", help="miRNA sequences by id; may be gzipped.")
]
CircRNAEmbeddings = Annotated[
    Path | None,
    typer.Option(
        "--circrna-embeddings",
        metavar="CSV",
        help="Vectors of the circRNAs, beside or in place of sequences: a header, then ids with numbers.",
    ),
]
MiRNAEmbeddings = Annotated[
    Path | None, typer.Option("--mirna-embeddings", metavar="CSV", help="Vectors of the miRNAs.")
]
Labels = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        help="Column of the interactions with labels 0 and 1. Without it all are positive, and negatives "
        "are sampled from the other pairs of their RNAs.",
    ),
]
Ratio = Annotated[float, typer.Option(help="Sampled negatives for each interaction.")]
Negatives = Annotated[
    str,
    typer.Option(
        metavar="uniform|degree|near|reliable",
        help="How negatives are sampled: each unknown pair alike, by the number of partners, next to known "
        "pairs (hard), or far from them (easy: do not evaluate on these).",
    ),
]
Preset = Annotated[
    str,
    typer.Option(
        metavar="best|paper",
        help="best: boosted trees on target sites and the known interactions around a pair. paper: the "
        "network of the publication.",
    ),
]
Linear = Annotated[bool, typer.Option("--linear", help="The circRNAs are linear RNAs, such as lncRNAs.")]
Epochs = Annotated[
    int | None,
    typer.Option(
        metavar="N", help="Epochs of the network, with --preset paper only.", show_default="its usual length"
    ),
]
Device = Annotated[
    str,
    typer.Option(
        help="Torch device of the network; auto takes a GPU where there is one. --preset best uses none."
    ),
]
Model = Annotated[
    Path,
    typer.Argument(
        metavar="MODEL",
        help="What mferl train wrote. Loading runs code in the file: open only those that you trust.",
    ),
]
Seed = Annotated[int, typer.Option(help="Seeds sampling, folds, features and training.")]


def model_settings(
    preset: str,
    linear: bool,
    epochs: int | None,
    device: str,
    seed: int,
    params: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the options of the model as keyword arguments of `Settings`.

    Parameters
    ----------
    preset, linear, epochs, device, seed
        The options.
    params : mapping of str to object, default=None
        Further parameters of the pipeline; they win over the options.

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        If there are epochs, but no network.
    """
    from sklearn_mferl.pipeline import PRESETS

    has_network = preset not in PRESETS or PRESETS[preset]().get("mferl__network", True)
    if epochs is not None and not has_network:
        raise ValueError(
            f"--epochs is for the network, which --preset {preset} does not train; leave it out, or add "
            "--preset paper."
        )
    of_epochs = {} if epochs is None else {"mferl__max_epochs": epochs}
    return {
        "preset": preset,
        "circular": not linear,
        "device": device,
        "random_state": seed,
        "params": {**of_epochs, **(params or {})},
    }
