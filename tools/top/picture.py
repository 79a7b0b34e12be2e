"""What is known of a watched switch, how old it is, and what its answers came to in the last second."""

from collections import deque
from typing import Final, NamedTuple

from pydantic import ValidationError

from switch.console.frame import Frame
from switch.metrics.histogram import percentile
from switch.metrics.labels import STEP_LABEL
from tools.top.documents import FRAME_EVENT, SIGHT_EVENT, FrameDocument, Sight, StatusPage
from tools.top.event_stream import ServerEvent, StreamFault

# Ten frames come in a second.
STALE_MS: Final = 2000
_SPAN_MS: Final = 1000
_FRAMES_KEPT: Final = 12
_SECONDS_KEPT: Final = 60
_NS_PER_S: Final = 1_000_000_000

Totals = dict[tuple[str, str], int]


class AnswerRate(NamedTuple):
    """Answers of one type and code."""

    type: str
    code: str
    per_s: int
    total: int


class StepRate(NamedTuple):
    """A step between two readings, nanoseconds."""

    name: str
    per_s: int
    p50_ns: int
    p99_ns: int
    p999_ns: int


class _Kept(NamedTuple):
    at_ms: int
    totals: Totals


class Picture:
    """Takes events with the moment they came at; monotonic milliseconds.

    `fault` says why nothing comes, "" while all is well.
    """

    def __init__(self) -> None:
        self.frame: Frame | None = None
        self.sight: Sight | None = None
        self.fault = ""
        self.requests: deque[int] = deque(maxlen=_SECONDS_KEPT)
        self._fields: list[str] = list(Frame._fields)
        self._came_ms = 0
        self._kept: deque[_Kept] = deque(maxlen=_FRAMES_KEPT)

    def begin(self, fields: list[str]) -> None:
        """A stream begins, whose frames have these numbers."""
        self._fields = fields

    def take(self, event: ServerEvent, now_ms: int) -> None:
        """One event of the stream; others than are known are passed over. Raises StreamFault."""
        try:
            if event.name == FRAME_EVENT:
                document = FrameDocument.model_validate_json(event.data)
                self._take_frame(self._named(document.frame), document)
                self._came_ms, self.fault = now_ms, ""
            elif event.name == SIGHT_EVENT:
                self._take_sight(Sight.model_validate_json(event.data))
        except ValidationError as fault:
            first = fault.errors(include_url=False, include_context=False, include_input=False)[0]
            where = ".".join(str(step) for step in first["loc"])
            raise StreamFault(
                f"its {event.name} is not as this software knows it ({where}: {first['msg']})"
            ) from None

    def stale_ms(self, now_ms: int) -> int:
        """For how long nothing has come, 0 while it comes as it should."""
        silent_ms = now_ms - self._came_ms
        return silent_ms if self.frame is None or silent_ms > STALE_MS else 0

    def answers(self) -> list[AnswerRate]:
        """All of them since the switch started, and per second of the last one."""
        if not self._kept:
            return []
        now = self._kept[-1]
        then = next(kept for kept in self._kept if now.at_ms - kept.at_ms <= _SPAN_MS)
        span_ms = max(1, now.at_ms - then.at_ms)
        return [
            AnswerRate(kind, code, (total - then.totals.get((kind, code), 0)) * 1000 // span_ms, total)
            for (kind, code), total in now.totals.items()
        ]

    def _named(self, numbers: list[int]) -> Frame:
        """What another version has besides is left out, what it doesn't have is 0."""
        found = dict(zip(self._fields, numbers, strict=False))
        return Frame(**{"at_ms": 0, **{name: found[name] for name in Frame._fields if name in found}})

    def _take_frame(self, frame: Frame, document: FrameDocument) -> None:
        totals = {(kind, code): count for kind, code, count in document.totals}
        if _begins_anew(self._kept, frame.at_ms, totals):
            self.frame = None
            self._kept.clear()
            self.requests.clear()
        if self.frame is None or frame.at_ms // _SPAN_MS != self.frame.at_ms // _SPAN_MS:
            self.requests.append(frame.approved + frame.declined + frame.repeats)
        self.frame = frame
        self._kept.append(_Kept(frame.at_ms, totals))

    def _take_sight(self, sight: Sight) -> None:
        self.sight = sight


def steps_between(then: StatusPage, now: StatusPage, span_ns: int) -> list[StepRate]:
    """How often and how long each step was between two readings; of a switch started since, from then on."""
    early = then.metrics.step_ns if then.metrics.start_time_ns == now.metrics.start_time_ns else {}
    found = []
    for name in STEP_LABEL.values:
        late = now.metrics.step_ns.get(name)
        if late is None:
            continue
        before = early[name].buckets if name in early else {}
        counts = {bucket: count - before.get(bucket, 0) for bucket, count in late.buckets.items()}
        buckets = {bucket: count for bucket, count in counts.items() if count > 0}
        per_s = sum(buckets.values()) * _NS_PER_S // max(1, span_ns)
        found.append(StepRate(name, per_s, *(percentile(buckets, part) for part in (500, 990, 999))))
    return found


def _begins_anew(kept: deque[_Kept], at_ms: int, totals: Totals) -> bool:
    """A switch that was started again counts from nothing; of the time that one was away nothing is known."""
    if not kept:
        return False
    newest = kept[-1]
    if not 0 <= at_ms - newest.at_ms <= 2 * _SPAN_MS:
        return True
    return any(totals.get(key, 0) < count for key, count in newest.totals.items())
