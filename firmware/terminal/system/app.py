"""The application: a fixed set of tasks made at boot, all feeding one queue that drives the flow."""

import asyncio

from terminal.cards.presented import presented
from terminal.devices.keypad import panel_event
from terminal.devices.lcd import Lcd
from terminal.devices.printer import print_slip
from terminal.devices.stripe import StripeParser
from terminal.devices.track2 import Misread
from terminal.links.link import Link
from terminal.screens.text import say
from terminal.system.clock import Clock
from terminal.system.config import Config
from terminal.system.events_queue import EventQueue
from terminal.system.memory import HeapGauge
from terminal.transactions import events
from terminal.transactions.flow import Flow
from terminal.transactions.journal import Journal
from terminal.transactions.record_cipher import FLASH_KEY_INPUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import Board, Stream
    from terminal.transactions.request import Fields

VERSION = "vafa-terminal 0.1.0"
_TICK_MS = 20
_RETRY_MS = 200
_PRINT_TIMEOUT_S = 10
_RETRIES = 25


class App:
    """One terminal at work.

    Args:
        board: the hardware.

    Raises:
        ConfigFault: a parameter is wrong.
        JournalFault: the flash holds no journal this firmware can continue.
    """

    def __init__(self, board: "Board") -> None:
        self._board = board
        self._config = Config(board.settings)
        self._clock = Clock(board.wall_seconds, self._config.local_offset_minutes)
        journal = Journal(board.flash, board.secure.derive(FLASH_KEY_INPUT))
        if journal.discarded_blocks:
            board.log("journal_blocks_discarded", count=journal.discarded_blocks)
        self._queue = EventQueue()
        self._flow = Flow(journal, self._clock, self._config, mac=board.secure.mac, actions=self)
        self._link = Link(
            board,
            self._config,
            self._clock,
            next_stan=journal.next_stan,
            notify=self._queue.post,
            refused=self._link_refused,
            version=VERSION,
        )
        self._lcd = Lcd()
        self._lcd_dirty = asyncio.Event()
        self._heap = HeapGauge()
        self._deadline: "tuple[int, int, int] | None" = None
        self._job: "tuple[int, str, Fields, bytes] | None" = None
        self._job_ready = asyncio.Event()
        self._slip: "list[str] | None" = None
        self._slip_ready = asyncio.Event()

    async def run(self) -> None:
        """Work until the board is switched off."""
        self._heap.begin()
        self._report_heap()
        tasks = [
            asyncio.create_task(task)
            for task in (self._read_panel(), self._read_stripe(), self._drive_lcd(), self._drive_printer())
        ]
        tasks += [asyncio.create_task(task) for task in (self._courier(), self._ticker(), self._link.run())]
        self._flow.handle(events.START)
        while True:
            event, data = await self._queue.get()
            self._flow.handle(event, data)
            if self._flow.state == "idle" and event != events.TIMEOUT:
                self._report_heap()

    def _report_heap(self) -> None:
        heap = self._heap
        heap.rest()
        self._board.log(
            "heap", limit_bytes=heap.limit_bytes(), peak_bytes=heap.peak_bytes, live_bytes=heap.live_bytes
        )

    def _link_refused(self, reason: str) -> None:
        # Somebody may be listening in, or a certificate is old: nothing that waiting will mend.
        if self._flow.state == "out_of_service":
            language = self._config.languages[0]
            self.show(
                [say(language, "no_service"), say(language, "untrusted"), say(language, "tls_" + reason)]
            )

    # What the flow asks for

    def show(self, lines: "list[str]", large: int = -1) -> None:
        """Have these lines on the display; four lines of characters know no `large` one."""
        if self._lcd.show(lines):
            self._lcd_dirty.set()

    def set_timer(self, generation: int, wait_ms: int) -> None:
        """One timer, the last one set."""
        self._deadline = (generation, self._board.ticks_ms(), wait_ms) if wait_ms else None

    def send(self, token: int, mti: str, fields: "Fields", payload: bytes) -> None:
        """Hand a request to the courier."""
        self._job = (token, mti, fields, payload)
        self._job_ready.set()

    def print_slip(self, lines: "list[str]") -> None:
        """Hand a slip to the printer's task."""
        self._slip = lines
        self._slip_ready.set()

    def log(self, event: str, **fields: object) -> None:
        """One diagnostic line."""
        self._board.log(event, **fields)

    # The tasks

    async def _ticker(self) -> None:
        while True:
            await asyncio.sleep_ms(_TICK_MS)
            if self._deadline:
                generation, since, wait_ms = self._deadline
                if self._board.ticks_since(since) >= wait_ms:
                    self._deadline = None
                    self._queue.post(events.TIMEOUT, generation)

    async def _courier(self) -> None:
        while True:
            await self._job_ready.wait()
            self._job_ready.clear()
            job, self._job = self._job, None
            if job is None:
                continue
            token, mti, fields, payload = job
            answer = await self._link.exchange(mti, fields, payload, self._config.response_timeout_ms)
            self._heap.sample()
            if answer:
                self._queue.post(events.ANSWER, (token, answer[0], answer[1], answer[2]))
            else:
                self._queue.post(events.NO_ANSWER, token)

    async def _open(self, name: str) -> "Stream":
        for _ in range(_RETRIES):
            try:
                return await self._board.open_device(name)
            except OSError:
                await asyncio.sleep_ms(_RETRY_MS)
        self._board.log("device_missing", device=name)
        raise OSError(name + " is missing")

    async def _read_panel(self) -> None:
        buffer = bytearray(32)
        stream = await self._open("panel")
        while True:
            try:
                count = await stream.readinto(buffer)
            except OSError:
                count = 0
            if count == 0:
                self._board.power_off()
            for at in range(count):
                found = panel_event(buffer[at])
                if found:
                    self._queue.post_input(found[0], found[1])

    async def _read_stripe(self) -> None:
        buffer = bytearray(64)
        while True:
            stream = await self._open("stripe")
            parser = StripeParser()
            try:
                while True:
                    count = await stream.readinto(buffer)
                    if count == 0:
                        break
                    for swipe in parser.feed(memoryview(buffer)[:count]):
                        if isinstance(swipe, Misread):
                            self._queue.post_input(events.MISREAD, swipe)
                        else:
                            self._queue.post_input(events.CARD, presented(swipe))
            except OSError:
                pass
            stream.close()
            await asyncio.sleep_ms(_RETRY_MS)

    async def _drive_lcd(self) -> None:
        while True:
            stream = await self._open("lcd")
            self._lcd.refresh_all()
            try:
                while True:
                    frame = self._lcd.next_frame()
                    if frame is None:
                        await self._lcd_dirty.wait()
                        self._lcd_dirty.clear()
                    else:
                        stream.write(frame)
                        await stream.drain()
            except OSError:
                pass
            stream.close()
            await asyncio.sleep_ms(_RETRY_MS)

    async def _drive_printer(self) -> None:
        stream: "Stream | None" = None
        while True:
            await self._slip_ready.wait()
            self._slip_ready.clear()
            lines, self._slip = self._slip, None
            self._heap.sample()
            try:
                if stream is None:
                    stream = await self._board.open_device("printer")
                await asyncio.wait_for(print_slip(stream, lines or []), _PRINT_TIMEOUT_S)
                lines = None
                self._queue.post(events.PRINTED)
            except (OSError, asyncio.TimeoutError):
                if stream:
                    stream.close()
                stream = None
                self._board.log("print_failed")
                self._queue.post(events.PRINT_FAILED)
