"""Options that several commands share, and what they mean for the model."""

import difflib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer


def option(metavar: str, help: str, default: str | bool = True, *names: str, **more: Any) -> Any:
    """Make an option by what its value is called, what it does, and what is said of its default."""
    return typer.Option(*names, metavar=metavar, help=help, show_default=default, **more)


Data = Annotated[
    Path | None,
    option(
        "FOLDER",
        "Folder with interactions.csv and the FASTA or vector files below, by these names; in place of the "
        "options below.",
    ),
]
DataFolder = Annotated[
    Path,
    option(
        "FOLDER",
        "Folder with interactions.csv and circrna.fasta or circrna_embeddings.csv, likewise mirna.",
    ),
]
Interactions = Annotated[
    Path | None, option("CSV", "Known interactions: columns circrna and mirna, a pair of ids a line.")
]
CircRNA = Annotated[Path | None, option("FASTA", "circRNA sequences by id; may be gzipped.")]
MiRNA = Annotated[Path | None, option("FASTA", "miRNA sequences by id; may be gzipped.")]
CircRNAEmbeddings = Annotated[
    Path | None,
    option(
        "CSV", "Vectors of the circRNAs, beside or in place of sequences: a header, then ids with numbers."
    ),
]
MiRNAEmbeddings = Annotated[Path | None, option("CSV", "Vectors of the miRNAs.")]
Labels = Annotated[
    str | None,
    option(
        "COLUMN",
        "Column of the interactions with labels 0 and 1, or words such as yes and no. Without it all are "
        "positive, and negatives are sampled from the other pairs of their RNAs.",
    ),
]
Ratio = Annotated[float, typer.Option(help="Sampled negatives for each interaction.")]
Negatives = Annotated[
    str,
    option(
        "uniform|degree|near|reliable",
        "How negatives are sampled: each unknown pair alike, by the number of partners, next to known pairs "
        "(hard), or far from them (easy: do not evaluate on these).",
    ),
]
_PRESET: Final = (
    "best|paper|binding",
    "best: a network on the two RNAs, and a network and boosted trees on target sites and the known "
    "interactions around a pair. paper: the network of the publication. binding: target sites alone, "
    "as reads of Argonaute show them; the list is not learned.",
)
Preset = Annotated[str, option(*_PRESET)]
PresetOrNone = Annotated[str | None, option(*_PRESET, "best")]
_SPLIT: Final = (
    "pair|circrna|mirna|both",
    "What a test fold has that training has not seen: pairs, circRNAs, miRNAs or both.",
)
Split = Annotated[str, option(*_SPLIT)]
SplitOrNone = Annotated[str | None, option(*_SPLIT, "pair")]
Linear = Annotated[bool, typer.Option("--linear", help="The circRNAs are linear RNAs, such as lncRNAs.")]
Epochs = Annotated[int | None, option("N", "Epochs of the network that reads the RNAs.", "its usual length")]
Device = Annotated[
    str, typer.Option(help="Torch device of the networks; auto takes a GPU where there is one.")
]
Model = Annotated[
    Path,
    typer.Argument(
        metavar="MODEL",
        help="What mferl train wrote. Loading one of joblib runs code in it: open only those that you trust.",
    ),
]
Seed = Annotated[
    int, typer.Option(min=0, max=2**32 - 1, help="Seeds sampling, folds, features and training.")
]


AsJSON = Annotated[
    bool,
    typer.Option("--json", help="Print the figures as JSON, a record for each row, in place of a table."),
]


def print_json(table: Any) -> None:
    """Print a frame as JSON: a list of records."""
    typer.echo(table.to_json(orient="records", double_precision=15, force_ascii=False))


def _check_jobs(jobs: int) -> int:
    if jobs == 0:
        raise typer.BadParameter("0 computes nothing; give 1 or more, or -1 for all cores")
    return jobs


Jobs = Annotated[int, option("N", "Threads to compute with; -1 takes all cores.", callback=_check_jobs)]
_JOBS: Final = ("--jobs", "--n-jobs")
PartJobs = Annotated[
    int, option("N", "Parts to compute at a time; -1 takes all cores.", True, *_JOBS, callback=_check_jobs)
]
Folds = Annotated[int | None, option("N", "Number of folds.", "5; 3 where both RNAs are new", min=2)]
NewCircRNA = Annotated[Path | None, option("FASTA", "Sequences of circRNAs that are new to the model.")]
NewMiRNA = Annotated[Path | None, option("FASTA", "Sequences of miRNAs that are new to the model.")]
Pairs = Annotated[
    Path,
    typer.Argument(
        metavar="PAIRS", help="Table of pairs with the columns circrna and mirna; - is the standard input."
    ),
]
Param = Annotated[
    list[str] | None,
    option(
        "NAME=VALUE",
        "A parameter of the pipeline, such as --param features__sites=drop or, with --preset paper, --param "
        "mferl__lr=0.001; a value is JSON, True, False, None or a word. May be given several times.",
    ),
]

Regions = Annotated[
    Path | None,
    option(
        "FILE",
        "Stretches of circRNAs that Argonaute was found to hold: BED by circRNA id, FASTA, or a table with "
        "the column sequence, or circrna, start and end. Evidence for --preset best.",
    ),
]
ExpressionTable = Annotated[
    Path | None,
    option(
        "CSV",
        "Levels of circRNAs and miRNAs in the same samples: a header, then ids with numbers of at least 0. "
        "Evidence for --preset best.",
    ),
]

# What messages from within the package call an option.
_PYTHON_NAMES: Final = {
    "n_splits": "--folds",
    "n_repeats": "--repeats",
    "n_jobs": "--jobs",
    "random_state": "--seed",
    "top_k": "--top",
    "max_epochs": "--epochs",
    "strategy": "--negatives",
    "metrics": "--metric",
    "parts": "--part",
    "ratios": "--ratio",
    "circular": "--linear",
}
_SAME_NAMES: Final = (
    *("circrna", "mirna", "known", "candidates", "per", "top", "out", "device", "preset", "split", "ratio"),
    *("holdout", "hidden", "repeats", "reference", "conflicts", "test", "by", "cells", "negatives", "seed"),
    *("epochs", "regions", "expression"),
)
_ONLY_NAMES: Final = [*_PYTHON_NAMES][:6]  # which are no words
_IN_A_MESSAGE: Final = re.compile(
    rf"(?<![\w-])(?:({'|'.join(_ONLY_NAMES)})\b|({'|'.join([*_PYTHON_NAMES, *_SAME_NAMES])})(?==| must ))(=)?"
    r"(?=(\w|'|\")?)"
)
_WORDS: Final = {"True": True, "False": False, "None": None}


def name_of(parameter: str) -> str:
    """Return the option of a parameter."""
    return _PYTHON_NAMES.get(parameter, f"--{parameter}")


def in_own_words(message: str) -> str:
    """Return a message with the options of the command in place of the parameters of Python."""

    def replace(found: re.Match[str]) -> str:
        return name_of(found[1] or found[2]) + (" " if found[3] and found[4] else "")

    return _IN_A_MESSAGE.sub(replace, message)


def parse_setting(text: str, option: str, example: str) -> tuple[str, Any]:
    """Split NAME=VALUE, where the value is JSON, a constant of Python or a word."""
    name, sign, value = text.partition("=")
    if not (name and sign):
        raise ValueError(f"{option} takes NAME=VALUE, such as {example}; got {text!r}.")
    if value in _WORDS:
        return name, _WORDS[value]
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def parse_params(given: list[str] | None, preset: str) -> dict[str, Any]:
    """Return the parameters of --param; one that the pipeline of the preset does not have is refused."""
    from sklearn_mferl.pipeline import PRESETS, make_mferl_pipeline

    params = dict(parse_setting(text, "--param", "features__sites=drop") for text in given or [])
    if not params or preset not in PRESETS:
        return params
    allowed = make_mferl_pipeline(None, None, preset=preset).get_params()
    for name in params:
        if name in allowed:
            continue
        near = difflib.get_close_matches(name, allowed, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        step = name.rpartition("__")[0]
        rest = sorted(other for other in allowed if other.rpartition("__")[0] == step) or sorted(allowed)
        raise ValueError(
            f"--param {name}: the pipeline of --preset {preset} has no such parameter; {hint}There are "
            f"{', '.join(rest)}."
        )
    return params


def model_settings(
    preset: str, linear: bool, epochs: int | None, device: str, seed: int, params: Mapping[str, Any] = {}
) -> dict[str, Any]:
    """Return the options of the model as keyword arguments of `Settings`."""
    if preset == "binding" and epochs is not None:
        raise ValueError(
            "--epochs has no effect with --preset binding, which trains no network; leave it out."
        )
    network = "mferl" if preset == "paper" else "mferl__network"
    of_epochs = {} if epochs is None else {f"{network}__max_epochs": epochs}
    return {
        "preset": preset,
        "circular": not linear,
        "device": device,
        "random_state": seed,
        "params": {**of_epochs, **params},
    }
