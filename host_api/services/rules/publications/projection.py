"""Writes which rule tables were in force, as the journal feed tells it."""

from collections.abc import Sequence

from sqlalchemy import delete

from host_api.core.clock import from_epoch_ms
from host_api.core.database import WriteSession
from host_api.services.rules.publications import logic
from host_api.services.rules.publications.models import TableInForce
from protocol.feed import Event, RuleTableEvent


class RuleTableProjector:
    """Rule tables; other events mean nothing to it. It also ends publications whose answer was lost."""

    async def apply(self, session: WriteSession, events: Sequence[Event]) -> None:
        """Add the tables among `events`."""
        for event in events:
            if isinstance(event, RuleTableEvent):
                await session.execute(
                    delete(TableInForce).where(TableInForce.table_version == event.table_version)
                )
                session.add(
                    TableInForce(
                        table_version=event.table_version,
                        digest=event.digest,
                        since=from_epoch_ms(event.at_ms),
                        position=event.position,
                    )
                )
                await session.flush()
                await logic.confirm(session, event.table_version, event.digest)

    async def clear(self, session: WriteSession) -> None:
        """Empty the table; publications are no projection."""
        await session.execute(delete(TableInForce).execution_options(synchronize_session=False))
