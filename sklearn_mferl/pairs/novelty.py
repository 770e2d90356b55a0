"""What of a pair is new."""

from enum import IntEnum
from typing import Final


class Novelty(IntEnum):
    """Which RNAs of a pair have no known interaction in training.

    Arrays hold them as integers; ``MIRNA * new_mirna + CIRCRNA * new_circrna`` is the level of a pair.
    """

    NONE = 0
    MIRNA = 1
    CIRCRNA = 2
    BOTH = 3


VIEWS: Final = (Novelty.MIRNA, Novelty.CIRCRNA, Novelty.BOTH)
"""As what training pairs are shown besides as they are, in the order of cold evidence."""
