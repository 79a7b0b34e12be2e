"""Terminals' ways through the bridge, against a real listener; the broker is the test."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.framing import frame
from switch.mqtt_bridge.ways import Bounds, Ways, connector, whole_frames

BOUNDS = Bounds(terminals_max=2, waiting_max=3, frame_bytes_max=1024)


class Broker:
    """Keeps what the bridge publishes; `broken` refuses it."""

    def __init__(self) -> None:
        self.published: list[tuple[str, bytes]] = []
        self.broken = False
        self.refused = 0
        self.changed = asyncio.Condition()

    async def publish(self, topic: str, message: bytes) -> None:
        async with self.changed:
            if self.broken:
                self.refused += 1
                self.changed.notify_all()
                raise ConnectionError("no broker")
            self.published.append((topic, message))
            self.changed.notify_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60), self.changed:
            await self.changed.wait_for(condition)


class Switch:
    """Answers each frame with itself; keeps the connections. `silent` reads nothing."""

    def __init__(self) -> None:
        self.writers: list[asyncio.StreamWriter] = []
        self.heard = b""
        self.silent = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        while not self.silent and (data := await reader.read(4096)):
            self.heard += data
            writer.write(data)
        if not self.silent:
            writer.close()


@asynccontextmanager
async def bridged() -> AsyncIterator[tuple[Ways, Broker, Switch]]:
    broker, switch = Broker(), Switch()
    server = await asyncio.start_server(switch.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    ways = Ways(connector(host, port, None, 5.0), broker.publish, BOUNDS)
    try:
        yield ways, broker, switch
    finally:
        await ways.close()
        for writer in switch.writers:
            writer.close()
        server.close()
        await server.wait_closed()


def test_frames_go_and_come_back_each_to_its_terminal() -> None:
    async def scenario() -> None:
        async with bridged() as (ways, broker, _):
            ways.take("vafa/T1/request", frame(b"one") + frame(b"two"))
            ways.take("vafa/T2/request", frame(b"other"))
            await broker.until(lambda: len(broker.published) == 3)
            assert sorted(broker.published) == [
                ("vafa/T1/reply", frame(b"one")),
                ("vafa/T1/reply", frame(b"two")),
                ("vafa/T2/reply", frame(b"other")),
            ]
            assert len(ways) == 2 and ways.counters.replies == 3

    asyncio.run(scenario())


def test_a_message_that_comes_twice_goes_twice() -> None:
    async def scenario() -> None:
        async with bridged() as (ways, broker, switch):
            for _ in range(2):
                ways.take("vafa/T1/request", frame(b"sale"))
            await broker.until(lambda: len(broker.published) == 2)
            assert switch.heard == frame(b"sale") * 2

    asyncio.run(scenario())


def test_an_empty_message_ends_what_went_before() -> None:
    async def scenario() -> None:
        async with bridged() as (ways, broker, switch):
            ways.take("vafa/T1/request", frame(b"old"))
            await broker.until(lambda: len(broker.published) == 1)
            ways.take("vafa/T1/request", b"")
            ways.take("vafa/T1/request", frame(b"new"))
            await broker.until(lambda: len(broker.published) == 2)
            assert len(switch.writers) == 2 and len(ways) == 1
            assert broker.published[-1] == ("vafa/T1/reply", frame(b"new")), (
                "the terminal's own end isn't told"
            )

    asyncio.run(scenario())


def test_a_link_that_the_switch_closes_is_told() -> None:
    async def scenario() -> None:
        async with bridged() as (ways, broker, switch):
            ways.take("vafa/T1/request", frame(b"x"))
            await broker.until(lambda: len(broker.published) == 1)
            switch.writers[0].close()
            await broker.until(lambda: len(broker.published) == 2)
            assert broker.published[-1] == ("vafa/T1/reply", b"") and len(ways) == 0
            ways.take("vafa/T1/request", frame(b"y"))
            await broker.until(lambda: len(broker.published) == 3)

    asyncio.run(scenario())


def test_a_switch_that_is_not_there_is_told() -> None:
    async def scenario() -> None:
        broker = Broker()
        ways = Ways(connector("127.0.0.1", 1, None, 5.0), broker.publish, BOUNDS)
        ways.take("vafa/T1/request", frame(b"x"))
        await broker.until(lambda: len(broker.published) == 1)
        assert broker.published == [("vafa/T1/reply", b"")] and len(ways) == 0

    asyncio.run(scenario())


def test_everything_that_waits_is_bounded() -> None:
    async def scenario() -> None:
        async with bridged() as (ways, _, switch):
            switch.silent = True
            for number in range(5):
                ways.take(f"vafa/T{number}/request", frame(b"x"))
            assert len(ways) == 2 and ways.counters.overflows == 3
            for _ in range(10):
                ways.take("vafa/T1/request", frame(b"x"))
            assert ways.counters.overflows == 11

    asyncio.run(scenario())


def test_a_broker_that_is_lost_ends_a_way() -> None:
    async def scenario() -> None:
        async with bridged() as (ways, broker, switch):
            broker.broken = True
            ways.take("vafa/T1/request", frame(b"x"))
            await broker.until(lambda: broker.refused == 2)
            assert broker.published == [] and len(ways) == 0 and len(switch.writers) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "topic",
    [
        "vafa/T1/reply",
        "vafa//request",
        "vafa/T1/x/request",
        "vafa/T12345678/request",
        "vafa/T-1/request",
        "x",
    ],
)
def test_other_topics_are_nobodys(topic: str) -> None:
    ways = Ways(connector("127.0.0.1", 1, None, 5.0), Broker().publish, BOUNDS)
    ways.take(topic, frame(b"x"))
    assert len(ways) == 0 and ways.counters.strangers == 1


@given(st.lists(st.binary(max_size=40), max_size=5), st.integers(0, 10))
def test_only_whole_frames_are_taken(payloads: list[bytes], cut: int) -> None:
    message = b"".join(frame(payload) for payload in payloads)
    assert whole_frames(message, 64)
    if message and 0 < cut < len(message):
        shortened = message[: len(message) - cut]
        ends = {sum(len(payload) + 2 for payload in payloads[:count]) for count in range(len(payloads) + 1)}
        assert whole_frames(shortened, 64) == (len(shortened) in ends)


def test_long_frames_and_stray_bytes_are_no_message() -> None:
    assert not whole_frames(frame(bytes(65)), 64)
    for stray in (b"\x00", b"\xff\xff", b"\x00\x02x"):
        assert not whole_frames(stray, 64)
