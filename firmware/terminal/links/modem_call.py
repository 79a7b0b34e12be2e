"""A call over the modem: made step by step, then a stream."""

import asyncio

from terminal.devices.modem import CarrierWatch, Dialler, LineParser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import Stream


async def call(line: "Stream", host: str, port: int, apn: str) -> Dialler:
    """Have the modem connect; tells how far it came.

    From CONNECT on `line` is the connection. Whoever is called must not speak first.

    Raises:
        OSError: the modem is gone.
    """
    dialler = Dialler(host, port, apn)
    parser = LineParser()
    while not (dialler.connected or dialler.failed):
        pause_ms, command, wait_ms = dialler.action()
        await asyncio.sleep_ms(pause_ms)
        line.write(command)
        await line.drain()
        try:
            await asyncio.wait_for(_answer(line, parser, dialler), wait_ms / 1000)
        except asyncio.TimeoutError:
            dialler.timed_out()
    return dialler


async def _answer(line: "Stream", parser: LineParser, dialler: Dialler) -> None:
    buffer = bytearray(64)
    view = memoryview(buffer)
    while True:
        count = await line.readinto(buffer)
        if count == 0:
            raise OSError("modem is gone")
        for said in parser.feed(view[:count]):
            if dialler.take(said):
                return


class CallStream:
    """The modem's line in a call, which ends where the modem says so."""

    def __init__(self, line: "Stream") -> None:
        self._line = line
        self._watch = CarrierWatch()
        self._ended = False

    async def readinto(self, buffer: "bytearray | memoryview") -> int:
        """Read what is there; 0 when the call is over."""
        if self._ended:
            return 0
        count = await self._line.readinto(buffer)
        used = self._watch.feed(memoryview(buffer)[:count])
        self._ended = used < count
        return used

    def write(self, data: "bytes | bytearray | memoryview") -> None:
        """Queue `data`."""
        self._line.write(data)

    async def drain(self) -> None:
        """Wait until everything queued has been handed over."""
        await self._line.drain()

    def close(self) -> None:
        """Let go of the line; the next call ends this one."""
        self._line.close()
