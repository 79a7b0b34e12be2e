"""The whole firmware on a real MicroPython VM at 100 KB, against a real switch: what the menu offers."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from protocol.security.keys import derive_terminal_key
from simulator.micropython_vm import MicropythonVm
from simulator.virtual_terminal import Card, VirtualTerminal
from tests.switch.conftest import MASTER_KEY, Link, SwitchProcess

TERMINALS = [f"VAFA000{number}" for number in range(1, 9)]
MERCHANT = "SHOP000000001"
HOST = "HOST0001"
MEMBER_CARD = Card.issue("636949", 1)
STOCK_CARD = Card.issue("636949", 2)
GIFT_CARD = Card.issue("636949", 3)
THIRD_CARD = Card.issue("636949", 4)
HEAP_BYTES = 100 * 1024


@pytest.fixture(scope="module")
def switch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SwitchProcess]:
    """A switch with the shop, a member's card, two cards of the stock and a gift card."""
    process = SwitchProcess(tmp_path_factory.mktemp("switch")).start()
    host = Link(process.terminals)
    host.sign_on(HOST)
    for name in TERMINALS:
        host.make_terminal(name, MERCHANT)
    host.make_member(12, MEMBER_CARD.number, 1)
    for card, reference, kind in ((STOCK_CARD, 2, "STOCK"), (GIFT_CARD, 3, "GIFT"), (THIRD_CARD, 4, "STOCK")):
        tags = {"DF20": "0" * 12, "DF21": "N", "DF24": kind, "DF29": f"{reference:012d}"}
        assert host.call(host.file_action("CARD", tags, card=card.number)).fields[39] == "00"
    host.close()
    yield process
    process.kill()


_free = iter(TERMINALS)
Scenario = Callable[[VirtualTerminal], Awaitable[None]]


@pytest.fixture
def run(vm: MicropythonVm, switch: SwitchProcess, tmp_path: Path) -> Callable[[Scenario], None]:
    """Runs a scenario on a signed-on terminal, another one each time: their trace numbers begin anew."""
    name = next(_free)

    async def at_work(scenario: Scenario) -> None:
        terminal = VirtualTerminal(
            vm,
            directory=tmp_path,
            terminal_id=name,
            merchant_id=MERCHANT,
            switch=switch.terminals,
            key=derive_terminal_key(MASTER_KEY, name, 1),
            heap_bytes=HEAP_BYTES,
            parameters={"languages": ["en"], "notice_ms": 50},
        )
        async with terminal:
            await terminal.signed_on()
            await scenario(terminal)
            await terminal.wait_state("idle", "notice")
            assert 0 < terminal.heap.peak_bytes <= HEAP_BYTES

    return lambda scenario: asyncio.run(at_work(scenario))


async def printed(terminal: VirtualTerminal, before: int) -> str:
    """The words of the slip that follows `before` others."""
    await terminal.wait_for(lambda: len(terminal.receipts) > before, "receipt")
    await terminal.wait_state("idle")
    return " ".join(" ".join(terminal.receipts[-1]).split())


async def carded(terminal: VirtualTerminal, state: str, card: Card) -> None:
    await terminal.wait_state(state)
    await terminal.swipe(card)


async def keyed(terminal: VirtualTerminal, state: str, keys: str) -> None:
    await terminal.wait_state(state)
    await terminal.press(keys)


def test_points_are_earned_asked_about_and_spent_in_part(run: Callable[[Scenario], None]) -> None:
    async def scenario(terminal: VirtualTerminal) -> None:
        sale = await terminal.purchase(MEMBER_CARD, 2_500_000)
        assert sale.points_earned == 250
        # What would it earn? Enter buys.
        await terminal.press("M12")
        await keyed(terminal, "amount", "1000000")
        await terminal.swipe(MEMBER_CARD)
        await terminal.wait_state("result")
        await terminal.wait_for(lambda: terminal.lcd[2] == "100", "points that it would earn")
        await terminal.press("\r")
        assert "Points earned 100" in await printed(terminal, 1)
        # A bill of which 200,000 are paid with points.
        await terminal.press("M11")
        await keyed(terminal, "amount", "1000000")
        await terminal.swipe(MEMBER_CARD)
        await keyed(terminal, "choice", "\r")
        await keyed(terminal, "tender", "200000\r")
        slip = await printed(terminal, 2)
        assert "Points spent 200" in slip and "Left to pay 800,000" in slip

    run(scenario)


def test_a_sale_is_returned_in_part_and_another_voided(run: Callable[[Scenario], None]) -> None:
    async def scenario(terminal: VirtualTerminal) -> None:
        sale = await terminal.purchase(MEMBER_CARD, 2_000_000)
        await terminal.press("M14")
        await keyed(terminal, "number", f"{int(sale.rrn)}\r")
        await keyed(terminal, "amount", "500000\r")
        await carded(terminal, "card", MEMBER_CARD)
        await keyed(terminal, "confirm", "\r")
        slip = await printed(terminal, 1)
        assert "Return Approved" in slip and "Money back 500,000" in slip
        second = await terminal.purchase(MEMBER_CARD, 1_000_000)
        await terminal.press("M15")
        await carded(terminal, "card", MEMBER_CARD)
        await keyed(terminal, "confirm", "\r")
        slip = await printed(terminal, 3)
        assert "Money back 1,000,000" in slip and f"{second.points_balance - 100}" in slip
        await terminal.press("M31")
        assert "COPY" in await printed(terminal, 4)

    run(scenario)


def test_cards_are_given_out_and_replaced(run: Callable[[Scenario], None]) -> None:
    async def scenario(terminal: VirtualTerminal) -> None:
        await terminal.press("M21")
        await carded(terminal, "card", GIFT_CARD)
        await keyed(terminal, "amount", "\r")
        assert "Card activation Approved" in await printed(terminal, 0)
        await terminal.press("M24")
        await carded(terminal, "card", STOCK_CARD)
        await keyed(terminal, "number", "09120000000\r")
        assert "New member Approved" in await printed(terminal, 1)
        # The new member left the card at home, and earns by phone.
        await terminal.press("M16")
        await keyed(terminal, "number", "09120000000\r")
        await keyed(terminal, "amount", "1000000\r")
        assert "Points earned 100" in await printed(terminal, 2)
        await terminal.press("M25")
        await carded(terminal, "card", STOCK_CARD)
        await carded(terminal, "new_card", THIRD_CARD)
        await keyed(terminal, "confirm", "\r")
        assert "Card replacement Approved" in await printed(terminal, 3)
        await terminal.press("B")
        await carded(terminal, "card", THIRD_CARD)
        assert "Points balance 100" in await printed(terminal, 4)
        declined = await terminal.purchase(STOCK_CARD, 5_000)
        assert declined.response_code == "62"

    run(scenario)


def test_every_flow_in_turn_leaves_the_heap_as_it_was(run: Callable[[Scenario], None]) -> None:
    async def scenario(terminal: VirtualTerminal) -> None:
        live = []
        for _ in range(3):
            for keys in ("11", "12", "13", "14", "16", "21", "22", "23", "24", "25", "32", "41"):
                states = len(terminal.events_named("state")) + 3
                await terminal.press(f"M{keys}\x1b")
                await terminal.wait_event("state", states)
                await terminal.wait_state("idle")
            await terminal.purchase(MEMBER_CARD, 1_000_000)
            live.append(terminal.heap.live_bytes)
        assert live[2] <= live[1] + 256

    run(scenario)
