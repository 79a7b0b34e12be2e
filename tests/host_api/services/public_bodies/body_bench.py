"""Bodies and their participations for the tests; no HTTP."""

from datetime import timedelta

from host_api.core.clock import utc_now
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.tehran_time import tehran_date
from host_api.services.organisations import logic as organisations
from host_api.services.organisations.schemas import OrganisationCreate
from host_api.services.public_bodies import bodies, participations
from host_api.services.public_bodies.schemas import BodyParticipationCreate, PublicBodyCreate
from host_api.services.public_bodies.states import BodyParticipationRole, PublicBodyKind
from tests.host_api.services.referral_network.network_bench import APPROVER, ASKER, Club

LIMIT_RIALS = 1_000
# A day on either side: whatever the hour is, today is one of them.
YESTERDAY, TOMORROW = (tehran_date(utc_now()) + timedelta(days=days) for days in (-1, 1))


async def body(club: Club, cipher: FieldCipher, kind: PublicBodyKind, code: str) -> int:
    """The id of an organisation's body."""
    async with club.writing() as session:
        organisation = await organisations.create(
            session, cipher, OrganisationCreate(code=code, title=code, title_fa="نهاد")
        )
        return (await bodies.create(session, PublicBodyCreate(organisation_id=organisation.id, kind=kind))).id


def wanted(
    body_id: int, role: BodyParticipationRole = BodyParticipationRole.CREDIT_PROVIDER
) -> BodyParticipationCreate:
    """What is asked for, in force today."""
    limit_rials = LIMIT_RIALS if role is BodyParticipationRole.CREDIT_PROVIDER else 0
    return BodyParticipationCreate(
        body_id=body_id, role=role, terms="t", first_day=YESTERDAY, credit_limit_rials=limit_rials
    )


async def in_force(club: Club, asked: BodyParticipationCreate) -> int:
    """The id of a participation that a second person has approved."""
    async with club.writing() as session:
        participation_id = (await participations.ask(session, ASKER, asked)).id
        await participations.approve(session, APPROVER, participation_id)
    return participation_id
