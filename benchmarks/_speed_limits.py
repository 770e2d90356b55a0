"""What the machine could do: bytes that it copies in a second, and products of a matrix product."""

from __future__ import annotations

import timeit
from typing import Final

import numpy as np
from _speed_rows import LIMIT, Row, Settings

_REPEATS: Final = 5


def bytes_per_second(settings: Settings) -> float:
    """Return the memory's bandwidth: a large copy reads and writes each byte once."""
    source = np.ones(settings.pick(2**26, 2**20), dtype=np.uint8).repeat(4)
    target = np.empty_like(source)
    return (
        2 * source.nbytes / min(timeit.repeat(lambda: np.copyto(target, source), number=1, repeat=_REPEATS))
    )


def flops_per_second(settings: Settings) -> float:
    """Return the floating-point operations a second of a matrix product in double precision."""
    n = settings.pick(2048, 128)
    left, right = np.random.default_rng(0).random((2, n, n))
    return 2 * n**3 / min(timeit.repeat(lambda: left @ right, number=1, repeat=_REPEATS))


def against_bandwidth(
    benchmark: str, what: str, data: str, n: int, seconds: float, n_bytes: int, rate: float
) -> Row:
    """Compare seconds with those that the memory takes for so many bytes."""
    peer = f"{n_bytes / 1e6:,.1f} MB at {rate / 1e9:.1f} GB/s"
    return Row(benchmark, LIMIT, what, data, n, seconds, peer, n_bytes / rate)


def against_products(
    benchmark: str, what: str, data: str, n: int, seconds: float, flops: float, rate: float
) -> Row:
    """Compare seconds with those that matrix products take for so many operations."""
    peer = f"{flops / 1e9:,.1f} GFLOP at {rate / 1e9:.1f} GFLOP/s"
    return Row(benchmark, LIMIT, what, data, n, seconds, peer, flops / rate)
