"""Where marks go in a drawing of sites, so that none hides another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_ROUNDS = 200


def stack_in_lanes(middle: NDArray[np.float64], width: NDArray[np.float64], around: float) -> list[int]:
    """Give each mark the lowest lane in which it overlaps with none before it."""
    lanes: list[int] = []
    for i in range(len(middle)):
        overlapping = {
            lanes[j] for j in range(i) if distance(middle[i], middle[j], around) < (width[i] + width[j]) / 2
        }
        lanes.append(next(lane for lane in range(i + 1) if lane not in overlapping))
    return lanes


def spread(places: NDArray[np.float64], least: float, around: float) -> NDArray[np.float64]:
    """Move labels apart until neighbours are at least so far from each other, as far as there is room."""
    places = places.astype(np.float64)
    n = len(places)
    if n < 2:
        return places
    least = min(least, around / n)
    pairs = [(i, i + 1) for i in range(n - 1)] + ([(n - 1, 0)] if np.isfinite(around) else [])
    for _ in range(_ROUNDS):
        for i, j in pairs:
            gap = places[j] - places[i] + (around if j < i else 0.0)
            if gap < least:
                places[i] -= (least - gap) / 2
                places[j] += (least - gap) / 2
    return places


def distance(first: float, second: float, around: float) -> float:
    """Return how far two places are apart, the shorter way around a circle."""
    apart = abs(first - second)
    return min(apart, around - apart)
