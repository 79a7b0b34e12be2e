"""The chip slot, on boards that name one. As long as it is empty, the chip's driver takes no heap."""

import asyncio
import gc

from terminal.constant import const
from terminal.loading import CHIP_MODULES, let_go
from terminal.transactions import events

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.hal.contract import Stream
    from terminal.system.devices import Devices

    Post = Callable[..., None]

_LOOK_MS = const(500)
_ANSWER_MS = const(1100)  # ISO/IEC 7816-3, 6.2.1: a chip begins within 40,000 clocks, a second at most


async def watch(devices: "Devices", post: "Post") -> None:
    """Post a card that is put in, and that it was taken out, for ever."""
    while True:
        line = await _answering(devices)
        if line:
            gc.collect()  # what comes now should lie in one piece
            from terminal.system.chip_visit import visit  # noqa: PLC0415  (while a chip is there)

            was_served = await visit(devices, line, post)
            del line, visit
            let_go(CHIP_MODULES)
            # Who hears of it may print, and wants that heap.
            if was_served:
                post(events.CARD_OUT)
        await asyncio.sleep_ms(_LOOK_MS)


class Line:
    """A chip's line whose first bytes have come already. Otherwise as the stream that it stands for."""

    def __init__(self, stream: "Stream", begun: bytes) -> None:
        self._stream = stream
        self._begun = begun

    async def readinto(self, buffer: "bytearray | memoryview") -> int:
        """Read what is there."""
        begun = self._begun
        if not begun:
            return await self._stream.readinto(buffer)
        buffer[: len(begun)] = begun
        self._begun = b""
        return len(begun)

    def write(self, data: "bytes | bytearray | memoryview") -> None:
        """Queue bytes."""
        self._stream.write(data)

    async def drain(self) -> None:
        """Send what is queued."""
        await self._stream.drain()

    def close(self) -> None:
        """Take the power away."""
        self._stream.close()


async def _answering(devices: "Devices") -> "Line | None":
    """The line of what has power in the slot, or of a reader that says nothing; None where it is empty."""
    try:
        stream = await devices.board.open_device("chip")
    except OSError:
        return None
    buffer = bytearray(1)
    count = 0
    try:
        count = await asyncio.wait_for(stream.readinto(buffer), _ANSWER_MS / 1000)
    except asyncio.TimeoutError:
        return Line(stream, b"")
    except OSError:
        pass
    if count:
        return Line(stream, bytes(buffer))
    stream.close()
    return None
