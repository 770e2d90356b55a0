"""Two data sets side by side: their RNAs in one, what they share, and the pairs to test on."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sklearn_mferl.datasets import CMIData, load_sequences
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.utils.validation import SIDES

# by the number that is 1 for a new miRNA and 2 for a new circRNA
NOVELTIES: Final = ("neither new", "miRNA new", "circRNA new", "both new")


def normalized(data: CMIData) -> CMIData:
    """Return the data with sequences in upper case and U for T, so that they can be compared."""
    return replace(
        data, circrna=load_sequences(data.circrna, "circrna"), mirna=load_sequences(data.mirna, "mirna")
    )


def without_conflicts(train: CMIData, test: CMIData) -> CMIData:
    """Leave the RNAs out of the test data that have another sequence or vector in the training data."""
    for side in SIDES:
        out = _conflicts(train, test, side)
        pairs = test.pairs[~test.pairs[side].isin(out)].reset_index(drop=True)
        known: Any = getattr(test, side)
        kept: Any = None if known is None else {rna: known[rna] for rna in known if rna not in out}
        vectors = {
            name: table.drop(out if name == side else [], errors="ignore")
            for name, table in test.embeddings.items()
        }
        test = replace(test, pairs=pairs, embeddings=vectors, **{side: kept})
    return test


def join_rnas(train: CMIData, test: CMIData) -> CMIData:
    """Return the training data with the sequences and vectors of both, but none of the test pairs."""
    sequences: dict[str, Any] = {}
    embeddings: dict[str, pd.DataFrame] = {}
    for side in SIDES:
        conflicts = _conflicts(train, test, side)
        if conflicts:
            raise ValueError(
                f"The {side} {conflicts[0]!r} has another sequence or vector in each data set, like "
                f"{len(conflicts) - 1} more. Vectors must be of one embedding of all RNAs; of sequences keep "
                "one, or give conflicts='drop' to leave these RNAs out of the test."
            )
        first, second = getattr(train, side), getattr(test, side)
        sequences[side] = None if first is None else {**first, **second}
        if side in train.embeddings:
            both = pd.concat([train.embeddings[side], test.embeddings[side]])
            embeddings[side] = both[~both.index.duplicated()]
    return replace(train, embeddings=embeddings, **sequences)


def describe_overlap(train: CMIData, test: CMIData) -> pd.DataFrame:
    """Count what two data sets share: by id, and by sequence, which other ids may hide."""
    keys = _keys(train, test)
    rows = []
    for side in SIDES:
        old, new = (data.pairs[side].drop_duplicates() for data in (train, test))
        same_sequence = new.map(keys[side]).isin(set(old.map(keys[side])))
        rows.append((side, len(old), len(new), new.isin(old).sum(), same_sequence.sum()))
    known, tested = (pd.MultiIndex.from_frame(data.pairs[list(SIDES)]) for data in (train, test))
    same_id = tested.isin(known).sum()
    same = _keyed(test.pairs, keys).isin(_keyed(train.pairs, keys)).sum()
    rows.append(("pair", len(train.pairs), len(test.pairs), same_id, same))
    return pd.DataFrame(rows, columns=["of", "n_train", "n_test", "same_id", "same_sequence"])


def draw_test_pairs(
    train: CMIData, trained: pd.DataFrame, test: CMIData, ratio: float, strategy: str, random_state: Any
) -> tuple[pd.DataFrame, NDArray[np.int64], NDArray[np.object_]]:
    """Return the known pairs of the test data that training has not seen, and negatives likewise.

    A pair is taken for seen if training has it under other ids of the same sequences, too.
    """
    keys = _keys(train, test)
    seen, known = _keyed(trained, keys), _keyed(test.pairs, keys)
    is_seen = known.isin(seen)
    if is_seen.all():
        raise ValueError(f"All {len(test.pairs)} known pairs to test on are pairs of training; give others.")
    excluded = _under_all_ids({*seen, *known}, test, keys)
    pairs, y = labelled_pairs(test.pairs[~is_seen], ratio, random_state, strategy=strategy, exclude=excluded)
    is_new = {side: ~pairs[side].map(keys[side]).isin(set(trained[side].map(keys[side]))) for side in SIDES}
    number = 2 * is_new["circrna"].to_numpy() + is_new["mirna"].to_numpy()
    return pairs, y, np.array(NOVELTIES, dtype=object)[number]


def _conflicts(train: CMIData, test: CMIData, side: str) -> list[str]:
    first, second = getattr(train, side), getattr(test, side)
    _refuse_one_sided(first, second, side, "sequences")
    names = {name for name in (first or {}).keys() & (second or {}).keys() if first[name] != second[name]}
    old, new = train.embeddings.get(side), test.embeddings.get(side)
    _refuse_one_sided(old, new, side, "vectors")
    if old is not None and new is not None:
        if old.shape[1] != new.shape[1]:
            raise ValueError(
                f"The {side} vectors have {old.shape[1]} numbers in the training data and {new.shape[1]} in "
                "the test data; give vectors of one embedding of all RNAs."
            )
        shared = old.index.intersection(new.index)
        differs = (old.loc[shared].to_numpy() != new.loc[shared].to_numpy()).any(axis=1)
        names |= set(shared[differs])
    return sorted(names)


def _refuse_one_sided(first: Any, second: Any, side: str, what: str) -> None:
    if (first is None) != (second is None):
        has, lacks = ("training", "test") if second is None else ("test", "training")
        raise ValueError(
            f"Only the {has} data have {what} of the {side}s, so a model that reads them cannot score both; "
            f"add {what} to the {lacks} data, or remove them from the {has} data."
        )


def _keys(train: CMIData, test: CMIData) -> dict[str, dict[str, str]]:
    """Return by side what stands for each RNA: its sequence where sequences are known, else its id."""
    keys = {}
    for side in SIDES:
        ids = {*train.pairs[side], *test.pairs[side]}
        sequences = {**(getattr(train, side) or {}), **(getattr(test, side) or {})}
        keys[side] = {name: sequences.get(name, name) for name in ids}
    return keys


def _keyed(pairs: pd.DataFrame, keys: Mapping[str, Mapping[str, str]]) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([pairs[side].map(keys[side]) for side in SIDES])


def _under_all_ids(
    pairs: Iterable[tuple[str, str]], test: CMIData, keys: Mapping[str, Mapping[str, str]]
) -> pd.DataFrame:
    """Return pairs of keys as pairs of all the ids that the test data have for them."""
    table = pd.DataFrame(sorted(pairs), columns=[f"{side}_key" for side in SIDES])
    for side in SIDES:
        ids = pd.DataFrame({side: sorted(set(test.pairs[side]))})
        table = table.merge(ids.assign(**{f"{side}_key": ids[side].map(keys[side])}), on=f"{side}_key")
    return table[list(SIDES)]
