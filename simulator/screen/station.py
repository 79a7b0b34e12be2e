"""One page's terminal: the VM with all its devices, the tap on its line, and what a hand may do to it."""

import asyncio
import base64
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import Self

from protocol.faults import ProtocolFault
from protocol.spec import load_spec
from simulator.screen.beeps import key_tones, tones_of
from simulator.screen.cards import BY_NAME, CARD_ZONE, CARD_ZONE_GENERATION, Way
from simulator.screen.orders import Order
from simulator.screen.picture import COLUMNS, ROWS, Panel
from simulator.screen.place import Place
from simulator.screen.reader_bench import ReaderBench
from simulator.screen.tap import Tap
from simulator.screen.wire import Direction, fault_document, message_document
from simulator.virtual_printer import Slip
from simulator.virtual_terminal import Swipe, VirtualTerminal

Document = dict[str, object]
Publish = Callable[[str, Document], None]

MERCHANT_FA = "فروشگاه نمونه"
MERCHANT_EN = "Sample Shop"
_ZONE_KEY_FILE = "zone.key"
_BLANK = bytes(COLUMNS // 8 * ROWS)


class Station:
    """A terminal in a `place`, from entering to leaving.

    Args:
        language: fa or en: the terminal's own, which its display and the first half of its receipts speak.
        publish: told the name of what happened, and what is to be shown.

    Raises (on entering):
        TerminalFault: the firmware is missing.
        OSError: the directory can't be written.
    """

    def __init__(self, place: Place, terminal_id: str, language: str, publish: Publish) -> None:
        self._place = place
        self._terminal_id = terminal_id
        self._language = language
        self._publish = publish
        self._stack = AsyncExitStack()
        self._spec = load_spec("vafa")
        self._panel = Panel()
        self._tap = Tap(place.switch, self._heard, self._tell_line)
        self._readers = ReaderBench(place.zone_key)
        self._messages = 0
        self._slips = 0
        self._shown: tuple[list[str], int, bool] | None = None
        self._told: Document = {}
        self._terminal: VirtualTerminal | None = None
        self._power = asyncio.Lock()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._tap)
            devices = await stack.enter_async_context(self._readers)
            self._terminal = terminal = self._make(devices)
            await stack.enter_async_context(terminal)
            watch = asyncio.create_task(self._watch(terminal))
            stack.push_async_callback(_ended, watch)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def obey(self, order: Order) -> None:
        """Do what a hand does. Raises TerminalFault where a device is not there."""
        terminal = self._running()
        match order.do:
            case "keys" if terminal.running:
                self._publish("beep", {"tones": key_tones()})
                await terminal.press(order.keys)
            case "card" if terminal.running:
                await self._present(terminal, order)
            case "remove":
                await self._take_out(terminal)
            case "line":
                if order.on:
                    self._tap.mend()
                else:
                    self._tap.cut()
                self._tell_line()
            case "paper":
                terminal.peripherals.printer.paper = order.on
                self._tell_state(terminal)
            case "power":
                await self._switch(terminal, on=order.on)

    def _make(self, devices: dict[str, int]) -> VirtualTerminal:
        place = self._place
        directory = place.directory / self._terminal_id
        directory.mkdir(parents=True, exist_ok=True)
        zone_key = directory / _ZONE_KEY_FILE
        zone_key.touch(mode=0o600)
        zone_key.write_text(place.zone_key.hex())
        return VirtualTerminal(
            place.vm,
            directory=directory,
            terminal_id=self._terminal_id,
            merchant_id=place.merchant_id,
            switch=("127.0.0.1", self._tap.port),
            key=place.key_of(self._terminal_id),
            parameters={
                "languages": ["fa", "en"] if self._language == "fa" else ["en", "fa"],
                "merchant_name_fa": MERCHANT_FA,
                "merchant_name_en": MERCHANT_EN,
                "backoff_limit_ms": 2_000,
                "devices": devices,
                "zone_key_file": _ZONE_KEY_FILE,
                "card_zone": CARD_ZONE,
                "card_zone_generation": CARD_ZONE_GENERATION,
            },
        )

    def _running(self) -> VirtualTerminal:
        if self._terminal is None:
            raise RuntimeError("not entered")
        return self._terminal

    # Cards

    async def _present(self, terminal: VirtualTerminal, order: Order) -> None:
        card = BY_NAME.get(order.card)
        if card is None or order.way not in card.ways or self._readers.occupied:
            return
        if order.way is Way.SWIPE:
            # The slot's switch closes as the card goes in; its stripe is read on the way.
            await terminal.insert_card()
            await terminal.swipe(card.plastic(), Swipe(damage=card.damage))
            self._readers.hold(card)
        else:
            await self._readers.present(card, order.way)
        self._tell_state(terminal)

    async def _take_out(self, terminal: VirtualTerminal) -> None:
        was_swiped = self._readers.is_swiped
        self._readers.take_away()
        if was_swiped and terminal.running:
            await terminal.remove_card()
        self._tell_state(terminal)

    # Power

    async def _switch(self, terminal: VirtualTerminal, *, on: bool) -> None:
        async with self._power:
            if on and not terminal.running:
                await terminal.kill()  # a VM that ended by itself is put away first
                await terminal.power_on()
            elif not on and terminal.running:
                await terminal.kill()
            self._tell(terminal)

    # What happens

    async def _watch(self, terminal: VirtualTerminal) -> None:
        changed = terminal.peripherals.changed
        while True:
            self._tell(terminal)
            async with changed:
                await changed.wait_for(lambda: self._has_news(terminal))

    def _has_news(self, terminal: VirtualTerminal) -> bool:
        return (
            bool(terminal.events)
            or bool(terminal.peripherals.printer.slips)
            or self._shown != self._display(terminal)
            or self._told != self._state(terminal)
        )

    def _tell(self, terminal: VirtualTerminal) -> None:
        """Publish what is new since the last time; what was told is not kept."""
        events, terminal.events[:] = terminal.events[:], []
        for event in events:
            if tones := tones_of(event):
                self._publish("beep", {"tones": tones})
        shown = self._display(terminal)
        if shown != self._shown:
            self._shown = shown
            lines, large, is_on = shown
            dots = self._panel.draw(lines, large, self._language) if is_on else _BLANK
            picture = base64.b64encode(dots).decode("ascii")
            self._publish("lcd", {"lines": lines if is_on else [], "dots": picture})
        self._tell_state(terminal)
        slips, terminal.peripherals.printer.slips[:] = terminal.peripherals.printer.slips[:], []
        for slip in slips:
            self._print(slip)
        # A reader that is polled all day must not remember each time.
        self._readers.forget()

    @staticmethod
    def _display(terminal: VirtualTerminal) -> tuple[list[str], int, bool]:
        return list(terminal.peripherals.lcd), terminal.peripherals.large, terminal.running

    def _state(self, terminal: VirtualTerminal) -> Document:
        return {
            "state": terminal.state if terminal.running else "off",
            "power": terminal.running,
            "card": self._readers.card_name,
            "way": self._readers.way,
            "paper": terminal.peripherals.printer.paper,
            "fault": _last_words(terminal),
        }

    def _tell_state(self, terminal: VirtualTerminal) -> None:
        state = self._state(terminal)
        if state != self._told:
            self._told = state
            self._publish("state", state)

    def _tell_line(self) -> None:
        self._publish("line", {"plugged": not self._tap.is_cut, "up": self._tap.is_up})

    def _print(self, slip: Slip) -> None:
        self._slips += 1
        self._publish(
            "slip",
            {
                "number": self._slips,
                "png": base64.b64encode(slip.png()).decode("ascii"),
                "width": slip.width_dots,
                "height": len(slip.rows),
                "lines": slip.read(),
            },
        )

    def _heard(self, direction: Direction, what: bytes | ProtocolFault) -> None:
        self._messages += 1
        at_ms = time.time_ns() // 1_000_000
        if isinstance(what, ProtocolFault):
            document = fault_document(what, direction, self._messages, at_ms)
        else:
            document = message_document(self._spec, what, direction, self._messages, at_ms)
        self._publish("message", document)


def _last_words(terminal: VirtualTerminal) -> str:
    """What the VM said as it ended by itself; empty while it runs, and after a power cut."""
    if terminal.running or terminal.state == "off":
        return ""
    lines = terminal.stderr.strip().splitlines()
    return lines[-1] if lines else "?"


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
