"""The generator: sends what is due, receives, and makes requests ahead while nothing else is to be done."""

import random
import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from simulator.load.arrivals import arrivals
from simulator.load.lanes import Lane, Request
from simulator.load.links import LinkSet, Received
from simulator.load.plan import Stage
from simulator.load.replies import Answer, ReplyFault, ReplyReader
from switch.metrics.histogram import Histogram

_NS = 1_000_000_000
# Made ahead: so many requests at most, and for no later time, as they bear the time of day and undo what has
# been answered by then.
_AHEAD_MAX = 4096
_AHEAD_NS = _NS // 20
# Made in one turn in which nothing else is to be done: some 50 microseconds.
_AHEAD_AT_ONCE = 16
# Sent in one turn, so that a load that is behind still receives.
_DUE_AT_ONCE = 512
# Requests that wait for a place on their link; of more the load is given up.
_BACKLOG_MAX = 1_000_000
# Whoever sleeps is woken up some 50 microseconds late: the last of a wait is spun.
_SPIN_NS = 200_000
_SWEEP_NS = _NS // 20
# So long the load goes on without any link.
_ALONE_NS = 10 * _NS


class Limits(NamedTuple):
    """Bounds: requests on their way on a link; times in nanoseconds.

    What is not sent `send_ns` after the last stage stays unsent; a request is given up `give_up_ns` after it
    was sent; then the load waits at most `drain_ns` more for answers.
    """

    in_flight: int
    send_ns: int
    give_up_ns: int
    drain_ns: int


class Watcher(Protocol):
    """Who is told what happens; any method may raise to end the load."""

    def stage_begins(self, stage: int, now_ns: int) -> None:
        """A stage begins; past the last one: the last one is over."""

    def sent(self, count: int) -> None:
        """So many requests have left."""

    def answered(self, request: Request, answer: Answer, at_ns: int) -> None:
        """A reply has come to a request."""

    def not_answered(self, request: Request, *, link_lost: bool) -> None:
        """A request has been given up."""

    def unasked(self, answer: Answer, *, is_late: bool) -> None:
        """A reply has come to a request that was given up, or to none."""

    def misfit(self, fault: ReplyFault) -> None:
        """A reply has come that isn't as it must be."""

    def tick(self, now_ns: int) -> str:
        """Some time has passed (this comes some twenty times a second); a reason to stop, if there is one."""


class Engine:
    """Runs stages on links that are open. `lateness` (nanoseconds, by turn) and `idle_ns` are its own."""

    def __init__(
        self, links: LinkSet, lanes: Sequence[Lane], limits: Limits, watcher: Watcher, *, burst: int
    ) -> None:
        self._links = links
        self._lanes = lanes
        self._limits = limits
        self._watcher = watcher
        self._burst = burst
        self._reader = ReplyReader()
        self._stage = 0
        self._number = 0
        self._left: int | None = None
        self._planned: deque[tuple[int, Lane]] = deque()
        self._coming: Iterator[int] = iter(())
        self._is_last = True
        self._thinkers: deque[tuple[int, Lane]] = deque()
        self._shares: list[int] = []
        self._think_ns = 0
        self._sweep_ns = 0
        self._alone_since_ns = 0
        self._spun_ns = 0
        self.lateness = Histogram()
        self.stopped = ""
        # (time, stage) of what was due and never left.
        self.unsent: list[tuple[int, int]] = []

    def stop(self, reason: str) -> None:
        """End the load soon, in good order; the first reason is kept."""
        self.stopped = self.stopped or reason

    @property
    def idle_ns(self) -> int:
        """Time in which there was nothing to do."""
        return self._links.waited_ns + self._spun_ns

    @property
    def in_flight(self) -> int:
        """Requests on their way."""
        return sum(len(lane.waiting) for lane in self._lanes)

    def run(
        self, stages: Sequence[Stage], chooser: random.Random | None, requests_max: int | None = None
    ) -> None:
        """Run the stages. A closed loop ends when `requests_max` have been sent. Raises LoadFault."""
        self._left = requests_max
        for number, stage in enumerate(stages):
            if self.stopped:
                break
            self._stage = number
            now_ns = time.monotonic_ns()
            self._watcher.stage_begins(number, now_ns)
            if stage.users is None:
                self._shares = []
                self._open_loop(stage, now_ns, chooser)
            else:
                self._closed_loop(stage, stage.users, now_ns)
        self._finish(len(stages))

    def _open_loop(self, stage: Stage, start_ns: int, chooser: random.Random | None) -> None:
        self._coming = (
            start_ns + offset
            for offset in arrivals(stage.seconds, stage.rate or 0.0, stage.end_rate, chooser)
        )
        self._is_last = False
        planned, end_ns = self._planned, start_ns + int(stage.seconds * _NS)
        now_ns, was_idle = start_ns, False
        while not self.stopped:
            before_ns, now_ns = now_ns, time.monotonic_ns()
            if was_idle:
                self._spun_ns += now_ns - before_ns
            has_sent = self._send_due(now_ns)
            if self._is_last and not planned and now_ns >= end_ns:
                break
            timeout_s, has_made = 0.0, False
            if not has_sent:
                has_made = self._make_ahead(now_ns)
                if not has_made:
                    timeout_s = self._until((planned[0][0] if planned else end_ns) - _SPIN_NS, now_ns)
            received = self._links.turn(timeout_s)
            self._take(received)
            was_idle = not (has_sent or has_made or received or timeout_s)
            self._sweep(now_ns)
        for _, lane in planned:
            lane.promised -= 1
        planned.clear()

    def _send_due(self, now_ns: int) -> bool:
        planned, stage = self._planned, self._stage
        if not planned and not self._plan(1):
            return False
        first_ns = planned[0][0]
        if first_ns > now_ns:
            return False
        self.lateness.record(now_ns - first_ns)
        touched: dict[Lane, None] = {}
        for _ in range(_DUE_AT_ONCE):
            if not planned or planned[0][0] > now_ns:
                break
            due_ns, lane = planned.popleft()
            lane.promised -= 1
            lane.due.append((due_ns, stage))
            touched[lane] = None
            if not planned:
                self._plan(1)
        for lane in touched:
            self._push(lane, now_ns)
        return True

    def _plan(self, count: int) -> bool:
        """Plan so many arrivals more, with their requests; tells whether there were any."""
        lanes, burst = self._lanes, self._burst
        for planned in range(count):
            due_ns = next(self._coming, None)
            if due_ns is None:
                self._is_last = True
                return planned > 0
            lane = lanes[self._number // burst % len(lanes)]
            self._number += 1
            lane.promise()
            self._planned.append((due_ns, lane))
        return True

    def _make_ahead(self, now_ns: int) -> bool:
        planned = self._planned
        if self._is_last or len(planned) >= _AHEAD_MAX or (planned and planned[-1][0] > now_ns + _AHEAD_NS):
            return False
        return self._plan(_AHEAD_AT_ONCE)

    def _closed_loop(self, stage: Stage, users: int, start_ns: int) -> None:
        count = len(self._lanes)
        self._shares = [users // count + (number < users % count) for number in range(count)]
        self._think_ns = stage.think_ms * 1_000_000
        end_ns = start_ns + int(stage.seconds * _NS)
        for lane in self._lanes:
            self._refill(lane, start_ns)
        now_ns = start_ns
        while now_ns < end_ns and not self.stopped:
            wake_ns = min(self._thinkers[0][0] if self._thinkers else end_ns, end_ns)
            self._take(self._links.turn(self._until(wake_ns, now_ns)))
            now_ns = time.monotonic_ns()
            while self._thinkers and self._thinkers[0][0] <= now_ns < end_ns:
                _, lane = self._thinkers.popleft()
                lane.thinking -= 1
                self._refill(lane, now_ns)
            self._sweep(now_ns)
            if self._left == 0 and not self.in_flight:
                return

    def _refill(self, lane: Lane, now_ns: int) -> None:
        """Let the free users of a closed loop's link begin."""
        free = self._shares[lane.number] - lane.active
        if self._left is not None:
            free = min(free, self._left)
            self._left -= max(free, 0)
        if free > 0:
            lane.due.extend([(now_ns, self._stage)] * free)
            self._push(lane, now_ns)

    def _push(self, lane: Lane, now_ns: int) -> None:
        """Send what is due on a link, as far as it may."""
        count = min(len(lane.due), self._limits.in_flight - len(lane.waiting))
        if count > 0 and self._links.has_room(lane.number):
            self._links.send(lane.number, lane.send_due(count, now_ns))
            self._watcher.sent(count)

    def _take(self, received: Sequence[Received]) -> None:
        read, watcher = self._reader.read, self._watcher
        for number, payloads, at_ns in received:
            lane = self._lanes[number]
            settled = 0
            for payload in payloads:
                if not payload:
                    continue
                try:
                    answer = read(payload, lane.macs)
                except ReplyFault as fault:
                    watcher.misfit(fault)
                    continue
                request = lane.settle(answer)
                if request is None:
                    watcher.unasked(answer, is_late=lane.was_given_up(answer.stan))
                    continue
                settled += 1
                watcher.answered(request, answer, at_ns)
            self._go_on(lane, settled, at_ns)

    def _go_on(self, lane: Lane, settled: int, now_ns: int) -> None:
        """Requests of a link are off its way: others may follow."""
        if self._shares:
            if self._think_ns:
                lane.thinking += settled
                self._thinkers.extend([(now_ns + self._think_ns, lane)] * settled)
            else:
                self._refill(lane, now_ns)
        if lane.due:
            self._push(lane, now_ns)

    def _sweep(self, now_ns: int) -> None:
        """Now and then: give up what waits too long, and look at the links."""
        if now_ns < self._sweep_ns:
            return
        self._sweep_ns = now_ns + _SWEEP_NS
        for number in self._links.lost:
            self._give_up(self._lanes[number], now_ns, now_ns, link_lost=True)
        self._links.lost.clear()
        backlog = 0
        for lane in self._lanes:
            self._give_up(lane, now_ns - self._limits.give_up_ns, now_ns, link_lost=False)
            if lane.due:
                self._push(lane, now_ns)
                backlog += len(lane.due)
        if backlog > _BACKLOG_MAX:
            self.stop(f"{backlog} requests wait for a place on their link")
        if self._links.up:
            self._alone_since_ns = now_ns
        elif now_ns - self._alone_since_ns > _ALONE_NS:
            self.stop("every link was lost and none could be opened again")
        reason = self._watcher.tick(now_ns)
        if reason:
            self.stop(reason)

    def _give_up(self, lane: Lane, sent_until_ns: int, now_ns: int, *, link_lost: bool) -> None:
        given_up = lane.give_up(sent_until_ns)
        for request in given_up:
            self._watcher.not_answered(request, link_lost=link_lost)
        if given_up:
            self._go_on(lane, len(given_up), now_ns)

    def _finish(self, stages: int) -> None:
        """Send the rest that is due, and wait for the answers, both only so long."""
        self._shares, now_ns = [], time.monotonic_ns()
        self._watcher.stage_begins(stages, now_ns)
        for bound_ns, sends in ((self._limits.send_ns, not self.stopped), (self._limits.drain_ns, False)):
            stop_ns = now_ns + bound_ns
            if not sends:
                for lane in self._lanes:
                    self.unsent.extend(lane.due)
                    lane.due.clear()
            while now_ns < stop_ns and any(lane.waiting or lane.due for lane in self._lanes):
                self._take(self._links.turn(self._until(min(stop_ns, now_ns + _SWEEP_NS), now_ns)))
                now_ns = time.monotonic_ns()
                self._sweep(now_ns)
        for lane in self._lanes:
            self._give_up(lane, now_ns, now_ns, link_lost=False)
        self._watcher.tick(now_ns)

    def _until(self, then_ns: int, now_ns: int) -> float:
        return min(max(then_ns - now_ns, 0), _SWEEP_NS) / _NS
