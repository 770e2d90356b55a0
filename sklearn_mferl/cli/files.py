"""What the commands read: tables of pairs, sequences, vectors and saved models."""

import io
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import typer

from sklearn_mferl import __version__
from sklearn_mferl.datasets import read_fasta
from sklearn_mferl.datasets.folder import CMIFiles, find_files
from sklearn_mferl.datasets.pairs_file import pair_ids, read_known
from sklearn_mferl.pairs import PairFeatures
from sklearn_mferl.ranking.models import find_fitted_features, find_pair_features
from sklearn_mferl.saving.files import is_model, read_model, save_model
from sklearn_mferl.utils.atomic import replacing
from sklearn_mferl.utils.saved import saved_by
from sklearn_mferl.utils.validation import SIDES, nearest_id, refuse_missing, refuse_swapped

Sides = Mapping[str, Path | None]


def choose_files(
    folder: Path | None, interactions: Path | None, sequences: Sides, vectors: Sides
) -> CMIFiles:
    """Return the files of a folder, or those that options give."""
    if folder is not None:
        if any(path is not None for path in (interactions, *sequences.values(), *vectors.values())):
            raise ValueError("Give either --data or single files such as --interactions, not both.")
        return find_files(folder)
    if interactions is None:
        raise ValueError("Give the known interactions: --interactions FILE, or --data FOLDER.")
    for side in SIDES:
        if sequences[side] is None and vectors[side] is None:
            raise ValueError(
                f"Nothing describes the RNAs of {side}: give --{side} FASTA or --{side}-embeddings CSV."
            )
    return CMIFiles(interactions.name, interactions, sequences, vectors, options=True)


@contextmanager
def opened_model(path: Path) -> Iterator[Any]:
    """Load a saved model of pairs, and name its version where it lacks something while it is used."""
    if not path.exists():
        raise FileNotFoundError(f"There is no model {path}; mferl train writes one.")
    content = path.read_bytes()  # a pipe can be read only once
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model = read_model(content, path) if is_model(content) else joblib.load(io.BytesIO(content))
    except Exception as error:  # a foreign file, or one of another version, may fail to unpickle in any way
        if is_model(content):
            raise
        raise ValueError(
            f"{path} is no model that can be loaded here, by sklearn_mferl {__version__}; if another version "
            f"saved it, train it again: {error!r}"
        ) from error
    for message in dict.fromkeys(str(warning.message) for warning in caught[:1]):
        typer.echo(f"Warning: {path}: {' '.join(message.split())}", err=True)
    model = getattr(model, "best_estimator_", model)
    if not hasattr(model, "predict_proba"):
        raise ValueError(f"{path} holds a {type(model).__name__}, which is no model of pairs.")
    try:
        yield model
    except AttributeError as error:
        if not type(error.obj).__module__.startswith("sklearn_mferl."):
            raise
        steps = [model, *(step for _, step in getattr(model, "steps", []))]
        version = next(filter(None, map(saved_by, steps)), None)
        saver = f"sklearn_mferl {version}" if version else "an older version of sklearn_mferl"
        raise ValueError(
            f"{path} was saved by {saver}, this is {__version__}, and its "
            f"{type(error.obj).__name__} lacks {error.name!r}: train the model again, or install the version "
            "that saved it."
        ) from error
    if not is_model(content):
        typer.echo(
            f"Warning: {path} is a pickle, which may run any code while it is loaded: open only those that "
            "you trust. mferl train --out NAME.mferl writes a file that holds none.",
            err=True,
        )


def write_model(model: Any, out: Path) -> None:
    """Save a model: without code, but for the names that joblib's files have."""
    if out.suffix not in (".joblib", ".pkl", ".pickle"):
        save_model(model, out)
        return
    with replacing(out) as temporary:
        joblib.dump(model, temporary)


def add_rnas(model: Any, pairs: pd.DataFrame, sequences: Sides) -> None:
    """Make the RNAs of FASTA files known to a loaded model."""
    given = {side: path for side, path in sequences.items() if path is not None}
    if not given:
        return
    features = _features_of(model)
    wanted = {side: {*pairs[side], *features.known_ids(side)} for side in given}
    features.add_rnas(**{side: read_fasta(path, wanted[side]) for side, path in given.items()})


def refuse_unknown(model: Any, table: pd.DataFrame, path: Path) -> None:
    """Refuse pairs with an id that a model does not know, by file and line."""
    sides = _known_ids(model)
    refuse_swapped(pair_ids(table), sides, path)
    for side, known in sides.items():
        advice = f"give its sequence by --{side} FASTA or remove the pair"
        ids = pair_ids(table)[side].tolist()
        refuse_missing(ids, known, side, "no sequence in the model", advice, (path, table.index))


def read_known_to(model: Any, path: Path) -> pd.DataFrame:
    """Read known interactions, and say how many are of RNAs that a model does not know."""
    table = read_known(path)
    known = _known_ids(model)
    unknown = pd.DataFrame({side: ~table[side].isin(known[side]) for side in known}, index=table.index)
    lost = unknown.any(axis=1)
    if not lost.any():
        return table
    line = lost.index[lost][0]
    side = unknown.columns[unknown.loc[line]][0]
    name = table.loc[line, side]
    found = (
        f"{path}: {lost.sum()} of {len(table)} known pairs are of ids that the model does not know, first in "
        f"line {line} the {side} {name!r}{nearest_id(name, known[side])}"
    )
    if lost.all():
        raise ValueError(f"{found}; write the ids as the model has them.")
    typer.echo(f"Warning: {found}.", err=True)
    return table[~lost]


def select_rnas(model: Any, chosen: str | None, side: str) -> list[str] | None:
    """Return the ids that an option names, and make those of a FASTA file known to the model."""
    if chosen is None:
        return None
    path = Path(chosen)
    known = _known_ids(model).get(side)
    looks_like_file = path.name != chosen or path.suffix in (".fa", ".fasta", ".gz")
    # a long list of ids is too long for Path.exists
    if not (os.path.exists(chosen) or (looks_like_file and chosen not in (known or ()))):
        ids = [name.strip() for name in chosen.split(",") if name.strip()]
        for name in ids:
            if known is not None and name not in known:
                raise ValueError(
                    f"The model does not know the {side} {name!r} of --{side}{nearest_id(name, known)}; give "
                    "a FASTA file to add it."
                )
        return ids
    features = _features_of(model)
    sequences = read_fasta(path, known or ())
    features.add_rnas(**{side: sequences})
    return list(sequences)


def set_jobs(model: Any, jobs: int) -> None:
    """Set how many threads a model takes, fitted or not."""
    features = find_pair_features(model)
    scales = getattr(features, "scales_", {}).values()
    fitted = [each for group in (getattr(features, "evidence_", {}), *scales) for each in group.values()]
    for estimator in (model, *fitted):
        names = [name for name in estimator.get_params() if name.split("__")[-1] == "n_jobs"]
        estimator.set_params(**dict.fromkeys(names, jobs))


def _features_of(model: Any) -> PairFeatures:
    features = find_pair_features(model)
    if features is None:
        raise ValueError(f"A {type(model).__name__} without PairFeatures takes no FASTA files.")
    return features


def _known_ids(model: Any) -> dict[str, set[str]]:
    """Return the ids that a model knows, of the sides where it knows them by id."""
    features = find_fitted_features(model)
    if features is None:
        return {}
    by_id = [side for side in SIDES if not features._sides[side].is_own_id]
    return {side: set(features.known_ids(side)) for side in by_id}
