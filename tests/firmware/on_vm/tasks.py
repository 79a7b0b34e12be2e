"""What stands on MicroPython's asyncio: the event queue, and connections that are refused late."""

import asyncio

import unit
from terminal.hal.connections import connect
from terminal.links.backoff import Backoff
from terminal.links.framing import FrameFault, FrameParser, frame
from terminal.system.events_queue import EventQueue


def test_the_queue_keeps_order_and_wakes_its_reader():
    async def scenario():
        queue = EventQueue()
        got = []

        async def reader():
            for _ in range(3):
                got.append(await queue.get())

        task = asyncio.create_task(reader())
        await asyncio.sleep_ms(1)
        queue.post(1, "a")
        queue.post_input(2)
        await asyncio.sleep_ms(1)
        queue.post(3)
        await task
        assert got == [(1, "a"), (2, None), (3, None)]

    asyncio.run(scenario())


def test_a_busy_keypad_leaves_room_for_answers():
    queue = EventQueue()
    for _ in range(100):
        queue.post_input(1)
    for _ in range(8):
        queue.post(12)
    assert queue.discarded == 76


def test_a_refused_connection_shows_at_the_first_read():
    async def scenario():
        stream = await connect("127.0.0.1", 1)
        try:
            await stream.readinto(bytearray(1))
        except OSError:
            stream.close()
            return
        raise AssertionError("connected to nothing")

    asyncio.run(scenario())


def test_frames():
    parser = FrameParser()
    stream = frame(b"one") + b"\x00\x00" + frame(b"two")
    found = []
    for at in range(len(stream)):
        found.extend(parser.feed(stream[at : at + 1]))
    assert found == [b"one", b"two"]
    unit.raises(FrameFault, parser.feed, b"\xff\xff")


def test_waits_double_within_bounds():
    longest = Backoff(100, 1000, lambda limit: limit - 1)
    shortest = Backoff(100, 1000, lambda limit: 0)
    assert [longest.wait_ms() for _ in range(6)] == [100, 200, 400, 800, 1000, 1000]
    assert [shortest.wait_ms() for _ in range(6)] == [50, 100, 200, 400, 500, 500]
    longest.succeeded()
    assert longest.wait_ms() == 100


unit.run(globals())
