"""Many requests over one link: who gets which reply, until when, and how many at a time. No I/O, no clock.

The link's own life is here too: connect, sign on, serve, echo when nothing is heard, drain, sign off.
"""

import heapq
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from protocol.dialect import NetworkCode, ResponseCode
from protocol.message import Message
from protocol.message_type import is_response, response_of
from switch.authoriser.dates import transmission_text
from switch.gate.backoff import Backoff
from switch.upstream.actions import Connect, Disconnect, MuxAction, Now, Outcome, Send, Ticket
from switch.upstream.correlation import Correlation, CorrelationKey
from switch.upstream.states import (
    CONNECTED,
    REQUEST_TRANSITIONS,
    UPSTREAM_TRANSITIONS,
    RequestEvent,
    RequestPhase,
    UpstreamEvent,
    UpstreamPhase,
)
from switch.upstream.wire import Wire, WireFault

_LOG = logging.getLogger("switch.upstream")

WIRE_FAULTS_MAX = 8
STAN_MAX = 999_999


class Refusal(Enum):
    """Why a request can't go out."""

    NOT_UP = auto()
    FULL = auto()
    DUPLICATE_KEY = auto()


class MuxRefused(Exception):  # noqa: N818  (not an error of ours)
    """The request was not taken: nothing was sent and there will be no outcome."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal.name)


class MuxPlan(NamedTuple):
    """Bounds and times, in seconds."""

    in_flight_max: int
    late_kept_max: int
    connect_timeout_s: float
    sign_on_timeout_s: float
    echo_interval_s: float
    echo_timeout_s: float
    first_wait_s: float
    longest_wait_s: float


@dataclass(slots=True)
class MuxCounts:
    """What has happened since the start."""

    sent: int = 0
    answered: int = 0
    timed_out: int = 0
    lost: int = 0
    late: int = 0
    unmatched: int = 0
    wire_faults: int = 0
    connects: int = 0
    losses: int = 0
    echoes: int = 0


class _Open(NamedTuple):
    ticket: Ticket
    deadline_s: float


class _Own(NamedTuple):
    """A network message of this side that awaits its reply."""

    code: NetworkCode
    deadline_s: float


class Multiplexer:
    """All requests on the link. Every method returns what is to be done, in order.

    `chance` gives numbers from 0 up to 1, for the waits between attempts; `last_stan` is the last one that
    was used.
    """

    def __init__(
        self,
        plan: MuxPlan,
        wire: Wire,
        correlation: Correlation,
        chance: Callable[[], float],
        last_stan: int = 0,
    ) -> None:
        self._plan = plan
        self._wire = wire
        self._correlation = correlation
        self._backoff = Backoff(plan.first_wait_s, plan.longest_wait_s, chance)
        self._stan = last_stan
        self._open: dict[CorrelationKey, _Open] = {}
        self._deadlines: list[tuple[float, int, CorrelationKey]] = []
        self._sequence = 0
        self._late: OrderedDict[CorrelationKey, Ticket] = OrderedDict()
        self._own: dict[CorrelationKey, _Own] = {}
        self._attempts = 0
        # When the next attempt is due, or the one under way fails.
        self._dial_s = 0.0
        self._heard_s = 0.0
        self._faults = 0
        self.phase = UpstreamPhase.DOWN
        self.counts = MuxCounts()

    @property
    def in_flight(self) -> int:
        """Requests that await their reply."""
        return len(self._open)

    @property
    def wake_s(self) -> float:
        """Monotonic time by which `tick` has something to do; infinite where there is nothing."""
        times = [own.deadline_s for own in self._own.values()]
        if self._deadlines:
            times.append(self._deadlines[0][0])
        if self.phase in (UpstreamPhase.DOWN, UpstreamPhase.CONNECTING):
            times.append(self._dial_s)
        elif self.phase is UpstreamPhase.UP and not self._own:
            times.append(self._heard_s + self._plan.echo_interval_s)
        return min(times, default=float("inf"))

    def take_stan(self) -> str:
        """A STAN of this side: 1 to 999999 in turn."""
        self._stan = self._stan % STAN_MAX + 1
        return f"{self._stan:06d}"

    def submit(self, ticket: Ticket, message: Message, deadline_s: float) -> list[MuxAction]:
        """Send a request, which from now on has exactly one outcome. Raises MuxRefused, and ProtocolFault
        where a value doesn't fit."""
        if self.phase is not UpstreamPhase.UP:
            raise MuxRefused(Refusal.NOT_UP)
        if len(self._open) >= self._plan.in_flight_max:
            raise MuxRefused(Refusal.FULL)
        key = self._correlation.key(message)
        if key in self._open or key in self._own:
            raise MuxRefused(Refusal.DUPLICATE_KEY)
        frame = self._wire.seal(message)
        self._late.pop(key, None)
        self._open[key] = _Open(ticket, deadline_s)
        self._sequence += 1
        heapq.heappush(self._deadlines, (deadline_s, self._sequence, key))
        if len(self._deadlines) > 4 * self._plan.in_flight_max:
            self._drop_answered()
        self.counts.sent += 1
        return [Send(frame)]

    def connected(self, now: Now) -> list[MuxAction]:
        """The connection is there."""
        self._move(UpstreamEvent.ESTABLISH)
        self.counts.connects += 1
        self._heard_s = now.monotonic_s
        self._faults = 0
        deadline_s = now.monotonic_s + self._plan.sign_on_timeout_s
        return self._tell_all(NetworkCode.SIGN_ON, now, deadline_s)

    def lost(self, now: Now, reason: str = "connection lost") -> list[MuxAction]:
        """The connection is gone, or didn't come about. Everything in flight is lost, at once."""
        if (self.phase, UpstreamEvent.LOSE) not in UPSTREAM_TRANSITIONS:
            return []
        _LOG.warning("upstream link %s: %s", self.phase.name.lower().replace("_", " "), reason)
        self._move(UpstreamEvent.LOSE)
        self.counts.losses += 1
        self._dial_s = now.monotonic_s + self._backoff.wait_s()
        self._own.clear()
        return self._lose_all()

    def feed(self, payloads: Iterable[bytes], now: Now) -> list[MuxAction]:
        """Payloads came in, in order. A reply at its deadline is late."""
        actions = self._expire(now)
        for payload in payloads:
            if self.phase not in CONNECTED:
                break
            self._heard_s = now.monotonic_s
            if payload:
                actions += self._take(payload, now)
        return actions

    def tick(self, now: Now) -> list[MuxAction]:
        """Time has passed."""
        now_s = now.monotonic_s
        actions = self._expire(now)
        if self.phase is UpstreamPhase.DOWN and now_s >= self._dial_s:
            self._move(UpstreamEvent.DIAL)
            self._dial_s = now_s + self._plan.connect_timeout_s
            actions.append(Connect(self._attempts))
            self._attempts += 1
        elif self.phase is UpstreamPhase.CONNECTING and now_s >= self._dial_s:
            actions += self._give_up("no connection in time", now)
        elif any(own.deadline_s <= now_s for own in self._own.values()):
            actions += self._give_up("a network message was not answered in time", now)
        elif (
            self.phase is UpstreamPhase.UP
            and not self._own
            and now_s - self._heard_s >= self._plan.echo_interval_s
        ):
            self.counts.echoes += 1
            deadline_s = now_s + self._plan.echo_timeout_s
            actions.append(self._tell(self._wire.terminal_ids[0], NetworkCode.ECHO, now, deadline_s))
        return actions

    def drain(self, now: Now) -> list[MuxAction]:
        """Take no more; when nothing is in flight, sign off and stop."""
        was_connecting = self.phase in (UpstreamPhase.CONNECTING, UpstreamPhase.SIGNING_ON)
        self._move(UpstreamEvent.DRAIN)
        if was_connecting:
            self._own.clear()
            return [Disconnect("stopped")]
        return self._sign_off(now)

    def _take(self, payload: bytes, now: Now) -> list[MuxAction]:
        try:
            message = self._wire.open(payload)
            key = self._correlation.key(message)
        except (WireFault, KeyError, TypeError) as fault:
            self.counts.wire_faults += 1
            self._faults += 1
            _LOG.warning("upstream sent what is no reply: %s", fault)
            return self._give_up("too many faults", now) if self._faults >= WIRE_FAULTS_MAX else []
        if not is_response(message.mti):
            return self._answer(message)
        own = self._own.pop(key, None)
        if own is not None:
            return self._end_own(own, message, now)
        found = self._open.pop(key, None)
        if found is not None:
            self.counts.answered += 1
            phase = REQUEST_TRANSITIONS[RequestPhase.SENT, RequestEvent.REPLY]
            return [Outcome(found.ticket, phase, message), *self._sign_off(now)]
        ticket = self._late.pop(key, None)
        if ticket is not None:
            self.counts.late += 1
            phase = REQUEST_TRANSITIONS[RequestPhase.TIMED_OUT, RequestEvent.REPLY]
            return [Outcome(ticket, phase, message)]
        self.counts.unmatched += 1
        return []

    def _answer(self, request: Message) -> list[MuxAction]:
        """The partner asks: an echo is answered, everything else refused."""
        is_echo = request.mti[1] == "8" and request.fields.get(70) == NetworkCode.ECHO.value
        if request.mti[1] != "8":
            self.counts.unmatched += 1
            return []
        code = ResponseCode.APPROVED if is_echo else ResponseCode.INVALID_TRANSACTION
        echoed = {number: request.fields[number] for number in (7, 11, 41, 70)}
        return [Send(self._wire.seal(Message(response_of(request.mti), {**echoed, 39: code.value})))]

    def _end_own(self, own: _Own, reply: Message, now: Now) -> list[MuxAction]:
        if own.code is NetworkCode.SIGN_OFF:
            return self._finish() if not self._own else []
        if reply.fields.get(39) != ResponseCode.APPROVED.value:
            return self._give_up(f"{own.code.name.lower().replace('_', '-')} was refused", now)
        if own.code is NetworkCode.SIGN_ON and not self._own:
            self._move(UpstreamEvent.SIGN_ON)
            self._backoff.succeed()
            _LOG.info("upstream link up")
        return []

    def _expire(self, now: Now) -> list[MuxAction]:
        actions: list[MuxAction] = []
        deadlines = self._deadlines
        while deadlines and deadlines[0][0] <= now.monotonic_s:
            deadline_s, _, key = heapq.heappop(deadlines)
            found = self._open.get(key)
            if found is None or found.deadline_s != deadline_s:
                continue
            del self._open[key]
            self.counts.timed_out += 1
            self._late[key] = found.ticket
            if len(self._late) > self._plan.late_kept_max:
                self._late.popitem(last=False)
            phase = REQUEST_TRANSITIONS[RequestPhase.SENT, RequestEvent.TIME_OUT]
            actions.append(Outcome(found.ticket, phase))
        return actions + self._sign_off(now) if actions else actions

    def _drop_answered(self) -> None:
        """Deadlines of answered requests stay in the heap; here they leave before it grows."""
        self._deadlines = [
            entry
            for entry in self._deadlines
            if entry[2] in self._open and self._open[entry[2]].deadline_s == entry[0]
        ]
        heapq.heapify(self._deadlines)

    def _lose_all(self) -> list[MuxAction]:
        phase = REQUEST_TRANSITIONS[RequestPhase.SENT, RequestEvent.LOSE_LINK]
        actions: list[MuxAction] = [Outcome(found.ticket, phase) for found in self._open.values()]
        self.counts.lost += len(actions)
        self._open.clear()
        self._deadlines.clear()
        return actions

    def _give_up(self, reason: str, now: Now) -> list[MuxAction]:
        return [Disconnect(reason), *self.lost(now, reason)]

    def _sign_off(self, now: Now) -> list[MuxAction]:
        if self.phase is not UpstreamPhase.DRAINING or self._open:
            return []
        if any(own.code is NetworkCode.SIGN_OFF for own in self._own.values()):
            return []
        self._own.clear()
        deadline_s = now.monotonic_s + self._plan.sign_on_timeout_s
        return self._tell_all(NetworkCode.SIGN_OFF, now, deadline_s)

    def _finish(self) -> list[MuxAction]:
        self._move(UpstreamEvent.FINISH)
        self._deadlines.clear()
        return [Disconnect("signed off", gracefully=True)]

    def _tell_all(self, code: NetworkCode, now: Now, deadline_s: float) -> list[MuxAction]:
        return [self._tell(terminal_id, code, now, deadline_s) for terminal_id in self._wire.terminal_ids]

    def _tell(self, terminal_id: str, code: NetworkCode, now: Now, deadline_s: float) -> Send:
        fields = {7: transmission_text(now.epoch_ms // 1000), 11: self.take_stan(), 41: terminal_id}
        message = Message("0800", {**fields, 70: code.value})
        self._own[self._correlation.key(message)] = _Own(code, deadline_s)
        return Send(self._wire.seal(message))

    def _move(self, event: UpstreamEvent) -> None:
        self.phase = UPSTREAM_TRANSITIONS[self.phase, event]
