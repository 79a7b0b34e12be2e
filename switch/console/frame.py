"""What the console shows of one moment: rates and percentiles of the time since the moment before.

A frame has whole numbers only, each of which fits 64 bits, so that the history keeps it as it is shown.
"""

from collections import deque
from collections.abc import Mapping
from struct import Struct
from typing import Final, NamedTuple

from switch.metrics.catalogue import Metric
from switch.metrics.histogram import Histogram, percentile
from switch.metrics.labels import RequestType, Step
from switch.metrics.store import OFFSETS, Metrics, Reading, Readings

_NS_PER_S = 1_000_000_000
_NS_PER_US = 1000
_NS_PER_MS = 1_000_000
# Of buckets, as `switch.metrics.histogram` has them.
_OCTAVE = Struct("@32q")
_BUCKET_BYTES = 8
_APPROVED = "00"
_REVERSAL = "reversal"
# Answered too, but no business of a shop's.
NOT_FOR_SHOPS: Final = frozenset(
    kind.name.lower()
    for kind in (RequestType.FILE_ACTION, RequestType.RECONCILIATION, RequestType.NETWORK_MANAGEMENT)
)


class Frame(NamedTuple):
    """One moment; rates are a second's, times microseconds, `at_ms` since 1970. Approved and declined are of
    shops' requests, reversals among them."""

    at_ms: int
    approved: int = 0
    declined: int = 0
    refused: int = 0
    repeats: int = 0
    reversals: int = 0
    request_p50_us: int = 0
    request_p99_us: int = 0
    request_p999_us: int = 0
    sync_p50_us: int = 0
    sync_p99_us: int = 0
    commit_entries_p50: int = 0
    queued: int = 0
    in_flight: int = 0
    waiting_bytes: int = 0
    connections: int = 0
    signed_on: int = 0
    stored: int = 0
    dead_letters: int = 0
    late: int = 0
    mac_failures: int = 0
    format_faults: int = 0
    unknown_terminals: int = 0
    conflicts: int = 0
    feed_behind_ms: int = 0
    position: int = 0
    durable_position: int = 0
    disk_free_bytes: int = 0
    cpu_per_mille: int = 0
    resident_bytes: int = 0


class Told(NamedTuple):
    """A frame, the answers in its time by type and response code, what the gauges said, and all answers since
    the start."""

    frame: Frame
    answers: Mapping[tuple[str, str], int]
    asked: Readings
    totals: Mapping[tuple[str, str], int]


class _Then(NamedTuple):
    at_ns: int
    asked_ns: int
    counters: Mapping[Metric, int]
    answers: Mapping[tuple[str, str], int]
    steps: Mapping[Step, bytes]
    commit_entries: bytes


_COUNTED = (
    Metric.REPEATS,
    Metric.CONFLICTS,
    Metric.MAC_FAILURES,
    Metric.FORMAT_FAULTS,
    Metric.UNKNOWN_TERMINALS,
)
_STEPS = (Step.REQUEST, Step.SYNC)


class FrameMaker:
    """Makes a frame of what has happened since the one before, or since `span` frames before, as far as there
    are so many. In the thread of the event loop.

    Gauges look at every connection. After asking them for some time they are left alone for `rest` times as
    long, and the frames until then have what they said.
    """

    def __init__(self, metrics: Metrics, span: int = 1, rest: int = 0) -> None:
        self._metrics = metrics
        self._rest = rest
        self._asked: Readings = {}
        self._asked_ns = self._ask_from_ns = self._took_ns = 0
        self._beside: FrameMaker | None = None
        self._thens = deque([self._now(metrics.clock_ns())], maxlen=span)

    def follow(self, other: "FrameMaker") -> None:
        """Begin where another one made its newest frame, as a first one of a moment would say little; and
        take over what it asks."""
        self._thens[0] = other._thens[-1]
        self._beside = other

    def make(self, at_ms: int) -> Told:
        """The frame of this moment.

        Parameters:
            at_ms: the time of day, since 1970.
        """
        then, now = self._thens[0], self._now(self._metrics.clock_ns())
        self._thens.append(now)
        asked = self._asked
        span_ns = max(1, now.at_ns - then.at_ns)
        asked_span_ns = max(1, now.asked_ns - then.asked_ns)

        def rate(count: int, span_ns: int = span_ns) -> int:
            return (count * _NS_PER_S + span_ns // 2) // span_ns

        def told(metric: Metric) -> int:
            return rate(now.counters[metric] - then.counters[metric], asked_span_ns)

        def counted(metric: Metric) -> int:
            return rate(now.counters[metric] - then.counters[metric])

        answers = {
            key: count - then.answers.get(key, 0)
            for key, count in now.answers.items()
            if count != then.answers.get(key, 0)
        }
        of_shops = {key: count for key, count in answers.items() if key[0] not in NOT_FOR_SHOPS}
        approved = sum(count for (_, code), count in of_shops.items() if code == _APPROVED)
        request = _between(then.steps[Step.REQUEST], now.steps[Step.REQUEST])
        sync = _between(then.steps[Step.SYNC], now.steps[Step.SYNC])
        frame = Frame(
            at_ms=at_ms,
            approved=rate(approved),
            declined=rate(sum(of_shops.values()) - approved),
            refused=told(Metric.MESSAGES),
            repeats=counted(Metric.REPEATS),
            reversals=rate(sum(count for (kind, _), count in answers.items() if kind == _REVERSAL)),
            request_p50_us=percentile(request, 500) // _NS_PER_US,
            request_p99_us=percentile(request, 990) // _NS_PER_US,
            request_p999_us=percentile(request, 999) // _NS_PER_US,
            sync_p50_us=percentile(sync, 500) // _NS_PER_US,
            sync_p99_us=percentile(sync, 990) // _NS_PER_US,
            commit_entries_p50=percentile(_between(then.commit_entries, now.commit_entries), 500),
            queued=_sum(asked, Metric.QUEUED_REQUESTS),
            in_flight=_sum(asked, Metric.IN_FLIGHT_REQUESTS),
            waiting_bytes=_sum(asked, Metric.WAITING_BYTES),
            connections=_sum(asked, Metric.CONNECTIONS),
            signed_on=_sum(asked, Metric.SIGNED_ON_TERMINALS),
            stored=_sum(asked, Metric.STORED_REQUESTS),
            dead_letters=_sum(asked, Metric.DEAD_LETTERS),
            late=told(Metric.UPSTREAM_MESSAGES),
            mac_failures=counted(Metric.MAC_FAILURES),
            format_faults=counted(Metric.FORMAT_FAULTS),
            unknown_terminals=counted(Metric.UNKNOWN_TERMINALS),
            conflicts=counted(Metric.CONFLICTS),
            feed_behind_ms=_greatest(asked, Metric.FEED_BEHIND) // _NS_PER_MS,
            position=_sum(asked, Metric.JOURNAL_POSITION),
            durable_position=_sum(asked, Metric.JOURNAL_DURABLE_POSITION),
            disk_free_bytes=_sum(asked, Metric.DISK_FREE_BYTES),
            cpu_per_mille=(now.counters[Metric.CPU] - then.counters[Metric.CPU]) * 1000 // asked_span_ns,
            resident_bytes=_sum(asked, Metric.RESIDENT_BYTES),
        )
        return Told(frame, answers, asked, now.answers)

    def _ask(self, at_ns: int) -> Readings:
        beside = self._beside
        if beside is not None and beside._asked_ns > self._asked_ns:
            self._take(beside._asked, beside._asked_ns, beside._took_ns)
        if not self._asked or at_ns >= self._ask_from_ns:
            asked = self._metrics.asked()
            self._take(asked, at_ns, self._metrics.clock_ns() - at_ns)
        return self._asked

    def _take(self, asked: Readings, at_ns: int, took_ns: int) -> None:
        self._asked, self._asked_ns, self._took_ns = asked, at_ns, took_ns
        self._ask_from_ns = at_ns + took_ns * self._rest

    def _now(self, at_ns: int) -> _Then:
        metrics = self._metrics
        asked = self._ask(at_ns)
        counters = {metric: metrics.cells[OFFSETS[metric]] for metric in _COUNTED}
        counters[Metric.MESSAGES] = _of_outcome(asked.get(Metric.MESSAGES, 0), "refused")
        counters[Metric.UPSTREAM_MESSAGES] = _of_outcome(asked.get(Metric.UPSTREAM_MESSAGES, 0), "late")
        counters[Metric.CPU] = _sum(asked, Metric.CPU)
        return _Then(
            at_ns,
            self._asked_ns,
            counters,
            metrics.answers(),
            {step: _copied(metrics.steps[step]) for step in _STEPS},
            _copied(metrics.commit_entries),
        )


def _copied(histogram: Histogram) -> bytes:
    return histogram.buckets.tobytes()


def _between(then: bytes, now: bytes) -> dict[int, int]:
    found: dict[int, int] = {}
    # Almost all octaves are as they were, and whole ones are compared quickly.
    for begin in range(0, len(now), _OCTAVE.size):
        early, late = then[begin : begin + _OCTAVE.size], now[begin : begin + _OCTAVE.size]
        if early != late:
            pairs = zip(_OCTAVE.unpack(early), _OCTAVE.unpack(late), strict=True)
            found.update(
                (begin // _BUCKET_BYTES + place, after - before)
                for place, (before, after) in enumerate(pairs)
                if after != before
            )
    return found


def _greatest(asked: Readings, metric: Metric) -> int:
    found = asked.get(metric, 0)
    return found if isinstance(found, int) else max(found.values(), default=0)


def _sum(asked: Readings, metric: Metric) -> int:
    found = asked.get(metric, 0)
    return found if isinstance(found, int) else sum(found.values())


def _of_outcome(reading: Reading, outcome: str) -> int:
    if isinstance(reading, int):
        return reading
    return sum(count for labels, count in reading.items() if labels[-1] == outcome)
