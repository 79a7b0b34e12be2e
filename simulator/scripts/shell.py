"""The runner over real sockets: TCP, or TLS where a context is given."""

import asyncio
import contextlib
import os
import ssl
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field

from simulator.scripts.events import (
    Action,
    AskFor,
    Close,
    Ended,
    Event,
    Open,
    Opened,
    Progress,
    Received,
    Refused,
    Write,
)
from simulator.scripts.model import Script
from simulator.scripts.outcome import Outcome
from simulator.scripts.profile import Profile
from simulator.scripts.runner import Runner

_READ_BYTES = 65_536
_EVENTS_MAX = 256
_CLOSE_TIMEOUT_S = 2.0
CONNECT_TIMEOUT_S = 10.0
ASKED_TIMEOUT_S = 15.0
LINKS_MAX = 64
WRITE_TIMEOUT_S = 2.0

OnAsk = Callable[[AskFor], Awaitable[None]]
OnProgress = Callable[[Progress], None]


async def _nobody(_: AskFor) -> None:
    """Whoever stands at the terminal reads it from the screen."""


def _unwatched(_: Progress) -> None:
    """Nobody looks on."""


@dataclass(slots=True)
class Endpoint:
    """Where scripts run: `address` to connect to, or `server` that listens for the side under test.

    A listening endpoint serves one script after another; a link that is open when a script ends is closed.
    """

    address: tuple[str, int] | None = None
    tls: ssl.SSLContext | None = None
    server_hostname: str | None = None
    _server: asyncio.Server | None = None
    _run: "_Run | None" = None
    _waiting: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(default_factory=list)

    async def listen(self, host: str, port: int) -> tuple[str, int]:
        """Listen; port 0 takes a free one. Returns the address."""
        self._server = await asyncio.start_server(self._accept, host, port, ssl=self.tls)
        address = self._server.sockets[0].getsockname()
        return str(address[0]), int(address[1])

    async def close(self) -> None:
        """Stop listening."""
        for _, writer in self._waiting:
            writer.transport.abort()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def attach(self, run: "_Run | None") -> None:
        """The run that gets the links that come."""
        self._run = run
        if run is not None:
            waiting, self._waiting = self._waiting, []
            for reader, writer in waiting:
                run.take_link(reader, writer)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._run is not None:
            self._run.take_link(reader, writer)
        elif len(self._waiting) < LINKS_MAX:
            # Between two scripts: the next one gets it.
            self._waiting.append((reader, writer))
        else:
            writer.transport.abort()


async def run_script(
    script: Script,
    profile: Profile,
    endpoint: Endpoint,
    *,
    on_ask: OnAsk | None = None,
    on_progress: OnProgress | None = None,
    first_stan: int | None = None,
) -> Outcome:
    """Run a script against whatever is at the endpoint. Never takes longer than the script's `total_ms`, and
    a moment to close. What `on_ask` raises ends the run and is raised here."""
    run = _Run(script, profile, endpoint, on_ask or _nobody, on_progress or _unwatched, first_stan)
    return await run.run()


class _Run:
    def __init__(  # noqa: PLR0917
        self,
        script: Script,
        profile: Profile,
        endpoint: Endpoint,
        on_ask: OnAsk,
        on_progress: OnProgress,
        first_stan: int | None,
    ) -> None:
        # A number that no other run of the same terminal is likely to use in this second.
        stan = time.time_ns() // 1000 % 900_000 if first_stan is None else first_stan
        self._runner = Runner(script, profile, epoch_ms=time.time_ns() // 1_000_000, first_stan=stan)
        self._endpoint = endpoint
        self._on_ask = on_ask
        self._on_progress = on_progress
        self._events: asyncio.Queue[Event | None] = asyncio.Queue(_EVENTS_MAX)
        self._writers: dict[int, asyncio.StreamWriter] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._links = 0
        self._asked: set[asyncio.Task[None]] = set()
        self._broken: Exception | None = None

    async def run(self) -> Outcome:
        self._endpoint.attach(self)
        try:
            await self._do(self._runner.start(_now_ms()))
            while not self._runner.done and self._broken is None:
                event = await self._next()
                now_ms = _now_ms()
                await self._do(
                    self._runner.tick(now_ms) if event is None else self._runner.take(event, now_ms)
                )
        finally:
            self._endpoint.attach(None)
            if self._asked:
                # A slip is still being printed: the next case must not find the terminal busy with this one.
                await asyncio.wait(self._asked, timeout=ASKED_TIMEOUT_S)
            await self._end()
        if self._broken is not None:
            raise self._broken
        return self._runner.outcome

    def take_link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A peer has come."""
        if len(self._writers) >= LINKS_MAX:
            writer.transport.abort()
            return
        self._links += 1
        self._serve(self._links, reader, writer)

    async def _next(self) -> Event | None:
        deadline_ms = self._runner.deadline_ms
        with contextlib.suppress(asyncio.QueueEmpty):
            return self._events.get_nowait()
        left_s = None if deadline_ms is None else max(0, deadline_ms - _now_ms()) / 1000
        try:
            async with asyncio.timeout(left_s):
                return await self._events.get()
        except TimeoutError:
            return None

    async def _do(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Open(link=number):
                    self._start(self._open(number))
                case Write(link=number, data=data):
                    await self._write(number, data)
                case Close(link=number):
                    self._start(self._close(number))
                case AskFor():
                    self._asked.add(self._start(self._ask(action)))
                case Progress():
                    self._on_progress(action)

    async def _ask(self, action: AskFor) -> None:
        try:
            await self._on_ask(action)
        except Exception as error:
            self._broken = error
            await self._events.put(None)

    async def _open(self, number: int) -> None:
        endpoint = self._endpoint
        if endpoint.address is None:
            await self._events.put(Refused(number, "this side listens"))
            return
        host, port = endpoint.address
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                name = (endpoint.server_hostname or host) if endpoint.tls else None
                reader, writer = await asyncio.open_connection(
                    host, port, ssl=endpoint.tls, server_hostname=name
                )
        except (OSError, TimeoutError) as error:
            await self._events.put(Refused(number, _reason(error)))
            return
        self._serve(number, reader, writer)

    def _serve(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers[number] = writer
        self._start(self._read(number, reader))

    async def _read(self, number: int, reader: asyncio.StreamReader) -> None:
        await self._events.put(Opened(number))
        with contextlib.suppress(OSError):
            while data := await reader.read(_READ_BYTES):
                await self._events.put(Received(number, data))
        await self._events.put(Ended(number))

    async def _write(self, number: int, data: bytes) -> None:
        writer = self._writers.get(number)
        if writer is not None and not writer.is_closing():
            writer.write(data)
            try:
                async with asyncio.timeout(WRITE_TIMEOUT_S):
                    await writer.drain()
            except (OSError, TimeoutError):
                # It doesn't read, or has gone: its end is told by the reading side.
                writer.transport.abort()

    async def _close(self, number: int) -> None:
        writer = self._writers.pop(number, None)
        if writer is None:
            return
        writer.close()
        try:
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await writer.wait_closed()
        except (OSError, TimeoutError):
            writer.transport.abort()

    def _start(self, work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _end(self) -> None:
        for number in tuple(self._writers):
            await self._close(number)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _reason(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    # asyncio has words of its own for what the system tells.
    return os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or str(error)


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
