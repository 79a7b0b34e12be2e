"""The switches of all programmes: one each, or none."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.feed_projection import FeedProjection, Projector
from host_api.core.host_link.pool import HostLinkPool
from host_api.core.host_link.settings import HostLinkSettings
from host_api.core.ledger.outcomes import Handlers, OutcomeBoard
from host_api.core.ledger.worker import LedgerWorker
from host_api.core.outbox_worker import OutboxWorker
from host_api.core.programmes import Programme
from host_api.core.switches.programme_switch import ProgrammeSwitch
from host_api.core.switches.switch_settings import SwitchSettings

_log = logging.getLogger(__name__)

_LOOK_EVERY_S: Final = 2.0


class Switches:
    """Every programme's switch, also of those who have none: theirs is idle.

    Parameters:
        configured: where the switches are, by code of the programme.
        board: where endpoints wait for outcomes.
        handlers, projectors: what services do with outcomes and with the journals.
        cipher: gives what opens card numbers and sealed values, once it is there.
        look_every_s: how often a programme is looked for that has a switch and is not made yet.

    Attributes:
        missing: codes of such programmes, and since when they are missed.
    """

    def __init__(
        self,
        database: Database,
        configured: Mapping[str, SwitchSettings],
        board: OutcomeBoard,
        *,
        handlers: Handlers,
        projectors: Callable[[], Sequence[Projector]],
        cipher: Callable[[], FieldCipher],
        new_links: Callable[[HostLinkSettings | None], HostLinkPool] = HostLinkPool,
        look_every_s: float = _LOOK_EVERY_S,
    ) -> None:
        self._database = database
        self._configured = configured
        self._board = board
        self._handlers = handlers
        self._projectors = projectors
        self._cipher = cipher
        self._new_links = new_links
        self._look_every_s = look_every_s
        self._by_programme: dict[int, ProgrammeSwitch] = {}
        since = utc_now()
        self.missing: dict[str, datetime] = dict.fromkeys(configured, since)

    def of(self, programme_id: int) -> ProgrammeSwitch:
        """The switch of a programme."""
        found = self._by_programme.get(programme_id)
        if found is None:
            found = self._by_programme[programme_id] = self._new(programme_id, SwitchSettings())
        return found

    async def find(self) -> dict[str, int]:
        """Look for the programmes that are missing: code and id of those who have got their switch."""
        async with self._database.reading() as session:
            rows = await session.execute(
                select(Programme.code, Programme.id).where(Programme.code.in_(sorted(self.missing)))
            )
            found = {row.code: row.id for row in rows}
        for code, programme_id in found.items():
            del self.missing[code]
            self._by_programme[programme_id] = self._new(programme_id, self._configured[code])
        return found

    async def find_missing(self, start: Callable[[str, int], None]) -> None:
        """Have those begin who are made only now, until there is none to wait for."""
        for code in self.missing:
            _log.warning("the programme %s has a switch and does not exist; it begins once it is made", code)
        while self.missing:
            await asyncio.sleep(self._look_every_s)
            try:
                found = await self.find()
            except SQLAlchemyError:  # whoever needs the database tells
                continue
            for code, programme_id in found.items():
                _log.info("the programme %s exists now: its switch begins", code)
                start(code, programme_id)

    def _new(self, programme_id: int, settings: SwitchSettings) -> ProgrammeSwitch:
        links = self._new_links(settings.link)
        return ProgrammeSwitch(
            settings,
            links,
            OutboxWorker(self._database, programme_id, links, self._cipher),
            LedgerWorker(
                self._database, programme_id, links, self._handlers, self._board, cipher=self._cipher
            ),
            FeedProjection(self._database, programme_id, self._projectors(), settings.feed),
        )
