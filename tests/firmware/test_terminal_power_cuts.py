"""The power goes at any byte of a shop's day, and by kill -9 at any moment: no sale is lost or left hanging.

CUTS, an environment variable, is the number of places at which days are cut:
`make test-power-cuts CUTS=10000`.
"""

import asyncio
import os
import random
from pathlib import Path

from simulator.micropython_vm import MicropythonVm
from simulator.scripted_switch import ScriptedSwitch
from simulator.virtual_terminal import Card, VirtualTerminal
from tests.firmware.power_cut_model import Change, day, survive

KEY = bytes(range(16))
CARD = Card.issue("636949", 7)
ROUNDS = 12
CUTS = int(os.environ.get("CUTS", "400"))
WAYS = 4


def places(changes: list[Change]) -> list[tuple[Change, int, int]]:
    """Every byte of every program and erase of a day, cut in every way."""
    return [
        (change, done, way)
        for change in changes
        for done in range(len(change.data) + 1)
        for way in range(WAYS)
    ]


def test_cuts_all_over_the_day() -> None:
    done = 0
    seed = 1404
    while done < CUTS:
        changes = day(seed)
        assert sum(change.is_erase for change in changes) > 8  # the ring went round
        all_places = places(changes)
        count = min(CUTS - done, len(all_places))
        for index in range(count):
            change, at, way = all_places[index * len(all_places) // count]
            survive(change, at, way, random.Random(seed + index))
        done += count
        seed += 1


def test_kills_at_arbitrary_moments(vm: MicropythonVm, tmp_path: Path) -> None:
    async def scenario() -> None:
        seeded = random.Random(20260321)
        async with ScriptedSwitch(KEY) as switch:
            terminal = VirtualTerminal(
                vm,
                directory=tmp_path,
                terminal_id="VAFA0001",
                merchant_id="SHOP1",
                switch=switch.address,
                key=KEY,
                parameters={"backoff_first_ms": 20, "response_timeout_ms": 1000, "languages": ["en"]},
            )
            async with terminal:
                for _ in range(ROUNDS):
                    await terminal.signed_on()
                    sale = asyncio.create_task(terminal.purchase(CARD, 1_000_000, timeout_ms=2000))
                    await asyncio.wait([sale], timeout=seeded.uniform(0.0, 0.02))
                    await terminal.kill()
                    await asyncio.gather(sale, return_exceptions=True)
                    await terminal.power_on()
                await terminal.signed_on()
                last = await terminal.purchase(CARD, 2_000_000)
                assert last.approved

            reversed_sales = {request.text(90)[4:20] for request in switch.requests_of("04")}
            printed = "\n".join(line for slip in terminal.receipts for line in slip)
            for request in switch.requests_of("02"):
                identity = request.text(11) + request.text(7)
                slip = f"STAN{request.text(11):>28}"
                # The switch approved it; so the customer has the slip, or it was taken back, and never both.
                assert (slip in printed) != (identity in reversed_sales)

    asyncio.run(scenario())
