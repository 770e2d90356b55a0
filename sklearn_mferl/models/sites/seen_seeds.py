"""How far a miRNA lies from those whose bound sites a model has seen."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

KNOWN, NEAR, FAR = "known", "near", "far"  # levels of applicability
_MANY_READS: Final = 10


def level_of_reads(seed_reads: NDArray[Any]) -> NDArray[np.object_]:
    """Return levels of applicability by how many bound sites of its seed a model was trained on."""
    levels = np.array([FAR, NEAR, KNOWN], dtype=object)
    return levels[(seed_reads >= 1).astype(int) + (seed_reads >= _MANY_READS)]
