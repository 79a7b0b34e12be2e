"""`python -m simulator.load.sink`: answers every request at once and keeps nothing.

What a load finds here is what the generator itself can do on this machine. It knows only one master key, that
of all sinks, and prints its port in a line of JSON when it listens.
"""

import contextlib
import json
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Final

from protocol.codec import view_codec
from protocol.faults import ProtocolFault
from protocol.framing import FrameDecoder, frame
from protocol.message import Value
from protocol.security.keys import derive_terminal_key
from protocol.security.mac import Mac
from protocol.spec import load_spec

# A key of nothing: it is published here.
MASTER_KEY: Final = bytes(range(32))
CARD: Final = "6280000000000017"
_READ_BYTES = 1 << 18
_APPROVED: dict[str, dict[int, Value]] = {
    "0800": {39: "00"},
    "0100": {37: "0" * 12, 39: "00"},
    "0200": {37: "0" * 12, 38: "000000", 39: "00"},
    "0400": {37: "0" * 12, 39: "00"},
}


class Sink:
    """Answers for all terminals of the master key; sans I/O."""

    def __init__(self) -> None:
        self._codec = view_codec(load_spec("vafa"))
        self._macs: dict[bytes, Mac] = {}

    def answers(self, payloads: list[bytes]) -> bytes:
        """Framed answers. Raises ProtocolFault or KeyError for what is no request."""
        found = []
        for payload in payloads:
            if payload:
                view = self._codec.view(payload)
                terminal = view.raw(41)
                mac = self._macs.get(terminal)
                if mac is None:
                    mac = Mac(derive_terminal_key(MASTER_KEY, view.text(41).rstrip(), 1))
                    self._macs[terminal] = mac
                found.append(frame(view.respond(_APPROVED[view.mti], mac)))
        return b"".join(found)


def serve(listener: socket.socket) -> None:
    """Answer until standard input ends."""
    sink = Sink()
    links: dict[int, tuple[socket.socket, FrameDecoder]] = {}
    poll = select.epoll()
    poll.register(listener, select.EPOLLIN)
    poll.register(sys.stdin, select.EPOLLIN)
    while True:
        for descriptor, _ in poll.poll():
            if descriptor == sys.stdin.fileno():
                return
            if descriptor == listener.fileno():
                link, _ = listener.accept()
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                links[link.fileno()] = link, FrameDecoder()
                poll.register(link, select.EPOLLIN)
                continue
            link, decoder = links[descriptor]
            try:
                data = link.recv(_READ_BYTES)
                if data:
                    link.sendall(sink.answers(decoder.feed(data)))
                    continue
            except (OSError, ProtocolFault, KeyError):
                pass
            del links[descriptor]
            link.close()


@contextlib.contextmanager
def running_sink() -> Iterator[tuple[str, int]]:
    """A sink in a process of its own, at this address."""
    with subprocess.Popen(
        [sys.executable, "-m", "simulator.load.sink"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Ctrl-C is for the load, which ends in good order and ends the sink then.
        start_new_session=True,
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout is not None else b""
            yield "127.0.0.1", int(json.loads(line)["port"])
        finally:
            process.kill()


def main() -> None:
    """Listen on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
        serve(listener)


if __name__ == "__main__":
    main()
