"""Where several write at once, ids are given out before commit, and the lower one may appear later."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from host_api.core.database import Database, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.events.models import Event
from host_api.core.events.publication import publish
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.members.events import MEMBER_JOINED, MemberJoined
from tools.bench.postgresql_server import PostgresqlServer

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings(
    prepared_postgresql: Settings, postgresql_server: PostgresqlServer, tmp_path: Path
) -> Iterator[Settings]:
    """PostgreSQL alone: SQLite has one writer, which commits before the next begins."""
    with postgresql_server.new_database(prepared_postgresql.sqlalchemy_url.database) as url:
        yield Settings(database_url=url, var_directory=tmp_path)


def _emit(session: WriteSession, number: int) -> None:
    payload = MemberJoined(member_id=number, tier="gold")
    emit(session, MEMBER_JOINED, Subject("member", number), payload)


async def _publish(database: Database) -> list[str]:
    async with database.writing(FIRST_PROGRAMME) as session:
        return [event.subject_id for event in await publish(session, 100)]


async def test_what_commits_late_gets_the_later_number(database: Database) -> None:
    async with database.writing(FIRST_PROGRAMME) as slow:
        _emit(slow, 1)
        await slow.flush()
        async with database.writing(FIRST_PROGRAMME) as quick:
            _emit(quick, 2)
        assert await _publish(database) == ["2"]
    assert await _publish(database) == ["1"]
    async with database.reading(FIRST_PROGRAMME) as session:
        rows = await session.execute(select(Event.sequence, Event.subject_id).order_by(Event.id))
        assert [tuple(row) for row in rows] == [(2, "1"), (1, "2")]
