"""The printer of the whole terminal on the VM: its paper, its cover, and how soon a slip is there."""

import asyncio
from pathlib import Path

import pytest

from simulator.micropython_vm import MicropythonVm
from simulator.virtual_printer.reading import UNREADABLE
from tests.firmware.test_terminal_on_vm import CARD, shop

LONGEST_MS = 300


@pytest.mark.parametrize(("paper_mm", "dots"), [(58, 384), (80, 576)])
def test_a_slip_fits_its_paper_and_comes_soon(
    vm: MicropythonVm, tmp_path: Path, paper_mm: int, dots: int
) -> None:
    async def scenario() -> None:
        async with shop(vm, tmp_path, paper_mm=paper_mm) as (_, terminal):
            sales = [await terminal.purchase(CARD, 2_500_000) for _ in range(3)]
            slip = terminal.peripherals.printer.slips[-1]
            assert {8 * len(row) for row in slip.rows} == {dots}
            assert f"{'Amount (IRR)':^{dots // 12}}".rstrip() in sales[-1].receipt
            assert not any(UNREADABLE in line for line in sales[-1].receipt)
            assert min(sale.elapsed_ms for sale in sales) < LONGEST_MS
            assert terminal.pictures[-1].startswith(b"\x89PNG")

    asyncio.run(scenario())


def test_with_its_cover_open_a_printer_prints_no_half_slip(vm: MicropythonVm, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with shop(vm, tmp_path) as (_, terminal):
            printer = terminal.peripherals.printer
            printer.cover_open = True
            await terminal.start_transaction("P", CARD, 1_000_000)
            await terminal.wait_state("remove")
            await terminal.remove_card()
            await terminal.wait_state("printer_fault")
            printer.cover_open = False
            printer.near_end = True
            await terminal.press("\r")
            await terminal.wait_for(lambda: len(terminal.receipts) == 1, "receipt")
            await terminal.wait_state("idle")
            # Nobody can be sure that nothing came out the first time.
            assert "            * COPY *" in terminal.receipts[0]
            assert len(terminal.events_named("print_failed")) == 1

    asyncio.run(scenario())
