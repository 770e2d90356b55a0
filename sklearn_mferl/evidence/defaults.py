"""The evidence of ``preset="best"``."""

from typing import Any

from sklearn_mferl.evidence.neighborhood import PairNeighborhood
from sklearn_mferl.evidence.target_sites import TargetSites


def default_evidence() -> list[tuple[str, Any]]:
    """Return the two channels of evidence for pairs, not fitted.

    Returns
    -------
    list of (str, transformer)
        ``sites`` and ``neighborhood``.

    Examples
    --------
    >>> from sklearn_mferl.evidence import default_evidence
    >>> [name for name, transformer in default_evidence()]
    ['sites', 'neighborhood']
    """
    return [("sites", TargetSites(n_jobs=-1)), ("neighborhood", PairNeighborhood())]
