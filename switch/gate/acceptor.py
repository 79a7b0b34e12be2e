"""A TLS port: takes connections, and lets only so many shake hands at a time."""

import asyncio
import logging
import socket
from collections.abc import Callable

from switch.gate.link_plan import Address
from switch.gate.tls import LinkContext

_LOG = logging.getLogger("switch.gate")

BACKLOG = 1024
_REST_AFTER_FAILURE_S = 0.1
_SHUTDOWN_TIMEOUT_S = 2.0


def listen(address: Address) -> socket.socket:
    """A listening socket. Raises OSError."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    found = socket.create_server((address.host, address.port), family=family, backlog=BACKLOG)
    found.setblocking(False)
    return found


class TlsAcceptor:
    """Accepts on one socket. While all handshakes are taken, newcomers wait in the kernel's backlog."""

    def __init__(
        self,
        listening: socket.socket,
        tls: LinkContext,
        make_link: Callable[[], asyncio.Protocol],
        *,
        handshakes: asyncio.Semaphore,
        handshake_timeout_s: float,
        has_room: Callable[[], bool],
        on_failure: Callable[[], None],
    ) -> None:
        """`handshakes` may be shared by several ports; `has_room` is asked before each of them, `on_failure`
        called for each that failed."""
        self._listening = listening
        self._tls = tls
        self._make_link = make_link
        self._handshakes = handshakes
        self._handshake_timeout_s = handshake_timeout_s
        self._has_room = has_room
        self._on_failure = on_failure
        self._shaking: set[asyncio.Task[None]] = set()
        self._accepting = asyncio.get_running_loop().create_task(self._accept())

    def stop(self) -> None:
        """Accept nothing more; handshakes under way are broken off."""
        for task in (self._accepting, *self._shaking):
            task.cancel()
        # The loop must let go of the socket before it is closed.
        self._accepting.add_done_callback(lambda _: self._listening.close())

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._handshakes.acquire()
            try:
                connection, _ = await loop.sock_accept(self._listening)
            except OSError as error:
                self._handshakes.release()
                _LOG.warning("a connection could not be accepted: %s", error.strerror)
                await asyncio.sleep(_REST_AFTER_FAILURE_S)
                continue
            except asyncio.CancelledError:
                self._handshakes.release()
                raise
            if not self._has_room():
                self._handshakes.release()
                connection.close()
                continue
            task = loop.create_task(self._shake_hands(connection))
            self._shaking.add(task)
            task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._shaking.discard(task)
        self._handshakes.release()

    async def _shake_hands(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                self._make_link,
                connection,
                ssl=self._tls.current,
                ssl_handshake_timeout=self._handshake_timeout_s,
                ssl_shutdown_timeout=_SHUTDOWN_TIMEOUT_S,
            )
        except OSError as error:
            self._on_failure()
            _LOG.info("a TLS handshake failed: %s", getattr(error, "reason", None) or type(error).__name__)
