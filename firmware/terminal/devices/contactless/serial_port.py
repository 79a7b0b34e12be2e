"""A PN532 on its high-speed UART: NXP UM0701-02, clauses 4.4 and 7.2.11."""

import asyncio

from terminal.constant import const
from terminal.devices.contactless.frames import FrameParser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import Stream

_WAKE = b"\x55\x55" + bytes(14)
_WAKE_S = 0.002
_QUIET_S = 0.02
_QUIET_READS = const(16)
_CHUNK = const(64)  # parsed between two awaits


class SerialPort:
    """Frames over a byte stream of 115,200 bits a second.

    Args:
        stream: as the board opens it.
    """

    def __init__(self, stream: "Stream") -> None:
        self._stream = stream
        self._parser = FrameParser()
        self._buffer = bytearray(_CHUNK)
        self._view = memoryview(self._buffer)
        self._frames: "list[tuple[int, bytes]]" = []

    @property
    def unfinished(self) -> bool:
        """Whether a frame has begun."""
        return self._parser.unfinished

    async def wake(self) -> None:
        """Get the chip out of its sleep; its first command must then be SAMConfiguration.

        Raises:
            OSError: the stream broke.
        """
        self._stream.write(_WAKE)
        await self._stream.drain()
        await asyncio.sleep(_WAKE_S)

    async def send(self, frame: "bytes | memoryview") -> None:
        """Put one frame on the wire.

        Raises:
            OSError: the stream broke.
        """
        self._stream.write(frame)
        await self._stream.drain()

    async def receive(self, timeout_ms: int) -> "tuple[int, bytes] | None":
        """The next frame as kind and data; None when the chip is silent for `timeout_ms`.

        Raises:
            OSError: the stream broke or ended.
        """
        while not self._frames:
            try:
                count: int = await asyncio.wait_for(self._stream.readinto(self._buffer), timeout_ms / 1000)
            except asyncio.TimeoutError:
                return None
            if count == 0:
                raise OSError("the reader went away")
            self._frames += self._parser.feed(self._view[:count])
        return self._frames.pop(0)

    def reset(self) -> None:
        """Forget what has arrived so far."""
        self._parser.reset()
        self._frames.clear()

    async def settle(self) -> None:
        """Wait for the line to be quiet and forget what it brought: the rest of something given up.

        Raises:
            OSError: the stream broke or ended.
        """
        for _ in range(_QUIET_READS):
            try:
                if await asyncio.wait_for(self._stream.readinto(self._buffer), _QUIET_S) == 0:
                    raise OSError("the reader went away")
            except asyncio.TimeoutError:
                break
        self.reset()
