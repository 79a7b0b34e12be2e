"""Our firmware on the real VM passes the pack for terminals."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from simulator.certification import CaseResult, Subject, cases_of, certify
from simulator.micropython_vm import find_vm
from simulator.scripts import Endpoint, Profile
from simulator.scripts.events import AskFor
from simulator.virtual_terminal import Card, VirtualTerminal
from tests.firmware.cut_line import CutLine
from tests.simulator.offline_table import CARD_RANGE, offline_table

KEY = bytes(range(16))
TERMINAL = "VAFA0001"
CARD = Card.issue(CARD_RANGE, 1)
FAST: dict[str, object] = {
    "response_timeout_ms": 400,
    "reversal_retry_ms": 50,
    "backoff_first_ms": 50,
    "backoff_limit_ms": 200,
    "notice_ms": 50,
    "languages": ["en"],
    "session_key_messages": 1,  # so a key change comes by itself
    "offline_table_file": "offline.table",
}


async def end_of_day(terminal: VirtualTerminal) -> None:
    """Settle the day, and take the slip."""
    slips = len(terminal.receipts)
    await terminal.wait_state("idle")
    await terminal.press("M32")
    await terminal.wait_state("confirm")
    await terminal.press("\r")
    await terminal.wait_for(lambda: len(terminal.receipts) > slips, "slip of the day")
    await terminal.wait_state("idle")


async def offline_purchases(terminal: VirtualTerminal, line: CutLine, amounts: tuple[int, ...]) -> None:
    """Sell while the network is unplugged."""
    line.cut()
    await terminal.wait_for(lambda: terminal.lcd[3] == "No line: points come later", "offline")
    for amount in amounts:
        sold = len(terminal.events_named("offline_sale"))
        await terminal.wait_state("idle")
        await terminal.press(str(amount))
        await terminal.wait_state("amount")
        await terminal.swipe(CARD)
        await terminal.wait_event("offline_sale", sold + 1)
    await terminal.wait_state("idle")
    line.mend()


def doing(terminal: VirtualTerminal, line: CutLine) -> Callable[[AskFor], Awaitable[None]]:
    """Does what a tester at the terminal would."""

    async def do(wanted: AskFor) -> None:
        if wanted.what != "power_on":
            # Without a link it would sell as well, and otherwise.
            await terminal.wait_for(lambda: terminal.lcd[3] == "Amount or card; M: menu", "link")
        if wanted.what == "purchase":
            await terminal.purchase(CARD, wanted.amount or 0)
        elif wanted.what == "redemption":
            await terminal.redemption(CARD, wanted.amount or 0)
        elif wanted.what == "end_of_day":
            await end_of_day(terminal)
        elif wanted.what == "offline_purchases":
            await offline_purchases(terminal, line, (wanted.amount or 0, 150_000))
        else:
            assert wanted.what in ("power_on", "key_change")

    return do


async def certified(directory: Path) -> tuple[CaseResult, ...]:
    (directory / "offline.table").write_bytes(offline_table(TERMINAL, KEY))
    profile = Profile(terminal_id=TERMINAL, keys={TERMINAL: KEY.hex()})
    endpoint = Endpoint()
    async with CutLine(await endpoint.listen("127.0.0.1", 0)) as line:
        terminal = VirtualTerminal(
            find_vm(),
            directory=directory,
            terminal_id=TERMINAL,
            merchant_id="SHOP000000001",
            switch=line.address,
            key=KEY,
            parameters=FAST,
        )
        try:
            async with terminal:
                certificate = await certify(
                    Subject.TERMINAL,
                    cases_of(Subject.TERMINAL),
                    profile,
                    endpoint,
                    on_ask=doing(terminal, line),
                )
        finally:
            await endpoint.close()
    return certificate.results


def test_the_firmware_passes_every_case(tmp_path: Path) -> None:
    results = asyncio.run(certified(tmp_path))
    told = {result.case.name: result.outcome.failure.lines() for result in results if result.outcome.failure}
    assert not told
    assert len(results) == len(cases_of(Subject.TERMINAL))
