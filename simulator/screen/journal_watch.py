"""Follows the journal's feed, and tells each page what the journal says about its terminal."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from host_api.core.feed_client import FeedClient, FeedNotUnderstood, FeedUnavailable
from protocol.feed import Event
from simulator.screen.ledger import terminal_of

_WAIT_MS = 10_000
_RETRY_S = 1.0

_log = logging.getLogger(__name__)

Listener = Callable[[Event], None]


class JournalWatch:
    """One reader of the feed for all pages, from entering to leaving.

    Args:
        beginning: position behind which it reads.
    """

    def __init__(self, operations_url: str, token_file: Path, beginning: int = 0) -> None:
        self._operations_url = operations_url
        self._token_file = token_file
        self._position = beginning
        self._listeners: dict[str, Listener] = {}
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._follow())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def listen(self, terminal_id: str, listener: Listener) -> None:
        """Have a listener told of entries about a terminal from now on."""
        self._listeners[terminal_id] = listener

    def leave(self, terminal_id: str) -> None:
        """Tell nobody of that terminal any more."""
        self._listeners.pop(terminal_id, None)

    async def _follow(self) -> None:
        async with FeedClient(self._operations_url, self._token_file) as feed:
            while True:
                try:
                    for event in await feed.poll(self._position, _WAIT_MS):
                        self._position = event.position
                        listener = self._listeners.get(terminal_of(event) or "")
                        if listener is not None:
                            listener(event)
                except FeedUnavailable as fault:
                    _log.info("%s", fault)
                    await asyncio.sleep(_RETRY_S)
                except FeedNotUnderstood as fault:
                    _log.warning("%s", fault)
                    return
