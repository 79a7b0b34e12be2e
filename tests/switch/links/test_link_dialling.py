"""Links that the switch dials, over real sockets: a concentrator listens, and comes and goes."""

import asyncio
import contextlib
import socket
import ssl
from pathlib import Path

import pytest

from protocol.dialect import NetworkCode
from protocol.message import Message
from protocol.security.mac import Mac
from switch.gate.link_plan import ClientLink
from tests.switch.links.certificates import Certificates
from tests.switch.links.conftest import Run
from tests.switch.links.running_gate import (
    LIMITS,
    PLAIN,
    Peer,
    RunningGate,
    eventually,
    furnish,
    listening,
    network,
    next_of,
    purchase,
)

CONCENTRATOR = "CONC0001"


def dialled(*addresses: str, **settings: object) -> ClientLink:
    """A link with short waits."""
    quick = {"role": "client", "name": "north", "first_wait_s": 0.02, "longest_wait_s": 0.1, **settings}
    return ClientLink.model_validate({**quick, "addresses": addresses})


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


async def answer(peer: Peer, echo: Message, mac: Mac | None = None) -> None:
    """The 0810 to an echo of the switch."""
    fields = {number: echo.fields[number] for number in (7, 11, 41, 70)}
    peer.send(Message("0810", {**fields, 39: "00"}), mac=mac)


def test_many_terminals_over_one_dialled_link(run: Run, tmp_path: Path) -> None:
    terminals = [f"T{number:07d}" for number in range(1, 33)]

    async def main() -> None:
        async with (
            listening() as (address, arrived),
            RunningGate(tmp_path, [PLAIN, dialled(address)]) as switch,
        ):
            await furnish(switch.addresses["terminals"], *terminals)
            peer = await next_of(arrived)
            for terminal_id in terminals:
                await peer.sign_on(terminal_id)
            assert await peer.code(network("301", terminals[0])) == "00"
            for _ in range(4):
                peer.send(*(purchase(terminal_id=terminal_id) for terminal_id in terminals))
                codes = [(await peer.receive()).fields[39] for _ in terminals]
                assert codes == ["00"] * len(terminals)
            status = switch.status("north")
            assert (status.role, status.phase, status.address) == ("client", "up", address)
            assert (status.connections, status.terminals) == ({"signed_on": 1}, 32)
            assert status.received == status.answered == 32 + 1 + 4 * 32
            assert (status.refused, status.lost, status.waiting, status.decided) == (0, 0, 0, 0)
            assert status.silent_ms is not None
            assert await peer.code(network("002", terminals[0])) == "00"
            assert await peer.code(purchase(terminal_id=terminals[0])) == "58"
            assert await peer.code(purchase(terminal_id=terminals[1])) == "00"
            assert switch.status("north").terminals == 31
            peer.send(purchase(terminal_id="NOBODY01"))
            assert await peer.code(purchase(terminal_id=terminals[1])) == "00", "others don't suffer"
            assert switch.status("north").ignored == 1

    run(main())


def test_a_lost_link_is_dialled_again_and_signed_on_anew(run: Run, tmp_path: Path) -> None:
    async def main() -> None:
        async with (
            listening() as (address, arrived),
            RunningGate(tmp_path, [PLAIN, dialled(address)]) as switch,
        ):
            await furnish(switch.addresses["terminals"])
            for opened in range(1, 4):
                peer = await next_of(arrived)
                assert await peer.code(purchase()) == "58"
                await peer.sign_on()
                assert await peer.code(purchase()) == "00"
                assert switch.status("north").opened == opened
                peer.writer.transport.abort()
                await eventually(lambda: switch.status("north").terminals == 0)
            status = switch.status("north")
            assert (status.failures, status.lost, status.answered) == (0, 0, 9)

    run(main())


def test_the_addresses_are_tried_in_turn_until_one_answers(run: Run, tmp_path: Path) -> None:
    dead, late = free_port(), free_port()

    async def main() -> None:
        planned = dialled(f"127.0.0.1:{dead}", f"localhost:{late}")
        async with RunningGate(tmp_path, [PLAIN, planned]) as switch:
            await eventually(lambda: switch.status("north").failures >= 4)
            assert switch.status("north").phase in ("resting", "connecting")
            assert switch.status("north").connections == {}
            async with listening(port=late) as (_, arrived):
                peer = await next_of(arrived)
                await peer.sign_on("HOST0001")
                assert switch.status("north").phase == "up"
                assert switch.status("north").address == f"localhost:{late}"

    run(main())


def test_echo_on_idle_keeps_a_link_that_nobody_uses(run: Run, tmp_path: Path) -> None:
    """The peer's answers also stand for a sign-on; without them the link would be given up."""
    planned = dialled(
        "127.0.0.1:1",
        echo_terminal_id="HOST0001",
        echo_interval_s=0.05,
        echo_timeout_s=20.0,
        limits={"sign_on_timeout_s": 1.0},
    )

    async def main() -> None:
        async with listening() as (address, arrived):
            link = planned.model_copy(update={"addresses": (address,)})
            async with RunningGate(tmp_path, [PLAIN, link]) as switch:
                peer = await next_of(arrived)
                for number in range(1, 7):
                    echo = await peer.receive()
                    assert (echo.mti, echo.fields[70], echo.fields[41]) == ("0800", "301", "HOST0001")
                    assert echo.fields[11] == f"{number:06d}"
                    await answer(peer, echo)
                status = switch.status("north")
                assert (status.opened, status.terminals, status.timed_out) == (1, 0, 0)
                assert status.echoes_answered >= 5
                assert switch.counters.format_faults == 0

    run(main())


def test_a_peer_that_answers_no_echo_is_dialled_again(run: Run, tmp_path: Path) -> None:
    """Half open: the connection stands, and nobody is behind it."""
    planned = dialled("127.0.0.1:1", echo_terminal_id="HOST0001", echo_interval_s=0.05, echo_timeout_s=0.3)

    async def main() -> None:
        async with listening() as (address, arrived):
            link = planned.model_copy(update={"addresses": (address,)})
            async with RunningGate(tmp_path, [PLAIN, link]) as switch:
                mute = await next_of(arrived)
                again = await next_of(arrived)
                assert (await mute.receive()).fields[70] == NetworkCode.ECHO
                assert await mute.is_closed()
                await again.sign_on("HOST0001")
                assert switch.status("north").timed_out == 1

    run(main())


def test_a_wrong_answer_is_no_answer(run: Run, tmp_path: Path) -> None:
    planned = dialled("127.0.0.1:1", echo_terminal_id="HOST0001", echo_interval_s=0.05, echo_timeout_s=20.0)

    async def main() -> None:
        async with listening() as (address, arrived):
            link = planned.model_copy(update={"addresses": (address,)})
            async with RunningGate(tmp_path, [PLAIN, link]) as switch:
                peer = await next_of(arrived)
                echo = await peer.receive()
                await answer(peer, echo, Mac(bytes(16)))
                await eventually(lambda: switch.counters.format_faults == 1)
                assert switch.status("north").echoes_answered == 0
                await answer(peer, echo)
                await eventually(lambda: switch.status("north").echoes_answered == 1)

    run(main())


def test_only_named_terminals_over_a_dialled_link(run: Run, tmp_path: Path) -> None:
    async def main() -> None:
        async with (
            listening() as (address, arrived),
            RunningGate(tmp_path, [PLAIN, dialled(address, terminals=["T0000001"])]) as switch,
        ):
            await furnish(switch.addresses["terminals"], "T0000001", "T0000002")
            peer = await next_of(arrived)
            await peer.sign_on("T0000001")
            assert await peer.code(network("001", "T0000002")) == "58"

    run(main())


@pytest.mark.parametrize("server_name", ["concentrator", "somebody-else"])
def test_dialling_with_tls_checks_the_peer_and_shows_a_certificate(
    run: Run, tmp_path: Path, server_name: str
) -> None:
    certificates = Certificates(tmp_path / "tls")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificates.make("concentrator", is_server=True))
    context.load_verify_locations(certificates.ca)
    context.verify_mode = ssl.CERT_REQUIRED
    certificate, key = certificates.make("switch")
    tls = {
        "ca_file": certificates.ca,
        "certificate_file": certificate,
        "key_file": key,
        "server_name": server_name,
        "minimum_version": "1.3",
    }

    async def main() -> None:
        async with (
            listening(context) as (address, arrived),
            RunningGate(tmp_path, [PLAIN, dialled(address, tls=tls)]) as switch,
        ):
            if server_name != "concentrator":
                await eventually(lambda: switch.status("north").failures >= 2)
                assert arrived.empty()
                return
            await furnish(switch.addresses["terminals"])
            peer = await next_of(arrived)
            await peer.sign_on()
            assert await peer.code(purchase()) == "00"
            assert switch.status("north").is_tls

    run(main())


def test_drain_answers_a_dialled_link_and_dials_no_more(run: Run, tmp_path: Path) -> None:
    async def main() -> None:
        async with (
            listening() as (address, arrived),
            RunningGate(tmp_path, [PLAIN, dialled(address)]) as switch,
        ):
            await furnish(switch.addresses["terminals"])
            peer = await next_of(arrived)
            await peer.sign_on()
            switch.journal.moves.clear()
            peer.send(*(purchase() for _ in range(LIMITS.in_flight_max + 4)))
            await eventually(lambda: switch.status("north").received == LIMITS.in_flight_max + 5)
            draining = asyncio.create_task(switch.drain())
            await asyncio.sleep(0)
            switch.journal.moves.set()
            for _ in range(LIMITS.in_flight_max + 4):
                assert (await peer.receive()).fields[39] == "00"
            assert await peer.is_closed()
            await draining
            assert switch.status("north").phase == "stopped"
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.3):
                    await arrived.get()
                    raise AssertionError("dialled again")

    run(main())


def test_a_stop_while_dialling(run: Run, tmp_path: Path) -> None:
    """A peer that takes the connection and never shakes hands."""
    certificates = Certificates(tmp_path / "tls")
    tls = {"ca_file": certificates.ca, "server_name": "concentrator"}

    async def main() -> None:
        async with (
            listening() as (address, arrived),
            RunningGate(tmp_path, [PLAIN, dialled(address, tls=tls)]) as switch,
        ):
            await next_of(arrived)
            await switch.drain()
            assert switch.status("north").phase == "stopped"

    run(main())
