"""Members of the counter and of the club never get one number, however many processes give them out."""

import asyncio

import pytest
from sqlalchemy import select

from host_api.core.database import Database
from host_api.core.events.models import Event
from host_api.core.feed_projection import apply_batch, clear_projection
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.catalogue import projectors
from host_api.services.members import logic
from host_api.services.members.models import Member
from host_api.services.members.numbers import LAST_HOST_NUMBER
from host_api.services.members.schemas import MemberData
from protocol.feed import FEED_EVENT
from switch.authoriser import enrolment
from tests.host_api.api_calls import get, post
from tests.host_api.core.jobs.working_jobs import tools_on
from tests.host_api.feed_peer import transaction
from tests.host_api.running_api import RunningApi

pytestmark = pytest.mark.anyio

FIRST = LAST_HOST_NUMBER + 1


def _enrolment(position: int, number: int, action: str = "1", **changes: object) -> dict[str, object]:
    """A counter enrolment's line in the feed; with action 3 what its reversal is."""
    record = {"file": "MEMBER", "action": action, "member_number": number, "card_reference": None}
    line = transaction(position, member=number, processing_code="910000", amount=0)
    return line | {"grants": [], "transfers": [], "lots": [], "records": [record]} | changes


async def _apply(database: Database, expected: int, *lines: dict[str, object]) -> int:
    events = [FEED_EVENT.validate_python(line) for line in lines]
    return await apply_batch(database, FIRST_PROGRAMME, projectors(), expected, events)


async def _ids(database: Database) -> list[int]:
    async with database.reading(FIRST_PROGRAMME) as session:
        return list(await session.scalars(select(Member.id).order_by(Member.id)))


async def _joined(database: Database) -> list[str]:
    async with database.reading(FIRST_PROGRAMME) as session:
        told = select(Event.subject_id).where(Event.type == "member.joined").order_by(Event.id)
        return list(await session.scalars(told))


async def test_host_and_switch_part_the_numbers_at_the_same_place() -> None:
    assert enrolment.LAST_HOST_NUMBER == LAST_HOST_NUMBER


async def test_many_processes_draw_each_number_once_also_beside_members_of_the_counter(
    database: Database, settings: Settings
) -> None:
    cipher = (await tools_on(database, settings)).vault.cipher
    await _apply(database, 0, _enrolment(1, FIRST), _enrolment(2, 3))  # the second of a switch of old
    processes = [Database(settings.sqlalchemy_url) for _ in range(3)]

    async def enrol(process: Database, count: int) -> list[int]:
        async with process.writing(FIRST_PROGRAMME) as session:
            return await logic.create_many(session, cipher, [MemberData(name="n")] * count)

    drawn = await asyncio.gather(*(enrol(process, count) for process in processes for count in (1, 4, 1)))
    numbers = [number for batch in drawn for number in batch]
    assert len(set(numbers)) == len(numbers) == 18
    assert 3 not in numbers and max(numbers) < 100
    assert await _ids(database) == sorted([*numbers, 3, FIRST])
    for process in processes:
        await process.dispose()


async def test_enrolments_become_members_once_also_when_the_projection_is_built_anew(
    api: RunningApi,
) -> None:
    database = api.runtime.database
    lines = [
        _enrolment(1, FIRST),
        _enrolment(2, FIRST + 1),
        _enrolment(3, FIRST + 2, response_code="21"),
        _enrolment(4, FIRST + 1, "3", mti="0400", reverses=f"{2:012d}"),
        _enrolment(5, FIRST + 3),
    ]
    position = await _apply(database, 0, *lines[:2])
    assert await _ids(database) == [FIRST, FIRST + 1]
    await _apply(database, position, *lines[2:])
    assert await _ids(database) == [FIRST, FIRST + 3]
    etag = (await api.client.get(f"/v1/members/{FIRST}")).headers["etag"]
    named = {"name": "سارا", "mobile": "09123456789"}
    answer = await api.client.patch(f"/v1/members/{FIRST}", json=named, headers={"If-Match": etag})
    assert answer.status_code == 200
    await clear_projection(database, FIRST_PROGRAMME, projectors())
    assert await _ids(database) == [FIRST, FIRST + 3]
    await _apply(database, 0, *lines)
    assert await _ids(database) == [FIRST, FIRST + 3]
    member = await get(api, f"/v1/members/{FIRST}")
    wanted = {"name": "سارا", "mobile": "+989123456789", "joined_via": "counter", "status": "active"}
    assert wanted.items() <= member.items()
    assert await _joined(database) == [str(FIRST), str(FIRST + 1), str(FIRST + 3)]
    assert (await post(api, "/v1/members", {"name": "n"}))["id"] == 1


async def test_who_has_something_here_stays_on_record_when_the_enrolment_is_taken_back(
    api: RunningApi,
) -> None:
    position = await _apply(api.runtime.database, 0, _enrolment(1, FIRST), _enrolment(2, FIRST + 1))
    card = {"kind": "passport", "value": "A1"}
    await post(api, f"/v1/members/{FIRST}/identities", card)
    await _apply(
        api.runtime.database,
        position,
        _enrolment(3, FIRST, "3", mti="0400", reverses=f"{1:012d}"),
        _enrolment(4, FIRST + 1, "3", mti="0400", reverses=f"{2:012d}"),
    )
    member = await get(api, f"/v1/members/{FIRST}")
    assert (member["status"], await _ids(api.runtime.database)) == ("blocked", [FIRST])
