"""The whole terminal on the Cortex-M3, selling against the real switch through its modem's UART."""

import asyncio
from pathlib import Path

from firmware.rig.cortex import Image
from tests.cortex.conftest import Figures
from tests.cortex.street import CARD, shop, transactions
from tests.cortex.test_cortex_budgets import BUDGETS

SALES = 5


def test_sales_redemption_and_balance(terminal_image: Image, figures: Figures, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with shop(terminal_image, tmp_path, counted=False) as (switch, terminal):
            await terminal.signed_on()
            sales = [await terminal.purchase(CARD, 2_500_000) for _ in range(SALES)]
            assert [sale.response_code for sale in sales] == ["00"] * SALES
            assert [sale.points_balance for sale in sales] == [250 * (n + 1) for n in range(SALES)]
            spent = await terminal.redemption(CARD, 100_000)
            assert (spent.response_code, spent.points_spent) == ("00", 100)
            inquiry = await terminal.balance(CARD)
            assert inquiry.points_balance == spent.points_balance == 250 * SALES - 100
            assert [line["rrn"] for line in transactions(switch)] == [sale.rrn for sale in [*sales, spent]]
            assert all("2,500,000" in "\n".join(sale.receipt) for sale in sales)
            quickest = min(sale.elapsed_ms for sale in sales)
            figures.add("swipe to receipt, on the host's clock", f"{quickest:.0f}", unit="ms")

    asyncio.run(scenario())


def test_the_journal_outlives_the_power(terminal_image: Image, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with shop(terminal_image, tmp_path) as (_, terminal):
            await terminal.signed_on()
            first = await terminal.purchase(CARD, 1_000_000)
            await terminal.restart()
            await terminal.signed_on()
            second = await terminal.purchase(CARD, 1_000_000)
            assert (first.approved, second.approved) == (True, True)
            assert int(second.stan) > int(first.stan)
            assert len(terminal.receipts) == 2

    asyncio.run(scenario())


def test_blocks_collections_and_heap(watched_image: Image, figures: Figures, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with shop(watched_image, tmp_path) as (_, terminal):
            await terminal.signed_on()
            for _ in range(SALES):
                assert (await terminal.purchase(CARD, 2_500_000)).approved
            assert (await terminal.redemption(CARD, 100_000)).approved
            heaps = terminal.events_named("heap")
            started = terminal.events_named("started")[0]
            measured = {
                "start_ms": _number(heaps[0], "ticks_ms") - _number(started, "ticks_ms"),
                "longest_block_us": max(_number(heap, "longest_block_us") for heap in heaps),
                "collection_us": max(_number(heap, "collection_us") for heap in heaps),
                # One rest may hold more: the collector takes any number on the stack for an address.
                "live_bytes": min(_number(heap, "live_bytes") for heap in heaps[-2 * SALES :]),
                "peak_bytes": max(_number(heap, "peak_bytes") for heap in heaps),
            }
        for name, budget in BUDGETS["terminal"].items():
            figures.add("terminal, " + name.replace("_", " "), f"{measured[name]:,}", f"{budget:,}")
            assert measured[name] <= budget, name

    asyncio.run(scenario())


def _number(event: dict[str, object], name: str) -> int:
    value = event[name]
    assert isinstance(value, int)
    return value
