"""What a cancelled task leaves behind in the connection pool, and in the task itself."""

import asyncio
import random

import pytest
from sqlalchemy import event, text

from host_api.core.backoff import Backoff
from host_api.core.database import Database
from host_api.core.settings import Settings
from tools.bench.postgresql_server import PostgresqlServer

pytestmark = pytest.mark.anyio


async def test_connection_given_back_in_mid_query_is_not_used_again(
    postgresql_server: PostgresqlServer,
) -> None:
    with postgresql_server.new_database() as url:
        database = Database(Settings(database_url=url).sqlalchemy_url)
        pool = database.engine.sync_engine.pool

        def leave_busy(connection: object, record: object) -> None:
            connection.driver_connection.pgconn.send_query(b"SELECT pg_sleep(600)")  # type: ignore[attr-defined]

        event.listen(pool, "checkin", leave_busy, insert=True)
        async with database.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
            await connection.rollback()
        event.remove(pool, "checkin", leave_busy)
        for _ in range(3):
            async with database.reading() as session:
                assert await session.scalar(text("SELECT 1")) == 1
        await database.dispose()


async def test_swallowed_cancellation_ends_the_task_at_the_next_wait() -> None:
    reached = asyncio.Event()

    async def swallow() -> None:
        try:
            reached.set()
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            pass
        await Backoff(first_s=3600, limit_s=3600).sleep()

    task = asyncio.create_task(swallow())
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 60)


async def test_cancelled_writers_leave_no_lock_and_no_connection(database: Database) -> None:
    async with database.writing() as session:
        await session.execute(text("CREATE TABLE marks (mark INTEGER)"))
    source = random.Random(3)
    cancelled: list[BaseException] = []  # their tracebacks hold the cursors
    for _ in range(40):
        own = Database(database.url)
        task = asyncio.create_task(_write_and_read(own))
        await asyncio.sleep(source.uniform(0, 0.03))
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as fault:
            await task
        cancelled.append(fault.value)
        await own.dispose()
        async with asyncio.timeout(60), database.writing() as session:
            await session.execute(text("INSERT INTO marks VALUES (2)"))
    assert len(cancelled) == 40


async def _write_and_read(database: Database) -> None:
    while True:
        async with database.writing() as session:
            for _ in range(3):
                inserted = await session.execute(text("INSERT INTO marks VALUES (1) RETURNING mark"))
                assert inserted.all() == [(1,)]
        async with database.reading() as session:
            await session.execute(text("SELECT mark FROM marks LIMIT 50"))
