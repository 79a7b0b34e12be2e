"""One link through the proxy: two connections, and in each direction a queue of what is to leave."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from simulator.fault_proxy.faults import Direction
from simulator.fault_proxy.stream import Departure, Ending, FaultyStream

WRITE_TIMEOUT_S = 30.0
_QUEUE_MAX = 256
_READ_BYTES = 16_384
_SLICES_PER_S = 20

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]
OnFrame = Callable[[Direction, Departure], Awaitable[None]]
_Queue = asyncio.Queue[tuple[float, Departure] | None]


class ProxyLink:
    """Passes bytes between `near`, who connected, and `far`, the target, until both have ended."""

    def __init__(self, near: Ends, far: Ends, on_frame: OnFrame) -> None:
        self._near = near
        self._far = far
        self._on_frame = on_frame
        self._is_dead = False
        self._reading = 2
        self._ended = asyncio.Event()

    async def run(self, requests: FaultyStream, replies: FaultyStream) -> None:
        """Pass until the end. A side that breaks its connection breaks the other's too."""
        ways = (
            (Direction.REQUEST, requests, self._near[0], self._far[1]),
            (Direction.REPLY, replies, self._far[0], self._near[1]),
        )
        tasks = []
        for direction, stream, reader, writer in ways:
            queue: _Queue = asyncio.Queue(_QUEUE_MAX)
            tasks.append(asyncio.ensure_future(self._read(stream, reader, queue)))
            tasks.append(asyncio.ensure_future(self._leave(direction, writer, queue)))
        try:
            await asyncio.gather(*tasks)
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                for _, writer in (self._near, self._far):
                    writer.close()
                    await writer.wait_closed()
        except OSError:  # TimeoutError is one
            pass
        finally:
            self.cut()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def cut(self) -> None:
        """End both connections at once."""
        for _, writer in (self._near, self._far):
            writer.transport.abort()

    async def _read(self, stream: FaultyStream, reader: asyncio.StreamReader, queue: _Queue) -> None:
        due_s = 0.0
        while data := await reader.read(_READ_BYTES):
            for departure in stream.feed(data):
                # Late is late, but nothing overtakes what came before it.
                due_s = max(due_s, time.monotonic() + departure.delay_ms / 1000)
                await queue.put((due_s, departure))
        for departure in stream.end():
            await queue.put((due_s, departure))
        await queue.put(None)
        self._reading -= 1
        if not self._reading:
            self._ended.set()

    async def _leave(self, direction: Direction, writer: asyncio.StreamWriter, queue: _Queue) -> None:
        while (item := await queue.get()) is not None:
            due_s, departure = item
            await asyncio.sleep(due_s - time.monotonic())
            if self._is_dead:
                continue
            if departure.ending is Ending.HALF_OPEN:
                self._is_dead = True
            await self._write(writer, departure)
            if departure.ending is Ending.CUT:
                await self._on_frame(direction, departure)
                raise ConnectionAbortedError
            if departure.number:
                await self._on_frame(direction, departure)
        # A dead line tells nobody that the other side has gone.
        if self._is_dead:
            await self._ended.wait()
        if writer.can_write_eof():
            writer.write_eof()

    @staticmethod
    async def _write(writer: asyncio.StreamWriter, departure: Departure) -> None:
        rate = departure.bytes_per_s
        size = max(1, rate // _SLICES_PER_S) if rate else len(departure.data)
        for start in range(0, len(departure.data), size or 1):
            piece = departure.data[start : start + size]
            writer.write(piece)
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await writer.drain()
            if rate:
                await asyncio.sleep(len(piece) / rate)
