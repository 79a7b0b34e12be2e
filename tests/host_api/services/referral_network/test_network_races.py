"""Several at once: no circle, no branch too many, nothing scored or paid twice."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.errors import Problem
from host_api.core.ledger.requests import LedgerRequest
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.referral_network.models import IncomeLine, NetworkPlace
from host_api.services.referral_network.policy_schemas import (
    IncomeShare,
    IntroductionUnits,
    NetworkLevelRule,
    NetworkPolicyCreate,
)
from tests.host_api.services.referral_network.network_bench import Club

pytestmark = pytest.mark.anyio

AT_ONCE = 6
POLICY = NetworkPolicyCreate(
    levels=[NetworkLevelRule(introducer=IncomeShare(rate=1000))],
    code_points=IntroductionUnits(introducer=10),
    branches_max=3,
)


async def _outcome(act: Awaitable[None]) -> str:
    try:
        await act
    except Problem as problem:
        return problem.code
    return "done"


async def _outcomes(*acts: Awaitable[None]) -> list[str]:
    return list(await asyncio.gather(*(_outcome(act) for act in acts)))


async def _places(database: Database) -> dict[int, NetworkPlace]:
    async with database.reading(FIRST_PROGRAMME) as session:
        return {place.member_id: place for place in await session.scalars(select(NetworkPlace))}


async def test_a_ring_of_registrations_stays_open(database: Database) -> None:
    club = Club(database)
    ring = range(1, AT_ONCE + 1)
    await club.join(ring)
    await club.policy(POLICY)
    for member in ring:
        await club.code(member)
    found = await _outcomes(*(club.register(member, member % AT_ONCE + 1) for member in ring))
    assert sorted(found) == ["done"] * (AT_ONCE - 1) + ["referral-own-branch"]
    places = await _places(database)
    assert sorted(len(place.upline) for place in places.values()) == [*range(AT_ONCE)]


async def test_branches_and_registrations_are_not_exceeded(database: Database) -> None:
    club = Club(database)
    await club.join(range(1, AT_ONCE + 3))
    await club.policy(POLICY)
    await club.code(1)
    await club.code(2)
    found = await _outcomes(*(club.register(member, 1) for member in range(3, AT_ONCE + 3)))
    assert sorted(found) == ["done"] * 3 + ["referral-branches-full"] * (AT_ONCE - 3)
    found = await _outcomes(*(club.register(1, 2) for _ in range(3)))
    assert sorted(found) == ["done"] + ["referrer-code-registered-before"] * 2


async def test_moves_against_each_other_make_no_circle(database: Database) -> None:
    club = Club(database)
    await club.join(range(1, 5))
    await club.policy(POLICY)
    await club.register(2, 1)
    await club.register(4, 3)
    found = await _outcomes(club.move(1, 4), club.move(3, 2))
    assert sorted(found) == ["done", "referral-own-branch"]
    assert sorted(len(place.upline) for place in (await _places(database)).values()) == [0, 1, 2, 3]


async def test_a_purchase_is_scored_and_paid_once(database: Database) -> None:
    club = Club(database)
    await club.join(range(1, 3))
    await club.policy(POLICY)
    await club.register(2, 1)
    sale = club.sale(2, utc_now() + timedelta(seconds=1), points=500)
    assert await _outcomes(*(club.feed(sale) for _ in range(3))) == ["done"] * 3
    assert await _outcomes(*(club.pay(2) for _ in range(3))) == ["done"] * 3
    async with database.reading(FIRST_PROGRAMME) as session:
        assert await session.scalar(select(func.count(IncomeLine.id))) == 2
        requests = (await session.scalars(select(LedgerRequest))).all()
    assert [(row.member_id, row.kind, row.amount) for row in requests] == [(1, "credit", 60)]
