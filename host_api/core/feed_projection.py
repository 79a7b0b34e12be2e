"""Follows the switch's journal feed and applies it to the projection tables, each event exactly once.

A batch and the position after it are written in one transaction, and the position moves only from where the
batch began. So a projector may be killed anywhere and several may run: a batch is applied wholly or not at
all, and once.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.exc import SQLAlchemyError

from host_api.core.backoff import Backoff
from host_api.core.clock import from_epoch_ms, utc_now
from host_api.core.database import Database, WriteSession
from host_api.core.feed_position import PositionMoved, lock_position, move_position, read_position

if TYPE_CHECKING:
    from host_api.core.feed_client import FeedClient
    from protocol.feed import Event

_log = logging.getLogger(__name__)

_LONG_POLL_MS = 20_000
# The switch tells by this name how far the projection is behind.
_READER = "host-api"


class Projector(Protocol):
    """A service's part in the projection. Both run inside the projection's transaction and don't commit."""

    async def apply(self, session: WriteSession, events: Sequence["Event"]) -> None:
        """Write what `events`, in order, mean for the service's tables."""
        ...

    async def clear(self, session: WriteSession) -> None:
        """Empty the service's projection tables."""
        ...


class FeedState(StrEnum):
    """How the projection stands."""

    NOT_CONFIGURED = "not_configured"
    CONNECTING = "connecting"
    CATCHING_UP = "catching_up"
    FOLLOWING = "following"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """Where the feed is."""

    operations_url: str
    token_path: Path


async def apply_batch(
    database: Database,
    programme_id: int,
    projectors: Sequence[Projector],
    expected: int,
    events: Sequence["Event"],
) -> int:
    """Apply `events`, read after position `expected`, in one transaction; the new position.

    Raises:
        PositionMoved: the tables are no longer at `expected`; nothing was applied.
    """
    if not events:
        return expected
    position = events[-1].position
    async with database.writing(programme_id) as session:
        await move_position(session, expected=expected, position=position, last_event_at_ms=events[-1].at_ms)
        for projector in projectors:
            await projector.apply(session, events)
    return position


async def clear_projection(database: Database, programme_id: int, projectors: Sequence[Projector]) -> None:
    """Empty all projection tables and go back to position zero, in one transaction."""
    async with database.writing(programme_id) as session:
        expected = await lock_position(session)
        await move_position(session, expected=expected, position=0, last_event_at_ms=None)
        for projector in projectors:
            await projector.clear(session)


class FeedProjection:
    """The background task that keeps a programme's projection up to date.

    Parameters:
        programme_id: whose switch the feed is of.
        feed_settings: None leaves the projection idle.
        long_poll_ms: how long one poll waits for news, at most 30,000.
    """

    def __init__(
        self,
        database: Database,
        programme_id: int,
        projectors: Sequence[Projector],
        feed_settings: FeedSettings | None,
        *,
        new_backoff: Callable[[], Backoff] = Backoff,
        long_poll_ms: int = _LONG_POLL_MS,
    ) -> None:
        self._database = database
        self._programme_id = programme_id
        self._projectors = projectors
        self._feed_settings = feed_settings
        self._backoff = new_backoff()
        self._long_poll_ms = long_poll_ms
        self._last_contact: float | None = None
        self.state = FeedState.CONNECTING if feed_settings else FeedState.NOT_CONFIGURED
        self.last_error: str | None = None

    def lag_ms(self, last_event_at_ms: int | None) -> int | None:
        """How old the projection's view is: zero while it follows, else the age of the last event applied."""
        if self.state is FeedState.FOLLOWING:
            return 0
        if last_event_at_ms is None:
            return None
        return max(0, int((utc_now() - from_epoch_ms(last_event_at_ms)).total_seconds() * 1000))

    @property
    def seconds_since_contact(self) -> float | None:
        """Seconds since the feed last answered, None before the first answer."""
        return None if self._last_contact is None else time.monotonic() - self._last_contact

    async def run(self) -> None:
        """Follow the feed until cancelled, or until it holds something that can't be applied."""
        if self._feed_settings is None:
            return
        # The HTTP client is slow to import and nothing before the first poll needs it.
        from host_api.core.feed_client import FeedClient, FeedNotUnderstood, FeedUnavailable  # noqa: PLC0415

        async with FeedClient(
            self._feed_settings.operations_url, self._feed_settings.token_path, _READER
        ) as client:
            while True:
                try:
                    await self._follow(client)
                except FeedNotUnderstood as error:
                    self.state, self.last_error = FeedState.STOPPED, str(error)
                    _log.error("feed projection stopped: %s", error)
                    return
                except PositionMoved:
                    _log.info("feed projection: the position was moved elsewhere; reading it again")
                    continue
                except (FeedUnavailable, SQLAlchemyError) as error:
                    text = (
                        str(error)
                        if isinstance(error, FeedUnavailable)
                        else f"database: {type(error).__name__}"
                    )
                    if text != self.last_error:
                        _log.warning("feed projection: %s", text)
                    self.state, self.last_error = FeedState.CONNECTING, text
                await self._backoff.sleep()

    async def _follow(self, client: "FeedClient") -> None:
        async with self._database.reading(self._programme_id) as session:
            position = (await read_position(session)).position
        wait_ms = 0  # the first poll only asks whether there is anything to catch up with
        while True:
            events = await client.poll(position, wait_ms)
            self._last_contact = time.monotonic()
            if events:
                self.state = FeedState.CATCHING_UP if len(events) > 1 else self.state
                position = await apply_batch(
                    self._database, self._programme_id, self._projectors, position, events
                )
                wait_ms = 0 if len(events) > 1 else wait_ms
            else:
                self.state = FeedState.FOLLOWING
                wait_ms = self._long_poll_ms
            self.last_error = None
            self._backoff.reset()
