"""Collects faults: what this process reported, what stands in the tables, and what the switch tells."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final, Self

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from host_api.core.backoff import Backoff
from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.fault_reports import FaultReport, FaultReports
from host_api.core.feed_projection import FeedState
from host_api.core.programmes import FIRST_PROGRAMME, Programme
from host_api.core.runtime import Runtime
from host_api.core.switches.switches import Switches
from host_api.services.fault_finder.kinds import FaultKind
from host_api.services.fault_finder.sightings import KEEP_SIGHTINGS, Sighting, record
from host_api.services.fault_finder.sources import sightings_in
from host_api.services.fault_finder.switch_sight import sightings_of_switch

_log = logging.getLogger(__name__)

_LOOK_EVERY_S: Final = 60.0
_REPORTS_AT_ONCE: Final = 100


class FaultCollector:
    """The background task. Several may run on one database: what two of them see counts once.

    Parameters:
        switches: their projections may have stopped, and their operations ports tell how they are.
        look_every_s: how often tables and switch are looked at; reports are written as they come.
    """

    def __init__(
        self,
        database: Database,
        reports: FaultReports,
        switches: Switches,
        *,
        new_backoff: Callable[[], Backoff] = Backoff,
        look_every_s: float = _LOOK_EVERY_S,
    ) -> None:
        self._database = database
        self._reports = reports
        self._switches = switches
        self._backoff = new_backoff()
        self._look_every_s = look_every_s

    @classmethod
    def of(cls, runtime: Runtime) -> Self:
        """The collector of a running host API."""
        return cls(runtime.database, runtime.fault_reports, runtime.switches)

    async def run(self) -> None:
        """Collect until cancelled."""
        looked_s = -self._look_every_s
        while True:
            await self._reports.wait(max(0.0, looked_s + self._look_every_s - time.monotonic()))
            try:
                await self.write_reports()
                if time.monotonic() - looked_s >= self._look_every_s:
                    looked_s = time.monotonic()
                    await self.look()
                self._backoff.reset()
            except SQLAlchemyError as error:
                _log.warning("fault finder: database: %s", type(error).__name__)
                await self._backoff.sleep()

    async def write_reports(self) -> None:
        """Write down what this process reported; what can't be written waits."""
        while reports := self._reports.take(_REPORTS_AT_ONCE):
            try:
                await self._write(reports)
            except BaseException:
                self._reports.put_back(reports)
                raise

    async def look(self) -> None:
        """Look at the tables and the switches of all programmes, once."""
        now = utc_now()
        async with self._database.reading() as session:
            programmes = list(await session.scalars(select(Programme.id).order_by(Programme.id)))
        # At once: one that does not answer is waited for no longer than many.
        of_switches = await asyncio.gather(*(self._of_switch(programme_id) for programme_id in programmes))
        for programme_id, of_switch in zip(programmes, of_switches, strict=True):
            async with self._database.reading(programme_id) as session:
                found = await sightings_in(session, now - KEEP_SIGHTINGS / 2)
            found += of_switch
            if found:
                async with self._database.writing(programme_id) as session:
                    await record(session, found)

    async def _of_switch(self, programme_id: int) -> list[Sighting]:
        switch = self._switches.of(programme_id)
        feed = switch.settings.feed
        if feed is None:
            return []
        now = utc_now()
        found = await sightings_of_switch(feed.operations_url, feed.token_path, now)
        if switch.feed_projection.state is FeedState.STOPPED:
            # Its text names positions and fields of the feed, no values.
            cause = (switch.feed_projection.last_error or "")[:200]
            found.append(Sighting(FaultKind.FEED_STOPPED, "feed", cause, now, f"hour:{now:%Y%m%d%H}"))
        return found

    async def _write(self, reports: list[FaultReport]) -> None:
        by_programme: dict[int, list[Sighting]] = {}
        for report in reports:
            # What is no programme's is for those who look after this host API.
            by_programme.setdefault(report.programme_id or FIRST_PROGRAMME, []).append(
                Sighting(
                    FaultKind(report.kind),
                    report.place,
                    report.cause,
                    report.at,
                    report.reference,
                    request_id=report.request_id,
                )
            )
        for programme_id, sightings in by_programme.items():
            async with self._database.writing(programme_id) as session:
                await record(session, sightings)
