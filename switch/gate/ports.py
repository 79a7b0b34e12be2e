"""Where links come from: ports that listen, and peers that are dialled."""

import asyncio
import random
from collections.abc import Callable

from switch.gate.acceptor import BACKLOG, TlsAcceptor, listen
from switch.gate.connection import TerminalLink
from switch.gate.dialler import Dialler
from switch.gate.link_plan import ClientLink, LinksFault, ServerLink, read_address
from switch.gate.named_link import NamedLink


class Ports:
    """In the event loop's thread.

    Parameters:
        handshakes_max: TLS handshakes at a time, over all ports.
        make_link: speaks over a new connection of a name.
        has_room: whether a name may have one more connection.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        handshakes_max: int,
        handshake_timeout_s: float,
        make_link: Callable[[NamedLink], TerminalLink],
        has_room: Callable[[NamedLink], bool],
    ) -> None:
        self._loop = loop
        self._handshakes = asyncio.Semaphore(handshakes_max)
        self._handshake_timeout_s = handshake_timeout_s
        self._make_link = make_link
        self._has_room = has_room
        self._listeners: list[asyncio.Server | TlsAcceptor] = []
        self._diallers: list[Dialler] = []

    async def open(self, named: NamedLink) -> None:
        """Listen for a name, which gets the address, or dial it. Raises LinksFault."""
        planned = named.planned
        if isinstance(planned, ServerLink):
            self._listeners.append(await self._listen(named, planned))
        else:
            self._diallers.append(self._dial(named, planned))

    def stop(self) -> None:
        """Neither accept nor dial any more."""
        for dialler in self._diallers:
            dialler.stop()
        for listener in self._listeners:
            if isinstance(listener, TlsAcceptor):
                listener.stop()
            else:
                listener.close()
        self._listeners.clear()
        self._diallers.clear()

    async def _listen(self, named: NamedLink, planned: ServerLink) -> "asyncio.Server | TlsAcceptor":
        wanted = read_address(planned.address)
        try:
            listening = listen(wanted)
        except OSError as error:
            raise LinksFault(f"terminal port {wanted}: {error.strerror}") from None
        host, port = listening.getsockname()[:2]
        named.address = str(wanted._replace(host=host, port=port))
        if named.tls is None:
            return await self._loop.create_server(
                lambda: self._make_link(named), sock=listening, backlog=BACKLOG
            )
        return TlsAcceptor(
            listening,
            named.tls,
            lambda: self._make_link(named),
            handshakes=self._handshakes,
            handshake_timeout_s=self._handshake_timeout_s,
            has_room=lambda: self._has_room(named),
            on_failure=named.note_failure,
        )

    def _dial(self, named: NamedLink, planned: ClientLink) -> Dialler:
        return Dialler(named, planned, lambda: self._make_link(named), random.random)
