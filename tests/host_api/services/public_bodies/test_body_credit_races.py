"""Many at once draw on a bank's limit: it is never exceeded, and what is told twice is written once."""

import asyncio

import pytest
from sqlalchemy import func, select

from host_api.core.database import Database
from host_api.core.errors import Problem
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.public_bodies import credit, participations
from host_api.services.public_bodies.models import BodyCreditLine
from host_api.services.public_bodies.problems import BodyCreditLimitReached, ParticipationOverlaps
from host_api.services.public_bodies.schemas import BodyCreditLineCreate, BodyCreditLineRead
from host_api.services.public_bodies.states import BodyCreditLineKind, PublicBodyKind
from tests.host_api.services.brokerage.trade_bench import cipher_of
from tests.host_api.services.public_bodies.body_bench import LIMIT_RIALS, body, in_force, wanted
from tests.host_api.services.referral_network.network_bench import APPROVER, ASKER, Club

pytestmark = pytest.mark.anyio


async def test_draws_at_once_stay_within_the_limit(database: Database, settings: Settings) -> None:
    club = Club(database)
    bank_id = await body(club, await cipher_of(database, settings), PublicBodyKind.BANK, "BANK")
    participation_id = await in_force(club, wanted(bank_id))

    async def draw(number: int) -> BodyCreditLineRead | Problem:
        # Two tell each reference.
        line = BodyCreditLineCreate(
            participation_id=participation_id,
            kind=BodyCreditLineKind.DRAWN,
            rials=300,
            reference=f"r{number // 2}",
        )
        try:
            async with club.writing() as session:
                return await credit.write(session, ASKER, line)
        except BodyCreditLimitReached as problem:
            return problem

    answers = await asyncio.gather(*(draw(number) for number in range(12)))
    lines = [answer for answer in answers if isinstance(answer, BodyCreditLineRead)]
    assert len(lines) == 6
    assert sorted({line.drawn_after_rials for line in lines}) == [300, 600, 900]
    async with database.reading(FIRST_PROGRAMME) as session:
        assert (await participations.read(session, participation_id)).drawn_rials == 900 <= LIMIT_RIALS
        assert await session.scalar(select(func.count(BodyCreditLine.id))) == 3


async def test_one_of_two_approved_at_once_has_the_role(database: Database, settings: Settings) -> None:
    club = Club(database)
    bank_id = await body(club, await cipher_of(database, settings), PublicBodyKind.BANK, "BANK")
    async with club.writing() as session:
        ids = [(await participations.ask(session, ASKER, wanted(bank_id))).id for _ in range(3)]

    async def approve(participation_id: int) -> bool:
        try:
            async with club.writing() as session:
                await participations.approve(session, APPROVER, participation_id)
        except ParticipationOverlaps:
            return False
        return True

    assert sorted(await asyncio.gather(*(approve(each) for each in ids))) == [False, False, True]
