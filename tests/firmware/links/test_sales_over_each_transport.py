"""The real firmware against the real switch: sales over TCP, mutual TLS, MQTT and a modem, with times."""

import asyncio
import statistics
from pathlib import Path

import pytest

from simulator.micropython_vm import MicropythonVm
from simulator.virtual_modem import VirtualModem
from simulator.virtual_terminal import VirtualTerminal
from tests.firmware.links.club import (
    MEMBERS_CARD,
    BridgeProcess,
    Club,
    der_files,
    over_mqtt,
    terminal_at,
)
from tests.mosquitto_broker import MosquittoBroker

SALES = 5


def ticks(event: dict[str, object]) -> int:
    value = event["ticks_ms"]
    assert isinstance(value, int)
    return value


async def sell(terminal: VirtualTerminal, name: str) -> None:
    """Sales, each approved under a session key; tells the times from swipe to receipt and to the reply."""
    until_receipt, until_reply = [], []
    for _ in range(SALES):
        sale = await terminal.purchase(MEMBERS_CARD, 1_000_000)
        assert sale.approved and sale.receipt
        began = [event for event in terminal.events_named("state") if event["state"] == "amount"][-1]
        until_reply.append(ticks(terminal.events_named("transaction")[-1]) - ticks(began))
        until_receipt.append(sale.elapsed_ms)
    (changed,) = terminal.events_named("key_changed")
    assert isinstance(changed["key_id"], int) and changed["key_id"] > 0
    assert terminal.events_named("dropped") == []
    told = (
        f"{name}: swipe to reply {statistics.median(until_reply)} ms, to receipt "
        f"{statistics.median(until_receipt):.1f} ms; heap live {terminal.heap.live_bytes}, "
        f"peak {terminal.heap.peak_bytes}"
    )
    print(told)
    assert terminal.heap.peak_bytes < terminal.heap.limit_bytes


def test_tcp(vm: MicropythonVm, tmp_path: Path, club: Club) -> None:
    async def scenario() -> None:
        async with terminal_at(vm, tmp_path, club.address) as terminal:
            await sell(terminal, "tcp")

    asyncio.run(scenario())


def test_mutual_tls(vm: MicropythonVm, tmp_path: Path, club: Club) -> None:
    async def scenario() -> None:
        settings = der_files(club.certificates, tmp_path / "der")
        async with terminal_at(vm, tmp_path, club.tls_address, **settings) as terminal:
            (signed_on,) = terminal.events_named("signed_on")
            assert signed_on["tls"] is True
            await sell(terminal, "mutual tls")

    asyncio.run(scenario())


def test_mqtt(
    vm: MicropythonVm,
    tmp_path: Path,
    club: Club,
    broker: MosquittoBroker,
    bridge: BridgeProcess,
) -> None:
    async def scenario() -> None:
        async with terminal_at(vm, tmp_path, club.address, **over_mqtt(broker, tmp_path)) as terminal:
            (signed_on,) = terminal.events_named("signed_on")
            assert signed_on["mqtt"] is True
            await sell(terminal, "mqtt")

    asyncio.run(scenario())


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_modem(vm: MicropythonVm, tmp_path: Path, club: Club, tls: bool) -> None:
    async def scenario() -> None:
        host, port = club.tls_address if tls else club.address
        settings = der_files(club.certificates, tmp_path / "der") if tls else {}
        route = {"over": "modem", "host": host, "port": port, "tls": tls}
        async with VirtualModem(signal=20) as modem:
            devices = {"modem": modem.port}
            async with terminal_at(
                vm,
                tmp_path,
                club.address,
                devices=devices,
                routes=[route],
                modem_apn="internet.example",
                **settings,
            ) as terminal:
                (signed_on,) = terminal.events_named("signed_on")
                assert (signed_on["over"], signed_on["signal_dbm"]) == ("modem", -73)
                await sell(terminal, "modem, tls" if tls else "modem")
                assert 'AT+CGDCONT=1,"IP","internet.example"' in modem.commands

    asyncio.run(scenario())
