"""Our firmware on the real VM passes the pack for terminals."""

import asyncio
from pathlib import Path

from simulator.certification import CaseResult, Subject, cases_of, certify
from simulator.micropython_vm import find_vm
from simulator.scripts import Endpoint, Profile
from simulator.scripts.events import AskFor
from simulator.virtual_terminal import Card, VirtualTerminal

KEY = bytes(range(16))
TERMINAL = "VAFA0001"
CARD = Card.issue("636949", 1)
FAST: dict[str, object] = {
    "response_timeout_ms": 400,
    "reversal_retry_ms": 50,
    "backoff_first_ms": 50,
    "backoff_limit_ms": 200,
    "notice_ms": 50,
}


async def certified(directory: Path) -> tuple[CaseResult, ...]:
    endpoint = Endpoint()
    address = await endpoint.listen("127.0.0.1", 0)
    terminal = VirtualTerminal(
        find_vm(),
        directory=directory / TERMINAL,
        terminal_id=TERMINAL,
        merchant_id="SHOP000000001",
        switch=address,
        key=KEY,
        parameters=FAST,
    )

    async def do(wanted: AskFor) -> None:
        if wanted.what == "purchase":
            await terminal.purchase(CARD, wanted.amount or 0)
        elif wanted.what == "redemption":
            await terminal.redemption(CARD, wanted.amount or 0)
        else:
            assert wanted.what == "power_on"

    try:
        profile = Profile(terminal_id=TERMINAL, keys={TERMINAL: KEY.hex()})
        async with terminal:
            certificate = await certify(
                Subject.TERMINAL, cases_of(Subject.TERMINAL), profile, endpoint, on_ask=do
            )
    finally:
        await endpoint.close()
    return certificate.results


def test_the_firmware_passes_every_case(tmp_path: Path) -> None:
    results = asyncio.run(certified(tmp_path))
    told = {result.case.name: result.outcome.failure.lines() for result in results if result.outcome.failure}
    assert not told
    assert len(results) == len(cases_of(Subject.TERMINAL))
