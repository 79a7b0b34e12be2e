"""As what bodies take part, and when: asked by one person, decided by another, ended for good."""

from typing import Final

from sqlalchemy import or_, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows
from host_api.core.second_person import asked_by, cancel, decide
from host_api.core.tehran_time import tehran_date
from host_api.services.public_bodies import bodies
from host_api.services.public_bodies.events import PARTICIPATION_CHANGED, BodyParticipationChanged
from host_api.services.public_bodies.listing import BodyParticipationQuery
from host_api.services.public_bodies.models import BodyParticipation
from host_api.services.public_bodies.problems import (
    OnlyBanksGiveCredit,
    ParticipationNotActive,
    ParticipationNotFound,
    ParticipationOverlaps,
)
from host_api.services.public_bodies.schemas import BodyParticipationCreate, BodyParticipationRead
from host_api.services.public_bodies.states import (
    BodyParticipationRole,
    BodyParticipationState,
    PublicBodyKind,
)

_SUBJECT: Final = "participation"


async def ask(
    session: WriteSession, caller: Caller, wanted: BodyParticipationCreate
) -> BodyParticipationRead:
    """Ask for a body to take part.

    Raises:
        PublicBodyNotFound, OnlyBanksGiveCredit
    """
    body = await bodies.lock(session, wanted.body_id)
    if wanted.role is BodyParticipationRole.CREDIT_PROVIDER and body.kind != PublicBodyKind.BANK:
        raise OnlyBanksGiveCredit
    row = BodyParticipation(
        body_id=body.id,
        role=wanted.role.value,
        terms=wanted.terms,
        first_day=wanted.first_day,
        last_day=wanted.last_day,
        credit_limit_rials=wanted.credit_limit_rials,
        drawn_rials=0,
        **asked_by(caller),
        state=BodyParticipationState.ASKED.value,
    )
    session.add(row)
    await session.flush()
    return _shown(row)


async def approve(session: WriteSession, caller: Caller, participation_id: int) -> BodyParticipationRead:
    """Let a body take part, as the second person.

    Raises:
        ParticipationNotFound, AlreadyDecided, OwnAct, ParticipationOverlaps
    """
    # Two of one body approved at once would not see each other.
    await bodies.lock(session, (await find(session, participation_id)).body_id)
    row = await lock(session, participation_id)
    overlapping = select(BodyParticipation.id).where(
        BodyParticipation.body_id == row.body_id,
        BodyParticipation.role == row.role,
        BodyParticipation.id != row.id,
        BodyParticipation.state == BodyParticipationState.ACTIVE.value,
        or_(BodyParticipation.last_day.is_(None), BodyParticipation.last_day >= row.first_day),
    )
    if row.last_day is not None:
        overlapping = overlapping.where(BodyParticipation.first_day <= row.last_day)
    if await session.scalar(overlapping.limit(1)) is not None:
        raise ParticipationOverlaps
    decide(row, BodyParticipationState.ACTIVE, caller)
    return await _told(session, row)


async def reject(session: WriteSession, caller: Caller, participation_id: int) -> BodyParticipationRead:
    """Don't let a body take part, as the second person.

    Raises:
        ParticipationNotFound, AlreadyDecided, OwnAct
    """
    row = await lock(session, participation_id)
    decide(row, BodyParticipationState.REJECTED, caller)
    return await _told(session, row)


async def take_back(session: WriteSession, caller: Caller, participation_id: int) -> BodyParticipationRead:
    """Take one's own request back.

    Raises:
        ParticipationNotFound, AlreadyDecided, ActOfAnother
    """
    row = await lock(session, participation_id)
    cancel(row, caller, BodyParticipationState.CANCELLED)
    await session.flush()
    return _shown(row)


async def end(session: WriteSession, caller: Caller, participation_id: int) -> BodyParticipationRead:
    """End a participation for good; what is drawn may still be repaid.

    Raises:
        ParticipationNotFound, ParticipationNotActive
    """
    row = await lock(session, participation_id)
    if row.state != BodyParticipationState.ACTIVE:
        raise ParticipationNotActive
    row.state = BodyParticipationState.ENDED.value
    row.ended_by_name, row.ended_at = caller.name, utc_now()
    return await _told(session, row)


async def find(session: AnySession, participation_id: int) -> BodyParticipation:
    """One participation.

    Raises:
        ParticipationNotFound
    """
    row = await session.get(BodyParticipation, participation_id)
    if row is None:
        raise ParticipationNotFound
    return row


async def lock(session: WriteSession, participation_id: int) -> BodyParticipation:
    """One participation, kept from others who change it.

    Raises:
        ParticipationNotFound
    """
    row = await session.get(BodyParticipation, participation_id, with_for_update=True)
    if row is None:
        raise ParticipationNotFound
    return row


def is_in_force(row: BodyParticipation) -> bool:
    """Whether it is approved, and today one of its days."""
    today = tehran_date(utc_now())
    return (
        row.state == BodyParticipationState.ACTIVE
        and row.first_day <= today
        and (row.last_day is None or today <= row.last_day)
    )


async def read(session: AnySession, participation_id: int) -> BodyParticipationRead:
    """One participation, as it is shown.

    Raises:
        ParticipationNotFound
    """
    return _shown(await find(session, participation_id))


async def read_page(session: ReadSession, query: BodyParticipationQuery) -> Page[BodyParticipationRead]:
    """A page of participations."""
    rows, next_cursor = await read_rows(session, select(BodyParticipation), query)
    return Page(items=[_shown(row) for row in rows], next_cursor=next_cursor)


async def _told(session: WriteSession, row: BodyParticipation) -> BodyParticipationRead:
    changed = BodyParticipationChanged(
        participation_id=row.id,
        body_id=row.body_id,
        role=BodyParticipationRole(row.role),
        state=BodyParticipationState(row.state),
    )
    emit(session, PARTICIPATION_CHANGED, Subject(_SUBJECT, row.id), changed)
    await session.flush()
    return _shown(row)


def _shown(row: BodyParticipation) -> BodyParticipationRead:
    return BodyParticipationRead(
        id=row.id,
        body_id=row.body_id,
        role=BodyParticipationRole(row.role),
        terms=row.terms,
        first_day=row.first_day,
        last_day=row.last_day,
        credit_limit_rials=row.credit_limit_rials,
        drawn_rials=row.drawn_rials,
        state=BodyParticipationState(row.state),
        asked_by=row.asked_by_name,
        asked_at=row.asked_at,
        decided_by=row.decided_by_name,
        decided_at=row.decided_at,
        ended_by=row.ended_by_name,
        ended_at=row.ended_at,
    )
