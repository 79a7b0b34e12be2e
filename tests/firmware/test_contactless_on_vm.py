"""The readers on a real VM, over sockets, against a PN532 that also garbles and loses."""

import asyncio
from pathlib import Path

import pytest

from simulator.firmware_image import compiled_firmware
from simulator.micropython_vm import MicropythonVm
from simulator.virtual_contactless import (
    ContactlessServer,
    IsoDepCard,
    ScannerServer,
    Trouble,
    Type2Tag,
    VirtualPn532,
    uri_message,
)
from simulator.virtual_scanner import Symbology, scanned
from simulator.virtual_terminal import Card

PROGRAM = Path(__file__).parent / "on_vm" / "programs" / "watch_field.py"
NUMBER = Card.issue("9364", 21).number
HEAP_BYTES = 96 * 1024


@pytest.mark.parametrize("slice_bytes", [0, 3], ids=["whole frames", "slices"])
def test_cards_tags_and_codes(vm: MicropythonVm, slice_bytes: int) -> None:
    async def scenario() -> None:
        device = VirtualPn532()
        device.troubles.extend([Trouble.GARBLE_ANSWER, Trouble.NONE, Trouble.DROP_ACK, Trouble.NOISE])
        async with ContactlessServer(device, slice_bytes) as reader, ScannerServer() as scanner:
            process = await asyncio.create_subprocess_exec(
                *vm.command(PROGRAM, str(reader.port), str(scanner.port), heap_bytes=HEAP_BYTES),
                env=vm.environment(compiled_firmware()),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            assert process.stdout is not None
            lines = process.stdout

            async def says(*words: str) -> list[str]:
                line = (await lines.readline()).decode().split()
                assert tuple(line[: len(words)]) == words
                return line

            try:
                async with asyncio.timeout(20):
                    device.field.put(IsoDepCard(lambda apdu: apdu + b"\x90\x00"))
                    await says("event", "1")
                    await says("answer", "True")
                    device.field.take_away()
                    await says("event", "2")
                    device.field.put(Type2Tag.with_message(uri_message("vafa:" + NUMBER)))
                    await says("event", "1")
                    await says("tag", NUMBER)
                    device.field.take_away()
                    await says("event", "2")
                    device.chip.remove_after = 1
                    device.field.put(IsoDepCard(lambda apdu: apdu))
                    await says("event", "1")
                    await says("fault", "gone")
                    await says("event", "2")
                    await scanner.scan(scanned("vafa:" + NUMBER, Symbology.QR))
                    await says("scan", NUMBER)
                    await scanner.scan(scanned(NUMBER, suffix=b""))
                    await says("scan", NUMBER)
                    scanner.hang_up()
                    assert await process.wait() == 0
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()

    asyncio.run(scenario())
