"""Keeps a few links to the switch open and shares requests out among them."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from host_api.core.backoff import Backoff
from host_api.core.host_link.link import HostLink, LinkFault
from host_api.core.host_link.settings import HostLinkSettings, HostLinkState
from protocol.faults import ProtocolFault
from protocol.message import Message
from protocol.security.key_text import read_key_text
from protocol.security.keys import derive_terminal_key

_log = logging.getLogger(__name__)

_HOST_KEY_GENERATION = 1


class HostLinkPool:
    """All links of this process to one switch.

    Parameters:
        settings: None leaves the pool closed for good.
        new_backoff: how long to wait after a link broke or couldn't be opened.
    """

    def __init__(
        self, settings: HostLinkSettings | None, *, new_backoff: Callable[[], Backoff] = Backoff
    ) -> None:
        self._settings = settings
        self._new_backoff = new_backoff
        self._links: list[HostLink] = []
        self._opened = asyncio.Event()
        self.last_error: str | None = None

    @property
    def is_configured(self) -> bool:
        """Whether there is a switch to talk to at all."""
        return self._settings is not None

    @property
    def host_id(self) -> str:
        """Field 41 of whatever this host sends."""
        return "" if self._settings is None else self._settings.host_id

    @property
    def capacity(self) -> int:
        """Requests that may be in flight on all links together."""
        return 0 if self._settings is None else self._settings.links * self._settings.in_flight

    @property
    def response_timeout_s(self) -> float:
        """The longest time that an exchange takes once it has begun."""
        return 0.0 if self._settings is None else self._settings.response_timeout_s

    @property
    def open_links(self) -> int:
        """How many links are signed on."""
        return len(self._links)

    @property
    def state(self) -> HostLinkState:
        """How the links stand."""
        if self._settings is None:
            return HostLinkState.NOT_CONFIGURED
        return HostLinkState.CONNECTED if self._links else HostLinkState.CONNECTING

    async def run(self) -> None:
        """Keep the links open until cancelled."""
        if self._settings is None:
            return
        async with asyncio.TaskGroup() as group:
            for _ in range(self._settings.links):
                group.create_task(self._keep(self._settings))

    async def wait_open(self) -> None:
        """Return once a link is open."""
        await self._opened.wait()

    async def exchange(self, request: Message) -> Message:
        """Send `request` over the link with the fewest requests in flight; the answer to it.

        Raises:
            LinkFault: no link is open, or no answer can be had.
            ProtocolFault: `request` can't be encoded.
        """
        if not self._links:
            raise LinkFault("no link to the switch is open")
        return await min(self._links, key=lambda link: link.in_flight).exchange(request)

    async def exchange_all(self, requests: Sequence[Message]) -> list[Message | LinkFault | ProtocolFault]:
        """Send requests that don't wait for each other over one link; each answer, or why there is none.

        They take half of what the link may have in flight, so that others' requests find room between them.
        """
        if not self._links or self._settings is None:
            return [LinkFault("no link to the switch is open") for _ in requests]
        link = min(self._links, key=lambda link: link.in_flight)
        slots = asyncio.Semaphore(max(1, self._settings.in_flight // 2))

        async def exchange(request: Message) -> Message | LinkFault | ProtocolFault:
            async with slots:
                try:
                    return await link.exchange(request)
                except (LinkFault, ProtocolFault) as fault:
                    return fault

        return await asyncio.gather(*map(exchange, requests))

    async def _keep(self, settings: HostLinkSettings) -> None:
        backoff = self._new_backoff()
        while True:
            try:
                async with await HostLink.open(settings, _own_key(settings)) as link:
                    self._links.append(link)
                    self._opened.set()
                    self.last_error = None
                    backoff.reset()
                    try:
                        raise await link.live()
                    finally:
                        self._links.remove(link)
                        if not self._links:
                            self._opened.clear()
            except LinkFault as fault:
                if str(fault) != self.last_error:
                    _log.warning("host link: %s", fault)
                self.last_error = str(fault)
            await backoff.sleep()


def _own_key(settings: HostLinkSettings) -> bytes:
    path = settings.master_key_path
    try:
        master, _ = read_key_text(path.read_text("ascii"))
    except OSError as error:
        raise LinkFault(f"master key file {path}: {error.strerror}") from None
    except ValueError:
        raise LinkFault(f"master key file {path} does not hold 64 hex digits") from None
    return derive_terminal_key(master, settings.host_id, _HOST_KEY_GENERATION)
