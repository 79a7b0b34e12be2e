"""A cut-over of the real switch between the sales of terminals on the VM: totals agree on either day."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from protocol.dialect import NetworkCode
from protocol.security.keys import derive_terminal_key
from simulator.micropython_vm import MicropythonVm
from simulator.virtual_terminal import Card, VirtualTerminal
from tests.firmware.cut_line import CutLine
from tests.simulator.offline_table import CARD_RANGE, offline_table
from tests.switch.conftest import HOST, MASTER_KEY, Link, SwitchProcess

ONLINE, OFFLINE, REVERSED = (f"VAFA012{number}" for number in range(3))
MERCHANT = "SHOP000000001"
CARD = Card.issue(CARD_RANGE, 1)
FAST: dict[str, object] = {
    "languages": ["en"],
    "notice_ms": 50,
    "response_timeout_ms": 1500,
    "reversal_retry_ms": 50,
    "backoff_first_ms": 20,
    "backoff_limit_ms": 60,
    "offline_table_file": "offline.table",
}


@pytest.fixture
def switch(tmp_path: Path) -> Iterator[SwitchProcess]:
    """A switch of its own: it cuts over once a day."""
    process = SwitchProcess(tmp_path / "switch").start()
    host = Link(process.terminals)
    host.sign_on(HOST)
    for name in (ONLINE, OFFLINE, REVERSED):
        host.make_terminal(name, MERCHANT)
    host.make_member(12, CARD.number, 1)
    host.close()
    yield process
    process.kill()


def cut_over(switch: SwitchProcess) -> tuple[str, str]:
    """Have the host end the business day; both days, as a slip tells them."""
    today = datetime.now(ZoneInfo("Asia/Tehran")).date()
    tomorrow = today + timedelta(days=1)
    host = Link(switch.terminals)
    host.sign_on(HOST)
    order = host.network(NetworkCode.CUT_OVER.value, HOST)
    order.fields[15] = f"{tomorrow:%m%d}"
    assert host.call(order).fields[39] == "00"
    host.close()
    return f"{today:%m/%d}", f"{tomorrow:%m/%d}"


def put_table(directory: Path, table: bytes) -> None:
    directory.mkdir()
    (directory / "offline.table").write_bytes(table)


@asynccontextmanager
async def shop(
    vm: MicropythonVm, directory: Path, switch: SwitchProcess, name: str
) -> AsyncIterator[tuple[VirtualTerminal, CutLine]]:
    """A signed-on terminal that may sell without a link, and its line to the switch."""
    key = derive_terminal_key(MASTER_KEY, name, 1)
    put_table(directory, offline_table(name, key))
    async with CutLine(switch.terminals) as line:
        terminal = VirtualTerminal(
            vm,
            directory=directory,
            terminal_id=name,
            merchant_id=MERCHANT,
            switch=line.address,
            key=key,
            parameters=FAST,
        )
        async with terminal:
            await terminal.wait_event("signed_on")
            yield terminal, line


async def rested(terminal: VirtualTerminal) -> None:
    """Wait until the link is up and nothing is owed or waits."""
    await terminal.wait_for(lambda: terminal.lcd[3] == "Amount or card; M: menu", "rest")


async def sold_offline(terminal: VirtualTerminal, amount: int) -> None:
    await terminal.wait_for(lambda: terminal.lcd[3] == "No line: points come later", "offline")
    await terminal.press(str(amount))
    await terminal.wait_state("amount")
    await terminal.swipe(CARD)
    await terminal.wait_event("offline_sale")
    await terminal.wait_state("idle")


async def days_closed(terminal: VirtualTerminal, days: int) -> list[str]:
    """The words of each day's slip."""
    before = len(terminal.receipts)
    await rested(terminal)
    await terminal.press("M32")
    await terminal.wait_state("confirm")
    await terminal.press("\r")
    await terminal.wait_for(lambda: len(terminal.receipts) == before + days, "slips")
    await terminal.wait_state("idle")
    assert [event["differences"] for event in terminal.events_named("settled")][-days:] == [0] * days
    return [" ".join(" ".join(slip).split()) for slip in terminal.receipts[before:]]


def told(slip: str) -> tuple[str, int, int, int, int]:
    """Business day, number and amount of purchases, and of those reversed, on a slip that is in balance."""
    assert "In balance" in slip
    found = re.search(
        r"Business day (\S+) Purchases (\S+) Amount \(IRR\) (\S+) "
        r"Purchases reversed (\S+) Amount \(IRR\) (\S+) ",
        slip,
    )
    assert found is not None, slip
    date, *figures = found.groups()
    number, amount, reversed_number, reversed_amount = (int(figure.replace(",", "")) for figure in figures)
    return date, number, amount, reversed_number, reversed_amount


def test_totals_agree_on_both_sides_of_a_cut_over(
    vm: MicropythonVm, switch: SwitchProcess, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with AsyncExitStack() as street:
            online, _ = await street.enter_async_context(shop(vm, tmp_path / ONLINE, switch, ONLINE))
            offline, cut = await street.enter_async_context(shop(vm, tmp_path / OFFLINE, switch, OFFLINE))
            owing, deaf = await street.enter_async_context(shop(vm, tmp_path / REVERSED, switch, REVERSED))
            assert (await online.purchase(CARD, 1_000_000)).approved
            assert (await offline.purchase(CARD, 200_000)).approved
            cut.cut()
            await sold_offline(offline, 300_000)
            # Approved by the switch, and its terminal never hears of it before the next day.
            deaf.silent_from_answer = True
            await owing.start_transaction("P", CARD, 900_000)
            await owing.wait_event("no_answer")
            deaf.cut()
            await owing.remove_card()
            first, second = await asyncio.to_thread(cut_over, switch)
            cut.mend()
            deaf.mend()
            assert (await online.purchase(CARD, 40_000)).approved
            assert (await online.purchase(CARD, 5_000)).approved
            # The power goes meanwhile: what was booked of which day is on flash.
            signed_on = len(online.events_named("signed_on"))
            await online.restart()
            await online.wait_event("signed_on", signed_on + 1)
            await offline.wait_event("advice")
            await owing.wait_event("reversed")
            slips = await days_closed(online, 2)
            assert [told(slip) for slip in slips] == [(first, 1, 1_000_000, 0, 0), (second, 2, 45_000, 0, 0)]
            slips = await days_closed(offline, 2)
            assert [told(slip) for slip in slips] == [(first, 1, 200_000, 0, 0), (second, 1, 300_000, 0, 0)]
            slips = await days_closed(owing, 2)
            assert [told(slip) for slip in slips] == [(first, 1, 900_000, 0, 0), (second, 0, 0, 1, 900_000)]
            # What is sold later has the new day compared again, as a whole.
            assert (await online.purchase(CARD, 700)).approved
            (slip,) = await days_closed(online, 1)
            assert told(slip) == (second, 3, 45_700, 0, 0)

    asyncio.run(scenario())
