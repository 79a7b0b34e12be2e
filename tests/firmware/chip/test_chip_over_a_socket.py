"""The firmware on MicroPython, a chip slot on a socket, and the virtual card in it."""

import asyncio
from pathlib import Path

import pytest

from simulator.firmware_image import compiled_firmware
from simulator.micropython_vm import MicropythonVm, find_vm
from simulator.virtual_card.application import CardApplication
from simulator.virtual_card.chip import ChipTraits, VirtualChip
from simulator.virtual_card.memory import CardMemory
from simulator.virtual_card.slot import ChipSlot
from simulator.virtual_card.store import CardStore
from tests.simulator.virtual_card.issued_card import OWNER, ZONE_KEY, issued, source

SCRIPT = Path(__file__).parent / "on_vm" / "spend.py"
HEAP_BYTES = 96 * 1024


@pytest.fixture(scope="module")
def vm() -> MicropythonVm:
    return find_vm()


async def spend(vm: MicropythonVm, memory: CardMemory, traits: ChipTraits, folder: Path) -> str:
    slot = ChipSlot()
    port = await slot.start()
    slot.insert(VirtualChip(CardApplication(memory, source(4)), traits))
    try:
        process = await asyncio.create_subprocess_exec(
            *vm.command(SCRIPT, str(port), ZONE_KEY.hex(), heap_bytes=HEAP_BYTES),
            cwd=folder,
            env=vm.environment(compiled_firmware()),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await asyncio.wait_for(process.communicate(), 60)
        return output.decode()
    finally:
        await slot.stop()


@pytest.mark.parametrize("protocol", [0, 1], ids=["T=0", "T=1"])
def test_the_terminal_spends_from_the_card(vm: MicropythonVm, protocol: int, tmp_path: Path) -> None:
    memory = issued()
    said = asyncio.run(spend(vm, memory, ChipTraits(protocol), tmp_path))
    assert said.startswith("written 2 ")
    assert CardStore(memory).newest_balance() == (2, 2)


def test_the_terminal_refuses_a_copy(vm: MicropythonVm, tmp_path: Path) -> None:
    memory = issued()
    CardStore(memory).personalise(OWNER.pack(), bytes(16))
    assert asyncio.run(spend(vm, memory, ChipTraits(), tmp_path)) == "refused not_genuine\n"
    assert CardStore(memory).newest_balance() == (1, 1)


def test_the_terminal_says_so_when_the_card_is_torn_out(vm: MicropythonVm, tmp_path: Path) -> None:
    memory = issued()
    # The session counter and twice the tries, thirteen bytes each, and then half of the balance.
    memory.tear_after = 60
    assert asyncio.run(spend(vm, memory, ChipTraits(), tmp_path)) == "refused uncertain\n"
    assert CardStore(memory).newest_balance() == (1, 1)
