"""Whom members have introduced is found by an index, however many members there are."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects import sqlite

from host_api.core.database import Database
from host_api.core.tehran_time import UtcPeriod
from host_api.services.members.introductions import introduced_by_many

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]


async def test_introductions_are_found_by_their_index(database: Database) -> None:
    period = UtcPeriod(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    found = select(introduced_by_many(period, after=0, up_to=100))
    statement = found.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    narrowed = str(statement).replace("WHERE", "WHERE members.programme_id = 1 AND")
    async with database.reading() as session:
        plan = await session.execute(text(f"EXPLAIN QUERY PLAN {narrowed}"))
        steps = " ".join(str(row[3]) for row in plan)
    assert "ix_members_programme_id_introducer_id" in steps
