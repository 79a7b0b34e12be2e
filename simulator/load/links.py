"""Links of a load: non-blocking connections that sign their terminals on, and again where they were lost."""

import errno
import os
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum
from typing import NamedTuple

from protocol.codec import decode
from protocol.faults import ProtocolFault
from protocol.framing import FrameDecoder
from simulator.load.moments import Moment
from simulator.load.requests import SPEC, Terminal, sign_on

SIGN_ON_TIMEOUT_S = 30.0
_NS = 1_000_000_000
_READ_BYTES = 1 << 16
# What a stalled switch leaves in our own kernel is small, so that the load is soon over once it stops.
_SEND_BUFFER_BYTES = 16_384
# Connections that are being opened at a time: a listener's queue is short.
_OPENING_MAX = 64
_BACK_OFF_NS = _NS // 10
_BACK_OFF_MAX_NS = 3 * _NS
# epoll counts in milliseconds; what must be nearer is waited for by select, which counts in microseconds.
_COARSE_WAIT_S = 0.002
_CONNECTING = (0, errno.EINPROGRESS)


class LoadFault(Exception):  # noqa: N818  (a fault is the field's word)
    """The switch can't be loaded; the text says why."""


class Received(NamedTuple):
    """What one link brought in one turn."""

    link: int
    payloads: list[bytes]
    at_ns: int


class _State(Enum):
    CONNECTING = 1
    SIGNING_ON = 2
    UP = 3
    DOWN = 4


class _Link:
    """One connection that speaks for some terminals."""

    def __init__(self, number: int, terminals: Sequence[Terminal]) -> None:
        self.number = number
        self.terminals = terminals
        self.macs = {terminal.terminal_id: terminal.mac for terminal in terminals}
        self.state = _State.DOWN
        self.socket: socket.socket | None = None
        self.unsigned = 0
        self.out = memoryview(b"")
        self.wants_room = True
        self.decoder = FrameDecoder()
        self.retry_ns = 0
        self.back_off_ns = _BACK_OFF_NS


class LinkSet:
    """All links of a load and the one place where it waits for them.

    `reconnects` tells whether a lost link is opened again; without, its loss raises LoadFault. `lost` holds
    the numbers of links that went down since somebody cleared it; `losses` counts them all.
    """

    def __init__(
        self,
        host: str,
        port: int,
        shares: Sequence[Sequence[Terminal]],
        moment: Callable[[], Moment],
        *,
        reconnects: bool,
    ) -> None:
        """`shares` are the terminals of each link. Raises LoadFault where the host has no address."""
        # First, so that its descriptor is one of those that select can take.
        self._poll = select.epoll()
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            self._poll.close()
            raise LoadFault(f"{host}: {error.strerror or 'no address'}") from None
        self._family: int = found[0][0]
        self._address = found[0][4]
        self._moment = moment
        self._reconnects = reconnects
        self._links = [_Link(number, terminals) for number, terminals in enumerate(shares)]
        self._by_descriptor: dict[int, _Link] = {}
        self._down = deque(self._links)
        self._opening = 0
        self.up = 0
        self.lost: list[int] = []
        self.losses = 0
        self.waited_ns = 0

    def open(self) -> None:
        """Open all links and sign everybody on. Raises LoadFault."""
        stop_ns = time.monotonic_ns() + int(SIGN_ON_TIMEOUT_S * _NS)
        reconnects, self._reconnects = self._reconnects, False
        while self.up < len(self._links):
            left_ns = stop_ns - time.monotonic_ns()
            if left_ns <= 0:
                waiting = [link for link in self._links if link.state is not _State.UP]
                missing = sum(link.unsigned or len(link.terminals) for link in waiting)
                raise LoadFault(f"the switch leaves {missing} sign-ons unanswered")
            self.turn(min(left_ns / _NS, 0.1))
        self._reconnects = reconnects

    def has_room(self, number: int) -> bool:
        """Whether a link is up and has sent all that it was given."""
        link = self._links[number]
        return link.state is _State.UP and not link.out

    def send(self, number: int, data: bytes) -> None:
        """Send on a link that has room; what the kernel doesn't take at once leaves in later turns."""
        link = self._links[number]
        link.out = memoryview(data)
        self._flush(link)

    def turn(self, timeout_s: float) -> list[Received]:
        """Wait until something happens, at most so long; receive, send, connect. Raises LoadFault."""
        if self._down:
            self._open_some()
        found = []
        for descriptor, events in self._events(timeout_s):
            link = self._by_descriptor.get(descriptor)
            if link is None:
                continue
            if events & select.EPOLLOUT:
                self._writable(link)
            if events & ~select.EPOLLOUT and link.socket is not None:
                payloads = self._receive(link)
                if payloads:
                    found.append(Received(link.number, payloads, time.monotonic_ns()))
        return found

    def close(self) -> None:
        """Close everything."""
        self._poll.close()
        for link in self._links:
            if link.socket is not None:
                link.socket.close()

    def _events(self, timeout_s: float) -> list[tuple[int, int]]:
        count = len(self._links)
        if timeout_s <= 0:
            return self._poll.poll(0, count)
        began_ns = time.monotonic_ns()
        if timeout_s < _COARSE_WAIT_S:
            select.select((self._poll,), (), (), timeout_s)
            timeout_s = 0.0
        # It is woken up to a millisecond late, so it is asked to wait for one less.
        events = self._poll.poll(max(timeout_s - _COARSE_WAIT_S / 2, 0), count)
        self.waited_ns += time.monotonic_ns() - began_ns
        return events

    def _open_some(self) -> None:
        now_ns = time.monotonic_ns()
        for _ in range(min(len(self._down), _OPENING_MAX - self._opening)):
            link = self._down.popleft()
            if link.retry_ns > now_ns:
                self._down.append(link)
                continue
            link.socket = socket.socket(self._family, socket.SOCK_STREAM)
            link.socket.setblocking(False)
            link.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            link.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
            link.state = _State.CONNECTING
            self._opening += 1
            code = link.socket.connect_ex(self._address)
            self._by_descriptor[link.socket.fileno()] = link
            self._poll.register(link.socket, select.EPOLLIN | select.EPOLLOUT)
            link.wants_room = True
            if code not in _CONNECTING:
                self._lose(link, f"no link could be opened: {os.strerror(code)}")

    def _writable(self, link: _Link) -> None:
        if link.state is _State.CONNECTING and link.socket is not None:
            code = link.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                self._lose(link, f"no link could be opened: {os.strerror(code)}")
                return
            link.state, link.unsigned, link.decoder = _State.SIGNING_ON, len(link.terminals), FrameDecoder()
            moment = self._moment()
            link.out = memoryview(b"".join(sign_on(terminal, moment) for terminal in link.terminals))
        self._flush(link)

    def _flush(self, link: _Link) -> None:
        if link.socket is None:
            return
        try:
            while link.out:
                link.out = link.out[link.socket.send(link.out) :]
        except BlockingIOError:
            pass
        except ConnectionError:
            self._lose(link, "the switch closed a link")
            return
        if link.wants_room != bool(link.out):
            link.wants_room = bool(link.out)
            self._poll.modify(link.socket, select.EPOLLIN | (select.EPOLLOUT if link.out else 0))

    def _receive(self, link: _Link) -> list[bytes]:
        try:
            data = link.socket.recv(_READ_BYTES) if link.socket is not None else b""
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        if not data:
            self._lose(link, "the switch closed a link")
            return []
        try:
            payloads = link.decoder.feed(data)
        except ProtocolFault:
            self._lose(link, "the switch sent a frame that is too long")
            return []
        while link.state is not _State.UP and payloads:
            self._signed_on(link, payloads.pop(0))
        return payloads

    def _signed_on(self, link: _Link, payload: bytes) -> None:
        if not payload or link.state is not _State.SIGNING_ON:
            return
        try:
            reply = decode(SPEC, payload)
            code, terminal_id = reply.text(39), reply.text(41)
        except (ProtocolFault, KeyError, TypeError):
            self._lose(link, "the switch answered a sign-on with something else")
            return
        mac = link.macs.get(terminal_id)
        if code != "00" or mac is None:
            self._lose(link, f"the switch answered {code} to the sign-on of {terminal_id}")
            return
        if not mac.verify(payload):
            self._lose(link, f"the switch has another key of {terminal_id}: its answer's MAC is wrong")
            return
        link.unsigned -= 1
        if not link.unsigned:
            link.state, link.back_off_ns = _State.UP, _BACK_OFF_NS
            self._opening -= 1
            self.up += 1

    def _lose(self, link: _Link, why: str) -> None:
        if not self._reconnects:
            raise LoadFault(why)
        if link.state is _State.UP:
            self.up -= 1
            self.lost.append(link.number)
            self.losses += 1
        else:
            self._opening -= 1
        if link.socket is not None:
            self._by_descriptor.pop(link.socket.fileno(), None)
            link.socket.close()
        link.socket, link.state, link.out = None, _State.DOWN, memoryview(b"")
        link.retry_ns = time.monotonic_ns() + link.back_off_ns
        link.back_off_ns = min(2 * link.back_off_ns, _BACK_OFF_MAX_NS)
        self._down.append(link)
