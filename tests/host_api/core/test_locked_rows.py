"""What a session has read, and another has changed, is seen anew once it is locked."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.messages.models import WaitingText
from tools.bench.postgresql_server import PostgresqlServer

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings(
    prepared_postgresql: Settings, postgresql_server: PostgresqlServer, tmp_path: Path
) -> Iterator[Settings]:
    """PostgreSQL alone: SQLite has one writer, and nobody changes what it has read."""
    with postgresql_server.new_database(prepared_postgresql.sqlalchemy_url.database) as url:
        yield Settings(database_url=url, var_directory=tmp_path)


@pytest.mark.parametrize("is_by_key", [True, False])
async def test_a_locked_row_is_as_it_is_now(database: Database, is_by_key: bool) -> None:
    now = utc_now()
    async with database.writing(FIRST_PROGRAMME) as session:
        row = WaitingText(topic="t", reference="before", is_waiting=True, created_at=now, expires_at=now)
        session.add(row)
        await session.flush()
        row_id = row.id
    async with database.writing(FIRST_PROGRAMME) as session:
        held = await session.get_one(WaitingText, row_id)
        async with database.writing(FIRST_PROGRAMME) as other:
            (await other.get_one(WaitingText, row_id)).reference = "after"
        assert held.reference == "before"
        if is_by_key:
            await session.get(WaitingText, row_id, with_for_update=True)
        else:
            await session.scalars(select(WaitingText).with_for_update())
        assert held.reference == "after"
        # What the session has changed itself is written before it reads.
        held.reference = "own"
        await session.get(WaitingText, row_id, with_for_update=True)
        assert held.reference == "own"
