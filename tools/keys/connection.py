"""The way to a terminal in service: a serial line with the technician's cable, or a socket that it dials."""

import os
import select
import socket
import termios
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.keys.injection import Ask
from tools.keys.package import KeyFault

_ANSWER_BYTES_MAX = 512
_READ_BYTES = 512
_ANSWER_S = 10.0
_KNOCK_S = 1.0
_QUIET_S = 0.2


class Conversation:
    """Lines to a descriptor and their answers; what is no answer, as noise of a line, is passed over."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._received = b""

    def ask(self, line: str) -> str:
        """The answer to a line. Raises KeyFault."""
        self._send(line)
        answer = self._answer(time.monotonic() + _ANSWER_S)
        if answer is None:
            raise KeyFault("the terminal does not answer")
        return answer

    def knock(self, timeout_s: float) -> None:
        """Wait until the terminal answers. Raises KeyFault."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            self._send("")
            if self._answer(min(deadline, time.monotonic() + _KNOCK_S)) is not None:
                # It may have heard several knocks.
                while self._answer(time.monotonic() + _QUIET_S) is not None:
                    pass
                return
        raise KeyFault("no terminal in service answers")

    def _send(self, line: str) -> None:
        data = line.encode("ascii") + b"\n"
        try:
            while data:
                _, ready, _ = select.select([], [self._descriptor], [], _ANSWER_S)
                if not ready:
                    raise KeyFault("the terminal takes nothing")
                data = data[os.write(self._descriptor, data) :]
        except OSError as fault:
            raise KeyFault(f"the line to the terminal: {fault.strerror}") from None

    def _answer(self, deadline: float) -> str | None:
        while True:
            line, newline, rest = self._received.partition(b"\n")
            if newline:
                self._received = rest
                text = line.decode("ascii", "replace").strip()
                if text.split(" ", 1)[0] in ("ok", "refused"):
                    return text
                continue
            if len(self._received) > _ANSWER_BYTES_MAX:
                self._received = b""
            left_s = deadline - time.monotonic()
            if left_s <= 0 or not select.select([self._descriptor], [], [], left_s)[0]:
                return None
            try:
                data = os.read(self._descriptor, _READ_BYTES)
            except OSError as fault:
                raise KeyFault(f"the line to the terminal: {fault.strerror}") from None
            if not data:
                raise KeyFault("the terminal went away")
            self._received += data


@contextmanager
def over_line(path: Path, timeout_s: float) -> Iterator[Ask]:
    """A serial line, 115,200 bits a second, 8N1. Raises KeyFault."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError as fault:
        raise KeyFault(f"{path}: {fault.strerror}") from None
    try:
        try:
            tty.setraw(descriptor)
            attributes = termios.tcgetattr(descriptor)
            attributes[4] = attributes[5] = termios.B115200
            termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
        except termios.error:
            raise KeyFault(f"{path}: not a serial line") from None
        conversation = Conversation(descriptor)
        conversation.knock(timeout_s)
        yield conversation.ask
    finally:
        os.close(descriptor)


@contextmanager
def over_socket(listener: socket.socket, timeout_s: float) -> Iterator[Ask]:
    """The terminal that dials `listener`, the first one. Raises KeyFault."""
    listener.settimeout(timeout_s)
    try:
        connection, _ = listener.accept()
    except TimeoutError:
        raise KeyFault("no terminal in service answers") from None
    with connection:
        connection.setblocking(False)
        conversation = Conversation(connection.fileno())
        conversation.knock(timeout_s)
        yield conversation.ask
