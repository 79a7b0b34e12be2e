"""A virtual chip behind the terminal's kind of stream, without a socket."""

import asyncio
from collections.abc import Callable

from simulator.virtual_card.chip import VirtualChip


class ChipStream:
    """The I/O line of a powered chip. `spoil` may change what travels on it; `echo`: it is one wire."""

    def __init__(
        self, chip: VirtualChip, spoil: Callable[[bytes], bytes] = bytes, *, echo: bool = False
    ) -> None:
        self._chip = chip
        self._spoil = spoil
        self._echo = echo
        self._arrived = bytearray(chip.power_on())
        self._more = asyncio.Event()
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._echo:
            self._arrived += data
        self._arrived += self._spoil(self._chip.feed(self._spoil(bytes(data))))
        self._more.set()

    async def drain(self) -> None:
        """Nothing waits."""

    async def readinto(self, buffer: bytearray | memoryview) -> int:
        while not self._arrived:
            self._more.clear()
            await self._more.wait()
        count = min(len(buffer), len(self._arrived))
        buffer[:count] = self._arrived[:count]
        del self._arrived[:count]
        return count

    def close(self) -> None:
        self.closed = True
        self._chip.power_off()
