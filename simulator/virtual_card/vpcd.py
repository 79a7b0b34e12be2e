"""A virtual card in the virtual PC/SC reader `vpcd` (vsmartcard-vpcd).

The card connects to the reader's port. Each message is a length of two bytes, big-endian, and as many bytes:
one byte is a control (off, on, reset, answer to reset), more are a command APDU.
"""

import socket
from contextlib import suppress
from enum import IntEnum

from simulator.virtual_card.application import CardApplication
from simulator.virtual_card.chip import ChipTraits, answer_to_reset
from simulator.virtual_card.memory import PowerLost

DEFAULT_PORT = 35963
_MESSAGE_MOST = 4096


class _Control(IntEnum):
    OFF = 0
    ON = 1
    RESET = 2
    ANSWER_TO_RESET = 4


def insert(port: int = DEFAULT_PORT, host: str = "127.0.0.1") -> socket.socket:
    """Put a card into the reader; to shut the connection down is to pull it out.

    Raises:
        OSError: there is no reader at the port.
    """
    line = socket.create_connection((host, port))
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def serve(card: CardApplication, line: socket.socket) -> None:
    """Answer the reader until it closes, or the card is torn or pulled out."""
    with line, suppress(OSError, PowerLost):
        while (message := _receive(line)) is not None:
            answer = _answer(card, message)
            if answer is not None:
                line.sendall(len(answer).to_bytes(2) + answer)


def _answer(card: CardApplication, message: bytes) -> bytes | None:
    if len(message) != 1:
        return card.exchange(message)
    match message[0]:
        case _Control.OFF:
            card.power_off()
        case _Control.ON | _Control.RESET:
            card.power_on()
        case _Control.ANSWER_TO_RESET:
            return answer_to_reset(ChipTraits())
    return None


def _receive(line: socket.socket) -> bytes | None:
    length = int.from_bytes(_exactly(line, 2))
    return (_exactly(line, length) or None) if 0 < length <= _MESSAGE_MOST else None


def _exactly(line: socket.socket, size: int) -> bytes:
    taken = b""
    while len(taken) < size:
        # The reader sends length and content apart; waiting for a late acknowledgement costs 40 ms each time.
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        piece = line.recv(size - len(taken))
        if not piece:
            return b""
        taken += piece
    return taken
