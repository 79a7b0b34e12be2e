"""Overload over real sockets: refusals in time, and bounded memory."""

import asyncio
import socket
from pathlib import Path

import pytest

from protocol.message import Message
from protocol.original_data import OriginalData
from switch.gate import server
from tests.switch.links.conftest import Run
from tests.switch.links.running_gate import (
    LIMITS,
    Peer,
    RunningGate,
    connected,
    eventually,
    furnish,
    network,
    purchase,
    stamp,
)

IN_FLIGHT = LIMITS.in_flight_max
HURRIED = LIMITS._replace(queue_age_max_ms=100)


def reversal(original: Message) -> Message:
    copied = {number: original.fields[number] for number in (3, 4, 12, 13, 41, 42, 49)}
    named = OriginalData(original.mti, original.text(11), original.text(7)).pack()
    return Message("0400", {**copied, **stamp(), 90: named})


async def codes_by_trace(peer: Peer, number: int) -> dict[str, object]:
    """Response codes of so many replies, by trace number: refusals may overtake."""
    replies = [await peer.receive() for _ in range(number)]
    return {reply.text(11): reply.fields[39] for reply in replies}


def test_what_waits_too_long_is_refused_and_may_be_repeated(run: Run, tmp_path: Path) -> None:
    """The disk stands still. In-flight requests are decided and wait for it; of those behind them first
    requests are refused in time, repeats and reversals wait on; a refused one may be sent again."""

    async def main() -> None:
        async with RunningGate(tmp_path, limits=HURRIED) as switch:
            address = switch.addresses["terminals"]
            await furnish(address)
            async with connected(address) as peer:
                await peer.sign_on()
                switch.journal.moves.clear()
                decided = [purchase() for _ in range(IN_FLIGHT)]
                peer.send(*decided)
                await eventually(lambda: switch.status().decided == IN_FLIGHT)
                position = switch.state.position
                first, asked = purchase(), purchase(0)
                del asked.fields[4]
                asked = Message("0100", {**asked.fields, 3: "310000"})
                repeat = Message("0201", decided[0].fields)
                same = Message("0200", decided[1].fields)
                unseen = Message("0201", purchase().fields)
                undo = reversal(decided[2])
                peer.send(first, repeat, same, asked, unseen, undo)
                refused = await codes_by_trace(peer, 2)
                assert refused == {first.text(11): "91", asked.text(11): "91"}
                status = switch.status()
                assert (status.refused, status.waiting, status.decided) == (2, 4, IN_FLIGHT)
                assert status.oldest_wait_ms >= 100
                assert switch.state.position == position, "nothing was decided"
                switch.journal.moves.set()
                replies = [await peer.receive() for _ in range(IN_FLIGHT + 4)]
                codes = [reply.fields[39] for reply in replies]
                assert codes == ["00"] * (IN_FLIGHT + 4)
                assert await peer.code(Message("0201", first.fields)) == "00"
                assert switch.status().lost == 0

    run(main())


def test_a_disk_that_stands_still_refuses_everybody_in_time(run: Run, tmp_path: Path) -> None:
    """One commit hangs; what comes later isn't even decided, on any link, and is told so."""

    async def main() -> None:
        async with RunningGate(tmp_path, limits=HURRIED) as switch:
            address = switch.addresses["terminals"]
            await furnish(address)
            async with connected(address) as one, connected(address) as other:
                await one.sign_on()
                await other.sign_on()
                switch.journal.moves.clear()
                decided = purchase()
                one.send(decided)
                await eventually(lambda: switch.status().decided == 1)
                loop = asyncio.get_running_loop()
                await eventually(lambda: loop.time() - switch.commit.busy_since_s > 0.1)
                position = switch.state.position
                for _ in range(3):
                    assert await other.code(purchase()) == "91"
                assert switch.state.position == position
                switch.journal.moves.set()
                reply = await one.receive()
                assert (reply.fields[39], reply.fields[11]) == ("00", decided.fields[11])
                assert await other.code(purchase()) == "00"

    run(main())


def test_too_many_waiting_bytes_stop_deciding(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "WAITING_BYTES_MAX", 500)

    async def main() -> None:
        # The stall of one commit alone must not be what stops it.
        patient = RunningGate(tmp_path, limits=LIMITS._replace(queue_age_max_ms=400))
        async with patient as switch:
            address = switch.addresses["terminals"]
            await furnish(address)
            async with connected(address) as one, connected(address) as other:
                await one.sign_on()
                await other.sign_on()
                switch.journal.moves.clear()
                one.send(purchase())
                await eventually(lambda: switch.status().decided == 1)
                one.send(*(purchase() for _ in range(5)))
                await eventually(lambda: switch.commit.waiting_bytes > 500)
                position = switch.state.position
                assert await other.code(purchase()) == "91"
                assert switch.state.position == position
                switch.journal.moves.set()
                assert set((await codes_by_trace(one, 6)).values()) == {"00"}

    run(main())


def test_more_than_a_link_may_have_is_refused_at_once(run: Run, tmp_path: Path) -> None:
    """So many are decided, as many wait; what comes beyond gets its refusal without any delay."""

    async def main() -> None:
        async with RunningGate(tmp_path) as switch:
            address = switch.addresses["terminals"]
            await furnish(address)
            async with connected(address) as peer:
                await peer.sign_on()
                switch.journal.moves.clear()
                requests = [purchase() for _ in range(3 * IN_FLIGHT)]
                peer.send(*requests)
                refused = await codes_by_trace(peer, IN_FLIGHT)
                assert refused == {request.text(11): "91" for request in requests[2 * IN_FLIGHT :]}
                switch.journal.moves.set()
                served = await codes_by_trace(peer, 2 * IN_FLIGHT)
                assert served == {request.text(11): "00" for request in requests[: 2 * IN_FLIGHT]}

    run(main())


def test_what_may_not_be_refused_stays_in_the_peer(run: Run, tmp_path: Path) -> None:
    """Repeats beyond the bound: the switch stops reading, and goes on when there is room."""

    async def main() -> None:
        async with RunningGate(tmp_path) as switch:
            address = switch.addresses["terminals"]
            await furnish(address)
            async with connected(address) as peer:
                await peer.sign_on()
                switch.journal.moves.clear()
                repeats = [Message("0201", purchase().fields) for _ in range(2000)]
                peer.send(*repeats)
                await eventually(lambda: switch.status().waiting >= IN_FLIGHT)
                assert await is_steady(switch)
                assert switch.status().waiting < 200
                switch.journal.moves.set()
                served = await codes_by_trace(peer, len(repeats))
                assert served == {repeat.text(11): "00" for repeat in repeats}

    run(main())


async def is_steady(switch: RunningGate) -> bool:
    """Whether nothing more is taken in while the loop turns."""
    before = switch.status().received
    for _ in range(200):
        await asyncio.sleep(0)
    return switch.status().received == before


@pytest.mark.parametrize("message", ["echo", "purchase", "keep-alive"])
def test_peers_that_never_read_hold_little(run: Run, tmp_path: Path, message: str) -> None:
    """Each of them sends until nothing is taken any more; what the switch holds for it is bounded."""
    limits = LIMITS._replace(write_buffer_bytes_max=4096)

    async def main() -> None:
        async with RunningGate(tmp_path, limits=limits) as switch:
            address = switch.addresses["terminals"]
            await furnish(address)
            frames = {
                "echo": Peer.framed(network("301")) * 500,
                "purchase": b"".join(Peer.framed(purchase()) for _ in range(500)),
                "keep-alive": b"\0\0" * 20_000,
            }
            host, _, port = address.rpartition(":")
            loop = asyncio.get_running_loop()
            with socket.socket() as slow:
                slow.setblocking(False)
                slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                await loop.sock_connect(slow, (host, int(port)))
                await loop.sock_sendall(slow, Peer.framed(network("001")))
                await eventually(lambda: switch.status().terminals == 1)
                try:
                    for _ in range(50):
                        async with asyncio.timeout(1.0):
                            await loop.sock_sendall(slow, frames[message])
                except TimeoutError:
                    assert message != "keep-alive"
                (link,) = switch.gate.links
                assert link.tally.decided <= IN_FLIGHT
                assert len(link.inbox) <= 2 * IN_FLIGHT + 16_384 // 40
                assert link.write_buffer_bytes < 4096 + 64 * 1024
                assert link.held_bytes <= 256 * 1024
                async with connected(address) as peer:
                    await peer.sign_on()
                    assert await peer.code(purchase()) == "00"

    run(main())
