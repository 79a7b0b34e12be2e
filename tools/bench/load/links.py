"""Links of the load: prepared bytes out as far as they are allowed, replies cut and kept, no waiting."""

import select
import socket
import time
from collections.abc import Sequence

from protocol.codec import decode
from protocol.framing import FrameDecoder
from protocol.security.mac import Mac
from tools.bench.load.purchases import SPEC, STAN_MAX, PurchaseMaker, mac_of, sign_on_frame, terminal_field

SIGN_ON_TIMEOUT_S = 30.0
_READ_BYTES = 1 << 16
# What a stalled switch leaves in our own kernel is small, so that the load is soon over once it stops.
_SEND_BUFFER_BYTES = 16_384


class LoadFault(Exception):  # noqa: N818  (a fault is the field's word)
    """The switch can't be loaded; the text says why."""


class LoadLink:
    """One connection that speaks for some terminals in turn; frame n has STAN n + 1.

    `number` is its place among the links. `allowed` frames may leave, `frames_sent` have left; `answered`
    counts whole replies, `chunks` are the received bytes with their times.
    """

    def __init__(self, number: int, address: str, terminals: Sequence[int]) -> None:
        self.number = number
        self._terminals = terminals
        self._macs = [mac_of(terminal) for terminal in terminals]
        host, _, port = address.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=SIGN_ON_TIMEOUT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        self._frames = memoryview(b"")
        self._frame_bytes = 1
        self._sent_bytes = 0
        self._left = b""
        self.descriptor = self._socket.fileno()
        self.prepared = 0
        self.allowed = 0
        self.answered = 0
        self.waits_for_room = False
        self.chunks: list[tuple[int, bytes]] = []

    @property
    def frames_sent(self) -> int:
        """Frames of which at least a part has left: they can't be taken back."""
        return -(-self._sent_bytes // self._frame_bytes)

    def macs(self) -> dict[bytes, Mac]:
        """MACs of the link's terminals by field 41 as it stands in messages."""
        return {
            terminal_field(terminal): mac for terminal, mac in zip(self._terminals, self._macs, strict=True)
        }

    def prepare(self, maker: PurchaseMaker, count: int) -> None:
        """Make so many purchases, the terminals taking turns."""
        count = min(count, STAN_MAX - 1)
        turns = list(zip(self._terminals, self._macs, strict=True))
        made = [maker.frame(*turns[index % len(turns)], index + 1) for index in range(count)]
        self._frames = memoryview(b"".join(made))
        self._frame_bytes = maker.frame_bytes
        self.prepared = count

    def sign_on(self, transmitted_s: int) -> None:
        """Sign every terminal on. Raises LoadFault."""
        turns = zip(self._terminals, self._macs, strict=True)
        self._socket.sendall(b"".join(sign_on_frame(*turn, transmitted_s) for turn in turns))

    def expect_signed_on(self) -> None:
        """Wait for the replies of `sign_on`. Raises LoadFault."""
        decoder = FrameDecoder()
        missing = len(self._terminals)
        while missing:
            data = self._socket.recv(_READ_BYTES)
            if not data:
                raise LoadFault("the switch closed a link at sign-on")
            for payload in decoder.feed(data):
                code = decode(SPEC, payload).text(39)
                if code != "00":
                    raise LoadFault(f"the switch answered {code} to a sign-on")
                missing -= 1
        self._socket.setblocking(False)

    def flush(self) -> None:
        """Send what is allowed and not sent yet, as far as there's room."""
        end = self.allowed * self._frame_bytes
        while self._sent_bytes < end:
            try:
                self._sent_bytes += self._socket.send(self._frames[self._sent_bytes : end])
            except BlockingIOError:
                self.waits_for_room = True
                return
        self.waits_for_room = False

    def receive(self) -> int:
        """Keep what has come; returns how many replies it completed. Raises LoadFault."""
        try:
            data = self._socket.recv(_READ_BYTES)
        except BlockingIOError:
            return 0
        except ConnectionError:
            data = b""
        if not data:
            raise LoadFault("the switch closed a link under load")
        self.chunks.append((time.monotonic_ns(), data))
        if self._left:
            data = self._left + data
        start, end, count = 0, len(data), 0
        while end - start >= 2:
            stop = start + 2 + (data[start] << 8 | data[start + 1])
            if stop > end:
                break
            start = stop
            count += 1
        self._left = data[start:]
        self.answered += count
        return count

    def close(self) -> None:
        self._socket.close()


class LinkSet:
    """All links of a load and the one place where it waits for them."""

    def __init__(self, links: list[LoadLink]) -> None:
        self.links = links
        self._by_descriptor = {link.descriptor: link for link in links}
        self._poll = select.epoll()
        self._waiting: set[LoadLink] = set()
        for link in links:
            self._poll.register(link.descriptor, select.EPOLLIN)

    def flush(self, link: LoadLink) -> None:
        """Send what the link may, now or when there's room."""
        link.flush()
        if link.waits_for_room and link not in self._waiting:
            self._waiting.add(link)
            self._poll.modify(link.descriptor, select.EPOLLIN | select.EPOLLOUT)

    def turn(self, timeout_s: float) -> list[tuple[LoadLink, int]]:
        """Receive what has come, and send where there's room again; links with their number of replies."""
        found = []
        for descriptor, events in self._poll.poll(timeout_s, len(self.links)):
            link = self._by_descriptor[descriptor]
            if events & select.EPOLLOUT:
                link.flush()
                if not link.waits_for_room:
                    self._waiting.discard(link)
                    self._poll.modify(descriptor, select.EPOLLIN)
            if events & ~select.EPOLLOUT:
                count = link.receive()
                if count:
                    found.append((link, count))
        return found

    def close(self) -> None:
        """Close everything."""
        self._poll.close()
        for link in self.links:
            link.close()
