"""One connection: cuts frames, and holds back a peer that sends faster than it is served or reads."""

import asyncio
import logging
from typing import Protocol, cast

from protocol.faults import ProtocolFault
from protocol.framing import FrameDecoder
from switch.gate.echo import EchoWatch
from switch.gate.inbox import Inbox
from switch.gate.link import LinkState
from switch.gate.named_link import NamedLink
from switch.gate.states import LinkPhase, MessagePhase
from switch.gate.tally import MessageTally
from switch.gate.tls import peer_names
from switch.metrics.store import Metrics

_LOG = logging.getLogger("switch.gate")

# What is cut into frames in one go: some 90 requests, so that one link can't keep the loop from the others.
_SLICE_BYTES = 16_384
_DECIDED = int(MessagePhase.DECIDED)


class LinkOwner(Protocol):
    """Who serves a connection's frames."""

    counters: Metrics
    loop: asyncio.AbstractEventLoop

    def admit(self, link: "TerminalLink") -> bool:
        """Take a new link, unless there are too many."""

    def forget(self, link: "TerminalLink") -> None:
        """A link's connection is gone."""

    def enqueue(self, link: "TerminalLink") -> None:
        """Let a link that has work take part in the next batch."""

    def refuse_surplus(self, link: "TerminalLink", payloads: list[bytes]) -> list[bytes]:
        """Refuse what is more than a link may have waiting; returns what must wait all the same."""

    def take_echo_answers(self, link: "TerminalLink", payloads: list[bytes]) -> list[bytes]:
        """Take out the answers to the switch's own echoes."""

    def watch_of(self, link: "TerminalLink") -> EchoWatch | None:
        """The echoes of a new link, if its settings want them."""

    def note_progress(self) -> None:
        """Something was answered or is gone."""


class TerminalLink(asyncio.Protocol):
    """A connection in either role, over TCP or TLS. Its frames are decided at most `in_flight_max` at a time;
    as many more may wait, then it is refused; then it isn't read any more."""

    def __init__(self, owner: LinkOwner, named: NamedLink) -> None:
        limits = named.limits
        self._owner = owner
        self._decoder = FrameDecoder(limits.frame_bytes_max)
        self._transport: asyncio.Transport | None = None
        self._in_flight_max = limits.in_flight_max
        self.held = b""
        self._held_from = 0
        self.is_paused = False
        self._peer_reads = True
        self._closes = False
        self._is_deaf = False
        self._is_tls = named.planned.tls is not None
        self.named = named
        self.state = LinkState(owner.loop.time(), named.planned.terminals, limits.terminals_max)
        self.queue_age_max_s = limits.queue_age_max_ms / 1000
        self.inbox = Inbox()
        self.tally = MessageTally()
        self.watch: EchoWatch | None = None
        self.is_queued = False
        # When the oldest of some decided requests came and how many they are, where these are to be timed.
        self.timed: tuple[float, int] | None = None
        self.peer = ""
        self.lost: asyncio.Event = asyncio.Event()

    @property
    def room(self) -> int:
        """How many more frames may be decided now."""
        return self._in_flight_max - self.tally.counts[_DECIDED] if self._peer_reads else 0

    @property
    def has_work(self) -> bool:
        """Whether a batch can do something for this link."""
        waiting = self.inbox.frames
        if not (waiting or self.held) or not self._peer_reads:
            return False
        if self.held and len(waiting) <= self._in_flight_max:
            return True
        return bool(waiting) and self.tally.counts[_DECIDED] < self._in_flight_max

    @property
    def is_open(self) -> bool:
        """Whether something that came in is not yet answered."""
        return bool(self.inbox.frames or self.held or self.tally.decided)

    @property
    def may_be_written(self) -> bool:
        """Whether the peer reads what it is sent."""
        return self._peer_reads

    @property
    def held_bytes(self) -> int:
        """What was received and isn't cut into frames yet."""
        return len(self.held) - self._held_from + self._decoder.pending_bytes

    @property
    def write_buffer_bytes(self) -> int:
        """What the peer has not taken yet."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    @property
    def heard_s(self) -> float:
        """When the last byte came."""
        return self.state.heard_s

    @property
    def terminals(self) -> int:
        """How many have signed on."""
        return len(self.state.terminals)

    @property
    def echoes(self) -> tuple[int, int]:
        """The switch's own echoes: sent and answered."""
        return (self.watch.sent, self.watch.answered) if self.watch is not None else (0, 0)

    def certificate_names(self) -> tuple[str, ...]:
        """Names in the peer's certificate, if it has shown one."""
        return () if self._transport is None else peer_names(self._transport)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        address = transport.get_extra_info("peername")
        where = f"{address[0]}:{address[1]}" if address else "?"
        self.peer = f"{self.named.name} {where}"
        if not self._owner.admit(self):
            self._transport.abort()
            return
        self._transport.set_write_buffer_limits(high=self.named.limits.write_buffer_bytes_max)
        self.watch = self._owner.watch_of(self)

    def data_received(self, data: bytes) -> None:
        if self._is_deaf:
            return
        self.state.heard_s = now_s = self._owner.loop.time()
        if self.held or len(data) > _SLICE_BYTES:
            self.held = self.held[self._held_from :] + data
            self._held_from = 0
            self.unpack(now_s)
        else:
            self._put(data, now_s)
        if not self.is_queued and (self.inbox.frames or self.held):
            self._owner.enqueue(self)

    def unpack(self, now_s: float) -> None:
        """Cut a slice of what is held into frames, unless too many wait already."""
        if self.held and len(self.inbox) <= self._in_flight_max:
            start, end = self._held_from, self._held_from + _SLICE_BYTES
            piece = self.held[start:end]
            self._held_from = end
            if end >= len(self.held):
                self.held, self._held_from = b"", 0
            self._put(piece, now_s)

    def _put(self, data: bytes, now_s: float) -> None:
        try:
            payloads = [payload for payload in self._decoder.feed(data) if payload]
        except ProtocolFault as fault:
            self._owner.counters.format_faults += 1
            _LOG.warning("link %s closed: %s", self.peer, fault)
            self.held = b""
            self.close_after_replies()
            self.settle()
            return
        if self.watch is not None:
            payloads = self._owner.take_echo_answers(self, payloads)
        self.tally.arrive(len(payloads))
        waiting = self.inbox.frames
        surplus = len(waiting) + len(payloads) - self._in_flight_max
        if surplus > 0 and (surplus := surplus - self.room) > 0:
            fitting = max(0, len(payloads) - surplus)
            payloads[fitting:] = self._owner.refuse_surplus(self, payloads[fitting:])
        self.inbox.put(payloads, now_s)
        if self.held or len(waiting) >= self._in_flight_max:
            self.pause()

    def deliver(self, replies: list[bytes]) -> None:
        """Write the replies of one commit, in one go."""
        if self.state.phase is LinkPhase.CLOSED:
            return
        self.tally.reply(len(replies))
        self.write(b"".join(replies))
        if self.timed is not None:
            oldest_s, count = self.timed
            self.timed = None
            duration_ns = int((self._owner.loop.time() - oldest_s) * 1_000_000_000)
            self._owner.counters.group_answered(duration_ns, count)
        if self._closes or self.is_paused or self.inbox.frames:
            self.settle()
        else:
            self._owner.note_progress()

    def forgo(self) -> None:
        """A forwarded request gets no reply after all."""
        if self.state.phase is not LinkPhase.CLOSED:
            self.tally.give_up(1)
            self.settle()

    def write(self, data: bytes) -> None:
        """Write what doesn't wait for the disk."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def settle(self) -> None:
        """After replies left, or where there were none: go on with what waits, or close."""
        self._owner.note_progress()
        if self._closes and not self.is_open:
            self.close()
            return
        if self.has_work:
            self._owner.enqueue(self)
        self.resume()

    def give_up(self) -> None:
        """Serve nothing more of what waits; close once the replies that wait for the disk have left."""
        self.inbox.clear()
        self.held = b""
        self.close_after_replies()

    def close_after_replies(self) -> None:
        """Take nothing more; close once what came in is answered."""
        self._closes = self._is_deaf = True
        self.pause()

    def close_when_answered(self) -> None:
        """Take nothing more; close once what came in is answered, which may be now."""
        self.state.drain()
        self.close_after_replies()
        self.settle()

    def drain(self) -> None:
        """Take nothing more; what came in will be answered."""
        self._is_deaf = True
        self.state.drain()
        self.pause()

    def pause(self) -> None:
        """Stop reading; the peer's data stays in the peer."""
        if not self.is_paused and self._transport is not None and not self._transport.is_closing():
            self.is_paused = True
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
        # Half-closed: what came in is still answered, then the link is done. TLS can't be half closed here.
        self._closes = self._is_deaf = True
        return self.is_open and not self._is_tls

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_deaf = True
        self.state.close()
        self.inbox.clear()
        self.held = b""
        self.tally.lose_link()
        self.lost.set()
        self._owner.forget(self)

    def resume(self) -> None:
        """Read on, if there is room for what comes."""
        if (
            self.is_paused
            and not self.held
            and len(self.inbox) < self._in_flight_max
            and self._peer_reads
            and not self._is_deaf
        ):
            self.is_paused = False
            if self._transport is not None and not self._transport.is_closing():
                self._transport.resume_reading()
