"""Alerts as they are raised, as server-sent events.

An answer begins behind the alert that `Last-Event-ID` names (without it, behind the latest), ends after the
time that the caller asked for, and is asked for again: so no stream outlives its caller's rights for long,
and one that broke goes on where it was. It holds no connection of the database while it waits.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Final

from sqlalchemy import func, select

from host_api.core.database import Database
from host_api.services.risk.alerts.logic import shown
from host_api.services.risk.alerts.models import RiskAlert
from host_api.services.risk.problems import TooManyStreams

MEDIA_TYPE: Final = "text/event-stream"
LONGEST_S: Final = 600
_LOOK_EVERY_S: Final = 1.0
_AT_ONCE: Final = 100
_RETRY_MS: Final = 2_000


class AlertStreams:
    """The streams of this process.

    Parameters:
        most: so many at once.
    """

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._open = 0

    def follow(
        self, database: Database, programme_id: int, after: int | None, wait_s: int
    ) -> AsyncIterator[str]:
        """The events behind an alert, for `wait_s` seconds.

        Raises:
            TooManyStreams
        """
        if self._open >= self._most:
            raise TooManyStreams
        return self._follow(database, programme_id, after, wait_s)

    async def _follow(
        self, database: Database, programme_id: int, after: int | None, wait_s: int
    ) -> AsyncIterator[str]:
        self._open += 1
        try:
            end_s = time.monotonic() + wait_s
            yield f"retry: {_RETRY_MS}\n\n"
            position = await self._latest(database, programme_id) if after is None else after
            while True:
                async with database.reading(programme_id) as session:
                    rows = await session.scalars(
                        select(RiskAlert)
                        .where(RiskAlert.id > position)
                        .order_by(RiskAlert.id)
                        .limit(_AT_ONCE)
                    )
                    alerts = [shown(row) for row in rows]
                for alert in alerts:
                    position = alert.id
                    yield f"id: {alert.id}\nevent: alert\ndata: {alert.model_dump_json()}\n\n"
                if len(alerts) == _AT_ONCE:
                    continue
                left_s = end_s - time.monotonic()
                if left_s <= 0:
                    return
                yield ": waiting\n\n"  # whoever has gone away is noticed by it
                await asyncio.sleep(min(_LOOK_EVERY_S, left_s))
        finally:
            self._open -= 1

    async def _latest(self, database: Database, programme_id: int) -> int:
        async with database.reading(programme_id) as session:
            return await session.scalar(select(func.max(RiskAlert.id))) or 0


STREAMS: Final = AlertStreams()
