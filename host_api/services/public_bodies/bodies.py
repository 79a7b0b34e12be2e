"""Organisations as public bodies, with their figures."""

from collections.abc import Sequence

from sqlalchemy import func, select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.core.tehran_time import tehran_date
from host_api.services.organisations import logic as organisations
from host_api.services.public_bodies.listing import PublicBodyFilters, PublicBodyQuery
from host_api.services.public_bodies.models import BodyBenefit, BodyParticipation, PublicBody
from host_api.services.public_bodies.problems import PublicBodyExists, PublicBodyNotFound
from host_api.services.public_bodies.schemas import PublicBodyCreate, PublicBodyRead
from host_api.services.public_bodies.states import BodyParticipationState, PublicBodyKind


async def create(session: WriteSession, wanted: PublicBodyCreate) -> PublicBodyRead:
    """Have an organisation be a public body.

    Raises:
        organisations.OrganisationNotFound, PublicBodyExists
    """
    await organisations.find(session, wanted.organisation_id)
    row = PublicBody(organisation_id=wanted.organisation_id, kind=wanted.kind.value, created_at=utc_now())
    session.add(row)
    async with conflict_as(PublicBodyExists()):
        await session.flush()
    return (await _shown(session, [row]))[0]


async def lock(session: WriteSession, body_id: int) -> PublicBody:
    """One body, kept from others who decide on what it has.

    Raises:
        PublicBodyNotFound
    """
    row = await session.get(PublicBody, body_id, with_for_update=True)
    if row is None:
        raise PublicBodyNotFound
    return row


async def read(session: AnySession, body_id: int) -> PublicBodyRead:
    """One body.

    Raises:
        PublicBodyNotFound
    """
    row = await session.get(PublicBody, body_id)
    if row is None:
        raise PublicBodyNotFound
    return (await _shown(session, [row]))[0]


async def read_page(session: ReadSession, query: PublicBodyQuery) -> Page[PublicBodyRead]:
    """A page of bodies."""
    rows, next_cursor = await read_rows(session, select(PublicBody), query)
    return Page(items=await _shown(session, rows), next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: PublicBodyFilters, cursor: str | None, limit: int
) -> tuple[list[PublicBodyRead], str | None]:
    """Up to `limit` bodies after `cursor`, and the cursor of those behind them."""
    rows, next_cursor = await read_rows_after(session, select(PublicBody), query, cursor, limit)
    return await _shown(session, rows), next_cursor


async def _shown(session: AnySession, rows: Sequence[PublicBody]) -> list[PublicBodyRead]:
    ids = [row.id for row in rows]
    named = await organisations.named(session, [row.organisation_id for row in rows])
    today = tehran_date(utc_now())
    in_force = (
        BodyParticipation.state == BodyParticipationState.ACTIVE.value,
        BodyParticipation.first_day <= today,
        func.coalesce(BodyParticipation.last_day, today) >= today,
    )
    limits = {
        body_id: (int(count), int(limit), int(drawn))
        for body_id, count, limit, drawn in await session.execute(
            select(
                BodyParticipation.body_id,
                func.count(),
                func.sum(BodyParticipation.credit_limit_rials),
                func.sum(BodyParticipation.drawn_rials),
            )
            .where(BodyParticipation.body_id.in_(ids), *in_force)
            .group_by(BodyParticipation.body_id)
        )
    }
    drawn_ever = await session.execute(
        select(BodyParticipation.body_id, func.sum(BodyParticipation.drawn_rials))
        .where(BodyParticipation.body_id.in_(ids))
        .group_by(BodyParticipation.body_id)
    )
    drawn_of = {body_id: int(drawn) for body_id, drawn in drawn_ever}
    counted = await session.execute(
        select(BodyBenefit.body_id, func.count())
        .where(BodyBenefit.body_id.in_(ids))
        .group_by(BodyBenefit.body_id)
    )
    benefits = {body_id: int(count) for body_id, count in counted}
    shown: list[PublicBodyRead] = []
    for row in rows:
        organisation = named[row.organisation_id]
        count, limit, drawn = limits.get(row.id, (0, 0, 0))
        shown.append(
            PublicBodyRead(
                id=row.id,
                organisation_id=row.organisation_id,
                kind=PublicBodyKind(row.kind),
                code=organisation.code,
                title=organisation.title,
                title_fa=organisation.title_fa,
                members=organisation.members,
                participations=count,
                benefits=benefits.get(row.id, 0),
                credit_limit_rials=limit,
                drawn_rials=drawn_of.get(row.id, 0),
                available_rials=limit - drawn,
                created_at=row.created_at,
            )
        )
    return shown
