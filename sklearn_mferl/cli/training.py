"""What `mferl train` and `mferl evaluate` share: the options of the data and of the model."""

import inspect
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from sklearn_mferl.cli import options as of


def read_training(
    data: of.Data = None,
    interactions: of.Interactions = None,
    circrna: of.CircRNA = None,
    mirna: of.MiRNA = None,
    circrna_embeddings: of.CircRNAEmbeddings = None,
    mirna_embeddings: of.MiRNAEmbeddings = None,
    labels: of.Labels = None,
    ratio: of.Ratio = 1.0,
    negatives: of.Negatives = "uniform",
    preset: of.Preset = "best",
    param: of.Param = None,
    regions: of.Regions = None,
    expression: of.ExpressionTable = None,
    linear: of.Linear = False,
    epochs: of.Epochs = None,
    device: of.Device = "auto",
    seed: of.Seed = 0,
) -> tuple[Any, Any, Any, Any]:
    """Return data, labelled pairs, their labels, and the settings of a model to fit on them."""
    from sklearn_mferl.cli.files import choose_files
    from sklearn_mferl.datasets.folder import read_cmi
    from sklearn_mferl.experiments import Settings
    from sklearn_mferl.model_selection import labelled_pairs

    sequences = {"circrna": circrna, "mirna": mirna}
    vectors = {"circrna": circrna_embeddings, "mirna": mirna_embeddings}
    known, y = read_cmi(choose_files(data, interactions, sequences, vectors), labels, strict=True)
    pairs = known.pairs
    if y is None:
        pairs, y = labelled_pairs(pairs, ratio, seed, strategy=negatives)
    given = of.model_settings(preset, linear, epochs, device, seed, of.parse_params(param, preset))
    return known, pairs, y, Settings(**given, regions=regions, expression=expression)


def takes_training(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `read_training`, and a call of it as its first argument."""
    shared = inspect.signature(read_training).parameters
    _, *own = inspect.signature(command, eval_str=True).parameters.values()

    @wraps(command)
    def run(**options: Any) -> None:
        given = {name: options.pop(name) for name in shared}
        command(partial(read_training, **given), **options)

    parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in (*shared.values(), *own)]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return run
