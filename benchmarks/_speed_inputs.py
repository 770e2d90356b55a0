"""Sequences and pairs to measure on: the real ones of the data folders, and simulated ones of any number."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from _speed_rows import Settings

from sklearn_mferl.datasets import CMIData, load_cmi, make_cmi

N_MIRNAS: Final = 2656  # of man, in miRBase
N_CIRCRNAS: Final = 140_000  # of man, in circBase
_MEDIAN, _SIGMA, _LENGTHS = 500, 1.0, (100, 30_000)  # of circRNAs, as in circBase
_MIRNA_LENGTH: Final = 22
# the graph of cmi-9589: its nodes on either side, and its interactions
GRAPH_SIZE: Final = (2115, 821, 9589)
_LETTERS: Final = np.frombuffer(b"ACGU", dtype=np.uint8)


def simulated_circrnas(n: int) -> dict[str, str]:
    """Return random sequences with log-normal lengths: median 500, the tail cut at 30,000.

    Fewer are the first of more, so that a growth curve adds sequences and changes none.
    """
    lengths = np.random.default_rng(1).lognormal(np.log(_MEDIAN), _SIGMA, n)
    return _sequences("speed_circ", np.clip(lengths, *_LENGTHS).astype(np.int64), seed=2)


def simulated_mirnas(n: int) -> dict[str, str]:
    """Return random sequences of 22 nucleotides."""
    return _sequences("speed_miR", np.full(n, _MIRNA_LENGTH), seed=3)


def simulated_pairs(n_circrnas: int, n_mirnas: int, n_pairs: int) -> pd.DataFrame:
    """Return distinct pairs in which few RNAs have many partners; each circRNA has one at least."""
    rng = np.random.default_rng(4)
    n_more = 2 * n_pairs  # most repetitions are left out again
    circrnas = np.append(np.arange(n_circrnas), rng.choice(n_circrnas, n_more, p=_zipf(n_circrnas)))
    mirnas = rng.choice(n_mirnas, len(circrnas), p=_zipf(n_mirnas))
    pairs = pd.DataFrame({"circrna": circrnas, "mirna": mirnas}).drop_duplicates().head(n_pairs)
    return "node_" + pairs.astype(str)


def real_circrnas(folders: tuple[Path, ...]) -> tuple[list[str], str]:
    """Return the distinct target RNAs of the folders that have sequences, and the names of these."""
    found: dict[str, None] = {}
    names = []
    for folder in folders:
        data = _load(folder)
        if data.circrna is not None:
            found.update(dict.fromkeys(data.circrna.values()))
            names.append(folder.name)
    return list(found), " + ".join(names)


def network_data(settings: Settings) -> tuple[CMIData, str]:
    """Return the data of the first folder, or simulated ones of the size of cmi-9589, and their name."""
    if settings.data:
        return _load(settings.data[0]), settings.data[0].name
    size = settings.pick(GRAPH_SIZE, (24, 12, 70))
    return make_cmi(*size, circrna_length=(100, 1000), random_state=0), "simulated data"


def ranking_data(settings: Settings) -> tuple[CMIData, str]:
    """Return the data of the first folder with all sequences, or simulated ones, and their name."""
    for folder in settings.data:
        data = _load(folder)
        if data.circrna is not None and data.mirna is not None:
            return data, folder.name
    size = settings.pick((500, 250, 3000), (24, 12, 70))
    return make_cmi(*size, circrna_length=(100, 1000), random_state=0), "simulated data"


@cache
def _load(folder: Path) -> CMIData:
    return load_cmi(folder)


def _sequences(prefix: str, lengths: np.ndarray, seed: int) -> dict[str, str]:
    ends = np.cumsum(lengths)
    drawn = np.random.default_rng(seed).integers(0, 4, ends[-1], dtype=np.uint8)
    letters = _LETTERS[drawn].tobytes().decode("ascii")
    starts = ends - lengths
    return {
        f"{prefix}_{number}": letters[start:end]
        for number, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True))
    }


def _zipf(n: int) -> np.ndarray:
    weights = 1 / np.arange(1, n + 1) ** 0.7
    return weights / weights.sum()
