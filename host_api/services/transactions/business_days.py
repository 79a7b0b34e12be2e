"""The switch's business days: each begins behind a cut-over, the first with the journal itself."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, select

from host_api.core.clock import from_epoch_ms
from host_api.core.database import AnySession, WriteSession
from host_api.core.tehran_time import tehran_date
from host_api.services.transactions.models import BusinessDay
from protocol.feed import CutOverEvent, Event, RuleTableEvent

_FIRST_POSITION = 1


class BusinessDayProjector:
    """Keeps the days. The first is the local date on which the first rule table came into force."""

    async def apply(self, session: WriteSession, events: Sequence[Event]) -> None:
        """Begin the days that `events` begin."""
        for event in events:
            if isinstance(event, CutOverEvent):
                day = date.fromisoformat(event.business_date)
                session.add(BusinessDay(first_position=event.position + 1, business_date=day))
            elif isinstance(event, RuleTableEvent) and await _latest(session, event.position) is None:
                day = tehran_date(from_epoch_ms(event.at_ms))
                session.add(BusinessDay(first_position=_FIRST_POSITION, business_date=day))
        await session.flush()

    async def clear(self, session: WriteSession) -> None:
        """Empty the table."""
        await session.execute(delete(BusinessDay).execution_options(synchronize_session=False))


async def business_date_of(session: AnySession, position: int) -> date | None:
    """The business day on which the switch counts the entry at `position`; None before it had any."""
    day = await _latest(session, position)
    return None if day is None else day.business_date


async def is_day_open(session: AnySession, position: int) -> bool:
    """Whether the business day of the entry at `position` has not been closed by a cut-over."""
    later = select(BusinessDay.first_position).where(BusinessDay.first_position > position).limit(1)
    return await session.scalar(later) is None


async def _latest(session: AnySession, position: int) -> BusinessDay | None:
    found: BusinessDay | None = await session.scalar(
        select(BusinessDay)
        .where(BusinessDay.first_position <= position)
        .order_by(BusinessDay.first_position.desc())
        .limit(1)
    )
    return found
