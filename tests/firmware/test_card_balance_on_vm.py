"""The balance on a card after a sale: terminal on the VM, real switch, virtual chip and contactless card."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from protocol.card_application.records import Balance
from protocol.security.keys import derive_terminal_key
from simulator.micropython_vm import MicropythonVm
from simulator.virtual_card.application import CardApplication
from simulator.virtual_card.chip import ChipTraits, VirtualChip
from simulator.virtual_card.memory import CardMemory, PowerLost
from simulator.virtual_card.slot import ChipSlot
from simulator.virtual_contactless import ContactlessServer, IsoDepCard, VirtualPn532
from simulator.virtual_terminal import VirtualTerminal
from tests.simulator.virtual_card.issued_card import (
    BALANCE,
    BALANCE_KEY,
    OWNER,
    ZONE_KEY,
    authenticated,
    issued,
    powered,
    source,
)
from tests.switch.conftest import HOST, MASTER_KEY, Link, SwitchProcess

TERMINALS = ("VAFA0131", "VAFA0132", "VAFA0133")
MERCHANT = "SHOP000000001"
AMOUNT = 1_000_000
LIMIT = 40


@pytest.fixture(scope="module")
def switch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SwitchProcess]:
    """A switch with a member whose card is the virtual one."""
    process = SwitchProcess(tmp_path_factory.mktemp("switch")).start()
    host = Link(process.terminals)
    host.sign_on(HOST)
    for name in TERMINALS:
        host.make_terminal(name, MERCHANT)
    host.make_member(12, OWNER.card_number, 1)
    host.close()
    yield process
    process.kill()


class Readers:
    """A chip slot and a contactless field, and a card that goes into one of them."""

    def __init__(self, kind: str, slot: ChipSlot, device: VirtualPn532) -> None:
        self._kind = kind
        self._slot = slot
        self._device = device
        self._shown = 0

    def put(self, memory: CardMemory, heard: Callable[[bytes], None] = lambda _: None) -> None:
        """Put the card in; `heard` is told of each command."""
        card = CardApplication(memory, source(4))
        if self._kind == "chip":
            self._slot.insert(VirtualChip(card, ChipTraits(1)))
            return
        card.power_on()

        def exchange(command: bytes) -> bytes:
            heard(command)
            try:
                return card.exchange(command)
            except PowerLost:
                self.take_away()
                return b""

        self._shown += (
            1  # another UID, as a phone has: so it is a new card whether its absence was seen or not
        )
        self._device.field.put(IsoDepCard(exchange, uid=bytes((8, 0, 0, self._shown))))

    def take_away(self) -> None:
        if self._kind == "chip":
            self._slot.remove()
        else:
            self._device.field.take_away()


@asynccontextmanager
async def shop(
    vm: MicropythonVm, directory: Path, switch: SwitchProcess, *, name: str, reader: str, **settings: object
) -> AsyncIterator[tuple[VirtualTerminal, Readers]]:
    zone_key = directory / "zone.key"
    zone_key.touch(mode=0o600)
    zone_key.write_text(ZONE_KEY.hex())
    slot, device = ChipSlot(), VirtualPn532()
    async with ContactlessServer(device) as field:
        port = await slot.start()
        terminal = VirtualTerminal(
            vm,
            directory=directory,
            terminal_id=name,
            merchant_id=MERCHANT,
            switch=switch.terminals,
            key=derive_terminal_key(MASTER_KEY, name, 1),
            parameters={
                "languages": ["en"],
                "notice_ms": 50,
                "devices": {reader: port if reader == "chip" else field.port},
                "zone_key_file": "zone.key",
                "card_zone": 7,
                "card_zone_generation": 2,
                **settings,
            },
        )
        try:
            async with terminal:
                await terminal.signed_on()
                yield terminal, Readers(reader, slot, device)
        finally:
            await slot.stop()


async def sold(terminal: VirtualTerminal) -> int:
    """A sale with the card that is in the reader; the points that the switch states."""
    sales, receipts = len(terminal.events_named("transaction")), len(terminal.receipts)
    await terminal.wait_state("amount")
    await terminal.press(f"{AMOUNT}\r")
    sale = await terminal.wait_event("transaction", sales + 1)
    assert sale["response_code"] == "00"
    await terminal.wait_for(lambda: terminal.state in ("remove", "printing", "idle"), "answer")
    if terminal.state == "remove":
        await terminal.press("\r")
    await terminal.wait_for(lambda: len(terminal.receipts) > receipts, "receipt")
    await terminal.wait_state("idle")
    return int(str(sale["points_balance"]))


async def told(terminal: VirtualTerminal, outcome: str, count: int = 1) -> None:
    """Wait until writing a balance has come to this so many times."""
    await terminal.wait_for(
        lambda: [event["outcome"] for event in terminal.events_named("card_balance")].count(outcome) >= count,
        outcome,
    )


def kept(memory: CardMemory) -> Balance | None:
    """What a terminal that holds the zone's key reads on the card."""
    return authenticated(powered(memory)).read_balance(BALANCE_KEY)


def stated(counter: int, points: int) -> Balance:
    today = datetime.now(ZoneInfo("Asia/Tehran"))
    return Balance(counter, points, min(points, LIMIT), f"{today:%Y%m%d}", "91", "999")


@pytest.mark.parametrize(("name", "reader"), [(TERMINALS[0], "chip"), (TERMINALS[1], "contactless")])
def test_an_approved_sale_brings_the_balance_onto_the_card(
    vm: MicropythonVm, switch: SwitchProcess, tmp_path: Path, name: str, reader: str
) -> None:
    async def scenario() -> None:
        memory = issued()
        terms = {"name": name, "reader": reader, "card_limit": LIMIT, "card_account": "91"}
        async with shop(vm, tmp_path, switch, **terms) as (terminal, readers):  # type: ignore[arg-type]
            readers.put(memory)
            points = await sold(terminal)
            await told(terminal, "written")
            assert kept(memory) == stated(2, points) and points > LIMIT
            readers.take_away()
            # The next one finds a card without any: it gets its first.
            blank = issued(balance=None)
            await terminal.wait_state("idle")
            readers.put(blank)
            points = await sold(terminal)
            await told(terminal, "written", 2)
            assert kept(blank) == stated(1, points)

    asyncio.run(scenario())


def test_a_card_that_is_gone_too_early_is_written_next_time(
    vm: MicropythonVm, switch: SwitchProcess, tmp_path: Path
) -> None:
    async def scenario() -> None:
        memory = issued()
        terms = {"name": TERMINALS[2], "reader": "contactless", "card_limit": LIMIT, "card_account": "91"}
        async with shop(vm, tmp_path, switch, **terms) as (terminal, readers):  # type: ignore[arg-type]
            readers.put(memory)
            await terminal.wait_state("amount")
            readers.take_away()
            before = await sold(terminal)
            assert kept(memory) == BALANCE
            # Torn out in the middle of the write: the old balance or the new one, never none.

            def tear(command: bytes) -> None:
                if command[:2] == b"\x04\xdc":
                    memory.tear_after = 20

            readers.put(memory, tear)
            points = await sold(terminal)
            assert points > before
            await told(terminal, "uncertain")
            memory.tear_after = None
            assert kept(memory) == BALANCE
            await terminal.wait_state("idle")
            readers.put(memory)
            points = await sold(terminal)
            await told(terminal, "written")
            assert kept(memory) == stated(2, points)

    asyncio.run(scenario())


def test_without_a_limit_nothing_is_written(vm: MicropythonVm, switch: SwitchProcess, tmp_path: Path) -> None:
    async def scenario() -> None:
        memory = issued()
        async with shop(vm, tmp_path, switch, name=TERMINALS[0], reader="chip") as (terminal, readers):
            readers.put(memory)
            await sold(terminal)
            readers.take_away()
            assert terminal.events_named("card_balance") == [] and kept(memory) == BALANCE

    asyncio.run(scenario())
