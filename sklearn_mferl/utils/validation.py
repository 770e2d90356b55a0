"""Checks shared by every estimator; each error names the row, the id or the letter at fault."""

import difflib
import re
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence, Set, ValuesView
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SIDES: Final = ("circrna", "mirna")
IUPAC: Final = frozenset("ACGURYSWKMBDHVN")
_NOT_IUPAC: Final = str.maketrans(dict.fromkeys(IUPAC))
_PROTEIN: Final = dict.fromkeys("EFILPQ", "; if this is a protein, give its RNA")


def normalize_sequence(sequence: Any, name: str) -> str:
    """Return an RNA sequence in upper case with U for T."""
    if not isinstance(sequence, str):
        kind = "missing (NaN)" if _is_missing(sequence) else f"a {type(sequence).__name__}"
        raise ValueError(f"The sequence of {name} is {kind}; give a string of nucleotides such as 'ACGU'.")
    normalized = sequence.strip().upper().replace("T", "U")
    if not normalized:
        raise ValueError(f"The sequence of {name} is empty; remove it or supply its nucleotides.")
    foreign = normalized.translate(_NOT_IUPAC)
    if foreign:
        position = normalized.index(foreign[0]) + 1
        raise ValueError(
            f"The sequence of {name} has the letter {foreign[0]!r} at position {position}, which is not an "
            f"IUPAC nucleotide; allowed are {''.join(sorted(IUPAC))} and T{_PROTEIN.get(foreign[0], '')}."
        )
    return normalized


def check_sequences(X: Any) -> NDArray[np.object_]:
    """Validate a 1-D collection of RNA sequences."""
    values = _as_column(X, "sequence")
    sequences = np.empty(len(values), dtype=object)
    sequences[:] = [normalize_sequence(value, f"row {row}") for row, value in enumerate(values)]
    return sequences


def check_ids(X: Any) -> NDArray[np.object_]:
    """Validate a 1-D collection of ids."""
    ids = _as_column(X, "id")
    for row, name in enumerate(ids):
        if not isinstance(name, str):
            raise ValueError(f"The id of row {row} is {name!r}, not a string; ids must be strings.")
    return ids


def unique_sequences(items: Iterable[tuple[Any, Any]], side: str) -> dict[str, str]:
    """Normalise (id, sequence) items and refuse an id with two different sequences."""
    found: dict[str, str] = {}
    for name, sequence in items:
        normalized = normalize_sequence(sequence, f"{side} {name!r}")
        if found.setdefault(name, normalized) != normalized:
            raise ValueError(f"The {side} id {name!r} stands twice with two different sequences; keep one.")
    return found


def check_pairs(pairs: Any, sides: tuple[str, ...] = SIDES) -> NDArray[np.object_]:
    """Validate circRNA–miRNA pairs, or others of two named columns."""
    pairs = as_table(pairs)
    if isinstance(pairs, pd.DataFrame) and any(isinstance(name, str) for name in pairs.columns):
        pairs = pairs.loc[:, find_columns(pairs.columns, "The pairs have", sides)]
    values = _as_object_array(pairs, "pairs")
    for row, pair in enumerate(values) if values.ndim == 1 else ():
        if isinstance(pair, (tuple, list)) and len(pair) != 2:
            raise ValueError(f"Row {row} of the pairs has {len(pair)} columns; a pair has two.")
    if values.ndim != 2 or values.shape[1] != 2:
        raise ValueError(
            f"Pairs must have two columns, {' and '.join(sides)}; got shape {values.shape}. "
            f"A single pair is a list of one tuple: [({', '.join(sides)})]."
        )
    if len(values) == 0:
        raise ValueError("Found 0 pairs (shape=(0, 2)) while a minimum of 1 is required.")
    for column, side in enumerate(sides):
        for row, name in enumerate(values[:, column]):
            if not isinstance(name, str):
                kind = "missing (NaN)" if _is_missing(name) else f"{name!r}, a {type(name).__name__}"
                raise ValueError(f"Row {row}, column {side!r} is {kind}; ids and sequences must be strings.")
    return values


def as_table(X: Any) -> Any:
    """Return a frame of another library as one of pandas, and what can be read once as a list."""
    if isinstance(X, np.ndarray) and X.dtype.names is not None:
        return pd.DataFrame(X)
    if X is None or isinstance(X, (pd.DataFrame, pd.Series, np.ndarray, list, tuple, str, Mapping)):
        return X
    if not hasattr(X, "__array__") and isinstance(X, (Iterator, Set, ValuesView)):
        return list(X)
    import narwhals

    frame = narwhals.from_native(X, pass_through=True)
    if isinstance(frame, narwhals.LazyFrame):
        frame = frame.collect()
    if not isinstance(frame, narwhals.DataFrame):
        return X
    return pd.DataFrame({name: frame[name].to_list() for name in frame.columns}, dtype=object)


def find_columns(columns: Iterable[Hashable], what: str, sides: tuple[str, ...] = SIDES) -> list[Any]:
    """Return the columns of circRNAs and miRNAs: of these names, or the one that differs in case alone."""
    columns = list(columns)
    found: list[Any] = []
    for side in sides:
        same: list[Any] = [name for name in columns if name == side]
        same = same or [name for name in columns if fold_name(name) == side]
        if len(same) > 1:
            raise ValueError(f"{what} two columns for {side!r}: {same[0]!r} and {same[1]!r}; keep one.")
        if not same:
            near = _near_column(side, columns)
            advice = f"name those of ids {' and '.join(sides)}"
            if near is not None:
                advice = f"is {near!r} meant? Then rename it"
            listed = cut(", ".join(map(str, columns)))
            raise ValueError(f"{what} no column {side!r}; the columns are {listed!r}; {advice}.")
        found += same
    return found


def fold_name(name: object) -> str:
    """Return the name of a column as it is compared: without case and the spaces around it."""
    return str(name).strip().casefold()


def cut(text: str, length: int = 60) -> str:
    """Shorten a text that a message quotes."""
    return text if len(text) <= length else text[: length - 1] + "…"


def refuse_missing(
    ids: Sequence[str] | NDArray[np.object_],
    known: Collection[str],
    side: str,
    lacks: str,
    advice: str,
    where: tuple[Any, Any] | None = None,
) -> None:
    """Raise a ValueError for the first id that is not among the known ones."""
    row = next((row for row, name in enumerate(ids) if name not in known), None)
    if row is None:
        return
    name, distinct = ids[row], set(ids)
    n_missing = sum(other not in known for other in distinct)
    subject = f"The {side} {name!r} (row {row})"
    if where is not None:
        subject = f"{where[0]}, line {where[1][row]}: the {side} {name!r}"
    counted = f" ({n_missing} of {len(distinct)} {side} ids have not)" if n_missing > 1 else ""
    raise ValueError(f"{subject} has {lacks}{counted}; {advice}{nearest_id(name, known)}.")


def refuse_swapped(pairs: pd.DataFrame, known: Mapping[str, Collection[str]], path: Any) -> None:
    """Raise a ValueError if the ids of each side of a file are all of the other side."""
    if any(not known.get(side) for side in SIDES):
        return
    circrna, mirna = (set(pairs[side]) for side in SIDES)
    as_named = circrna.intersection(known["circrna"]) or mirna.intersection(known["mirna"])
    if not as_named and circrna.issubset(known["mirna"]) and mirna.issubset(known["circrna"]):
        raise ValueError(
            f"{path}: the circrna ids are all of miRNAs, such as {pairs['circrna'].iloc[0]!r}, and the mirna "
            "ids of circRNAs; exchange the names of the two columns, or the two files of sequences."
        )


def nearest_id(name: str, known: Iterable[str]) -> str:
    """Say which known id is the nearest to an unknown one, or what known ids look like."""
    from rapidfuzz import fuzz, process

    others = sorted(known)
    if not others:
        return ""
    found = process.extractOne(name, others, scorer=fuzz.ratio, processor=str.casefold, score_cutoff=60)
    return f" (an id there is {others[0]!r})" if found is None else f" (the nearest id is {found[0]!r})"


def _as_column(X: Any, what: str) -> NDArray[np.object_]:
    if isinstance(X, str):
        raise ValueError(f"Expected a collection of {what}s, got one string; wrap it in a list: [{what}].")
    values = _as_object_array(X, f"{what}s")
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise ValueError(
            f"Expected a 1-D collection of {what}s, got shape {values.shape}; select a single column."
        )
    if len(values) == 0:
        raise ValueError(f"Found 0 {what}s (shape=(0,)) while a minimum of 1 is required.")
    return values


def _as_object_array(X: Any, what: str) -> NDArray[np.object_]:
    if X is None:
        raise ValueError(f"Expected {what}, got None.")
    if isinstance(X, (pd.DataFrame, pd.Series)):
        return X.to_numpy(dtype=object)
    X = as_table(X)
    if not hasattr(X, "__len__"):
        X = list(X) if isinstance(X, Iterable) else [X]
    return np.asarray(X, dtype=object)


def _near_column(side: str, columns: list[Hashable]) -> Hashable | None:
    """Return the column that may be meant by another name, such as circRNA_ID or microRNA."""
    letters = {re.sub("[^a-z]", "", fold_name(name)): name for name in columns}
    letters = {word: name for word, name in letters.items() if word not in SIDES}
    within = [name for word, name in letters.items() if side in word]
    close = difflib.get_close_matches(side, letters, n=1, cutoff=0.7)
    return within[0] if within else letters[close[0]] if close else None


def _is_missing(value: Any) -> bool:
    return (
        value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value))
    )
