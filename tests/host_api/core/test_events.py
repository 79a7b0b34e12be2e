"""Events: declared without personal data, written with the change, in an order that nothing overtakes."""

import asyncio
from datetime import timedelta

import pytest
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select

from host_api.core.clock import utc_now
from host_api.core.database import Database, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.events.event_type import EventCatalogue, EventType
from host_api.core.events.models import Event
from host_api.core.events.publication import programmes_with_unpublished, publish
from host_api.core.events.retention import forget_events
from host_api.core.programmes import FIRST_PROGRAMME, Programme
from host_api.services.catalogue import EVENT_TYPES
from host_api.services.members.events import MEMBER_JOINED, MemberJoined
from host_api.services.merchants.events import MERCHANT_REGISTERED

pytestmark = pytest.mark.anyio


class _Coded(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"code": "A1"}})

    code: str = Field(pattern="^[A-Z0-9]+$")


class _Named(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"names": ["Sara"]}})

    names: list[str] | None


class _WithoutExample(BaseModel):
    number: int


class _WrongExample(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"number": "x"}})

    number: int


def _emit(session: WriteSession, number: int) -> Event:
    payload = MemberJoined(member_id=number, tier="gold")
    return emit(session, MEMBER_JOINED, Subject("member", number), payload)


async def _numbered(database: Database, programme_id: int = FIRST_PROGRAMME) -> list[tuple[int, str]]:
    async with database.reading(programme_id) as session:
        rows = await session.execute(select(Event.sequence, Event.subject_id).order_by(Event.sequence))
        return [(sequence, subject_id) for sequence, subject_id in rows]


async def _publish(database: Database, limit: int = 100, programme_id: int = FIRST_PROGRAMME) -> int:
    async with database.writing(programme_id) as session:
        return len(await publish(session, limit))


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("Member.joined", _Coded),
        ("member", _Coded),
        ("member.joined.twice", _Coded),
        ("member.joined", _Named),
        ("member.joined", _WithoutExample),
        ("member.joined", _WrongExample),
    ],
    ids=["capital", "one part", "three parts", "free text", "no example", "wrong example"],
)
def test_a_type_that_could_do_harm_is_not_declared(name: str, payload: type[BaseModel]) -> None:
    with pytest.raises(ValueError, match=r"is no name|has no example|has free text|validation error"):
        EventType(name, payload, "t", "ت")


def test_a_name_and_version_stands_once_in_the_catalogue() -> None:
    first, other = EventType("a_b.done", _Coded, "t", "ت"), EventType("a_b.done", _Coded, "t", "ت", 2)
    assert [kind.version for kind in EventCatalogue([other, first])] == [1, 2]
    with pytest.raises(ValueError, match="same name"):
        EventCatalogue([first, first])


def test_the_catalogue_has_what_the_services_tell() -> None:
    assert EVENT_TYPES.names >= {
        "member.joined",
        "card.issued",
        "merchant.registered",
        "branch.opened",
        "terminal.registered",
        "transaction.recorded",
    }
    assert all(kind.title and kind.title_fa and kind.example for kind in EVENT_TYPES)


def test_a_kind_of_subject_has_room_on_every_database() -> None:
    Subject("k" * 16, 1)
    with pytest.raises(ValueError, match="16 characters"):
        Subject("k" * 17, 1)


async def test_an_event_is_there_with_its_change_or_not_at_all(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.writing(FIRST_PROGRAMME) as session:
            _emit(session, 1)
            await session.flush()
            raise ZeroDivisionError
    async with database.writing(FIRST_PROGRAMME) as session:
        with pytest.raises(TypeError):
            emit(session, MERCHANT_REGISTERED, Subject("member", 1), _Coded(code="A"))  # type: ignore[misc]
    assert await _numbered(database) == []


async def test_published_events_count_up_by_one_in_each_programme(database: Database) -> None:
    async with database.writing() as session:
        session.add(Programme(id=2, code="b", name="b", mode="live", status="active", created_at=utc_now()))
    for number in range(5):
        for programme_id in (FIRST_PROGRAMME, 2):
            async with database.writing(programme_id) as session:
                _emit(session, number + programme_id * 10)
    async with database.reading() as reading:
        assert await programmes_with_unpublished(reading) == [1, 2]
    assert [await _publish(database, 3), await _publish(database, 3), await _publish(database, 3)] == [
        3,
        2,
        0,
    ]
    async with database.reading() as reading:
        assert await programmes_with_unpublished(reading) == [2]
    assert await _publish(database, 10, 2) == 5
    assert await _numbered(database) == [(number + 1, str(number + 10)) for number in range(5)]
    assert await _numbered(database, 2) == [(number + 1, str(number + 20)) for number in range(5)]


async def test_publishers_at_once_number_everything_once(database: Database) -> None:
    async with database.writing(FIRST_PROGRAMME) as session:
        for number in range(40):
            _emit(session, number)
    assert sum(await asyncio.gather(*(_publish(database, 7) for _ in range(8)))) == 40
    assert await _numbered(database) == [(number + 1, str(number)) for number in range(40)]


async def test_old_events_are_forgotten_unless_needed(database: Database) -> None:
    async with database.writing(FIRST_PROGRAMME) as session:
        for number in range(6):
            event = _emit(session, number)
            event.at = utc_now() - timedelta(days=10 - number)
    await _publish(database, 5)
    before = utc_now() - timedelta(days=6, hours=12)

    async def needs_the_second(_session: WriteSession, ids: object) -> set[int]:
        return {2}

    async with database.writing(FIRST_PROGRAMME) as session:
        assert await forget_events(session, before, 100, needs_the_second) == 3
    async with database.reading(FIRST_PROGRAMME) as reading:
        assert list(await reading.scalars(select(Event.subject_id).order_by(Event.id))) == ["1", "4", "5"]
        assert await reading.scalar(select(func.max(Event.sequence))) == 5
