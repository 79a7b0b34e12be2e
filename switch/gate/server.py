"""The terminal port: connections, batches over all of them, and bounds on everything."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from protocol.faults import ProtocolFault
from protocol.framing import FrameDecoder
from switch.counters import Counters
from switch.gate.commit import GroupCommit, ReplySink
from switch.gate.exchange import Exchange, LinkRefused, Now
from switch.gate.link import LinkState, Phase

_LOG = logging.getLogger("switch.gate")

# A batch this long keeps the loop for some 20 ms.
BATCH_FRAMES_MAX = 256
# Entries that wait for the disk; above it no further batch is run. Far below what one commit may hold.
WAITING_BYTES_MAX = 4 << 20
_UPKEEP_INTERVAL_S = 0.25


@dataclass(frozen=True, slots=True)
class GateLimits:
    """Bounds of the terminal port; times in seconds."""

    connections_max: int
    frame_bytes_max: int
    in_flight_max: int
    write_buffer_bytes_max: int
    idle_timeout_s: float
    sign_on_timeout_s: float


class Gate:
    """All links and the batch that serves them: one run over every whole frame of a loop turn."""

    def __init__(
        self,
        exchange: Exchange,
        counters: Counters,
        limits: GateLimits,
        loop: asyncio.AbstractEventLoop,
        on_failure: Callable[[Exception], None],
    ) -> None:
        self._exchange = exchange
        self._on_failure = on_failure
        self._commit: GroupCommit | None = None
        self._server: asyncio.Server | None = None
        self._ready: deque[TerminalLink] = deque()
        self._batch_is_due = False
        self._upkeep: asyncio.TimerHandle | None = None
        self._is_draining = False
        self._drained = asyncio.Event()
        self._emptied = asyncio.Event()
        self.counters = counters
        self.loop = loop
        self.limits = limits
        self.links: set[TerminalLink] = set()
        self.is_open = False

    async def open(self, commit: GroupCommit, host: str, port: int) -> str:
        """Listen; returns "host:port". Raises OSError where the port is taken."""
        self._commit = commit
        self._server = await self.loop.create_server(lambda: TerminalLink(self), host, port, backlog=1024)
        self.is_open = True
        self._look_after()
        address = self._server.sockets[0].getsockname()
        return f"{address[0]}:{address[1]}"

    async def drain(self) -> None:
        """Stop accepting and reading, answer what has come in, close every link once its replies are sent."""
        self._stop_listening()
        for link in list(self.links):
            link.state.drain()
            link.pause()
        self._is_draining = True
        self._emptied.clear()
        self.note_progress()
        await self._drained.wait()
        for link in list(self.links):
            link.close()
        if self.links:
            await self._emptied.wait()

    def abort(self) -> None:
        """Close every link at once, without another byte."""
        self._stop_listening()
        self._ready.clear()
        self._drained.set()
        for link in list(self.links):
            link.abort()

    def admit(self, link: "TerminalLink") -> bool:
        """Take a new link, unless there are too many."""
        if not self.is_open or len(self.links) >= self.limits.connections_max:
            self.counters.links_refused += 1
            return False
        self.counters.links_opened += 1
        self.links.add(link)
        return True

    def forget(self, link: "TerminalLink") -> None:
        """A link's connection is gone."""
        self.links.discard(link)
        self.note_progress()
        if not self.links:
            self._emptied.set()

    def enqueue(self, link: "TerminalLink") -> None:
        """Let a link with whole frames take part in the next batch."""
        if not link.is_queued:
            link.is_queued = True
            self._ready.append(link)
        self.schedule()

    def note_progress(self) -> None:
        """While draining: see whether every frame that came in is answered."""
        if self._is_draining and not any(link.inbox or link.in_flight for link in self.links):
            self._drained.set()

    def schedule(self) -> None:
        """Run a batch in this loop turn, behind everything that is being received."""
        if self._ready and not self._batch_is_due:
            self._batch_is_due = True
            self.loop.call_soon(self._run_batch)

    def _run_batch(self) -> None:
        self._batch_is_due = False
        commit = self._commit
        if commit is None or commit.waiting_bytes > WAITING_BYTES_MAX:
            return  # the commit in flight schedules the next batch when it is done
        now = Now(time.time_ns() // 1_000_000, self.loop.time())
        replies: dict[ReplySink, list[bytes]] = {}
        left = BATCH_FRAMES_MAX
        for _ in range(len(self._ready)):
            if left == 0:
                break
            link = self._ready.popleft()
            try:
                served, frames = self._serve(link, left, now)
            except Exception as error:  # the state may be half changed: no reply can be trusted any more
                self._on_failure(error)
                return
            left -= served
            if frames:
                replies[link] = frames
            link.is_queued = link.may_be_served
            if link.is_queued:
                self._ready.append(link)
        self.counters.batches += 1
        commit.submit(self._exchange.take_staged(), replies)
        self.schedule()
        self.note_progress()

    def _serve(self, link: "TerminalLink", limit: int, now: Now) -> tuple[int, list[bytes]]:
        """Serve as many frames of a link as it may have in flight; returns their number and the replies."""
        frames: list[bytes] = []
        served = 0
        while served < limit and link.may_be_served:
            served += 1
            try:
                reply = self._exchange.serve(link.state, link.inbox.popleft(), now)
            except LinkRefused as refused:
                _LOG.warning("link %s closed: %s", link.peer, refused)
                link.inbox.clear()
                link.close_after_replies()
                break
            if reply is not None:
                frames.append(reply)
                link.in_flight += 1
        if not frames:
            link.settle()
        return served, frames

    def _look_after(self) -> None:
        now_s = self.loop.time()
        for link in list(self.links):
            if link.state.has_expired(now_s, self.limits.idle_timeout_s, self.limits.sign_on_timeout_s):
                self.counters.links_timed_out += 1
                _LOG.info("link %s closed: silent for too long", link.peer)
                link.abort()
        self._maintain(now_s)
        self._upkeep = self.loop.call_later(_UPKEEP_INTERVAL_S, self._look_after)

    def _maintain(self, now_s: float) -> None:
        commit = self._commit
        if commit is None or self._is_draining or commit.waiting_bytes > WAITING_BYTES_MAX:
            return
        try:
            self._exchange.maintain(Now(time.time_ns() // 1_000_000, now_s))
        except Exception as error:  # the state may be half changed: no reply can be trusted any more
            self._on_failure(error)
            return
        staged = self._exchange.take_staged()
        if staged:
            commit.submit(staged, {})

    def _stop_listening(self) -> None:
        self.is_open = False
        if self._server is not None:
            self._server.close()
        if self._upkeep is not None:
            self._upkeep.cancel()


class TerminalLink(asyncio.Protocol):
    """One connection: cuts frames, holds back a peer that sends faster than it is served or reads."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._decoder = FrameDecoder(gate.limits.frame_bytes_max)
        self._transport: asyncio.Transport | None = None
        self._is_paused = False
        self._peer_reads = True
        self._closes = False
        self.state = LinkState(gate.loop.time())
        self.inbox: deque[bytes] = deque()
        self.in_flight = 0
        self.is_queued = False
        self.peer = ""

    @property
    def may_be_served(self) -> bool:
        """Whether a frame waits and the link has room for one more reply."""
        return bool(self.inbox) and self.in_flight < self._gate.limits.in_flight_max and self._peer_reads

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        address = transport.get_extra_info("peername")
        self.peer = f"{address[0]}:{address[1]}" if address else "?"
        if not self._gate.admit(self):
            self._transport.abort()
            return
        self._transport.set_write_buffer_limits(high=self._gate.limits.write_buffer_bytes_max)

    def data_received(self, data: bytes) -> None:
        if self.state.phase in (Phase.DRAINING, Phase.CLOSED) or self._closes:
            return
        self.state.heard_s = self._gate.loop.time()
        try:
            self.inbox.extend(payload for payload in self._decoder.feed(data) if payload)
        except ProtocolFault as fault:
            self._gate.counters.format_faults += 1
            _LOG.warning("link %s closed: %s", self.peer, fault)
            self.close_after_replies()
            self.settle()
            return
        if self.may_be_served:
            self._gate.enqueue(self)
        if len(self.inbox) + self.in_flight >= self._gate.limits.in_flight_max:
            self.pause()

    def deliver(self, replies: list[bytes]) -> None:
        """Write the replies of one commit, in one go."""
        self.in_flight -= len(replies)
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"".join(replies))
        self.settle()

    def settle(self) -> None:
        """After replies left, or where there were none: go on with what waits, or close."""
        self._gate.note_progress()
        if self._closes and not self.in_flight and not self.inbox:
            self.close()
            return
        if self.may_be_served:
            self._gate.enqueue(self)
        if len(self.inbox) + self.in_flight < self._gate.limits.in_flight_max:
            self._resume()

    def close_after_replies(self) -> None:
        """Take nothing more; close once the replies that wait for the disk have left."""
        self._closes = True
        self.pause()

    def pause(self) -> None:
        """Stop reading; the peer's data stays in the peer."""
        if not self._is_paused and self._transport is not None and not self._transport.is_closing():
            self._is_paused = True
            self._transport.pause_reading()

    def close(self) -> None:
        """Close when the written bytes are sent."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close now."""
        if self._transport is not None:
            self._transport.abort()

    def pause_writing(self) -> None:
        self._peer_reads = False
        self.pause()

    def resume_writing(self) -> None:
        self._peer_reads = True
        self.settle()

    def eof_received(self) -> bool:
        # Half-closed: what came in is still answered, then the link is done.
        self._closes = True
        return self.in_flight > 0 or bool(self.inbox)

    def connection_lost(self, exc: Exception | None) -> None:
        self.state.close()
        self.inbox.clear()
        self._gate.forget(self)

    def _resume(self) -> None:
        if (
            self._is_paused
            and self._peer_reads
            and not self._closes
            and self.state.phase is not Phase.DRAINING
        ):
            self._is_paused = False
            if self._transport is not None and not self._transport.is_closing():
                self._transport.resume_reading()
