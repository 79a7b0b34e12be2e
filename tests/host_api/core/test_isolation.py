"""Programmes don't see, count or change each other's rows, however the query is written."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import delete, exists, false, func, select, text, union_all, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import aliased

from host_api.core.access.login_failures import LoginFailures
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, Database
from host_api.core.encryption.vault import ProgrammeKey
from host_api.core.isolation import ProgrammeMixed, ProgrammeUnknown
from host_api.core.programmes import FIRST_PROGRAMME, InProgramme, Programme
from host_api.core.tables import Base
from host_api.services.members.models import MemberNumber
from host_api.services.merchants.models import Branch, Merchant

pytestmark = pytest.mark.anyio

MINE, OTHER = FIRST_PROGRAMME, 2


@pytest.fixture
async def two(database: Database) -> Database:
    """Two programmes with a merchant and a branch of the same names."""
    async with database.writing() as session:
        session.add(
            Programme(
                id=OTHER, code="other", name="other", mode="sandbox", status="active", created_at=utc_now()
            )
        )
    for programme in (MINE, OTHER):
        async with database.writing(programme) as session:
            merchant = Merchant(merchant_id="SHOP01", name=f"of {programme}", created_at=utc_now())
            session.add(merchant)
            session.add(
                Branch(merchant=merchant, branch_number=1, name="one", city=None, created_at=utc_now())
            )
    return database


async def _listed(session: AnySession) -> object:
    return list(await session.scalars(select(Merchant.name)))


async def _joined(session: AnySession) -> object:
    return list(await session.scalars(select(Merchant.name).join(Branch, Branch.name == "one").distinct()))


async def _aliased(session: AnySession) -> object:
    other = aliased(Merchant)
    return list(await session.scalars(select(other.name)))


async def _in_subquery(session: AnySession) -> object:
    names = select(Merchant.name).subquery()
    return list(await session.scalars(select(names.c.name)))


async def _in_union(session: AnySession) -> object:
    return list(await session.scalars(union_all(select(Merchant.name), select(Merchant.name).where(false()))))


@pytest.mark.parametrize(
    "read", [_listed, _joined, _aliased, _in_subquery, _in_union], ids=lambda f: f.__name__
)
async def test_reading_finds_own_rows_only(
    two: Database, read: Callable[[AnySession], Awaitable[object]]
) -> None:
    async with two.reading(MINE) as session:
        assert await read(session) == ["of 1"]
    async with two.reading(OTHER) as session:
        assert await read(session) == ["of 2"]


async def test_counting_counts_own_rows_only(two: Database) -> None:
    async with two.reading(MINE) as session:
        assert await session.scalar(select(func.count()).select_from(Merchant)) == 1
        assert await session.scalar(select(func.max(Merchant.id))) == 1
        assert not await session.scalar(select(exists().where(Merchant.name == "of 2")))
        nested = select(func.count(Merchant.id)).scalar_subquery()
        assert await session.scalar(select(nested)) == 1
        programmes = select(Merchant.programme_id)
        assert list(await session.scalars(select(Programme.id).where(Programme.id.in_(programmes)))) == [1]


async def test_a_row_of_another_programme_is_not_there(two: Database) -> None:
    async with two.writing(OTHER) as session:
        assert await session.get(Merchant, 1) is None
        assert await session.get(Merchant, 1, with_for_update=True) is None


async def test_changing_many_changes_own_rows_only(two: Database) -> None:
    async with two.writing(MINE) as session:
        changed = await session.execute(update(Merchant).values(name="mine"))
        assert isinstance(changed, CursorResult) and changed.rowcount == 1
        await session.execute(delete(Branch))
    async with two.reading(OTHER) as session:
        assert await _listed(session) == ["of 2"]
        assert await session.scalar(select(func.count(Branch.id))) == 1


async def test_a_row_can_not_be_put_into_another_programme(two: Database) -> None:
    with pytest.raises(ProgrammeMixed):
        async with two.writing(MINE) as session:
            session.add(Merchant(programme_id=OTHER, merchant_id="X", name="x", created_at=utc_now()))
    with pytest.raises(ProgrammeMixed):
        async with two.writing(MINE) as session:
            row = await session.get(Merchant, 1)
            assert row is not None
            row.programme_id = OTHER
    async with two.reading(OTHER) as session:
        assert await _listed(session) == ["of 2"]


async def test_a_session_of_no_programme_sees_and_writes_nothing(two: Database) -> None:
    async with two.reading() as session:
        with pytest.raises(ProgrammeUnknown):
            await _listed(session)
        assert not await session.scalar(select(exists().where(Merchant.name == "of 1")))
    with pytest.raises(ProgrammeUnknown):
        async with two.writing() as session:
            session.add(Merchant(merchant_id="X", name="x", created_at=utc_now()))


async def test_the_schema_holds_what_the_session_promises(two: Database) -> None:
    classes = [mapper.class_ for mapper in Base.registry.mappers]
    assert {kind for kind in classes if not issubclass(kind, InProgramme)} == {
        Programme,
        ProgrammeKey,
        LoginFailures,
        MemberNumber,
    }
    async with two.reading() as session:
        for table in Base.metadata.tables.values():
            if table.name not in {
                Programme.__tablename__,
                LoginFailures.__tablename__,
                MemberNumber.__tablename__,
            }:
                missing = await session.scalar(
                    text(f"SELECT COUNT(*) FROM {table.name} WHERE programme_id IS NULL")
                )
                assert missing == 0
                assert {key.column.table.name for key in table.c.programme_id.foreign_keys} >= {"programmes"}
