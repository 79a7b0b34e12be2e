"""Credit that banks provide: lines drawn and repaid under a lock, never beyond the limit, and statements."""

from datetime import timedelta
from typing import Final

from sqlalchemy import case, func, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.core.tehran_time import period_of_days
from host_api.services.public_bodies import participations
from host_api.services.public_bodies.events import CREDIT_WRITTEN, BodyCreditWritten
from host_api.services.public_bodies.listing import (
    BodyCreditLineFilters,
    BodyCreditLineQuery,
    BodyStatementQuery,
)
from host_api.services.public_bodies.models import BodyCreditLine, BodyParticipation
from host_api.services.public_bodies.problems import (
    BodyCreditLimitReached,
    BodyCreditNotDrawn,
    BodyCreditReferenceTaken,
    BodyStatementPeriod,
    ParticipationNotActive,
)
from host_api.services.public_bodies.schemas import BodyCreditLineCreate, BodyCreditLineRead, BodyStatement
from host_api.services.public_bodies.states import BodyCreditLineKind

_LONGEST: Final = timedelta(days=366)


async def write(session: WriteSession, caller: Caller, wanted: BodyCreditLineCreate) -> BodyCreditLineRead:
    """Draw or repay credit; the same under the same reference is written once.

    Raises:
        ParticipationNotFound, ParticipationNotActive, BodyCreditLimitReached, BodyCreditNotDrawn,
        BodyCreditReferenceTaken
    """
    participation = await participations.lock(session, wanted.participation_id)
    before = await session.scalar(
        select(BodyCreditLine).where(
            BodyCreditLine.participation_id == participation.id,
            BodyCreditLine.reference == wanted.reference,
        )
    )
    if before is not None:
        if (before.kind, before.rials) != (wanted.kind.value, wanted.rials):
            raise BodyCreditReferenceTaken
        return BodyCreditLineRead.model_validate(before)
    _move(participation, wanted)
    row = BodyCreditLine(
        **wanted.model_dump(mode="json"),
        drawn_after_rials=participation.drawn_rials,
        written_by=caller.name,
        at=utc_now(),
    )
    session.add(row)
    await session.flush()
    written = BodyCreditWritten(
        line_id=row.id,
        participation_id=row.participation_id,
        kind=wanted.kind,
        rials=row.rials,
        drawn_after_rials=row.drawn_after_rials,
    )
    emit(session, CREDIT_WRITTEN, Subject("body_credit_line", row.id), written)
    await session.flush()
    return BodyCreditLineRead.model_validate(row)


def _move(participation: BodyParticipation, wanted: BodyCreditLineCreate) -> None:
    if wanted.kind is BodyCreditLineKind.REPAID:
        if wanted.rials > participation.drawn_rials:
            raise BodyCreditNotDrawn
        participation.drawn_rials -= wanted.rials
        return
    if not participations.is_in_force(participation):
        raise ParticipationNotActive
    if participation.drawn_rials + wanted.rials > participation.credit_limit_rials:
        raise BodyCreditLimitReached
    participation.drawn_rials += wanted.rials


async def read_lines(session: ReadSession, query: BodyCreditLineQuery) -> Page[BodyCreditLineRead]:
    """A page of lines."""
    rows, next_cursor = await read_rows(session, select(BodyCreditLine), query)
    return Page(items=[BodyCreditLineRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def read_lines_after(
    session: AnySession, query: BodyCreditLineFilters, cursor: str | None, limit: int
) -> tuple[list[BodyCreditLineRead], str | None]:
    """Up to `limit` lines after `cursor`, and the cursor of those behind them."""
    rows, next_cursor = await read_rows_after(session, select(BodyCreditLine), query, cursor, limit)
    return [BodyCreditLineRead.model_validate(row) for row in rows], next_cursor


async def statement(session: ReadSession, participation_id: int, query: BodyStatementQuery) -> BodyStatement:
    """A bank's credit for some days.

    Raises:
        ParticipationNotFound, BodyStatementPeriod
    """
    await participations.find(session, participation_id)
    first, last = query.days
    if not timedelta() <= last - first < _LONGEST:
        raise BodyStatementPeriod
    period = period_of_days(first, last)
    drawn = func.coalesce(
        func.sum(case((BodyCreditLine.kind == BodyCreditLineKind.DRAWN.value, BodyCreditLine.rials))), 0
    )
    repaid = func.coalesce(
        func.sum(case((BodyCreditLine.kind == BodyCreditLineKind.REPAID.value, BodyCreditLine.rials))), 0
    )
    sums = select(drawn, repaid, func.count(BodyCreditLine.id)).where(
        BodyCreditLine.participation_id == participation_id
    )
    drawn_before, repaid_before, _ = (
        await session.execute(sums.where(BodyCreditLine.at < period.start))
    ).one()
    drawn_rials, repaid_rials, lines = (
        await session.execute(sums.where(BodyCreditLine.at >= period.start, BodyCreditLine.at < period.end))
    ).one()
    opening = int(drawn_before) - int(repaid_before)
    return BodyStatement(
        participation_id=participation_id,
        begin=period.start,
        end=period.end,
        opening_rials=opening,
        drawn_rials=int(drawn_rials),
        repaid_rials=int(repaid_rials),
        closing_rials=opening + int(drawn_rials) - int(repaid_rials),
        lines=lines,
    )
