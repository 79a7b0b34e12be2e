"""What a body's members get: groups, offers and rules, named by their ids."""

from typing import Final

from sqlalchemy import func, select

from host_api.core.database import ReadSession, WriteSession, conflict_as
from host_api.core.listing import Page, read_rows
from host_api.services.groups import logic as groups
from host_api.services.offers import logic as offers
from host_api.services.public_bodies import bodies
from host_api.services.public_bodies.listing import BodyBenefitQuery
from host_api.services.public_bodies.models import BodyBenefit
from host_api.services.public_bodies.problems import (
    BodyBenefitExists,
    BodyBenefitNotFound,
    TooManyBodyBenefits,
)
from host_api.services.public_bodies.schemas import BodyBenefitCreate, BodyBenefitRead
from host_api.services.public_bodies.states import BodyBenefitKind
from host_api.services.rules.draft import logic as rules

BENEFITS_MAX: Final = 50


async def add(session: WriteSession, wanted: BodyBenefitCreate) -> BodyBenefitRead:
    """Name a benefit of a body's members.

    Raises:
        PublicBodyNotFound, BodyBenefitExists, TooManyBodyBenefits; where there is no such target,
        GroupNotFound, OfferNotFound, RuleNotFound
    """
    await bodies.lock(session, wanted.body_id)
    match wanted.kind:
        case BodyBenefitKind.GROUP:
            await groups.find(session, wanted.target_id)
        case BodyBenefitKind.OFFER:
            await offers.find(session, wanted.target_id)
        case BodyBenefitKind.RULE:
            await rules.read_rule(session, wanted.target_id)
    count = await session.scalar(
        select(func.count(BodyBenefit.id)).where(BodyBenefit.body_id == wanted.body_id)
    )
    if (count or 0) >= BENEFITS_MAX:
        raise TooManyBodyBenefits
    row = BodyBenefit(**wanted.model_dump(mode="json"))
    session.add(row)
    async with conflict_as(BodyBenefitExists()):
        await session.flush()
    return BodyBenefitRead.model_validate(row)


async def remove(session: WriteSession, benefit_id: int) -> None:
    """Take a benefit out; what it names stays as it is.

    Raises:
        BodyBenefitNotFound
    """
    row = await session.get(BodyBenefit, benefit_id, with_for_update=True)
    if row is None:
        raise BodyBenefitNotFound
    await session.delete(row)
    await session.flush()


async def read_page(session: ReadSession, query: BodyBenefitQuery) -> Page[BodyBenefitRead]:
    """A page of benefits."""
    rows, next_cursor = await read_rows(session, select(BodyBenefit), query)
    return Page(items=[BodyBenefitRead.model_validate(row) for row in rows], next_cursor=next_cursor)
