"""A peer of a load that does as it is told, and what a load of it needs."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from protocol.framing import FrameDecoder
from simulator.load.sink import CARD, MASTER_KEY, Sink
from simulator.scripts import Profile

# What a peer makes of the answers to one piece of the stream: None closes the link.
Answering = Callable[[int, bytes], bytes | None]
Peer = Callable[[Answering], tuple[str, int]]

_END_TIMEOUT_S = 60.0


class _Listener:
    """Answers each link in a thread of its own; `answering` has the number of requests so far, from 1."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._links: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._count = 0
        self._lock = threading.Lock()
        self.address: tuple[str, int] = self._socket.getsockname()
        self._threads[0].start()

    def close(self) -> None:
        # A closed listener doesn't wake who waits in accept; a shut one does.
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for link in self._links:
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(_END_TIMEOUT_S)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                link, _ = self._socket.accept()
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._links.append(link)
                thread = threading.Thread(target=self._serve, args=(link,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, link: socket.socket) -> None:
        sink, decoder = Sink(), FrameDecoder()
        with link, contextlib.suppress(OSError):
            while data := link.recv(65536):
                for payload in decoder.feed(data):
                    answer: bytes | None = sink.answers([payload])
                    if payload[:2] != b"\x08\x00" and answer is not None:
                        with self._lock:
                            self._count += 1
                            number = self._count
                        answer = self._answering(number, answer)
                    if answer is None:
                        return
                    link.sendall(answer)


@pytest.fixture
def peer() -> Iterator[Peer]:
    """Starts peers; sign-ons they always answer rightly."""
    with contextlib.ExitStack() as stack:

        def start(answering: Answering) -> tuple[str, int]:
            return stack.enter_context(contextlib.closing(_Listener(answering))).address

        yield start


@pytest.fixture
def profile() -> Profile:
    """Who the terminals are to such a peer."""
    return Profile(master_key=MASTER_KEY.hex(), variables={"card": CARD})
