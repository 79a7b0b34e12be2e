"""The network begins with the introducers that members had, without a circle among them."""

import pytest
from sqlalchemy import select, text

from host_api.core.database import Database
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.schema_migration import downgrade, upgrade
from host_api.services.members.models import Member
from host_api.services.referral_network import tree
from host_api.services.referral_network.models import NetworkPlace

pytestmark = pytest.mark.anyio

BEFORE = "0025-1"
# Who introduced whom: a chain, a circle of three with somebody below, and one by nobody who is there.
INTRODUCERS = {2: 1, 3: 2, 4: 3, 11: 12, 12: 13, 13: 11, 14: 11, 20: 99, 21: 21}


async def test_introducers_become_the_tree(database: Database) -> None:
    now = "2026-03-21 06:30:00.000000" if database.is_sqlite else "2026-03-21 06:30:00+00:00"
    async with database.migrating() as connection:
        await connection.run_sync(downgrade, BEFORE)
        for member in sorted({1, *INTRODUCERS}):
            statement = (
                "INSERT INTO members (programme_id, id, name, tier, status, created_at, version, joined_via,"
                f" activity, introducer) VALUES (1, {member}, 'n', 'gold', 'active', '{now}', 1, 'office',"
                f" 'new', {INTRODUCERS.get(member, 'NULL')})"
            )
            await connection.execute(text(statement))
    async with database.migrating() as connection:
        await connection.run_sync(upgrade, "head")
    async with database.reading(FIRST_PROGRAMME) as session:
        places = {place.member_id: place for place in await session.scalars(select(NetworkPlace))}
        members = {member.id: member.introducer for member in await session.scalars(select(Member))}
        assert await tree.downline_counts(session, 1) == {1: 1, 2: 1, 3: 1}
    assert {member: place.upline for member, place in places.items()} == {
        1: [],
        2: [1],
        3: [2, 1],
        4: [3, 2, 1],
        11: [12, 13],
        12: [13],
        13: [],
        14: [11, 12, 13],
    }
    assert places[4].since == places[4].counts_from is not None
    assert {member: above for member, above in members.items() if above is not None} == {
        2: 1,
        3: 2,
        4: 3,
        11: 12,
        12: 13,
        14: 11,
    }
