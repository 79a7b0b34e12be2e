"""A terminal with every reader, on the product's heap: it sells, prints and starts, again and again."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from simulator.micropython_vm import FIRMWARE, MicropythonVm
from simulator.screen.cards import BY_NAME, CARD_ZONE, CARD_ZONE_GENERATION, Way
from simulator.screen.reader_bench import ReaderBench
from simulator.scripted_switch import ScriptedSwitch
from simulator.virtual_terminal import VirtualTerminal
from tests.firmware.test_terminal_heap import HEAP_BYTES, KEY, PLACES_IN_MENU

ZONE_KEY = bytes(range(16, 32))
# While a chip proves itself, its driver and the card application are there.
LIVE_BYTES_MAX = 93_000
# Some heap must be left over for what a fleet adds.
SMALL_HEAP_BYTES = 96 * 1024
# The table of names doubles beyond 1,270 of them, which takes 9 KB in one piece.
NAMES_MAX = 1_200
SALES = 40
AMOUNT = 70_000
WAYS = (
    ("gold", Way.SWIPE),
    ("gold", Way.INSERT),
    ("chip", Way.TAP),
    ("tag", Way.TAP),
    ("code", Way.SCAN),
)


class CountingVm(MicropythonVm):
    """A VM that prints how many names it has met when it ends."""

    def command(self, script: Path, *arguments: str, heap_bytes: int) -> list[str]:
        """The same terminal, started by a program that outlives it."""
        program = Path(__file__).parent / "on_vm" / "programs" / "count_names.py"
        return super().command(program, *arguments, heap_bytes=heap_bytes)

    @staticmethod
    def environment(*module_folders: Path) -> dict[str, str]:
        """With the folder of `boot_image.py`."""
        return MicropythonVm.environment(*module_folders, FIRMWARE)


class Shop:
    """A counter with a terminal, all its readers, and a hand."""

    def __init__(self, switch: ScriptedSwitch, terminal: VirtualTerminal, readers: ReaderBench) -> None:
        self.switch = switch
        self.terminal = terminal
        self._readers = readers

    async def sell(self, name: str, way: Way) -> None:
        """A sale, and its slip in both languages."""
        terminal, card = self.terminal, BY_NAME[name]
        slips = len(terminal.receipts)
        await terminal.wait_state("idle")
        if way is Way.SWIPE:
            await terminal.insert_card()
            await terminal.swipe(card.plastic())
        else:
            await self._readers.present(card, way)
        await terminal.wait_state("amount")
        await terminal.press(f"{AMOUNT}\r")
        await terminal.wait_state("remove", "printing", "idle")
        self._readers.take_away()
        if way is Way.SWIPE:
            await terminal.remove_card()
        self._readers.forget()
        await terminal.wait_for(lambda: len(terminal.receipts) > slips, "slip")
        slip = "\n".join(terminal.receipts[slips])
        assert "Purchase" in slip and "خرید" in slip
        await terminal.wait_state("idle")

    async def cut_in_mid_sale(self) -> None:
        """The power goes between the answer and the slip, which has to come after the start."""
        slips = len(self.terminal.receipts)
        await self.terminal.wait_state("idle")
        await self.terminal.insert_card()
        await self.terminal.swipe(BY_NAME["gold"].plastic())
        await self.terminal.wait_state("amount")
        await self.terminal.press(f"{AMOUNT}\r")
        await self.terminal.wait_state("remove")
        await self.terminal.restart()
        await self.terminal.wait_for(lambda: len(self.terminal.receipts) > slips, "the slip after the cut")
        assert any("COPY" in line for line in self.terminal.receipts[slips])
        await self.terminal.wait_state("idle")

    async def look_around(self) -> None:
        """Begin every flow of the menu, and leave it."""
        for place in PLACES_IN_MENU:
            states = len(self.terminal.events_named("state")) + 3
            await self.terminal.press(f"M{place}\x1b")
            await self.terminal.wait_event("state", states)
            await self.terminal.wait_state("idle")

    async def end_day(self) -> None:
        """The totals, and their slip."""
        slips = len(self.terminal.receipts)
        await self.terminal.press("M32\r")
        await self.terminal.wait_for(lambda: len(self.terminal.receipts) > slips, "the totals' slip")
        await self.terminal.wait_state("idle")


@asynccontextmanager
async def shop(
    vm: MicropythonVm, directory: Path, heap_bytes: int, paper_mm: int = 58
) -> AsyncIterator[Shop]:
    zone_key = directory / "zone.key"
    zone_key.write_text(ZONE_KEY.hex())
    readers = ReaderBench(ZONE_KEY)
    async with ScriptedSwitch(KEY) as switch, readers as devices:
        terminal = VirtualTerminal(
            vm,
            directory=directory,
            terminal_id="VAFA0001",
            merchant_id="SHOP000000001",
            switch=switch.address,
            key=KEY,
            heap_bytes=heap_bytes,
            parameters={
                "notice_ms": 50,
                "paper_mm": paper_mm,
                "devices": devices,
                "zone_key_file": "zone.key",
                "card_zone": CARD_ZONE,
                "card_zone_generation": CARD_ZONE_GENERATION,
                "downloads": True,
            },
        )
        async with terminal:
            await terminal.signed_on()
            yield Shop(switch, terminal, readers)


def test_a_terminal_with_all_readers_sells_all_day_and_prints_after_every_power_cut(
    vm: MicropythonVm, tmp_path: Path
) -> None:
    async def scenario() -> None:
        counting = CountingVm(vm.executable, vm.version)
        async with shop(counting, tmp_path, HEAP_BYTES) as counter:
            terminal = counter.terminal
            await counter.cut_in_mid_sale()
            for number in range(SALES):
                await counter.sell(*WAYS[number % len(WAYS)])
                if number == SALES // 2:
                    await counter.look_around()
                    await counter.end_day()
            await counter.end_day()
            live_bytes = terminal.heap.live_bytes
            await terminal.peripherals.unplug()
            await terminal.ended()
            (names,) = re.findall(r"n_qstr=(\d+)", "\n".join(terminal.sayings))
            print(
                f"all readers: {live_bytes:,} bytes live (at most {LIVE_BYTES_MAX:,}), {names} names", end=" "
            )
            print(f"(at most {NAMES_MAX})", end=" ")
            assert terminal.events_named("print_failed") == []
            assert len(terminal.events_named("started")) == 2
            assert 0 < live_bytes <= LIVE_BYTES_MAX
            assert 900 < int(names) <= NAMES_MAX

    asyncio.run(scenario())


def test_less_heap_and_wider_paper_are_enough_too(vm: MicropythonVm, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with shop(vm, tmp_path, SMALL_HEAP_BYTES, paper_mm=80) as counter:
            for name, way in WAYS:
                await counter.sell(name, way)
                await counter.cut_in_mid_sale()
            await counter.end_day()
            assert counter.terminal.events_named("print_failed") == []

    asyncio.run(scenario())
