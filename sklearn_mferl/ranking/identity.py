"""What tells one ranking from another, so that a stopped one goes on only as itself."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sklearn_mferl.pairs.cells import pairs_of_cells
from sklearn_mferl.ranking.grid import Grid
from sklearn_mferl.ranking.models import find_pair_features
from sklearn_mferl.utils.versions import identify_code

_N_PROBES: Final = 64


def identify(model: Any, grid: Grid, **parameters: Any) -> dict[str, Any]:
    """Return what decides a ranking, as JSON takes it.

    A model is known by what it says of some pairs: its content may be stored in more ways than one, and
    pickles of equal models differ.
    """
    n_mirnas = len(grid.mirnas)
    cells = np.unique(np.linspace(0, len(grid.circrnas) * n_mirnas - 1, _N_PROBES).astype(np.int64))
    probes = model.predict_proba(pairs_of_cells(cells, grid.circrnas, grid.mirnas))[:, 1]
    return {
        **identify_code(),
        **parameters,
        "circRNAs": _digest_rnas(model, "circrna", grid.circrnas),
        "miRNAs": _digest_rnas(model, "mirna", grid.mirnas),
        "known pairs": hashlib.sha256(grid.left_out.tobytes()).hexdigest()[:16],
        "model": [float(score) for score in probes],
    }


def _digest_rnas(model: Any, side: str, ids: NDArray[np.object_]) -> str:
    """Return a short name for ids and, where they are known, their sequences."""
    features = find_pair_features(model)
    sequences = None if features is None else features._sequences(side, ids)
    digest = hashlib.sha256()
    for lines in (ids, sequences or []):
        for line in lines:
            digest.update(line.encode() + b"\n")
    return digest.hexdigest()[:16]
