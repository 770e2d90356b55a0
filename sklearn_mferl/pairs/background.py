"""Further unknown pairs: some drawn like the negatives that were given, some that look like interactions."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_consistent_length, column_or_1d

from sklearn_mferl.utils.arrays import Bools, Objects
from sklearn_mferl.utils.random_state import spawn_seeds

_LOOKED_AT: Final = 20.0  # unknown pairs for each negative: some 1 in 20 has a match of the seed
_MOST_LOOKED_AT: Final = 200_000  # with more negatives, many of these are hard themselves


def draw_negatives(
    pairs: Objects,
    y: Any,
    channels: Mapping[str, Any],
    *,
    background: float,
    hard_negatives: float,
    random_state: Any,
) -> tuple[Objects, Objects, Any]:
    """Draw both kinds of unknown pairs, and return them and the labels of the given pairs and of these."""
    nothing = np.empty((0, 2), dtype=object)
    if y is None or not channels or background == 0:
        return nothing, nothing, y
    labels = column_or_1d(y)
    check_consistent_length(labels, pairs)
    classes = np.unique(labels)
    positive = labels == classes[-1]
    seeds = spawn_seeds(random_state, 2)
    drawn = draw_background(pairs, positive, background, seeds[0])
    hard = draw_hard_negatives(pairs, positive, drawn, hard_negatives, channels, seeds[1])
    return drawn, hard, np.append(labels, np.full(len(drawn) + len(hard), classes[0]))


def draw_background(pairs: Objects, positive: Bools, ratio: float, seed: int) -> Objects:
    """Draw unknown pairs whose ends come as often as among the negatives.

    The ends of the negatives are shuffled against each other, so that however the negatives were drawn,
    uniformly or by degree, an RNA is about as frequent among the background as among them; hubs are less
    so where most of their pairs are labelled.
    """
    labelled = set(map(tuple, pairs))
    negatives = sorted(labelled - set(map(tuple, pairs[positive])))
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


def draw_hard_negatives(
    pairs: Objects,
    positive: Bools,
    background: Objects,
    ratio: float,
    channels: Mapping[str, Any],
    seed: int,
) -> Objects:
    """Draw unknown pairs with a match of the seed, from a background that is larger than the given one.

    `channels` are not fitted; there are none without one that finds matches.
    """
    n_negatives = len(set(map(tuple, pairs[~positive])))
    reader = find_seed_reader(channels)
    if reader is None or not (ratio and n_negatives):
        return background[:0]
    known = set(map(tuple, background))
    drawn = draw_background(pairs, positive, min(_LOOKED_AT, _MOST_LOOKED_AT / n_negatives), seed)
    drawn = drawn[[tuple(pair) not in known for pair in drawn]]
    if not len(drawn):
        return drawn
    hard = drawn[clone(reader).fit(pairs)._has_seed_match(drawn)]
    kept = np.random.default_rng(seed).permutation(len(hard))[: round(ratio * n_negatives)]
    return hard[np.sort(kept)]


def find_seed_reader(channels: Mapping[str, Any]) -> Any:
    """Return the first channel that tells which pairs have a match of the seed, None where there is none."""
    return next((each for each in channels.values() if hasattr(each, "_has_seed_match")), None)
