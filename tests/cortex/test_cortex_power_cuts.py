"""kill -9 of QEMU at arbitrary moments: every store so far is in the host's file, and nothing after it.

`--power-cuts N` makes it a campaign, `--power-cut-seed` another one.
"""

import asyncio
import random
from pathlib import Path

import pytest

from firmware.rig.cortex import Image
from tests.cortex.conftest import Figures
from tests.cortex.street import CARD, shop, transactions

LONGEST_SALE_S = 0.6


def test_no_sale_is_lost_and_none_is_left_hanging(
    terminal_image: Image, figures: Figures, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    cuts = int(pytestconfig.getoption("--power-cuts"))
    seeded = random.Random(int(pytestconfig.getoption("--power-cut-seed")))

    async def scenario() -> None:
        async with shop(
            terminal_image, tmp_path, backoff_first_ms=20, response_timeout_ms=2000, languages=["en"]
        ) as (switch, terminal):
            for _ in range(cuts):
                await terminal.signed_on()
                sale = asyncio.create_task(terminal.purchase(CARD, 1_000_000, timeout_ms=5000))
                await asyncio.wait([sale], timeout=seeded.uniform(0.0, LONGEST_SALE_S))
                await terminal.restart()
                await asyncio.gather(sale, return_exceptions=True)
            await terminal.signed_on()
            last = await terminal.purchase(CARD, 2_000_000)
            assert last.approved
            decided = transactions(switch)

        taken_back = {line["reverses"] for line in decided if line["reverses"]}
        sales = [line for line in decided if line["mti"] in ("0200", "0201")]
        printed = "\n".join(row for slip in terminal.receipts for row in slip)
        for line in sales:
            slip = f"RRN{line['rrn']:>29}"
            # The switch approved it; so the customer has the slip, or it was taken back, and never both.
            assert (slip in printed) != (line["rrn"] in taken_back), line
        # A slip of a sale that the switch does not know would be a lost sale.
        known = {f"RRN{line['rrn']:>29}" for line in sales}
        slips = {row for slip in terminal.receipts for row in slip if row.startswith("RRN")}
        assert slips <= known
        text = f"{cuts} cuts, {len(sales)} sales reached the switch, {len(taken_back)} taken back, none lost"
        figures.add("power cuts", text)

    asyncio.run(scenario())
