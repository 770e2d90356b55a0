"""Further unknown pairs, drawn like the negatives that were given."""

import numpy as np

from sklearn_mferl.utils.arrays import Bools, Objects


def draw_background(pairs: Objects, positive: Bools, ratio: float, seed: int) -> Objects:
    """Draw unknown pairs whose ends come as often as among the negatives.

    The ends of the negatives are shuffled against each other, so that however the negatives were drawn,
    uniformly or by degree, an RNA is about as frequent among the background as among them; hubs are less
    so where most of their pairs are labelled.
    """
    labelled = {(circrna, mirna) for circrna, mirna in pairs}
    negatives = sorted(labelled - {(circrna, mirna) for circrna, mirna in pairs[positive]})
    n_drawn = round(ratio * len(negatives))
    if n_drawn == 0:
        return np.empty((0, 2), dtype=object)
    rng = np.random.default_rng(seed)
    repeats = -(-n_drawn // len(negatives))
    ends = [
        np.concatenate([rng.permutation(len(negatives)) for _ in range(repeats)])[:n_drawn] for _ in range(2)
    ]
    drawn = {(negatives[i][0], negatives[j][1]) for i, j in zip(*ends, strict=True)} - labelled
    return np.array(sorted(drawn), dtype=object).reshape(-1, 2)
