"""The task that prints: one slip at a time, over a line that is opened when it is wanted."""

import asyncio
import gc

from terminal.screens.text import forget_texts
from terminal.system.printing import NoRoom, band_bytes, print_on
from terminal.transactions import events

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from terminal.devices.escpos.slip import Element
    from terminal.hal.contract import Board, Stream
    from terminal.system.config import Config
    from terminal.system.devices import Devices
    from terminal.system.health import Health
    from terminal.system.memory import HeapGauge
    from terminal.system.upkeep import Upkeep

    Post = Callable[..., None]

_PRINT_TIMEOUT_S = 18  # two languages on 80 mm at 115,200 bit/s take 9


class SlipPrinter:
    """Takes slips and tells `post` what became of them: `PRINTED`, or `PRINT_FAILED` with why.

    `upkeep` is what has to stand aside where the heap is short.
    """

    def __init__(
        self,
        board: "Board",
        config: "Config",
        devices: "Devices",
        *,
        health: "Health",
        heap: "HeapGauge",
        post: "Post",
    ) -> None:
        self.upkeep: "Upkeep | None" = None
        self._board = board
        self._config = config
        self._devices = devices
        self._health = health
        self._heap = heap
        self._post = post
        self._stream: "Stream | None" = None
        # For good: when the first slip comes, no piece of the heap might be that long.
        self._band = bytearray(band_bytes(config.paper_mm))
        self._slip: "Iterable[Element] | None" = None
        self._ready = asyncio.Event()

    def print_slip(self, elements: "Iterable[Element]") -> None:
        """Have a slip printed."""
        self._slip = elements
        self._ready.set()

    async def run(self) -> None:
        """Print what comes, for ever."""
        while True:
            await self._ready.wait()
            self._ready.clear()
            if self._devices.card_writer:
                await self._devices.card_writer.written()
            self._heap.sample()
            try:
                await self._print()
            except NoRoom as fault:
                self._board.log("print_failed", reason="memory")
                await self._make_room()
                self._post(events.PRINT_FAILED, events.TORN if fault.torn else events.NOT_BEGUN)
            except (OSError, MemoryError, asyncio.TimeoutError):
                if self._stream:
                    self._stream.close()
                self._stream = None
                self._board.log("print_failed", reason="printer")
                self._post(events.PRINT_FAILED)
            else:
                self._post(events.PRINTED)

    async def _print(self) -> None:
        elements, self._slip = self._slip or (), None
        paper_mm = self._config.paper_mm
        if len(self._band) < band_bytes(paper_mm):
            self._band = bytearray(band_bytes(paper_mm))
        stream = self._stream
        if stream is None:
            stream = self._stream = await self._board.open_device("printer")
        work = print_on(stream, self._board, paper_mm, elements, health=self._health, band=self._band)
        await asyncio.wait_for(work, _PRINT_TIMEOUT_S)

    async def _make_room(self) -> None:
        """Let go of whatever can be had again."""
        if self.upkeep:
            await self.upkeep.stand_aside()
        forget_texts()
        gc.collect()
