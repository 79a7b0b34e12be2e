"""The application: a fixed set of tasks made at boot, all feeding one queue that drives the flow."""

import asyncio

from terminal.cards.presented import presented
from terminal.devices.keypad import panel_event
from terminal.devices.lcd import Lcd
from terminal.devices.stripe import StripeParser
from terminal.devices.track2 import Misread
from terminal.links.link import Link
from terminal.screens.text import say
from terminal.system.clock import Clock
from terminal.system.config import Config, ConfigFault, number_setting, text_setting
from terminal.system.devices import OPTIONAL, Devices
from terminal.system.events_queue import EventQueue
from terminal.system.health import health_of
from terminal.system.memory import HeapGauge
from terminal.system.settings_store import SettingsStore
from terminal.system.slip_printer import SlipPrinter
from terminal.transactions import events
from terminal.transactions.flow import ADVICE_TOKEN, Flow
from terminal.transactions.journal import Journal
from terminal.transactions.record_cipher import FLASH_KEY_INPUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from terminal.devices.escpos.slip import Element
    from terminal.hal.contract import Board, Stream
    from terminal.system.upkeep import Upkeep
    from terminal.transactions.offline_store import OfflineBook
    from terminal.transactions.request import Fields

    Job = tuple[int, str, Fields, bytes]

VERSION = "vafa-terminal 0.1.0"
_TICK_MS = 20


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
        self._settings = SettingsStore(board.settings_flash, board.settings)
        try:
            self._config = Config(self._settings)
        except ConfigFault:
            # What was set here does not go with this firmware, or with parameters that came since.
            board.log("settings_refused")
            self._config = Config(board.settings)
        self._clock = Clock(board.wall_seconds, self._config.local_offset_minutes)
        journal = Journal(board.flash, board.secure.derive(FLASH_KEY_INPUT))
        if journal.discarded_blocks:
            board.log("journal_blocks_discarded", count=journal.discarded_blocks)
        self._queue = EventQueue()
        self._devices = Devices(board)
        self._flow = Flow(
            journal,
            self._clock,
            self._config,
            mac=board.secure.mac,
            actions=self,
            pin_block=board.secure.pin_block if board.secure.has_pin_key else None,
            settings=self._settings,
            offline=self._offline_book(journal),
        )
        self._flow.devices = self._devices.answers
        if number_setting(board.settings, "card_limit", 0, 0, 999_999_999_999):
            text_setting(board.settings, "card_account", 2, 2)
            from terminal.system.card_writer import CardWriter  # noqa: PLC0415  (takes heap)

            self._devices.card_writer = CardWriter(board)
            self._flow.state_balances = self._devices.card_writer.state
        self._heap = HeapGauge()
        self._health = self._flow.health = health_of(VERSION, self._heap, journal)
        self._printer = SlipPrinter(
            board,
            self._config,
            self._devices,
            health=self._health,
            heap=self._heap,
            post=self._queue.post,
        )
        self._upkeep: "Upkeep | None" = None
        self._link = Link(
            board,
            self._config,
            self._clock,
            next_stan=journal.next_stan,
            notify=self._queue.post,
            refused=self._link_refused,
            version=VERSION,
            health=self._health,
        )
        self._lcd = Lcd()
        self._lcd_dirty = asyncio.Event()
        self._deadline: "tuple[int, int, int] | None" = None
        self._end = ""  # why it shall start again
        self._job: "Job | None" = None
        self._advice: "Job | None" = None
        self._job_ready = asyncio.Event()

    async def run(self) -> None:
        """Work until the board is switched off."""
        self._heap.begin()
        self._report_heap()
        use = self._devices.use
        work = [use("panel", self._read_panel), use("stripe", self._read_stripe), use("lcd", self._drive_lcd)]
        work += [self._printer.run(), self._courier(), self._ticker(), self._link.run()]
        for name in OPTIONAL:
            if self._board.has_device(name):
                module = __import__("terminal.system.watch_" + name, None, None, ("watch",))
                work.append(module.watch(self._devices, self._queue.post_input))
        if self._board.settings.get("downloads") or self._board.settings.get("update_key"):
            from terminal.system.upkeep import Upkeep  # noqa: PLC0415  (takes heap)

            parts = (self._board, self._settings, self._flow, self._link, self._health)
            self._upkeep = self._printer.upkeep = Upkeep(*parts, heap=self._heap)
            work.append(self._upkeep.run())
        self._tasks = [asyncio.create_task(task) for task in work]
        self._flow.handle(events.START)
        while True:
            event, data = await self._queue.get()
            if self._end:
                continue
            if self._upkeep and event <= events.MISREAD:
                await self._upkeep.stand_aside()
            if event == events.MISREAD:
                self._health.card_read_failures += 1
            self._flow.handle(event, data)
            if self._flow.state == "idle" and event != events.TIMEOUT:
                self._report_heap()
            await asyncio.sleep_ms(0)  # keys may come many at once

    def _offline_book(self, journal: Journal) -> "OfflineBook | None":
        """None where nothing was ever sold without a link, and nothing may be."""
        board = self._board
        tables: "tuple[bytes, ...]" = (self._settings.table(),)
        try:
            tables += (board.file("offline_table_file"),)
        except OSError:
            board.log("table_refused", reason="missing")
        if not any(tables) and not journal.offline.count:
            return None
        from terminal.system.offline_tables import adopt_tables, open_book  # noqa: PLC0415  (takes heap)

        book = open_book(board, journal, self._config)
        adopt_tables(book, board, self._config, self._clock, tables)
        return book

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
        """Have these lines on the display."""
        if self._lcd.show(lines, large):
            self._lcd_dirty.set()

    def set_timer(self, generation: int, wait_ms: int) -> None:
        """One timer, the last one set."""
        self._deadline = (generation, self._board.ticks_ms(), wait_ms) if wait_ms else None

    def send(self, token: int, mti: str, fields: "Fields", payload: bytes) -> None:
        """Hand a request to the courier; one that nobody waits for must not push out another."""
        if token == ADVICE_TOKEN:
            self._advice = (token, mti, fields, payload)
        else:
            self._job = (token, mti, fields, payload)
        self._job_ready.set()
        if self._upkeep:
            self._upkeep.give_way()

    def print_slip(self, elements: "Iterable[Element]") -> None:
        """Hand a slip to the printer's task."""
        self._printer.print_slip(elements)

    def log(self, event: str, **fields: object) -> None:
        """One diagnostic line."""
        self._board.log(event, **fields)

    def serve_keys(self) -> None:
        """Stop, and start again for a technician with keys."""
        self._end = "asked"

    # The tasks

    async def _ticker(self) -> None:
        while True:
            await asyncio.sleep_ms(_TICK_MS)
            if self._end or self._board.case_is_open():
                from terminal.system.service import stop  # noqa: PLC0415  (a terminal's last moments)

                await stop(self._board, self._end or "tampered", self.show)
            if self._deadline:
                generation, since, wait_ms = self._deadline
                if self._board.ticks_since(since) >= wait_ms:
                    self._deadline = None
                    self._queue.post(events.TIMEOUT, generation)

    async def _courier(self) -> None:
        while True:
            await self._job_ready.wait()
            # A customer goes before sales that are over.
            job, self._job = self._job, None
            if job is None:
                job, self._advice = self._advice, None
            if job is None:
                self._job_ready.clear()
                continue
            token, mti, fields, payload = job
            answer = await self._link.exchange(mti, fields, payload, self._config.response_timeout_ms)
            self._heap.sample()
            if answer:
                self._queue.post(events.ANSWER, (token, answer[0], answer[1], answer[2]))
            else:
                self._queue.post(events.NO_ANSWER, token)

    async def _read_panel(self, stream: "Stream") -> None:
        # It carries the mains switch: when it goes away, that was the power.
        buffer = bytearray(32)
        while True:
            try:
                count = await stream.readinto(buffer)
            except OSError:
                count = 0
            if count == 0:
                self._board.power_off()
            for at in range(count):
                found = panel_event(buffer[at])
                if found and found[0] == events.CASE_OPEN:
                    self._end = "tampered"
                elif found:
                    self._queue.post_input(found[0], found[1])

    async def _read_stripe(self, stream: "Stream") -> None:
        buffer = bytearray(64)
        parser = StripeParser()
        while True:
            count = await stream.readinto(buffer)
            if count == 0:
                return
            for swipe in parser.feed(memoryview(buffer)[:count]):
                if isinstance(swipe, Misread):
                    self._queue.post_input(events.MISREAD, swipe)
                else:
                    self._queue.post_input(events.CARD, presented(swipe))

    async def _drive_lcd(self, stream: "Stream") -> None:
        self._lcd.refresh_all()
        while True:
            frame = self._lcd.next_frame()
            if frame is None:
                await self._lcd_dirty.wait()
                self._lcd_dirty.clear()
            else:
                stream.write(frame)
                await stream.drain()
