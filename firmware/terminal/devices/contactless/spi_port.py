"""A PN532 on SPI: NXP UM0701-02, clause 4.3. The chip sends and takes the least significant bit first.

Most controllers shift the other way, so every byte is turned round here. Each transfer begins with one byte
that says what it is; before a frame is read, the chip's status is polled until it says that there is one.
"""

import asyncio

from terminal.constant import const
from terminal.devices.contactless.frames import DAMAGED, FrameParser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class SpiBus(Protocol):
        """Mode 0, at most 5 MHz, most significant bit first, with the chip's select line."""

        def select(self) -> None:
            """Pull the select line low."""

        def deselect(self) -> None:
            """Let it go."""

        def transfer(self, buffer: bytearray | memoryview) -> None:
            """Shift `buffer` out, and what comes in over it."""


_WRITE = const(0x01)
_STATUS = const(0x02)
_READ = const(0x03)
_READY = const(0x01)
_POLL_MS = const(2)
_WAKE_S = 0.002
_SETTLE_READS = const(4)
# Between two frames the parser wants bytes a few at a time; no frame needs more turns.
_TURNS = const(16)
_REVERSED = b"\x00\x08\x04\x0c\x02\x0a\x06\x0e\x01\x09\x05\x0d\x03\x0b\x07\x0f"


def reverse_bits(buffer: "bytearray | memoryview") -> None:
    """Turn every byte of `buffer` round, bit 0 for bit 7."""
    for at in range(len(buffer)):
        value = buffer[at]
        buffer[at] = _REVERSED[value & 15] << 4 | _REVERSED[value >> 4]


class SpiPort:
    """Frames over SPI.

    Args:
        bus: the board's, with nobody else on the select line.
    """

    unfinished = False  # a frame is read in one go

    def __init__(self, bus: "SpiBus") -> None:
        self._bus = bus
        self._parser = FrameParser()
        self._buffer = bytearray(276)
        self._view = memoryview(self._buffer)
        self._frames: "list[tuple[int, bytes]]" = []

    async def wake(self) -> None:
        """Get the chip out of its sleep; its first command must then be SAMConfiguration."""
        self._bus.select()
        await asyncio.sleep(_WAKE_S)
        self._bus.deselect()

    async def send(self, frame: "bytes | memoryview") -> None:
        """Put one frame on the bus."""
        self._buffer[0] = _WRITE
        size = len(frame) + 1
        self._view[1:size] = frame
        self._bus.select()
        self._transfer(size)
        self._bus.deselect()

    async def receive(self, timeout_ms: int) -> "tuple[int, bytes] | None":
        """The next frame as kind and data; None when the chip has none for `timeout_ms`."""
        if self._frames:
            return self._frames.pop(0)
        for _ in range(timeout_ms // _POLL_MS + 1):
            if self._ready():
                self._read()
                return self._frames.pop(0) if self._frames else (DAMAGED, b"")
            await asyncio.sleep(_POLL_MS / 1000)
        return None

    def reset(self) -> None:
        """Forget what has arrived so far."""
        self._parser.reset()
        self._frames.clear()

    async def settle(self) -> None:
        """Read away what the chip still has: the rest of something given up."""
        for _ in range(_SETTLE_READS):
            await asyncio.sleep(_POLL_MS / 1000)
            if not self._ready():
                break
            self._read()
        self.reset()

    def _ready(self) -> bool:
        self._buffer[0] = _STATUS
        self._buffer[1] = 0
        self._bus.select()
        self._transfer(2)
        self._bus.deselect()
        return bool(self._buffer[1] & _READY)

    def _read(self) -> None:
        self._parser.reset()
        self._buffer[0] = _READ
        self._bus.select()
        self._transfer(1)
        for _ in range(_TURNS):
            size = self._parser.missing
            self._clock_in(size)
            self._frames += self._parser.feed(self._view[:size])
            if self._frames:
                break
        self._clock_in(1)  # the postamble
        self._bus.deselect()

    def _clock_in(self, size: int) -> None:
        for at in range(size):
            self._buffer[at] = 0
        self._transfer(size)

    def _transfer(self, size: int) -> None:
        part = self._view[:size]
        reverse_bits(part)
        self._bus.transfer(part)
        reverse_bits(part)
