"""Parts of the board's flash over restarts of the emulator: slots with the boot log, parameters, and keys."""

import asyncio
import socket
from pathlib import Path

from firmware.rig.board_memory import BLOCK_BYTES, PARTS
from firmware.rig.cortex import Image
from protocol.security.keys import derive_terminal_key
from simulator.firmware_image import compiled_firmware, romfs_of
from simulator.virtual_terminal import VirtualTerminal
from tests.cortex.cortex_terminal import CortexTerminal
from tests.cortex.street import CARD, shop
from tests.firmware.nor_flash import NorFlash
from tests.switch.conftest import HOST, MASTER_KEY, MERCHANT, TERMINAL, Link, SwitchProcess
from tools.keys.connection import over_socket
from tools.keys.injection import inject
from tools.keys.package import make_package, new_components, sum_of
from tools.update import parameters
from tools.update.image import Label, Version, pack, signed
from tools.update.signing_key import generate, modulus_of

SLOT_BLOCKS = 96
BASE = Version(1, 0, 0)


def part(memory: Path, name: str) -> NorFlash:
    """A part of the board's memory, as its firmware sees it."""
    first, count = PARTS[name]
    flash = NorFlash(BLOCK_BYTES, count)
    with memory.open("rb") as file:
        file.seek(first * BLOCK_BYTES)
        flash.content = bytearray(file.read(count * BLOCK_BYTES))
    return flash


async def started(terminal: VirtualTerminal, boots: int) -> None:
    """Signed on for the `boots`-th time, from the first slot."""
    await terminal.wait_event("signed_on", boots)
    await terminal.wait_state("idle")
    starts = [(event["slot"], event["version"]) for event in terminal.events_named("starting")]
    assert starts == [(0, "2.0.0")] * boots


def test_an_image_in_a_slot_its_boot_log_and_parameters_outlive_the_emulator(
    terminal_image: Image, tmp_path: Path
) -> None:
    key = generate(tmp_path / "signing.pem")
    content = romfs_of(compiled_firmware())
    image = signed(pack(Label("qemu", Version(2, 0, 0), BASE, 0), content), key)
    files = tmp_path / "files"
    (files / "all").mkdir(parents=True)
    (files / "all" / "PARAMETERS").write_bytes(
        parameters.pack({"merchant_name_en": "Other Name"}, "", 1, key)
    )

    async def scenario() -> None:
        settings: dict[str, object] = {
            "languages": ["en"],
            "update_key": "update.pub",
            "slot_blocks": SLOT_BLOCKS,
            "board": "qemu",
            "echo_interval_ms": 200,
            "upkeep_first_s": 0,
            "upkeep_interval_s": 1,
            "restart_idle_s": 86400,
            "probation_s": 1,
        }
        public = {"update.pub": modulus_of(key).hex().encode()}
        async with shop(
            terminal_image,
            tmp_path,
            counted=False,
            files=public,
            parts={"slots": image},
            downloads=files,
            **settings,
        ) as (_, terminal):
            await started(terminal, 1)
            await terminal.wait_event("parameters_taken", timeout_ms=20_000)
            await terminal.wait_event("firmware_confirmed", timeout_ms=20_000)
            await terminal.restart()
            await started(terminal, 2)
            assert terminal.lcd[0] == "Other Name"
            assert (await terminal.purchase(CARD, 1_000_000)).approved
            await terminal.restart()
            await started(terminal, 3)
            from terminal.system.update.boot_log import BootLog

            log = BootLog(part(terminal.memory, "boot_log"))
            assert (log.boots, log.confirmed_slot, log.running_slot) == (3, 0, 0)

    asyncio.run(scenario())


def test_keys_come_by_the_printers_line_and_go_when_the_case_is_opened(
    terminal_image: Image, tmp_path: Path
) -> None:
    components = new_components(2)
    package = make_package(MASTER_KEY, TERMINAL, 1, sum_of(components))
    own = derive_terminal_key(MASTER_KEY, TERMINAL, 1)

    def ceremony(listener: socket.socket, reopen: bool) -> list[str]:
        told: list[str] = []
        with over_socket(listener, 30) as ask:
            inject(ask, package, lambda: components, told.append, reopen=reopen)
        return told

    async def brought(terminal: CortexTerminal, listener: socket.socket, reopen: bool) -> None:
        """The technician's cable in the printer's place, then the printer again."""
        terminal.use_cable(listener.getsockname()[1])
        await terminal.power_on()
        told = await asyncio.to_thread(ceremony, listener, reopen)
        assert told[-1] == f"pin key {package.keys[1].check_value}"
        await terminal.ended()
        terminal.use_cable(None)
        await terminal.power_on()
        await terminal.signed_on()

    async def scenario() -> None:
        switch = SwitchProcess(tmp_path / "switch").start()
        try:
            link = Link(switch.terminals)
            link.sign_on(HOST)
            link.make_terminal()
            link.make_member(card=CARD.number)
            link.close()
            terminal = CortexTerminal(
                terminal_image,
                directory=tmp_path / "terminal",
                terminal_id=TERMINAL,
                merchant_id=MERCHANT,
                switch=switch.terminals,
                key=None,
                parameters={"languages": ["en"]},
                counted=False,
            )
            with socket.create_server(("127.0.0.1", 0)) as listener:
                async with terminal:
                    await terminal.wait_event("out_of_service")
                    await terminal.kill()
                    await brought(terminal, listener, False)
                    assert (await terminal.purchase(CARD, 1_000_000)).approved
                    await terminal.open_case()
                    await terminal.ended()
                    assert own not in terminal.memory.read_bytes()
                    await terminal.power_on()
                    await terminal.wait_for(lambda: "opened" in terminal.lcd[1], "the reason")
                    await terminal.kill()
                    await brought(terminal, listener, True)
                    assert (await terminal.purchase(CARD, 1_000_000)).approved
        finally:
            switch.kill()

    asyncio.run(scenario())
