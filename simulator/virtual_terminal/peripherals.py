"""The terminal's surroundings: stripe reader, front panel, display and printer, each a loopback server."""

import asyncio
import time
from collections.abc import Awaitable, Callable

# ESC/POS: cut, then transmit the paper sensor's status.
CUT = b"\x1dV\x00"
ASK = b"\x1dr\x01"
_PAPER = 0x00
_NO_PAPER = 0x0C
_SLIP_LIMIT_BYTES = 16384
NAMES = ("stripe", "panel", "lcd", "printer")


class Peripherals:
    """The four device sockets of one terminal. `changed` is notified of display lines, slips and plugs.

    `paper` may be taken out of the printer.
    """

    def __init__(self) -> None:
        self.changed = asyncio.Condition()
        self.lcd = ["", "", "", ""]
        self.slips: list[list[str]] = []
        self.slip_times: list[float] = []
        self.paper = True
        self._servers: dict[str, asyncio.Server] = {}
        self._writers: dict[str, asyncio.StreamWriter] = {}
        self._refused: set[str] = set()

    async def start(self) -> dict[str, int]:
        """Listen; returns the port of each device."""
        ports = {}
        for name in NAMES:
            server = await asyncio.start_server(self._session(name), "127.0.0.1", 0)
            self._servers[name] = server
            ports[name] = server.sockets[0].getsockname()[1]
        return ports

    async def stop(self) -> None:
        """Unplug everything."""
        await self.unplug()
        for server in self._servers.values():
            server.close()
            await server.wait_closed()

    async def unplug(self) -> None:
        """Close the connections and keep listening, as when the terminal loses its power."""
        for writer in list(self._writers.values()):
            writer.close()
        self._writers.clear()

    def refuse(self, name: str) -> None:
        """Break a device: its connection is reset, and every new one, until `accept`."""
        self._refused.add(name)
        if name in self._writers:
            self._writers.pop(name).transport.abort()

    def accept(self, name: str) -> None:
        """Mend a device."""
        self._refused.discard(name)

    def plugged(self, name: str) -> bool:
        """Whether the terminal has opened the device."""
        return name in self._writers

    async def send(self, name: str, data: bytes) -> None:
        """Bytes from a plugged device to the terminal."""
        writer = self._writers[name]
        writer.write(data)
        await writer.drain()

    def _session(self, name: str) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if name in self._refused:
                writer.transport.abort()
                return
            self._writers[name] = writer
            await self._notify()
            try:
                if name == "lcd":
                    await self._show(reader)
                elif name == "printer":
                    await self._print(reader, writer)
                else:
                    await reader.read()
            except (asyncio.IncompleteReadError, ConnectionError):
                pass  # the terminal lost its power
            finally:
                if self._writers.get(name) is writer:
                    del self._writers[name]
                writer.close()

        return serve

    async def _notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def _show(self, reader: asyncio.StreamReader) -> None:
        while True:
            number, size = await reader.readexactly(2)
            text = (await reader.readexactly(size)).decode("utf-8")
            if number < len(self.lcd):
                self.lcd[number] = text
            await self._notify()

    async def _print(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        paper = b""
        while data := await reader.read(1024):
            paper += data
            while CUT + ASK in paper:
                slip, _, paper = paper.partition(CUT + ASK)
                if not self.paper:
                    writer.write(bytes([_NO_PAPER]))
                    continue
                writer.write(bytes([_PAPER]))
                self.slips.append(slip.decode("utf-8").splitlines())
                self.slip_times.append(time.monotonic())
                await self._notify()
            if len(paper) > _SLIP_LIMIT_BYTES:
                raise ConnectionError("the slip never ends")
