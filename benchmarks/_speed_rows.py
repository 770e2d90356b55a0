"""What every part of the speed benchmark shares: its settings, the rows of its table, and how it times."""

from __future__ import annotations

import math
import timeit
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np

T = TypeVar("T")
Call = Callable[..., Any]  # calls a function, in a process of its own where memory is measured

FIGURE: Final = "figure"  # ours against its peer
GROWTH: Final = "growth"  # one point of a growth curve
WHOLE: Final = "whole"  # every human circRNA, measured or extrapolated
LIMIT: Final = "limit"  # ours against what the machine could do

TIMES: Final = (1, 2, 4, 8)  # sizes of a growth curve, as multiples of its first
_NAN: Final = math.nan
# timeit stops the garbage collector; what runs for minutes would then hold more memory than it needs
_WITH_COLLECTOR: Final = "import gc; gc.enable()"


@dataclass(frozen=True)
class Settings:
    """What a run measures; the same in every process."""

    data: tuple[Path, ...] = ()
    threads: int = 2
    quick: bool = False
    full: bool = False

    def pick(self, normal: T, quick: T) -> T:
        """Return the size for this run."""
        return quick if self.quick else normal

    @property
    def repeats(self) -> int:
        """How often what takes a second or less is timed; the least counts."""
        return self.pick(5, 1)


@dataclass(frozen=True)
class Row:
    """One line of the table; NaN is "not measured" or "no aim"."""

    benchmark: str
    kind: str
    what: str
    data: str
    n: int
    seconds: float
    peer: str = ""
    peer_seconds: float = _NAN
    aim_ratio: float = _NAN  # at least
    aim_seconds: float = _NAN  # at most
    peak_gb: float = _NAN
    aim_gb: float = _NAN  # at most
    note: str = ""

    @property
    def ratio(self) -> float:
        """How many times faster ours is."""
        return self.peer_seconds / self.seconds

    @property
    def verdict(self) -> str:
        """Say whether all aims are reached; nothing where there is none, or no figure to judge by."""
        judged = [
            (self.ratio, self.aim_ratio, self.ratio >= self.aim_ratio),
            (self.seconds, self.aim_seconds, self.seconds <= self.aim_seconds),
            (self.peak_gb, self.aim_gb, self.peak_gb <= self.aim_gb),
        ]
        reached = [
            is_reached for figure, aim, is_reached in judged if not math.isnan(figure) and not math.isnan(aim)
        ]
        if not reached:
            return ""
        return "reached" if all(reached) else "not reached"

    def as_dict(self) -> dict[str, Any]:
        """Return the columns of the CSV file."""
        columns = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**columns, "ratio": self.ratio, "verdict": self.verdict}


class PowerLaw(NamedTuple):
    """``seconds = factor * n ** exponent``."""

    factor: float
    exponent: float

    def at(self, n: float) -> float:
        return float(self.factor * n**self.exponent)


def fit_power(ns: Sequence[float], seconds: Sequence[float]) -> PowerLaw:
    """Fit a power law by least squares of the logarithms."""
    exponent, log_factor = np.polyfit(np.log(ns), np.log(seconds), 1)
    return PowerLaw(float(np.exp(log_factor)), float(exponent))


def extrapolate(ns: Sequence[float], seconds: Sequence[float]) -> PowerLaw:
    """Continue from the last size as its last step grew, but no slower than in proportion.

    A law fitted to all sizes promises too much: costs that are paid once hide how small sizes grow.
    """
    last_step = np.log(seconds[-1] / seconds[-2]) / np.log(ns[-1] / ns[-2])
    exponent = float(max(1, last_step))
    return PowerLaw(seconds[-1] / ns[-1] ** exponent, exponent)


def alternate(calls: Mapping[str, Callable[[], Any]], repeats: int) -> dict[str, float]:
    """Time calls in turns, so that whatever else the machine does meets all of them; return the least."""
    rounds = [{name: timeit.timeit(call, number=1) for name, call in calls.items()} for _ in range(repeats)]
    return {name: min(seconds[name] for seconds in rounds) for name in calls}


def once(call: Callable[[], Any]) -> float:
    """Time what takes long."""
    return timeit.timeit(call, setup=_WITH_COLLECTOR, number=1)


def grow(
    benchmark: str,
    what: str,
    data: str,
    ns: Iterable[int],
    make: Callable[[int], Callable[[], Any]],
    repeats: int,
) -> list[Row]:
    """Time a call for each size; `make` prepares its input, which is not timed."""
    rows = []
    for n in ns:
        seconds = min(timeit.repeat(make(n), number=1, repeat=repeats))
        rows.append(Row(benchmark, GROWTH, what, data, n, seconds))
    return rows


def sizes(first: int) -> list[int]:
    """Return the sizes of a growth curve."""
    return [first * times for times in TIMES]
