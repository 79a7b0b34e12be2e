"""Session keys on the live link: changed under load, given up where the switch has forgotten them."""

import asyncio
import signal
from pathlib import Path

from simulator.micropython_vm import MicropythonVm
from simulator.scripted_switch import ScriptedSwitch
from simulator.virtual_terminal import VirtualTerminal
from tests.firmware.links.club import (
    MEMBERS_CARD,
    BridgeProcess,
    Club,
    over_mqtt,
    terminal_at,
    terminal_key,
)
from tests.mosquitto_broker import MosquittoBroker


def key_ids(terminal: VirtualTerminal) -> list[int]:
    return [int(str(event["key_id"])) for event in terminal.events_named("key_changed")]


def test_keys_change_under_load_and_no_sale_is_lost(vm: MicropythonVm, tmp_path: Path, club: Club) -> None:
    """Every other message asks for new keys, while the next sale is already waiting."""

    async def scenario() -> None:
        before = club.switch.status()
        async with terminal_at(
            vm, tmp_path, club.address, session_key_messages=2, echo_interval_ms=50
        ) as terminal:
            for _ in range(12):
                assert (await terminal.purchase(MEMBERS_CARD, 100_000)).approved
            await terminal.wait_event("key_changed", 7)
            found = key_ids(terminal)
            assert found == sorted(set(found)), "no session comes twice"
            assert terminal.events_named("dropped") == []
            assert terminal.events_named("no_answer") == []
            assert terminal.events_named("link_down") == []
        after = club.switch.status()
        assert after["mac_failures"] == before["mac_failures"]

    asyncio.run(scenario())


def test_a_forgotten_session_is_begun_anew_and_the_sale_goes_through(
    vm: MicropythonVm, tmp_path: Path, club: Club, broker: MosquittoBroker, bridge: BridgeProcess
) -> None:
    """The bridge is started anew: the way to the broker lives on, the link to the switch is gone."""

    async def scenario() -> None:
        async with terminal_at(vm, tmp_path, club.address, **over_mqtt(broker, tmp_path)) as terminal:
            assert (await terminal.purchase(MEMBERS_CARD, 100_000)).approved
            bridge.stop(signal.SIGKILL)
            bridge.start()
            assert (await terminal.purchase(MEMBERS_CARD, 100_000)).approved
            (forgotten,) = terminal.events_named("session_forgotten")
            first, second = key_ids(terminal)
            assert forgotten["key_id"] == first < second
            assert terminal.events_named("no_answer") == []
            assert (await terminal.purchase(MEMBERS_CARD, 100_000)).approved
            assert len(key_ids(terminal)) == 2

    asyncio.run(scenario())


def test_a_switch_without_session_keys_is_served_under_the_own_key(vm: MicropythonVm, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with (
            ScriptedSwitch(terminal_key()) as switch,
            terminal_at(vm, tmp_path, switch.address, session_key_messages=1) as terminal,
        ):
            assert terminal.events_named("key_kept")[0]["reason"] == "no_offer"
            for _ in range(3):
                assert (await terminal.purchase(MEMBERS_CARD, 100_000)).approved
            assert terminal.events_named("dropped") == []

    asyncio.run(scenario())
