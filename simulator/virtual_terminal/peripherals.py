"""The terminal's surroundings: stripe reader, front panel, display and printer, each a loopback server."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from simulator.virtual_printer import VirtualPrinter

_LARGE = 0x80  # beside a line number: it is shown in large type
NAMES = ("stripe", "panel", "lcd", "printer")


class Peripherals:
    """The four device sockets of one terminal. `changed` is notified of display lines, slips and plugs.

    `printer` is the machine, whose paper may be taken out and whose cover may be opened. `large` is the
    number of the display's line in large type, -1 for none.

    Args:
        paper_dots: width of the paper.
    """

    def __init__(self, paper_dots: int = 384) -> None:
        self.changed = asyncio.Condition()
        self.lcd = ["", "", "", ""]
        self.large = -1
        self.printer = VirtualPrinter(paper_dots)
        self.slip_times: list[float] = []
        self._read_slips: list[list[str]] = []
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

    @property
    def slips(self) -> list[list[str]]:
        """What is to be read on each slip, line by line, oldest first."""
        for slip in self.printer.slips[len(self._read_slips) :]:
            self._read_slips.append(slip.read())
        return self._read_slips

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
            head, size = await reader.readexactly(2)
            number = head & ~_LARGE
            text = (await reader.readexactly(size)).decode("utf-8")
            if number < len(self.lcd):
                self.lcd[number] = text
            if head & _LARGE:
                self.large = number
            elif self.large == number:
                self.large = -1
            await self._notify()

    async def _print(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.printer.power_on()
        while data := await reader.read(65_536):
            answer = self.printer.feed(data)
            cut = len(self.printer.slips)
            if cut > len(self.slip_times):
                self.slip_times += [time.monotonic()] * (cut - len(self.slip_times))
            writer.write(answer)
            await self._notify()
