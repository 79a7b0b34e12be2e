"""A chip slot on a socket: to connect is to power the chip, to close is to take the power away."""

import asyncio

from simulator.virtual_card.chip import VirtualChip

_READ_MOST = 1024


class ChipSlot:
    """The reader's slot, empty until a chip is inserted. Without one a connection ends at once."""

    def __init__(self) -> None:
        self._chip: VirtualChip | None = None
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> int:
        """Listen on loopback; the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def insert(self, chip: VirtualChip) -> None:
        """Put a chip in."""
        self._chip = chip

    def remove(self) -> None:
        """Pull it out, whatever it is doing."""
        if self._chip is not None:
            self._chip.power_off()
        self._chip = None
        for line in self._lines:
            line.close()

    async def stop(self) -> None:
        """Close the slot."""
        self.remove()
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  (a handler runs in one)
        self._tasks.add(task)
        self._lines.add(writer)
        try:
            if self._chip is not None:
                await self._answer(self._chip, reader, writer)
        except OSError:
            pass
        finally:
            self._lines.discard(writer)
            self._tasks.discard(task)
            writer.close()

    @staticmethod
    async def _answer(chip: VirtualChip, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(chip.power_on())
        while data := await reader.read(_READ_MOST):
            writer.write(chip.feed(data))
            await writer.drain()
            if not chip.powered:
                return  # torn out: the slot's switch has opened
        chip.power_off()
