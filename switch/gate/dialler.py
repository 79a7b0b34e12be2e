"""The client role: dials a peer, and again whenever the connection is lost."""

import asyncio
import logging
from collections.abc import Callable

from switch.gate.backoff import Backoff
from switch.gate.connection import TerminalLink
from switch.gate.link_plan import Address, ClientLink, read_address
from switch.gate.named_link import NamedLink
from switch.gate.states import DialEvent

_LOG = logging.getLogger("switch.gate")
_SHUTDOWN_TIMEOUT_S = 2.0


class Dialler:
    """Keeps one connection of a named link, over the first of its addresses that answers."""

    def __init__(
        self,
        named: NamedLink,
        planned: ClientLink,
        make_link: Callable[[], TerminalLink],
        chance: Callable[[], float],
    ) -> None:
        self._named = named
        self._planned = planned
        self._make_link = make_link
        self._addresses = [read_address(text) for text in planned.addresses]
        self._backoff = Backoff(planned.first_wait_s, planned.longest_wait_s, chance)
        named.address = str(self._addresses[0])
        self._keeping = asyncio.get_running_loop().create_task(self._keep())

    def stop(self) -> None:
        """Dial no more; a connection that is up stays."""
        self._named.on_dial(DialEvent.STOP)
        self._keeping.cancel()

    async def _keep(self) -> None:
        attempt = 0
        while True:
            await self._named.opened_by_order.wait()
            address = self._addresses[attempt % len(self._addresses)]
            self._named.address = str(address)
            self._named.on_dial(DialEvent.DIAL)
            link = await self._dial(address)
            if link is None:
                attempt += 1
                self._named.note_failure()
                self._named.on_dial(DialEvent.FAIL)
            else:
                self._named.on_dial(DialEvent.ESTABLISH)
                await link.lost.wait()
                self._named.on_dial(DialEvent.LOSE)
                _LOG.warning("link %s lost", link.peer)
                # One that is cut off before a message came is no better than a refused one.
                if link.tally.received or link.echoes[1]:
                    self._backoff.succeed()
                else:
                    attempt += 1
            await asyncio.sleep(self._backoff.wait_s())

    async def _dial(self, address: Address) -> TerminalLink | None:
        tls = self._planned.tls
        timeout_s = self._planned.connect_timeout_s
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout_s):
                context = self._named.tls
                if tls is None or context is None:
                    _, link = await loop.create_connection(self._make_link, address.host, address.port)
                else:
                    _, link = await loop.create_connection(
                        self._make_link,
                        address.host,
                        address.port,
                        ssl=context.current,
                        server_hostname=tls.server_name or address.host,
                        ssl_handshake_timeout=timeout_s,
                        ssl_shutdown_timeout=_SHUTDOWN_TIMEOUT_S,
                    )
        except (OSError, UnicodeError) as error:  # a host name may be none in IDNA
            told = getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
            _LOG.warning("link %s: %s does not answer: %s", self._named.name, address, told)
            return None
        _LOG.info("link %s is up", link.peer)
        return link
