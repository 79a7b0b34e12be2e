"""Counts and latencies of some requests.

Latencies are kept in the buckets of `switch.metrics.histogram`: a percentile is never below the exact one,
and at most 1/32 above it.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from simulator.load.replies import SHED_CODES
from switch.metrics.histogram import bucket_of, percentile

# How far above the exact percentile one of ours may be.
ERROR_BOUND: Final = 1 / 32
_PER_MILLE = (500, 900, 990, 999)


class Percentiles(NamedTuple):
    """Of latencies, in nanoseconds; `greatest` is exact."""

    p50: int
    p90: int
    p99: int
    p999: int
    greatest: int


@dataclass(slots=True)
class Tally:
    """Counts of requests by how they ended.

    `answered` ones have a reply, `late` of them behind the plan's limit, and `shed` of them only say that the
    switch couldn't. `timeouts` and `lost` (with their link) were never answered, `unsent` never sent.
    """

    answered: int = 0
    late: int = 0
    shed: int = 0
    timeouts: int = 0
    lost: int = 0
    unsent: int = 0
    greatest_ns: int = 0
    codes: dict[str, int] = field(default_factory=dict)
    buckets: dict[int, int] = field(default_factory=dict)

    @property
    def sent(self) -> int:
        """Requests that have left, once all have ended."""
        return self.answered + self.timeouts + self.lost

    @property
    def ended(self) -> int:
        """Requests of which it is known how they ended."""
        return self.sent + self.unsent

    @property
    def failed(self) -> int:
        """Requests that ended badly; a declined one did not."""
        return self.late + self.shed + self.timeouts + self.lost + self.unsent

    def answer(self, code: str, time_ns: int, limit_ns: int) -> None:
        """Count a reply that came `time_ns` after its request was due."""
        self.answered += 1
        self.codes[code] = self.codes.get(code, 0) + 1
        bucket = bucket_of(time_ns)
        self.buckets[bucket] = self.buckets.get(bucket, 0) + 1
        if time_ns > self.greatest_ns:  # noqa: PLR1730  (max() costs three times as much)
            self.greatest_ns = time_ns
        if time_ns > limit_ns:
            self.late += 1
        elif code in SHED_CODES:
            self.shed += 1

    def add(self, other: "Tally") -> None:
        """Take in what another one has counted."""
        self.answered += other.answered
        self.late += other.late
        self.shed += other.shed
        self.timeouts += other.timeouts
        self.lost += other.lost
        self.unsent += other.unsent
        self.greatest_ns = max(self.greatest_ns, other.greatest_ns)
        self.codes = dict(Counter(self.codes) + Counter(other.codes))
        self.buckets = dict(Counter(self.buckets) + Counter(other.buckets))

    def percentiles(self) -> Percentiles | None:
        """None where nothing was answered."""
        if not self.answered:
            return None
        # The bound of a bucket may lie above the greatest value in it.
        p50, p90, p99, p999 = (min(percentile(self.buckets, each), self.greatest_ns) for each in _PER_MILLE)
        return Percentiles(p50, p90, p99, p999, self.greatest_ns)


def sum_of(tallies: "list[Tally]") -> Tally:
    """All of them together."""
    found = Tally()
    for each in tallies:
        found.add(each)
    return found
