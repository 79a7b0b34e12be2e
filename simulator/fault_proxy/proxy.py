"""The proxy: it listens, makes a link for everyone who connects, and tells what it did to their frames."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from types import TracebackType
from typing import Self

from simulator.event_loop_thread import Blocking
from simulator.fault_proxy.faults import Direction, Fault, FaultKind, parse_fault
from simulator.fault_proxy.link import Ends, ProxyLink
from simulator.fault_proxy.stream import Departure, FaultyStream, Plan

CONNECT_TIMEOUT_S = 10.0
LINKS_MAX = 1024
LOG_MAX = 10_000

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Interference:
    """A fault that was made: on which link (from 1), which frame of which direction (from 1)."""

    link: int
    direction: Direction
    frame: int
    kind: FaultKind

    def __str__(self) -> str:
        return f"link {self.link}, {self.direction.value} {self.frame}: {self.kind.value}"


class FaultProxy(Blocking):
    """A proxy on loopback in front of a switch; `async with`, or `with` in a program without a loop.

    Without faults it passes everything as it is. `interferences` are the last faults that were made, `made`
    counts them all, `frames` and `links` what passed. The same faults and seed meet the same frames of the
    same links, however fast they come.

    Args:
        target: where the switch listens.
        faults: as `parse_fault` reads them, or Fault.
        seed: of chance and of corrupted bytes.
        listen: where to listen; port 0 takes a free one.
        on_interference: is told of every fault that is made, in the proxy's thread.
        on_payload: is shown every payload as it came, with the link's number and its direction.
    """

    def __init__(
        self,
        target: Address,
        *faults: str | Fault,
        seed: int = 0,
        listen: Address = ("127.0.0.1", 0),
        on_interference: Callable[[Interference], None] | None = None,
        on_payload: Callable[[int, Direction, bytes], None] | None = None,
    ) -> None:
        self.target = target
        self.interferences: deque[Interference] = deque(maxlen=LOG_MAX)
        self.frames = dict.fromkeys(Direction, 0)
        self.made = 0
        self.links = 0
        self.changed = asyncio.Condition()
        self._plan = Plan(tuple(map(_fault, faults)))
        self._seed = seed
        self._listen = listen
        self._tell = on_interference
        self._show = on_payload
        self._server: asyncio.Server | None = None
        self._open: set[ProxyLink] = set()
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> Address:
        """Where terminals connect."""
        return self._listen

    @property
    def open_links(self) -> int:
        """How many links there are at the moment."""
        return len(self._open)

    def set_faults(self, *faults: str | Fault) -> None:
        """From now on these faults and no others; may be called from any thread. Raises FaultSyntax."""
        self._plan.standing = tuple(map(_fault, faults))

    def once(self, fault: str | Fault) -> None:
        """This fault for the next frame of its direction, whatever its number; a second one meets the frame
        after. May be called from any thread. Raises FaultSyntax."""
        self._plan.once.append(_fault(fault))

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, *self._listen)
        host, port = self._server.sockets[0].getsockname()[:2]
        self._listen = (str(host), int(port))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for task in tuple(self._serving):
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        self._server = None

    async def cut_links(self) -> None:
        """Cut every link, both sides at once."""
        for link in tuple(self._open):
            link.cut()

    async def wait_for(self, condition: Callable[[], bool], timeout_ms: int = 10_000) -> None:
        """Wait until `condition` holds, looked at after every frame and every link that opens or ends.

        Raises:
            TimeoutError: it does not hold in time.
        """
        async with asyncio.timeout(timeout_ms / 1000), self.changed:
            await self.changed.wait_for(condition)

    def wait(self, condition: Callable[[], bool], timeout_ms: int = 10_000) -> None:
        """`wait_for` where the proxy was entered with plain `with`."""
        self.call(self.wait_for(condition, timeout_ms), timeout_ms / 1000 + 1)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or self._server is None or len(self._serving) >= LINKS_MAX:
            writer.transport.abort()
            return
        self._serving.add(task)
        self.links += 1
        try:
            await self._serve(self.links, (reader, writer))
        except asyncio.CancelledError:
            pass  # only the proxy's own end cancels this; asyncio's streams would make a noise of it
        finally:
            self._serving.discard(task)
            writer.transport.abort()
            async with self.changed:
                self.changed.notify_all()

    async def _serve(self, number: int, near: Ends) -> None:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                far = await asyncio.open_connection(*self.target)
        except OSError:  # TimeoutError is one: whoever connected sees that there is nobody
            return

        async def tell(direction: Direction, departure: Departure) -> None:
            await self._note(number, direction, departure)

        link = ProxyLink(near, far, tell)
        self._open.add(link)
        try:
            await link.run(self._stream(number, Direction.REQUEST), self._stream(number, Direction.REPLY))
        finally:
            self._open.discard(link)

    def _stream(self, number: int, direction: Direction) -> FaultyStream:
        random = Random(f"{self._seed}/{number}/{direction}")
        show = None if self._show is None else partial(self._show, number, direction)
        return FaultyStream(self._plan, direction, random, show)

    async def _note(self, number: int, direction: Direction, departure: Departure) -> None:
        self.frames[direction] += 1
        for fault in departure.faults:
            made = Interference(number, direction, departure.number, fault.kind)
            self.interferences.append(made)
            self.made += 1
            if self._tell is not None:
                self._tell(made)
        async with self.changed:
            self.changed.notify_all()


def _fault(given: str | Fault) -> Fault:
    return parse_fault(given) if isinstance(given, str) else given
