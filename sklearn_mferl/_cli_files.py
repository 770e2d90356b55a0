"""What the commands read: tables of pairs, sequences, vectors and saved models."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sklearn_mferl._validation import SIDES
from sklearn_mferl.datasets import CMIData, load_cmi, load_sequences, read_fasta
from sklearn_mferl.datasets._text import read_rows
from sklearn_mferl.datasets.folder import find_file, read_embeddings
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.ranking import find_pair_features


def read_pairs(path: Path) -> pd.DataFrame:
    """Read a CSV file of pairs with all its columns.

    Parameters
    ----------
    path : Path
        A CSV file with a header that names ``circrna`` and ``mirna``, plain or gzipped.

    Returns
    -------
    DataFrame of str
        Indexed by the line of the file; no cell is missing, ids are not empty.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If a column, an id or a cell is missing, or there is no pair.
    """
    rows = read_rows(path)
    _, header = next(rows, (0, list[str]()))
    for side in SIDES:
        if side not in header:
            raise ValueError(f"{path} has no column {side!r}; its first line is {','.join(header)!r}.")
    if len(set(header)) < len(header):
        raise ValueError(f"{path} has two columns of one name; its first line is {','.join(header)!r}.")
    lines, table = [], []
    for line, cells in rows:
        if len(cells) != len(header):
            raise ValueError(f"{path}, line {line}: {len(cells)} cells under {len(header)} columns.")
        for side in SIDES:
            if not cells[header.index(side)]:
                raise ValueError(f"{path}, line {line}: the {side} id is missing.")
        lines.append(line)
        table.append(cells)
    if not table:
        raise ValueError(f"{path} lists no pair.")
    return pd.DataFrame(table, columns=header, index=lines, dtype=object)


def read_data(
    folder: Path | None,
    interactions: Path | None,
    sequences: dict[str, Path | None],
    embeddings: dict[str, Path | None],
) -> tuple[CMIData, Path]:
    """Read interactions with sequences or vectors, from a folder or from single files.

    Parameters
    ----------
    folder : Path or None
        A folder as `load_cmi` reads it; then no single file may be given.
    interactions : Path or None
        A CSV file with columns ``circrna`` and ``mirna``.
    sequences, embeddings : dict of {"circrna", "mirna"} to Path or None
        FASTA files, and CSV files of vectors by id.

    Returns
    -------
    data : CMIData
        Its pairs are not cleared of repetitions where they come from a single file.
    interactions : Path
        The file that the interactions were read from.

    Raises
    ------
    ValueError
        If both a folder and files are given, or neither, or a file is malformed.
    FileNotFoundError
        If a file or folder is missing.
    """
    single = [interactions, *sequences.values(), *embeddings.values()]
    if folder is not None:
        if any(path is not None for path in single):
            raise ValueError("Give either --data or single files such as --interactions, not both.")
        return load_cmi(folder), find_file(folder, "interactions.csv") or folder
    if interactions is None:
        raise ValueError("Give the known interactions: --interactions FILE, or --data FOLDER.")
    for side in SIDES:
        if sequences[side] is None and embeddings[side] is None:
            raise ValueError(
                f"Nothing describes the RNAs of {side}: give --{side} FASTA or --{side}-embeddings CSV."
            )
    data = CMIData(
        interactions.name,
        read_pairs(interactions)[list(SIDES)].reset_index(drop=True),
        load_sequences(sequences["circrna"], "circrna"),
        load_sequences(sequences["mirna"], "mirna"),
        {side: read_embeddings(path, side) for side, path in embeddings.items() if path is not None},
    )
    return data, interactions


def read_labels(path: Path, column: str) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Read labelled pairs.

    Parameters
    ----------
    path : Path
        A CSV file with columns ``circrna``, ``mirna`` and the labels.
    column : str
        The column of labels, 0 or 1.

    Returns
    -------
    pairs : DataFrame, shape (n_pairs, 2)
        No pair twice.
    y : ndarray of int, shape (n_pairs,)

    Raises
    ------
    ValueError
        If the column is missing, a label is not 0 or 1, or a pair has both labels.
    """
    table = read_pairs(path)
    if column not in table:
        raise ValueError(f"{path} has no column {column!r} of labels; it has {list(table.columns)}.")
    wrong = ~table[column].isin(["0", "1"])
    if wrong.any():
        line = table.index[wrong][0]
        raise ValueError(f"{path}, line {line}: the label is {table[column][line]!r}; it must be 0 or 1.")
    table = table.drop_duplicates([*SIDES, column])
    both = table.duplicated(list(SIDES))
    if both.any():
        line = table.index[both][0]
        circrna, mirna = table.loc[line, list(SIDES)]
        raise ValueError(f"{path}, line {line}: the pair {circrna!r}, {mirna!r} has both labels; keep one.")
    return table[list(SIDES)].reset_index(drop=True), table[column].to_numpy(dtype=np.int64)


def read_training_pairs(
    data: CMIData, interactions: Path, labels: str | None, ratio: float, strategy: str, seed: int
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Return labelled pairs: those of the file, or the known ones and sampled negatives.

    Parameters
    ----------
    data : CMIData
        The known interactions.
    interactions : Path
        Their file.
    labels : str or None
        The file's column of labels; None says that all pairs are positive.
    ratio : float
        Negatives sampled for each positive, where there are no labels.
    strategy : {"uniform", "degree", "near", "reliable"}
        How they are sampled.
    seed : int
        Seeds their choice.

    Returns
    -------
    pairs : DataFrame, shape (n_pairs, 2)
    y : ndarray of int, shape (n_pairs,)

    Raises
    ------
    ValueError
        If the labels are malformed, or the file has a column named label that nobody asked for.
    """
    if labels is not None:
        return read_labels(interactions, labels)
    header = read_pairs(interactions).columns
    if "label" in header:  # its zeros would be trained on as interactions
        raise ValueError(f"{interactions} has a column 'label': give --labels label, or remove it.")
    return labelled_pairs(data.pairs, ratio, seed, strategy=strategy)


def load_model(path: Path) -> Any:
    """Load a saved model of pairs.

    Parameters
    ----------
    path : Path
        What ``mferl train`` or ``joblib.dump`` wrote.

    Returns
    -------
    estimator

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it holds no model.
    """
    if not path.is_file():
        raise FileNotFoundError(f"There is no model {path}; mferl train writes one.")
    try:
        model = joblib.load(path)
    except Exception as error:  # a foreign file may fail to unpickle in any way
        raise ValueError(f"{path} is no model that can be loaded here: {error!r}") from error
    if not hasattr(model, "predict_proba"):
        raise ValueError(f"{path} holds a {type(model).__name__}, which is no model of pairs.")
    return model


def add_rnas(model: Any, circrna: Path | None, mirna: Path | None) -> None:
    """Make the RNAs of FASTA files known to a loaded model.

    Parameters
    ----------
    model : estimator
        A fitted model; it is changed.
    circrna, mirna : Path or None
        FASTA files.

    Raises
    ------
    ValueError
        If the model takes no sequences by id, or knows an id with another sequence.
    """
    if circrna is None and mirna is None:
        return
    features = find_pair_features(model)
    if features is None:
        raise ValueError(f"A {type(model).__name__} without PairFeatures takes no FASTA files.")
    features.add_rnas(circrna, mirna)


def select_rnas(model: Any, chosen: str | None, side: str) -> list[str] | None:
    """Return the ids that an option names, and make those of a FASTA file known to the model.

    Parameters
    ----------
    model : estimator
        A fitted model; it is changed where there is a FASTA file.
    chosen : str or None
        Ids with commas between them, or the path of a FASTA file.
    side : {"circrna", "mirna"}

    Returns
    -------
    list of str or None
        None where nothing is chosen.
    """
    if chosen is None:
        return None
    path = Path(chosen)
    looks_like_file = path.name != chosen or path.suffix in (".fa", ".fasta", ".gz")
    if not (os.path.isfile(chosen) or looks_like_file):  # a long list of ids is too long for Path.is_file
        return [name.strip() for name in chosen.split(",") if name.strip()]
    add_rnas(model, **{"circrna": None, "mirna": None, side: path})
    return list(read_fasta(path))
