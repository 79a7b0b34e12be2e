"""What a load has seen: by stage and kind, and second by second."""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from simulator.load.lanes import Request
from simulator.load.plan import LoadPlan
from simulator.load.replies import Answer, ReplyFault
from simulator.load.requests import Kind
from simulator.load.tally import Percentiles, Tally, sum_of

_NS = 1_000_000_000
# Seconds over which the share of errors is judged, and how many requests must have ended in them.
ERROR_SECONDS = 5
_ERROR_REQUESTS_MIN = 20
_FAULTS_MAX = 20

_Key = tuple[int, Kind]


class Second(NamedTuple):
    """One second of the load. `rate` is what the plan wants in its middle, None where it wants none."""

    number: int
    stage: str
    rate: float | None
    sent: int
    answered: int
    failed: int
    in_flight: int
    latency: Percentiles | None


class Span(NamedTuple):
    """When a stage ran, in nanoseconds since the load's start, and how many replies came meanwhile."""

    start_ns: int
    end_ns: int
    answered: int


class Figures:
    """Watches a load (`simulator.load.engine.Watcher`). `on_second` hears of each second that is over."""

    def __init__(self, plan: LoadPlan, on_second: Callable[[Second], None]) -> None:
        self._stages = plan.stages
        self._limit_ns = plan.answer_within_ms * 1_000_000
        self._stop_at_error_share = plan.stop_at_error_share
        self._first_kind = next(iter(plan.mix))
        self._on_second = on_second
        self._starts: list[tuple[int, int]] = []
        self._answered = 0
        self._in_flight = 0
        # What has happened since the last second that was told of.
        self._number = 0
        self._sent = 0
        self._cells: dict[_Key, Tally] = {}
        self._recent: deque[tuple[int, int]] = deque(maxlen=ERROR_SECONDS)
        self.by_kind: dict[_Key, Tally] = {}
        self.seconds: list[Second] = []
        # Replies that no request waited for, too late or unasked, and those that aren't as they must be.
        self.after_timeout = 0
        self.stray = 0
        self.faults: Counter[str] = Counter()
        self.stop_reason = ""

    def spans(self) -> list[Span]:
        """When the stages ran, as far as they did."""
        start_ns = self._starts[0][0] if self._starts else 0
        return [
            Span(begin - start_ns, end - start_ns, after - before)
            for (begin, before), (end, after) in zip(self._starts, self._starts[1:], strict=False)
        ]

    def tally(self, *, counting: bool) -> Tally:
        """All requests together; `counting` leaves out those of stages that don't count."""
        return sum_of(
            [
                tally
                for (stage, _), tally in self.by_kind.items()
                if self._stages[stage].counts or not counting
            ]
        )

    def stage_begins(self, stage: int, now_ns: int) -> None:
        """Note the time."""
        self._starts.append((now_ns, self._answered))

    def sent(self, count: int) -> None:
        """Count them."""
        self._sent += count
        self._in_flight += count

    def answered(self, request: Request, answer: Answer, at_ns: int) -> None:
        """Count it, with its time since it was due."""
        due_ns, _, stage, kind, _ = request
        tally = self._cells.get((stage, kind)) or self._cell(stage, kind)
        tally.answer(answer.code, at_ns - due_ns, self._limit_ns)
        self._answered += 1
        self._in_flight -= 1

    def not_answered(self, request: Request, *, link_lost: bool) -> None:
        """Count a request that was given up."""
        tally = self._cell(request.stage, request.kind)
        self._in_flight -= 1
        if link_lost:
            tally.lost += 1
        else:
            tally.timeouts += 1

    def unasked(self, answer: Answer, *, is_late: bool) -> None:
        """Count a reply that nothing waits for."""
        if is_late:
            self.after_timeout += 1
        else:
            self.stray += 1

    def misfit(self, fault: ReplyFault) -> None:
        """Count a reply that isn't as it must be."""
        text = str(fault)
        if text in self.faults or len(self.faults) < _FAULTS_MAX:
            self.faults[text] += 1

    def tick(self, now_ns: int) -> str:
        """Close the seconds that are over; tells why the load should stop, if it should."""
        elapsed = (now_ns - self._starts[0][0]) // _NS
        while self._number < elapsed:
            self._close_second()
        return self.stop_reason

    def end(self, unsent: Sequence[tuple[int, int]]) -> None:
        """Close the last second, which is shorter; `unsent` are (time, stage) of what was due and never left.

        What is unsent has no kind: it counts as the first one of the mix.
        """
        for _, stage in unsent:
            self._cell(stage, self._first_kind).unsent += 1
        if self._sent or self._cells:
            self._close_second()

    def _cell(self, stage: int, kind: Kind) -> Tally:
        return self._cells.setdefault((stage, kind), Tally())

    def _close_second(self) -> None:
        for key, tally in self._cells.items():
            self.by_kind.setdefault(key, Tally()).add(tally)
        whole = sum_of(list(self._cells.values()))
        stage, rate = self._wanted(self._starts[0][0] + self._number * _NS + _NS // 2)
        second = Second(
            self._number,
            stage,
            rate,
            self._sent,
            whole.answered,
            whole.failed,
            self._in_flight,
            whole.percentiles(),
        )
        self._number += 1
        self._sent, self._cells = 0, {}
        self.seconds.append(second)
        self._on_second(second)
        self._recent.append((whole.failed, whole.ended))
        failed, ended = (sum(each) for each in zip(*self._recent, strict=True))
        share = self._stop_at_error_share
        if share is not None and ended >= _ERROR_REQUESTS_MIN and failed >= share * ended:
            self.stop_reason = f"{failed} of the last {ended} requests have failed"

    def _wanted(self, at_ns: int) -> tuple[str, float | None]:
        """The stage at a time, and the rate that it wants then."""
        number = sum(start <= at_ns for start, _ in self._starts) - 1
        if not 0 <= number < len(self._stages):
            return "", None
        stage = self._stages[number]
        if stage.rate is None:
            return stage.name, None
        part = min((at_ns - self._starts[number][0]) / (stage.seconds * _NS), 1.0)
        return stage.name, stage.rate + (stage.end_rate - stage.rate) * part
