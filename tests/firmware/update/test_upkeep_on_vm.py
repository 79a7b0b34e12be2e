"""A terminal at work that keeps itself up to date: real firmware on the VM, a real switch with its files."""

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from protocol.security.keys import derive_terminal_key
from simulator.firmware_image import compiled_firmware, firmware_image
from simulator.micropython_vm import FIRMWARE, MicropythonVm
from simulator.scripted_switch import Behaviour, ScriptedSwitch
from simulator.virtual_terminal import Card, Damage, Swipe, VirtualTerminal
from tests.switch.conftest import FEED_TOKEN, HOST, MASTER_KEY, Link, SwitchProcess
from tools.terminal_files.offline_table import Limits, TablePlan, make_table
from tools.update import parameters
from tools.update.image import Label, Version, pack, signed
from tools.update.signing_key import generate, modulus_of

NAME = "VAFA0001"
MERCHANT = "SHOP000000001"
KEY = derive_terminal_key(MASTER_KEY, NAME, 1)
CARD = Card.issue("636949", 1)
HEAP_BYTES = 100 * 1024
# What a round must get along with, so that some heap is left over for what a fleet adds.
SMALL_HEAP_BYTES = 92 * 1024
# Enough to be idle, not for a round.
TOO_SMALL_HEAP_BYTES = 83 * 1024
SLOT_BLOCKS = 64
BLOCK_BYTES = 4096
SETTINGS: dict[str, object] = {
    "languages": ["en"],
    "notice_ms": 50,
    "echo_interval_ms": 100,
    "response_timeout_ms": 1000,
    "backoff_first_ms": 50,
    "backoff_limit_ms": 200,
    "upkeep_first_s": 0,
    "upkeep_interval_s": 1,
    "probation_s": 1,
}


class SlotVm(MicropythonVm):
    """A VM that starts a terminal from the better of its two slots, as a board's base does."""

    def command(self, script: Path, *arguments: str, heap_bytes: int) -> list[str]:
        """`boot.py` with the configuration, instead of one image with it."""
        return super().command(FIRMWARE / "boot.py", arguments[-1], heap_bytes=heap_bytes)

    @staticmethod
    def environment(*module_folders: Path) -> dict[str, str]:
        """What is frozen on a board: the modules that `boot.py` needs."""
        return MicropythonVm.environment(*module_folders, compiled_firmware(), FIRMWARE)


@pytest.fixture
def switch(tmp_path: Path) -> Iterator[SwitchProcess]:
    process = SwitchProcess(tmp_path / "switch")
    (process.directory / "files" / "all").mkdir(parents=True)
    (process.directory / "files" / "terminals" / NAME).mkdir(parents=True)
    process.start(downloads_directory=process.directory / "files")
    host = Link(process.terminals)
    host.sign_on(HOST)
    host.make_terminal(NAME, MERCHANT)
    host.make_member(12, CARD.number, 1)
    host.close()
    yield process
    process.kill()


@pytest.fixture
def key(tmp_path: Path) -> RSAPrivateKey:
    """What signs parameters and firmware."""
    return generate(tmp_path / "signing.pem")


def publish(switch: SwitchProcess, name: str, content: bytes) -> None:
    """Give a file out, as an operator does."""
    fresh = switch.directory / "fresh"
    fresh.write_bytes(content)
    fresh.rename(switch.directory / "files" / name)


def terminal_of(
    vm: MicropythonVm,
    directory: Path,
    switch: SwitchProcess,
    key: RSAPrivateKey,
    *,
    heap_bytes: int = HEAP_BYTES,
    **further: object,
) -> VirtualTerminal:
    directory.mkdir()
    (directory / "update.pub").write_text(modulus_of(key).hex())
    return VirtualTerminal(
        vm,
        directory=directory,
        terminal_id=NAME,
        merchant_id=MERCHANT,
        switch=switch.terminals,
        key=KEY,
        heap_bytes=heap_bytes,
        parameters={**SETTINGS, "update_key": "update.pub", **further},
    )


def told(switch: SwitchProcess) -> dict[str, object]:
    """What the terminal said of itself in its last echo."""
    status, content = switch.get("/terminals/health", FEED_TOKEN)
    assert status == 200
    return {key: value for row in json.loads(content)["terminals"] for key, value in row.items()}


async def told_with(switch: SwitchProcess, name: str, value: object) -> dict[str, object]:
    """The same, as soon as it says that."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        found = await asyncio.to_thread(told, switch)
        if found.get(name) == value:
            return found
    raise AssertionError(found)


def table() -> bytes:
    limits = Limits(sale=5_000_000, card_sales=4, card=9_000_000, day=30_000_000, sales=10, sum=50_000_000)
    plan = TablePlan(
        sequence=5,
        valid_from=datetime(2020, 1, 1, tzinfo=UTC),
        valid_until=datetime(2060, 1, 1, tzinfo=UTC),
        limits=limits,
        ranges=[("636949", "636949")],
    )
    return make_table(plan, NAME, KEY)


def test_parameters_and_an_offline_table_come_over_the_air(
    vm: MicropythonVm, tmp_path: Path, switch: SwitchProcess, key: RSAPrivateKey
) -> None:
    async def scenario() -> None:
        async with terminal_of(vm, tmp_path / "board", switch, key) as terminal:
            await terminal.signed_on()
            assert (await terminal.purchase(CARD, 1_000_000)).approved
            await terminal.swipe(CARD, Swipe(damage=Damage.LRC))
            health = await told_with(switch, "card_read_failures", 1)
            assert (health["rule_table_version"], health["paper"], health["link_failures"]) == (1, "ok", 0)
            assert isinstance(health["heap_free_least_bytes"], int)
            assert 0 < health["heap_free_least_bytes"] < HEAP_BYTES
            publish(switch, "all/PARAMETERS", b"VPD" + bytes(400))
            assert await terminal.wait_event("download_refused")
            new: dict[str, object] = {"merchant_name_en": "Vafa Market"}
            publish(switch, "all/PARAMETERS", parameters.pack(new, parameters.EVERYONE, 7, key))
            await terminal.wait_event("parameters_taken")
            assert terminal.lcd[0].strip() == "Vafa Store"
            assert (await terminal.purchase(CARD, 1_000_000)).approved
            await terminal.restart()
            await terminal.wait_for(lambda: terminal.lcd[0].strip() == "Vafa Market", "the new name")
            health = await told_with(switch, "parameter_sequence", 7)
            assert health["firmware"] == "0.1.0" and health["journal_fill_percent"] == 0
            await terminal.signed_on()
            publish(switch, f"terminals/{NAME}/OFFLINE", table())
            await terminal.wait_event("table_taken")
            switch.kill()
            await terminal.wait_for(lambda: terminal.lcd[3] == "No line: points come later", "offline")
            await terminal.start_transaction("P", CARD, 1_000_000)
            await terminal.wait_event("offline_sale")
            # It was confirmed, and kept: so it is after a power cut.
            await terminal.restart()
            await terminal.wait_for(lambda: terminal.lcd[0].strip() == "Vafa Market", "the name again")

    asyncio.run(scenario())


def image_of(content: bytes, version: str, key: RSAPrivateKey) -> bytes:
    return signed(pack(Label("unix", Version.of(version), Version.of("1.0.0"), 1), content), key)


def starts(terminal: VirtualTerminal) -> list[str]:
    """Versions in the order in which they were started."""
    return [str(event["version"]) for event in terminal.events_named("starting")]


async def updated(terminal: VirtualTerminal, switch: SwitchProcess, image: bytes, number: int) -> None:
    """Publish an image, and wait until it is in the other slot and the power was off once."""
    publish(switch, "all/FIRMWARE.unix", image)
    await terminal.wait_event("firmware_ready", number)
    await terminal.restart()


def terminal_with_slots(
    vm: MicropythonVm,
    directory: Path,
    switch: SwitchProcess,
    key: RSAPrivateKey,
    *,
    heap_bytes: int = HEAP_BYTES,
    **further: object,
) -> VirtualTerminal:
    """One that was started from version 1.0.0 in its first slot."""
    terminal = terminal_of(
        SlotVm(vm.executable, vm.version),
        directory,
        switch,
        key,
        heap_bytes=heap_bytes,
        board="unix",
        slot_blocks=SLOT_BLOCKS,
        **further,
    )
    image = image_of(firmware_image().read_bytes(), "1.0.0", key)
    (directory / "slots.bin").write_bytes(image.ljust(2 * SLOT_BLOCKS * BLOCK_BYTES, b"\xff"))
    return terminal


def test_firmware_comes_over_the_air_and_has_to_prove_itself(
    vm: MicropythonVm, tmp_path: Path, switch: SwitchProcess, key: RSAPrivateKey
) -> None:
    async def scenario() -> None:
        good = firmware_image().read_bytes()
        async with terminal_with_slots(vm, tmp_path / "board", switch, key) as terminal:
            await terminal.wait_event("firmware_confirmed")
            await updated(terminal, switch, image_of(good, "2.0.0", key), 1)
            health = await told_with(switch, "firmware", "2.0.0")
            assert health["boots"] == 2
            assert (await terminal.purchase(CARD, 1_000_000)).approved
            await terminal.wait_event("firmware_confirmed", 2)
            print(terminal.heap, end=" ")
            # One that says no word to the switch has two starts.
            broken = good.replace(b"0800", b"0900")
            assert broken != good
            await updated(terminal, switch, image_of(broken, "3.0.0", key), 2)
            await terminal.wait_event("link_failed", 1)
            await terminal.restart()
            await terminal.wait_event("starting", 4)
            await terminal.restart()
            await terminal.signed_on()
            assert starts(terminal) == ["1.0.0", "2.0.0", "3.0.0", "3.0.0", "2.0.0"]
            assert (await terminal.purchase(CARD, 1_000_000)).approved

    asyncio.run(scenario())


def test_a_terminal_with_less_heap_updates_and_restarts_itself(
    vm: MicropythonVm, tmp_path: Path, switch: SwitchProcess, key: RSAPrivateKey
) -> None:
    async def scenario() -> None:
        good = firmware_image().read_bytes()
        terminal = terminal_with_slots(
            vm,
            tmp_path / "board",
            switch,
            key,
            heap_bytes=SMALL_HEAP_BYTES,
            restart_idle_s=1,
            trial_limit_s=1,
        )
        terminal.starts_anew = True
        async with terminal:
            await terminal.wait_event("firmware_confirmed")
            # What a sale leaves on the heap is there when the round comes.
            assert (await terminal.purchase(CARD, 1_000_000)).approved
            publish(switch, "all/FIRMWARE.unix", image_of(good, "2.0.0", key))
            await terminal.wait_event("firmware_ready")
            await terminal.wait_event("firmware_confirmed", 2)
            assert (await terminal.purchase(CARD, 1_000_000)).approved
            broken = good.replace(b"0800", b"0900")
            publish(switch, "all/FIRMWARE.unix", image_of(broken, "3.0.0", key))
            await terminal.wait_event("firmware_ready", 2)
            await terminal.wait_event("starting", 5, timeout_ms=20_000)
            await terminal.signed_on()
            assert starts(terminal) == ["1.0.0", "2.0.0", "3.0.0", "3.0.0", "2.0.0"]
            assert len(terminal.events_named("restarting")) == 4
            assert (await terminal.purchase(CARD, 1_000_000)).approved
            assert terminal.events_named("upkeep_failed") == []

    asyncio.run(scenario())


def test_a_terminal_without_heap_for_a_download_stays_alive(
    vm: MicropythonVm, tmp_path: Path, switch: SwitchProcess, key: RSAPrivateKey
) -> None:
    async def scenario() -> None:
        heap_bytes = TOO_SMALL_HEAP_BYTES
        async with terminal_with_slots(
            vm, tmp_path / "board", switch, key, heap_bytes=heap_bytes
        ) as terminal:
            await terminal.wait_event("firmware_confirmed")
            image = image_of(firmware_image().read_bytes(), "2.0.0", key)
            publish(switch, "all/FIRMWARE.unix", image)
            # Tried again and again.
            await terminal.wait_for(lambda: len(shortages(terminal)) >= 3, "shortages")
            assert terminal.events_named("firmware_ready") == []
            states = len(terminal.events_named("state"))
            await terminal.press("M\x1b")
            await terminal.wait_event("state", states + 2)
            await terminal.wait_state("idle")
            assert len(terminal.events_named("started")) == 1

    asyncio.run(scenario())


def shortages(terminal: VirtualTerminal) -> list[dict[str, object]]:
    """Rounds and answers that were given up because the heap was full."""
    failed = [event for event in terminal.events_named("upkeep_failed") if event["kind"] == "MemoryError"]
    return failed + [event for event in terminal.events_named("dropped") if event["reason"] == "memory"]


def test_new_parameters_wait_until_nobody_is_at_the_terminal(
    vm: MicropythonVm, tmp_path: Path, switch: SwitchProcess, key: RSAPrivateKey
) -> None:
    async def scenario() -> None:
        terminal = terminal_of(vm, tmp_path / "board", switch, key, restart_idle_s=1)
        terminal.starts_anew = True
        async with terminal:
            await terminal.signed_on()
            new: dict[str, object] = {"merchant_name_en": "Vafa Market"}
            publish(switch, "all/PARAMETERS", parameters.pack(new, parameters.EVERYONE, 7, key))
            await terminal.wait_event("parameters_taken")
            assert (await terminal.purchase(CARD, 1_000_000)).approved
            touched = terminal.events_named("transaction")[-1]
            restarting = await terminal.wait_event("restarting")
            assert _ticks_ms(restarting) - _ticks_ms(touched) >= 1000
            await terminal.wait_for(lambda: terminal.lcd[0].strip() == "Vafa Market", "the new name")
            await told_with(switch, "parameter_sequence", 7)
            assert len(terminal.events_named("started")) == 2

    asyncio.run(scenario())


def _ticks_ms(event: dict[str, object]) -> int:
    value = event["ticks_ms"]
    assert isinstance(value, int)
    return value


def test_a_sale_does_not_wait_for_a_question_that_nobody_answers(vm: MicropythonVm, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with ScriptedSwitch(KEY) as switch:
            switch.script.next("03", Behaviour.SILENT)
            terminal = VirtualTerminal(
                vm,
                directory=tmp_path / "board",
                terminal_id=NAME,
                merchant_id=MERCHANT,
                switch=switch.address,
                key=KEY,
                heap_bytes=HEAP_BYTES,
                parameters={**SETTINGS, "response_timeout_ms": 20_000, "downloads": True},
            )
            async with terminal:
                await terminal.signed_on()
                for _ in range(500):
                    if switch.requests_of("03"):
                        break
                    await asyncio.sleep(0.01)
                assert len(switch.requests_of("03")) == 1
                sale = await terminal.purchase(CARD, 1_000_000)
                assert sale.approved and sale.elapsed_ms < 5_000
                assert switch.requests_of("04") == []

    asyncio.run(scenario())
