"""Many seeds, one after the other: counts, rates, and of each failure all that is needed to see it again."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from simulator.world.plan import Sabotage
from simulator.world.street import Report, run_seed


@dataclass(slots=True)
class Soak:
    """Sums over the seeds that have been lived so far."""

    seeds: int = 0
    entries: int = 0
    approved: int = 0
    reversals: int = 0
    starts: int = 0
    disk_failures: int = 0
    torn_tails: int = 0
    simulated_s: int = 0
    took_s: float = 0.0
    failed: list[int] = field(default_factory=list)

    def add(self, report: Report) -> None:
        """Count a seed."""
        self.seeds += 1
        self.entries += report.entries
        self.approved += report.approved
        self.reversals += report.reversals
        self.starts += report.starts
        self.disk_failures += report.disk_failures
        self.torn_tails += report.torn_tails
        self.simulated_s += report.simulated_s
        if report.violations:
            self.failed.append(report.seed)

    def as_dict(self) -> dict[str, int | float | list[int]]:
        """Everything, for JSON."""
        return {
            "seeds": self.seeds,
            "seeds_per_second": round(self.seeds / self.took_s, 1) if self.took_s else 0.0,
            "entries": self.entries,
            "approved": self.approved,
            "reversals": self.reversals,
            "switch_starts": self.starts,
            "disk_failures": self.disk_failures,
            "torn_tails": self.torn_tails,
            "simulated_hours": self.simulated_s // 3600,
            "took_seconds": round(self.took_s, 1),
            "failed_seeds": self.failed,
        }


def soak(
    seeds: Iterable[int],
    steps: int,
    *,
    seconds_max: float,
    sabotage: Sabotage = Sabotage.NONE,
    forgiving: bool = False,
) -> Iterator[tuple[Report, Soak]]:
    """Live seeds until they or the time (seconds) are up; each report with the sums up to it."""
    sums = Soak()
    started = time.monotonic()
    for seed in seeds:
        report = run_seed(seed, steps, sabotage=sabotage, forgiving=forgiving)
        sums.add(report)
        sums.took_s = time.monotonic() - started
        yield report, sums
        if sums.took_s >= seconds_max:
            return
