"""Makes the sample of a second out of the switch's numbers, its terminals and what stands in its way."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Final

from switch.console.alarms.signals import ALONE, Sample, Signal
from switch.console.frame import NOT_FOR_SHOPS, Told
from switch.fleet.health import HealthBook
from switch.metrics.catalogue import Metric
from switch.metrics.labels import RequestType
from switch.metrics.store import OFFSETS, Metrics, Reading, Readings
from switch.operations.readiness import Obstacle

TERMINALS_TOLD_MAX: Final = 128
_TERMINALS_SEEN_MAX: Final = 1000
_NS_PER_MS: Final = 1_000_000
_NS_PER_S: Final = 1_000_000_000
_MS_PER_S: Final = 1000
_APPROVED: Final = "00"
_UP: Final = "up"
_FAILED: Final = frozenset({Obstacle.JOURNAL_FAILED, Obstacle.FAILED})
_REVERSAL: Final = RequestType.REVERSAL.name.lower()

_CELLS: Final = {
    Signal.REPEATS: Metric.REPEATS,
    Signal.CONFLICTS: Metric.CONFLICTS,
    Signal.MAC_FAILURES: Metric.MAC_FAILURES,
    Signal.FORMAT_FAULTS: Metric.FORMAT_FAULTS,
    Signal.UNKNOWN_TERMINALS: Metric.UNKNOWN_TERMINALS,
    Signal.NOT_SIGNED_ON: Metric.NOT_SIGNED_ON,
    Signal.MALFUNCTIONS: Metric.MALFUNCTIONS,
}
# Counters that are kept elsewhere: the outcome that is meant, or None for all there is.
_ASKED: Final = {
    Signal.REFUSED: (Metric.MESSAGES, "refused"),
    Signal.LINK_FAILURES: (Metric.LINK_FAILURES, None),
    Signal.TAKEN_BACK: (Metric.UPSTREAM_REQUESTS, "taken_back"),
    Signal.LATE_REPLIES: (Metric.UPSTREAM_MESSAGES, "late"),
    Signal.CANDIDATE_FAILURES: (Metric.CANDIDATE_PURCHASES, "failed"),
    Signal.LOG_LINES_HELD_BACK: (Metric.LOG_LINES_HELD_BACK, None),
    Signal.LOG_LINES_DROPPED: (Metric.LOG_LINES_DROPPED, None),
}
# Levels, and what divides them.
_LEVELS: Final = {
    Signal.COMMIT_BUSY_MS: (Metric.COMMIT_BUSY, _NS_PER_MS),
    Signal.QUEUE_AGE_MS: (Metric.QUEUE_AGE, _NS_PER_MS),
    Signal.DISK_FREE_BYTES: (Metric.DISK_FREE_BYTES, 1),
    Signal.LINK_SILENCE_S: (Metric.LINK_SILENCE, _NS_PER_S),
    Signal.STORED_REQUESTS: (Metric.STORED_REQUESTS, 1),
    Signal.STORED_AGE_S: (Metric.STORED_AGE, _NS_PER_S),
    Signal.DEAD_LETTERS: (Metric.DEAD_LETTERS, 1),
    Signal.FEED_BEHIND_S: (Metric.FEED_BEHIND, _NS_PER_S),
}

_Counts = dict[str, int]


class SignalReader:
    """In the event loop's thread.

    Parameters:
        is_in_use: whether a terminal's record lets it trade; of others nobody wants to hear.
        obstacles: what stands in the way of authorising.
    """

    def __init__(
        self,
        metrics: Metrics,
        fleet: HealthBook,
        is_in_use: Callable[[str], bool],
        obstacles: Callable[[], Sequence[Obstacle]],
    ) -> None:
        self._metrics = metrics
        self._fleet = fleet
        self._is_in_use = is_in_use
        self._obstacles = obstacles
        self._then: dict[Signal, _Counts] = {}
        self._once_used: set[str] = set()

    def read(self, told: Told, now_ms: int) -> Sample:
        """The sample of the second that a frame is of; `now_ms` since 1970."""
        asked, frame = told.asked, told.frame
        found: dict[Signal, Mapping[str, int]] = {**_answers(told.answers)}
        for signal, metric in _CELLS.items():
            found[signal] = self._since(signal, {ALONE: self._metrics.cells[OFFSETS[metric]]})
        for signal, (metric, outcome) in _ASKED.items():
            found[signal] = self._since(signal, _counts(asked.get(metric, {}), outcome))
        for signal, (metric, divisor) in _LEVELS.items():
            found[signal] = _levels(asked.get(metric, {}), divisor)
        # Of a second in which nothing was measured they are 0: that is nothing to know.
        found[Signal.REQUEST_P99_US] = _known(frame.request_p99_us)
        found[Signal.SYNC_P99_US] = _known(frame.sync_p99_us)
        found |= self._links(asked)
        found[Signal.TERMINAL_SILENCE_S] = self._silences_s(now_ms)
        durable = frame.durable_position
        positions = _levels(asked.get(Metric.FEED_POSITION, {}), 1)
        found[Signal.FEED_LAG_ENTRIES] = {name: max(0, durable - at) for name, at in positions.items()}
        obstacles = self._obstacles()
        found[Signal.NOT_READY] = {ALONE: int(bool(obstacles))}
        found[Signal.FAILED] = {ALONE: int(any(obstacle in _FAILED for obstacle in obstacles))}
        return found

    def _since(self, signal: Signal, counts: _Counts) -> _Counts:
        then = self._then.get(signal, {})
        self._then[signal] = counts
        return {subject: count - then.get(subject, 0) for subject, count in counts.items()}

    def _links(self, asked: Readings) -> dict[Signal, Mapping[str, int]]:
        connections = _counts(asked.get(Metric.CONNECTIONS, {}), None)
        # Connections that came and went within a second have left their messages.
        messages = _counts(asked.get(Metric.MESSAGES, {}), None)
        self._once_used.update(
            name for found in (connections, messages) for name, count in found.items() if count
        )
        dialled = _down(asked.get(Metric.DIALS, {}))
        silences = _levels(asked.get(Metric.LINK_SILENCE, {}), _NS_PER_S)
        writable = _levels(asked.get(Metric.STORE_WRITABLE, {}), 1)
        return {
            Signal.LINK_CONNECTIONS: {
                name: connections.get(name, 0) for name in self._once_used if name not in dialled
            },
            Signal.DIALLED_DOWN: dialled,
            Signal.DIALLED_SILENCE_S: {name: silences[name] for name in dialled if name in silences},
            Signal.PARTNER_DOWN: _down(asked.get(Metric.UPSTREAM_LINKS, {})),
            Signal.QUEUE_UNWRITABLE: {name: 1 - value for name, value in writable.items()},
        }

    def _silences_s(self, now_ms: int) -> _Counts:
        """Of those that have been silent for the longest time."""
        found: _Counts = {}
        for terminal_id, health in islice(self._fleet.by_silence(), _TERMINALS_SEEN_MAX):
            if self._is_in_use(terminal_id):
                found[terminal_id] = max(0, (now_ms - health.at_ms) // _MS_PER_S)
                if len(found) == TERMINALS_TOLD_MAX:
                    break
        return found


def _answers(answers: Mapping[tuple[str, str], int]) -> dict[Signal, Mapping[str, int]]:
    by_code: _Counts = {}
    reversals = 0
    for (kind, code), count in answers.items():
        if kind not in NOT_FOR_SHOPS:
            by_code[code] = by_code.get(code, 0) + count
        if kind == _REVERSAL:
            reversals += count
    declines = {code: count for code, count in by_code.items() if code != _APPROVED}
    return {Signal.ANSWERS: by_code, Signal.DECLINES: declines, Signal.REVERSALS: {ALONE: reversals}}


def _counts(reading: Reading, outcome: str | None) -> _Counts:
    """By link, or alone where there are none."""
    if isinstance(reading, int):
        return {ALONE: reading}
    found: _Counts = {}
    for labels, count in reading.items():
        if outcome is None:
            found[labels[0]] = found.get(labels[0], 0) + count
        elif labels[-1] == outcome:
            found[labels[0] if len(labels) > 1 else ALONE] = count
    return found


def _levels(reading: Reading, divisor: int) -> _Counts:
    if isinstance(reading, int):
        return {ALONE: reading // divisor}
    return {labels[0]: value // divisor for labels, value in reading.items()}


def _known(value: int) -> _Counts:
    return {ALONE: value} if value else {}


def _down(phases: Reading) -> _Counts:
    """1 for each link whose phase is not up."""
    if isinstance(phases, int):
        return {}
    return {name: int(phase != _UP) for (name, phase), count in phases.items() if count}
