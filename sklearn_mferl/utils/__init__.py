"""What every room uses, one of each; nothing here knows of RNAs' features or of models.

The names below stand for the arrays that signatures are full of.
"""

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Letters = NDArray[np.uint8]  # of RNAs, as numbers
Ints = NDArray[np.int64]
Singles = NDArray[np.float32]
Doubles = NDArray[np.float64]
Objects = NDArray[np.object_]  # strings mostly: ids and sequences
