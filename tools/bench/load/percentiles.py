"""Percentiles of latencies by nearest rank."""

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

_NS_PER_MS = 1_000_000


class Latency(NamedTuple):
    """Percentiles in milliseconds."""

    p50_ms: float
    p99_ms: float
    p999_ms: float


def latency_of(times_ns: Sequence[int]) -> Latency:
    """Percentiles of times in nanoseconds, of which there is at least one."""
    ordered = sorted(times_ns)
    return Latency(*[nearest_rank(ordered, share) / _NS_PER_MS for share in (0.5, 0.99, 0.999)])


def nearest_rank(ordered: Sequence[int], share: float) -> int:
    """The smallest value that at least this share of the values don't exceed."""
    return ordered[max(ceil(len(ordered) * share), 1) - 1]
