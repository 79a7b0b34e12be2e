"""The chip's end of the wire between a host and a PN532: NXP UM0701-02, clause 6.2.1."""

from dataclasses import dataclass
from enum import Enum

FROM_HOST = 0xD4
FROM_CHIP = 0xD5
ACK = bytes.fromhex("0000ff00ff00")
NACK = bytes.fromhex("0000ffff0000")
ERROR = bytes.fromhex("0000ff01ff7f8100")
LONGEST_BODY = 265
_START = b"\x00\xff"
_LONGEST_FRAME = 275


class Kind(Enum):
    """What a host may send."""

    ACK = "ack"
    NACK = "nack"
    COMMAND = "command"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Received:
    """One frame of the host; `data` is a command's code and arguments."""

    kind: Kind
    data: bytes = b""


def frame(data: bytes, sender: int = FROM_CHIP) -> bytes:
    """`data` in a normal frame, or an extended one where it has to be.

    Raises:
        ValueError: the chip has no frame that long.
    """
    body = bytes([sender]) + data
    if len(body) > LONGEST_BODY:
        raise ValueError("longer than a frame of the chip")
    size = len(body)
    if size > 255:
        high, low = divmod(size, 256)
        header = bytes([0xFF, 0xFF, high, low, -(high + low) & 0xFF])
    else:
        header = bytes([size, -size & 0xFF])
    return b"\x00" + _START + header + body + bytes([-sum(body) & 0xFF, 0])


class FrameReader:
    """The host's frames out of its bytes. What stands between frames, as the wake-up, is passed over."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> list[Received]:
        """Take the next bytes; return the frames they complete."""
        self._held += data
        received = []
        while (found := self._next()) is not None:
            received.append(found)
        return received

    def _next(self) -> Received | None:
        start = self._held.find(_START)
        if start < 0:
            self._held = self._held[-1:] if self._held.endswith(b"\x00") else b""
            return None
        rest = self._held[start + 2 :]
        if len(rest) < 2:
            return None
        if rest[:2] in (b"\x00\xff", b"\xff\x00"):
            self._held = rest[2:]
            return Received(Kind.NACK if rest[0] else Kind.ACK)
        size, at = rest[0], 2
        whole = sum(rest[:2]) & 0xFF == 0 and size > 0
        if rest[:2] == b"\xff\xff":
            if len(rest) < 5:
                return None
            size, at = rest[2] << 8 | rest[3], 5
            whole = sum(rest[2:5]) & 0xFF == 0 and 0 < size <= LONGEST_BODY
        if not whole:
            self._held = rest
            return Received(Kind.DAMAGED)
        if len(rest) < at + size + 1:
            return None
        body, checksum = rest[at : at + size], rest[at + size]
        self._held = rest[at + size + 1 :]
        if (sum(body) + checksum) & 0xFF or body[0] != FROM_HOST or size < 2:
            return Received(Kind.DAMAGED)
        return Received(Kind.COMMAND, body[1:])
