"""Short names for the arrays that signatures are full of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Letters = NDArray[np.uint8]  # of RNAs, as numbers
Ints = NDArray[np.int64]
Singles = NDArray[np.float32]
Doubles = NDArray[np.float64]
Objects = NDArray[np.object_]  # strings mostly: ids and sequences
