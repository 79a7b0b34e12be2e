"""Measuring contenders in turn, so that a machine whose speed drifts is unfair to none of them."""

import gc
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

_NS_PER_US = 1000


@dataclass(frozen=True)
class Contender:
    """`call` does `units` units of work: messages, decisions."""

    call: Callable[[], object]
    units: int = 1


@dataclass(frozen=True)
class Result:
    """One figure."""

    name: str
    value: float
    unit: str


@dataclass(frozen=True)
class Report:
    """What a benchmark prints."""

    benchmark: str
    machine: dict[str, str | int]
    results: list[Result]

    def as_dict(self) -> dict[str, object]:
        """The published form."""
        return asdict(self)


def machine() -> dict[str, str | int]:
    """What the figures were taken on, and how busy it was."""
    return {
        "processors": os.cpu_count() or 0,
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "load_1_minute": f"{os.getloadavg()[0]:.2f}",
    }


def us_per_unit(contenders: Mapping[str, Contender], *, rounds: int, round_s: float) -> dict[str, float]:
    """Microseconds per unit of each contender: the median over rounds in which each has its turn."""
    loops = {name: _loops(contender, round_s) for name, contender in contenders.items()}
    samples: dict[str, list[float]] = {name: [] for name in contenders}
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, contender in contenders.items():
                samples[name].append(_elapsed_us(contender.call, loops[name]) / loops[name] / contender.units)
    finally:
        if was_enabled:
            gc.enable()
    return {name: statistics.median(values) for name, values in samples.items()}


def _loops(contender: Contender, round_s: float) -> int:
    loops = 1
    while (elapsed_us := _elapsed_us(contender.call, loops)) < round_s * 1e5:
        loops *= 4
    return max(1, int(loops * round_s * 1e6 / elapsed_us))


def _elapsed_us(call: Callable[[], object], loops: int) -> float:
    start = time.perf_counter_ns()
    for _ in range(loops):
        call()
    return (time.perf_counter_ns() - start) / _NS_PER_US
