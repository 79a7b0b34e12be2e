"""Serves the pages on loopback, in the caller's own event loop."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from types import TracebackType
from typing import Self

import uvicorn

from simulator.screen.application import create_application
from simulator.screen.guard import KEY_PARAMETER, Guard, new_key
from simulator.screen.hall import Hall
from simulator.screen.journal_watch import JournalWatch
from simulator.screen.orders import ORDER_BYTES_MAX
from simulator.screen.place import Place

_LOOPBACK = "127.0.0.1"
_BACKLOG = 64
_CONCURRENT_REQUESTS = 64
_DRAIN_S = 2
_PING_S = 20.0


class CannotListen(Exception):  # noqa: N818
    """The port can't be used; one line for the user."""


class _Server(uvicorn.Server):
    """Uvicorn that leaves signals to whoever runs it, and tells when it serves."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class ScreenServer:
    """Terminals on the screen, from entering to leaving.

    Args:
        place: where the terminals stand.
        language: fa or en, of the first page.
        port: 0 takes a free one.

    Raises (on entering):
        CannotListen: the port is taken.
    """

    def __init__(self, place: Place, *, language: str = "fa", port: int = 0) -> None:
        self._place = place
        self._language = language
        self._wanted_port = port
        self._key = new_key()
        self._stack = AsyncExitStack()
        self._hall: Hall | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            listener = stack.enter_context(_listening(self._wanted_port))
            self.port = listener.getsockname()[1]
            journal = None
            if self._place.operations_url is not None and self._place.feed_token_file is not None:
                journal = JournalWatch(self._place.operations_url, self._place.feed_token_file)
                await stack.enter_async_context(journal)
            self._hall = Hall(self._place, journal)
            config = uvicorn.Config(
                Guard(create_application(self._hall, self._language), self.port, self._key),
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                lifespan="off",
                ws="websockets-sansio",
                ws_max_size=ORDER_BYTES_MAX,
                ws_ping_interval=_PING_S,
                ws_ping_timeout=_PING_S,
                ws_per_message_deflate=False,
                limit_concurrency=_CONCURRENT_REQUESTS,
                timeout_graceful_shutdown=_DRAIN_S,
            )
            server = _Server(config)
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            stack.push_async_callback(_stopped, server, serving)
            await server.is_up.wait()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def address(self) -> str:
        """What to open in a browser; it carries the key."""
        return f"http://{_LOOPBACK}:{self.port}/?{KEY_PARAMETER}={self._key}"

    @property
    def open_pages(self) -> int:
        """How many pages have a terminal now."""
        return self._hall.open_pages if self._hall else 0


async def _stopped(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    server.should_exit = True
    await serving


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    # asyncio switches Nagle's algorithm off only where the protocol is named.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((_LOOPBACK, port))
            listener.listen(_BACKLOG)
        except OSError as error:
            raise CannotListen(f"port {port} on {_LOOPBACK} can't be used: {error.strerror}") from None
        yield listener
