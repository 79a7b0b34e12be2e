"""Audiences: one member asked, and all of them in batches."""

import pytest
from pydantic import TypeAdapter

from host_api.client.models.members import MemberCreate
from host_api.core.clock import utc_now
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.groups.audience import StoredAudience, is_in, members_of, stored_audience
from host_api.services.groups.query_schema import Query
from host_api.services.members.models import Member
from host_api.services.members.standing import set_standings
from tests.host_api.running_api import RunningApi

pytestmark = pytest.mark.anyio

GOLD = TypeAdapter(Query).validate_python({"f": "tier", "op": "in", "v": ["gold"]})


async def test_one_is_asked_as_all_are(api: RunningApi) -> None:
    database = api.runtime.database
    members = [(await api.calls.members.create_member(MemberCreate(name="n"))).id for _ in range(5)]
    async with database.writing(FIRST_PROGRAMME) as session:
        await set_standings(session, {member: {"tier": "gold"} for member in members[1::2]})
    now = utc_now()
    audiences: list[tuple[StoredAudience, list[int]]] = [
        (None, members),
        (stored_audience(GOLD), members[1::2]),
    ]
    async with database.reading(FIRST_PROGRAMME) as session:
        for audience, expected in audiences:
            asked = [member for member in [*members, 10**9] if await is_in(session, audience, member, now)]
            assert asked == expected
            batches = [batch async for batch in members_of(session, audience, now, at_once=2)]
            assert [member for batch in batches for member in batch] == expected
            rest = [batch async for batch in members_of(session, audience, now, after=members[1])]
            assert [member for batch in rest for member in batch] == [m for m in expected if m > members[1]]


async def test_members_of_the_counter_are_reached_at_once(api: RunningApi) -> None:
    database = api.runtime.database
    near = (await api.calls.members.create_member(MemberCreate(name="n"))).id
    far = 900_000_000_001
    async with database.writing(FIRST_PROGRAMME) as session:
        row = await session.get_one(Member, (FIRST_PROGRAMME, near))
        values = {column.key: getattr(row, column.key) for column in Member.__mapper__.column_attrs}
        session.add(Member(**values | {"id": far}))
    async with database.reading(FIRST_PROGRAMME) as session:
        batches = [batch async for batch in members_of(session, None, utc_now(), at_once=2)]
    assert batches == [[near], [far]]
