"""Every reader at the counter on a real VM at 100 KB, and a terminal one of whose devices is missing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from simulator.micropython_vm import MicropythonVm
from simulator.scripted_switch import ScriptedSwitch
from simulator.virtual_card.application import CardApplication
from simulator.virtual_card.chip import ChipTraits, VirtualChip
from simulator.virtual_card.slot import ChipSlot
from simulator.virtual_card.store import CardStore
from simulator.virtual_contactless import (
    ContactlessServer,
    IsoDepCard,
    ScannerServer,
    Type2Tag,
    VirtualPn532,
    uri_message,
)
from simulator.virtual_scanner import Symbology, scanned
from simulator.virtual_terminal import Card, VirtualTerminal
from tests.simulator.virtual_card.issued_card import OWNER, ZONE_KEY, issued, powered, source

KEY = bytes(range(16))
HEAP_BYTES = 100 * 1024
NUMBER = Card.issue("9364", 21).number


@asynccontextmanager
async def shop(
    vm: MicropythonVm, directory: Path, **devices: int
) -> AsyncIterator[tuple[ScriptedSwitch, VirtualTerminal]]:
    zone_key = directory / "zone.key"
    zone_key.touch(mode=0o600)
    zone_key.write_text(ZONE_KEY.hex())
    async with ScriptedSwitch(KEY) as switch:
        terminal = VirtualTerminal(
            vm,
            directory=directory,
            terminal_id="VAFA0001",
            merchant_id="SHOP000000001",
            switch=switch.address,
            key=KEY,
            heap_bytes=HEAP_BYTES,
            parameters={
                "languages": ["en"],
                "notice_ms": 50,
                "devices": devices,
                "zone_key_file": "zone.key",
                "card_zone": 7,
                "card_zone_generation": 2,
            },
        )
        async with terminal:
            await terminal.signed_on()
            yield switch, terminal
            print(sorted(devices), terminal.heap)


async def sold(switch: ScriptedSwitch, terminal: VirtualTerminal) -> tuple[str, str]:
    """Field 2 and field 22 of the sale that the card in the air or in the slot makes."""
    receipts = len(terminal.receipts)
    await terminal.wait_state("amount")
    await terminal.press("70000\r")
    await terminal.wait_for(lambda: terminal.state in ("remove", "printing", "idle"), "answer")
    if terminal.state == "remove":
        await terminal.press("\r")
    await terminal.wait_for(lambda: len(terminal.receipts) > receipts, "receipt")
    await terminal.wait_state("idle")
    sale = switch.requests_of("02")[-1]
    return sale.text(2), sale.text(22)


def test_codes_and_tags(vm: MicropythonVm, tmp_path: Path) -> None:
    async def scenario() -> None:
        device = VirtualPn532()
        async with (
            ContactlessServer(device) as reader,
            ScannerServer() as scanner,
            shop(vm, tmp_path, contactless=reader.port, scanner=scanner.port) as (switch, terminal),
        ):
            await asyncio.wait_for(scanner.plugged.wait(), 60)
            await scanner.scan(scanned("vafa:" + NUMBER, Symbology.QR))
            assert await sold(switch, terminal) == (NUMBER, "031")
            await scanner.scan(scanned("https://example.org/", Symbology.QR))
            await terminal.wait_event("misread")
            await terminal.wait_state("idle")
            device.field.put(Type2Tag.with_message(uri_message("vafa:" + NUMBER)))
            assert await sold(switch, terminal) == (NUMBER, "071")
            device.field.take_away()
            # A reader that goes away comes back.
            scanner.unplug()
            await terminal.wait_event("device_missing")
            await asyncio.wait_for(scanner.plugged.wait(), 60)
            await scanner.scan(scanned(NUMBER, Symbology.CODE_128))
            assert await sold(switch, terminal) == (NUMBER, "031")

    asyncio.run(scenario())


@pytest.mark.parametrize("is_copy", [False, True], ids=["genuine", "copy"])
@pytest.mark.parametrize(("reader", "entry_mode"), [("contactless", "071"), ("chip", "051")])
def test_cards_that_prove_themselves(
    vm: MicropythonVm, tmp_path: Path, reader: str, entry_mode: str, is_copy: bool
) -> None:
    memory = issued()
    if is_copy:
        # It reads the same, and has not got the key.
        CardStore(memory).personalise(OWNER.pack(), bytes(16))

    async def scenario() -> None:
        device = VirtualPn532()
        slot = ChipSlot()
        async with ContactlessServer(device) as field:
            port = await slot.start() if reader == "chip" else field.port
            try:
                async with shop(vm, tmp_path, **{reader: port}) as (switch, terminal):
                    if reader == "chip":
                        slot.insert(VirtualChip(CardApplication(memory, source(4)), ChipTraits(1)))
                    else:
                        device.field.put(IsoDepCard(powered(memory, 4).exchange))
                    if is_copy:
                        assert (await terminal.wait_event("misread"))["reason"] == "not_genuine"
                        assert switch.requests_of("02") == []
                    else:
                        assert await sold(switch, terminal) == (OWNER.card_number, entry_mode)
            finally:
                await slot.stop()

    asyncio.run(scenario())


def test_a_missing_device_ends_nothing_and_shows_in_the_self_test(vm: MicropythonVm, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with shop(vm, tmp_path, scanner=1) as (_, terminal):
            terminal.peripherals.refuse("stripe")
            await terminal.wait_for(
                lambda: (
                    {event["device"] for event in terminal.events_named("device_missing")}
                    == {"scanner", "stripe"}
                ),
                "notice of the missing",
            )
            await terminal.press("M41")
            for state in ("test_display", "test_keys", "test_reader", "test_clock"):
                await terminal.wait_state(state)
                await terminal.press("\r")
            await terminal.wait_for(lambda: len(terminal.receipts) == 1, "slip")
            slip = " ".join(" ".join(terminal.receipts[0]).split())
            assert "Stripe reader BAD" in slip and "Code scanner BAD" in slip and "Keypad line good" in slip
            terminal.peripherals.accept("stripe")
            await terminal.wait_state("idle")
            assert (await terminal.purchase(Card.issue("636949", 1), 70_000)).approved

    asyncio.run(scenario())
