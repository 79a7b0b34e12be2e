"""Links that break in the middle of a sale, over each transport: reversed, then served again."""

import asyncio
from pathlib import Path

import pytest

from simulator.micropython_vm import MicropythonVm
from simulator.virtual_modem import VirtualModem
from tests.firmware.links.club import (
    MEMBERS_CARD,
    BridgeProcess,
    Club,
    Scissors,
    der_files,
    new_terminal,
    over_mqtt,
    terminal_at,
)
from tests.mosquitto_broker import MosquittoBroker


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_a_reply_cut_in_the_middle(vm: MicropythonVm, tmp_path: Path, club: Club, transport: str) -> None:
    async def scenario() -> None:
        tls = transport == "tls"
        settings = der_files(club.certificates, tmp_path / "der") if tls else {}
        async with (
            Scissors(club.tls_address if tls else club.address) as (scissors, address),
            terminal_at(vm, tmp_path, address, **settings) as terminal,
        ):
            assert (await terminal.purchase(MEMBERS_CARD, 100_000)).approved
            scissors.bytes_left = 40
            assert (await terminal.purchase(MEMBERS_CARD, 100_000)).response_code == ""
            reversed_ = await terminal.wait_event("reversed")
            assert reversed_["response_code"] == "00", "the sale had been made"
            assert (await terminal.purchase(MEMBERS_CARD, 100_000)).approved
            assert len(terminal.events_named("signed_on")) == 2

    asyncio.run(scenario())


def test_the_broker_dies_and_comes_back(
    vm: MicropythonVm, tmp_path: Path, club: Club, broker: MosquittoBroker, bridge: BridgeProcess
) -> None:
    async def scenario() -> None:
        settings = {**over_mqtt(broker, tmp_path), "response_timeout_ms": 500}
        async with terminal_at(vm, tmp_path, club.address, **settings) as terminal:
            assert (await terminal.purchase(MEMBERS_CARD, 100_000)).approved
            await terminal.start_transaction("P", MEMBERS_CARD, None)
            broker.stop()
            await terminal.wait_event("link_down")
            broker.start()
            await terminal.wait_event("signed_on", 2, timeout_ms=20_000)
            await terminal.press("\x1b")
            assert (await terminal.purchase(MEMBERS_CARD, 100_000)).approved

    asyncio.run(scenario())


def test_a_lost_carrier_fails_over_to_the_network_and_comes_back(
    vm: MicropythonVm, tmp_path: Path, club: Club
) -> None:
    async def scenario() -> None:
        host, port = club.address
        routes = [
            {"over": "modem", "host": host, "port": port},
            {"over": "network", "host": host, "port": port},
        ]
        settings = {"route_tries": 2, "route_return_ms": 300, "echo_interval_ms": 100}
        async with VirtualModem(searches=0) as modem:
            devices = {"modem": modem.port}
            async with terminal_at(
                vm, tmp_path, club.address, devices=devices, routes=routes, **settings
            ) as terminal:
                assert terminal.events_named("signed_on")[0]["over"] == "modem"
                assert (await terminal.purchase(MEMBERS_CARD, 100_000)).approved
                await modem.drop_call()
                on_network = await terminal.wait_event("signed_on", 2)
                assert (on_network["over"], on_network["route"]) == ("network", 1)
                assert (await terminal.purchase(MEMBERS_CARD, 100_000)).approved
                modem.reachable = True
                back = await terminal.wait_event("signed_on", 3)
                assert back["over"] == "modem"
                assert (await terminal.purchase(MEMBERS_CARD, 100_000)).approved
                assert terminal.events_named("no_answer") == []

    asyncio.run(scenario())


def test_a_modem_left_in_a_call_is_brought_back(vm: MicropythonVm, tmp_path: Path, club: Club) -> None:
    """The terminal's power fails and the modem's does not: its line is still a call, to somebody silent."""

    async def scenario() -> None:
        called = asyncio.Event()
        release = asyncio.Event()

        async def keep_silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            called.set()
            await release.wait()
            writer.close()

        silent = await asyncio.start_server(keep_silent, "127.0.0.1", 0)
        async with VirtualModem(hangs_up=False) as modem:
            host, port = silent.sockets[0].getsockname()[:2]
            route = {"over": "modem", "host": host, "port": port}
            terminal = new_terminal(vm, tmp_path, club.address, devices={"modem": modem.port}, routes=[route])
            async with terminal:
                await asyncio.wait_for(called.wait(), 10)
                route["port"] = club.address[1]
                terminal.set_parameter("routes", [route])
                await terminal.restart()
                await terminal.wait_event("signed_on")
                assert "ATH" in modem.commands and modem.calls == 2
                assert (await terminal.purchase(MEMBERS_CARD, 100_000)).approved
        release.set()
        silent.close()
        await silent.wait_closed()

    asyncio.run(scenario())
