"""The proxy between sockets: what passes, what does not, who is told, and what is left behind."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator

import pytest

from protocol.framing import FrameDecoder, frame
from simulator.fault_proxy import Direction, FaultProxy, FaultSyntax
from simulator.fault_proxy.proxy import LOG_MAX

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]
PATIENCE_S = 60.0


class Echo:
    """A peer that sends back what it gets, and knows how its links ended."""

    def __init__(self) -> None:
        self.ended: list[str] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.changed = asyncio.Event()
        self.address = ("", 0)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        how = "closed"
        try:
            while data := await reader.read(65_536):
                writer.write(data)
        except ConnectionError:
            how = "broken"
        self.ended.append(how)
        self.changed.set()
        writer.close()


@contextlib.asynccontextmanager
async def echo() -> AsyncIterator[Echo]:
    peer = Echo()
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    peer.address = server.sockets[0].getsockname()[:2]
    try:
        yield peer
    finally:
        server.close()
        for writer in peer.writers:
            writer.transport.abort()
        while len(peer.ended) < len(peer.writers):
            peer.changed.clear()
            await peer.changed.wait()


@contextlib.asynccontextmanager
async def through(*faults: str, seed: int = 0) -> AsyncIterator[tuple[FaultProxy, Echo, Ends]]:
    async with (
        asyncio.timeout(PATIENCE_S),
        echo() as peer,
        FaultProxy(peer.address, *faults, seed=seed) as proxy,
    ):
        reader, writer = await asyncio.open_connection(*proxy.address)
        try:
            yield proxy, peer, (reader, writer)
        finally:
            writer.transport.abort()


async def frames(ends: Ends, count: int) -> list[bytes]:
    """So many payloads that come back."""
    decoder, found = FrameDecoder(), list[bytes]()
    while len(found) < count:
        data = await ends[0].read(65_536)
        assert data, f"the link ended after {found}"
        found += decoder.feed(data)
    return found


def test_without_faults_all_passes_and_ends_are_told() -> None:
    async def scenario() -> None:
        async with through() as (proxy, peer, ends):
            ends[1].write(frame(b"one") + frame(b"") + frame(b"two")[:3])
            assert await frames(ends, 2) == [b"one", b""]
            ends[1].write(frame(b"two")[3:] + b"\x00\x09half")
            assert await frames(ends, 1) == [b"two"]
            ends[1].write_eof()
            assert await ends[0].read() == b"\x00\x09half"
            assert peer.ended == ["closed"]
            assert proxy.frames == {Direction.REQUEST: 2, Direction.REPLY: 2}
            assert (proxy.links, proxy.made) == (1, 0)

    asyncio.run(scenario())


def test_faults_are_made_and_told() -> None:
    async def scenario() -> None:
        async with through("drop/request@1", "duplicate/reply@2") as (proxy, _, ends):
            ends[1].write(b"".join(frame(text) for text in (b"a", b"b", b"c")))
            assert await frames(ends, 3) == [b"b", b"c", b"c"]
            await proxy.wait_for(lambda: proxy.made == 2)
            assert list(map(str, proxy.interferences)) == [
                "link 1, request 1: drop",
                "link 1, reply 2: duplicate",
            ]

    asyncio.run(scenario())


def test_much_that_is_under_way_at_the_end_still_comes() -> None:
    async def scenario() -> None:
        async with through() as (_, _, ends):
            much = [frame(bytes([number % 256]) * 4000) for number in range(1000)]
            ends[1].write(b"".join(much))
            ends[1].write_eof()
            assert await ends[0].read() == b"".join(much)

    asyncio.run(scenario())


def test_a_delay_keeps_the_order_and_does_not_pile_up() -> None:
    async def scenario() -> None:
        async with through("delay=150/request") as (_, _, ends):
            began = time.monotonic()
            ends[1].write(b"".join(frame(bytes([number])) for number in range(10)))
            assert await frames(ends, 10) == [bytes([number]) for number in range(10)]
            assert 0.15 <= time.monotonic() - began < 0.9

    asyncio.run(scenario())


def test_a_slow_line_takes_its_time() -> None:
    async def scenario() -> None:
        async with through("throttle=2000/request") as (_, _, ends):
            began = time.monotonic()
            ends[1].write(frame(bytes(400)))
            await frames(ends, 1)
            assert time.monotonic() - began >= 0.18

    asyncio.run(scenario())


def test_a_cut_ends_both_sides_in_the_middle_of_the_frame() -> None:
    async def scenario() -> None:
        async with through("cut=4/reply@2") as (proxy, peer, ends):
            ends[1].write(frame(b"one") + frame(b"second"))
            found = b""
            with contextlib.suppress(ConnectionError):
                while data := await ends[0].read(100):
                    found += data
            assert found == frame(b"one") + frame(b"second")[:4]
            await peer.changed.wait()
            assert proxy.made == 1
            reader, writer = await asyncio.open_connection(*proxy.address)
            writer.write(frame(b"again"))
            assert await frames((reader, writer), 1) == [b"again"]
            writer.close()

    asyncio.run(scenario())


def test_a_half_open_link_tells_nobody_anything() -> None:
    async def scenario() -> None:
        async with through("half_open/request@2") as (proxy, peer, ends):
            ends[1].write(frame(b"one"))
            assert await frames(ends, 1) == [b"one"]
            ends[1].write(frame(b"two"))
            await proxy.wait_for(lambda: proxy.made == 1)
            peer.writers[0].write(frame(b"lost"))
            ends[1].write(frame(b"three"))
            await proxy.wait_for(lambda: proxy.frames[Direction.REQUEST] == 2)
            ends[1].close()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(peer.changed.wait(), 0.1)
            assert peer.ended == []

    asyncio.run(scenario())


def test_a_dead_link_is_forgotten_when_both_sides_have_given_it_up() -> None:
    async def scenario() -> None:
        async with through("half_open") as (proxy, peer, ends):
            ends[1].write(frame(b"one"))
            await proxy.wait_for(lambda: proxy.made == 1)
            ends[1].close()
            peer.writers[0].close()
            await proxy.wait_for(lambda: not proxy.open_links)

    asyncio.run(scenario())


def test_the_same_seed_meets_the_same_frames() -> None:
    async def run(seed: int) -> list[str]:
        async with through("drop/request@30%", "corrupt/reply@30%", seed=seed) as (proxy, _, ends):
            for number in range(30):
                ends[1].write(frame(bytes([number]) * 20))
                await ends[1].drain()
            await proxy.wait_for(lambda: sum(proxy.frames.values()) == 60 - dropped(proxy))
            return sorted(map(str, proxy.interferences))

    def dropped(proxy: FaultProxy) -> int:
        return sum(each.direction is Direction.REQUEST for each in proxy.interferences)

    first, again, other = (asyncio.run(run(seed)) for seed in (3, 3, 4))
    assert first == again != other


def test_no_target_ends_the_link() -> None:
    async def scenario() -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = taken.getsockname()
        async with FaultProxy(address) as proxy:
            reader, writer = await asyncio.open_connection(*proxy.address)
            with contextlib.suppress(ConnectionError):
                assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""
            writer.close()

    asyncio.run(scenario())


def test_a_plain_program_drives_it_and_leaves_no_thread() -> None:
    before = threading.active_count()
    with socket.create_server(("127.0.0.1", 0)) as server:
        with FaultProxy(server.getsockname()) as proxy:
            link = socket.create_connection(proxy.address, timeout=PATIENCE_S)
            peer, _ = server.accept()
            with link, peer:
                peer.settimeout(PATIENCE_S)
                proxy.set_faults("drop/request@1")
                link.sendall(frame(b"one") + frame(b"two"))
                assert peer.recv(100) == frame(b"two")
                proxy.set_faults()
                proxy.once("duplicate")
                link.sendall(frame(b"three"))
                proxy.wait(lambda: proxy.made == 2)
                found = b""
                while len(found) < 14:
                    found += peer.recv(100)
                assert found == frame(b"three") * 2
                proxy.call(proxy.cut_links())
                proxy.wait(lambda: not proxy.open_links)
                with pytest.raises(TimeoutError):
                    proxy.wait(lambda: False, timeout_ms=20)
        with pytest.raises(RuntimeError, match="not entered"):
            proxy.wait(lambda: True)
    assert threading.active_count() == before


def test_a_wrong_fault_is_told_at_once() -> None:
    with pytest.raises(FaultSyntax):
        FaultProxy(("127.0.0.1", 1), "lose")
    assert FaultProxy(("127.0.0.1", 1)).interferences.maxlen == LOG_MAX
