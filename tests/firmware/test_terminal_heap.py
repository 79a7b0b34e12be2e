"""What the whole terminal takes of the heap on the 32-bit VM: at rest, and while it sells."""

import asyncio
from pathlib import Path

from simulator.micropython_vm import MicropythonVm
from simulator.scripted_switch import ScriptedSwitch
from simulator.virtual_terminal import Card, VirtualTerminal

KEY = bytes(range(16))
CARD = Card.issue("636949", 1)
HEAP_BYTES = 100 * 1024
LIVE_BYTES_MAX = 70_000
PEAK_BYTES_MAX = 88_000
SMALL_HEAP_BYTES = 88 * 1024
PLACES_IN_MENU = ("11", "12", "13", "14", "16", "21", "22", "23", "24", "25", "32", "41")


async def working_day(vm: MicropythonVm, directory: Path, heap_bytes: int) -> tuple[int, int]:
    """Live bytes at rest after a slip was printed, and the highest use of a day with every flow."""
    async with ScriptedSwitch(KEY) as switch:
        terminal = VirtualTerminal(
            vm,
            directory=directory,
            terminal_id="VAFA0001",
            merchant_id="SHOP000000001",
            switch=switch.address,
            key=KEY,
            heap_bytes=heap_bytes,
            parameters={"notice_ms": 50},
        )
        async with terminal:
            await terminal.signed_on()
            assert (await terminal.balance(CARD)).approved
            live_bytes = terminal.heap.live_bytes
            assert (await terminal.purchase(CARD, 2_500_000)).approved
            assert (await terminal.redemption(CARD, 100_000)).approved
            for place in PLACES_IN_MENU:
                states = len(terminal.events_named("state")) + 3
                await terminal.press(f"M{place}\x1b")
                await terminal.wait_event("state", states)
                await terminal.wait_state("idle")
            assert (await terminal.purchase(CARD, 1_000_000)).approved
            return live_bytes, terminal.heap.peak_bytes


def test_the_terminal_leaves_room_on_its_heap(vm: MicropythonVm, tmp_path: Path) -> None:
    live_bytes, peak_bytes = asyncio.run(working_day(vm, tmp_path, HEAP_BYTES))
    print(f"heap: {live_bytes:,} bytes at rest (at most {LIVE_BYTES_MAX:,}), highest {peak_bytes:,}", end=" ")
    print(f"(at most {PEAK_BYTES_MAX:,}) of {HEAP_BYTES:,}")
    assert 0 < live_bytes <= LIVE_BYTES_MAX
    assert live_bytes < peak_bytes <= PEAK_BYTES_MAX


def test_a_smaller_heap_is_enough_for_a_day(vm: MicropythonVm, tmp_path: Path) -> None:
    _, peak_bytes = asyncio.run(working_day(vm, tmp_path, SMALL_HEAP_BYTES))
    assert 0 < peak_bytes < SMALL_HEAP_BYTES
