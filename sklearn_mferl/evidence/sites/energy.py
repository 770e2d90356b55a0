"""Free energy of the duplex at the best site, by ViennaRNA."""

from importlib import import_module
from typing import Any, Final

import numpy as np

from sklearn_mferl.evidence.sites.duplex import LONGEST_BULGE
from sklearn_mferl.evidence.sites.rna_pairs import RNAPairs
from sklearn_mferl.evidence.sites.seed_index import WINDOW, Sites
from sklearn_mferl.evidence.sites.summary import best_sites
from sklearn_mferl.utils.arrays import Doubles, Ints, Letters

_LETTERS: Final = np.array(list("ACGUN"))


def import_vienna() -> Any:
    """Import ViennaRNA's Python module."""
    try:
        return import_module("RNA")
    except ImportError as error:
        raise ImportError(
            "energy=True needs ViennaRNA: pip install 'sklearn-mferl[vienna]', or leave energy=False."
        ) from error


def duplex_energies(sites: Sites, scores: Ints, pairs: RNAPairs) -> Doubles:
    """Return the minimum free energy (RNAduplex) at the best site of each pair."""
    fold = import_vienna().duplexfold
    scores = np.where(best_sites(sites, len(pairs))[1], scores, -1)
    highest = np.zeros(len(pairs), dtype=np.int64)
    np.maximum.at(highest, sites.pair, scores)
    energies = np.zeros(len(pairs))
    for site in np.flatnonzero(scores == highest[sites.pair]):
        start, length = pairs.mirnas.starts[sites.mirna[site]], pairs.mirnas.lengths[sites.mirna[site]]
        mirna = "".join(_LETTERS[pairs.mirnas.codes[start : start + length]])
        target = _letters_of_target(pairs, sites.target[site], sites.window[site] + WINDOW, len(mirna))
        pair = sites.pair[site]
        energies[pair] = min(energies[pair], fold(mirna, target).energy)
    return energies


def fold_duplexes(mirnas: Letters, targets: Letters) -> Doubles:
    """Return the minimum free energies of pairs of stretches, both from 5' to 3'; N at their ends is cut."""
    fold = import_vienna().duplexfold
    strands = [["".join(_LETTERS[row]).strip("N") for row in codes] for codes in (mirnas, targets)]
    return np.array([min(fold(*pair).energy, 0.0) for pair in zip(*strands, strict=True)])


def _letters_of_target(pairs: RNAPairs, target: int, end: int, n_mirna: int) -> str:
    """Return the target from 5' to 3' up to the end of a site's window."""
    start, length = pairs.targets.starts[target], pairs.targets.lengths[target]
    at = np.arange(end - min(n_mirna + LONGEST_BULGE, length), end)
    at = at % length if pairs.circular else at[(at >= 0) & (at < length)]
    return "".join(_LETTERS[pairs.targets.codes[start + at]])
