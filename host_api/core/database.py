"""Engines and session types: SQLite embedded by default, PostgreSQL by URL.

Reading and writing have different session types. A read session can't write, by the database's own means
(`PRAGMA query_only`, `READ ONLY` transactions), so a list endpoint can't change anything by mistake.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL, event, text
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import ConnectionPoolEntry

from host_api.core.compiled_statements import KEPT_STATEMENTS, SHARING_DRIVER, SQLITE_STATEMENTS
from host_api.core.isolation import IsolatedSession, work_for
from host_api.core.locked_rows import read_locked_rows_anew
from host_api.core.sqlite_cursor import OneStepConnection
from host_api.core.waking import Worker, wake

_SQLITE_READERS = 8
_POSTGRESQL_CONNECTIONS = 16
_POOL_TIMEOUT_S = 10
_BUSY_TIMEOUT_MS = 10_000
# So many rows of each index are looked at: some tenths of a second, however large the tables are.
_SQLITE_ANALYSED_ROWS = 1_000
# What is known of a small table would be wrong when it has grown at once.
_SMALL_TABLE_ROWS = 10_000
_CONNECT_TIMEOUT_S = 5
_LOG_TIMEOUT_S = 5
_IDLE = 0  # PQTRANS_IDLE of libpq


read_locked_rows_anew(IsolatedSession)


class ReadSession(AsyncSession):
    """A session whose transaction the database itself keeps from writing."""

    sync_session_class = IsolatedSession


class WriteSession(AsyncSession):
    """A session that may write; whoever opened it commits, never a service."""

    sync_session_class = IsolatedSession


AnySession = ReadSession | WriteSession


class _SqliteConnection(Protocol):
    isolation_level: str | None

    def rollback(self) -> None: ...

    def close(self) -> None: ...

    def cursor(self) -> "_SqliteCursor": ...


class _SqliteCursor(Protocol):
    def execute(self, statement: str) -> object: ...

    def close(self) -> None: ...


class _PostgresqlInfo(Protocol):
    @property
    def transaction_status(self) -> int: ...


class _PostgresqlDriverConnection(Protocol):
    @property
    def info(self) -> _PostgresqlInfo: ...


class _PostgresqlConnection(Protocol):
    @property
    def driver_connection(self) -> _PostgresqlDriverConnection: ...


class Database:
    """The engines and session factories of one database.

    Parameters:
        url: a URL with an asynchronous driver, as `Settings.sqlalchemy_url` gives it.

    Attributes:
        wakers: of the workers in this process, called with the programme after a commit that made
            work for them.
    """

    def __init__(self, url: URL) -> None:
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self._statistics = 0
        if self.is_sqlite:
            # One writing connection: writers queue fairly here instead of polling the file's lock.
            self._write_engine = _sqlite_engine(url, begin="BEGIN IMMEDIATE", query_only=False, connections=1)
            self._read_engine = _sqlite_engine(
                url, begin="BEGIN", query_only=True, connections=_SQLITE_READERS
            )
            self._renew_after_statistics()
        else:
            self._write_engine = _postgresql_engine(url)
            self._read_engine = self._write_engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        self.read_sessions = async_sessionmaker(self._read_engine, class_=ReadSession, expire_on_commit=False)
        self.write_sessions = async_sessionmaker(
            self._write_engine, class_=WriteSession, expire_on_commit=False
        )
        self.wakers: dict[Worker, list[Callable[[int], None]]] = {worker: [] for worker in Worker}

    @property
    def engine(self) -> AsyncEngine:
        """The engine that may write: for tests of the schema and of the pool."""
        return self._write_engine

    @property
    def description(self) -> str:
        """Kind and place of the database for a person, without user or password."""
        if self.is_sqlite:
            return f"SQLite file {self.url.database}"
        return f"PostgreSQL database {self.url.database} at {self.url.host or 'local socket'}"

    @asynccontextmanager
    async def reading(self, programme_id: int | None = None) -> AsyncIterator[ReadSession]:
        """A read session in one consistent snapshot, which sees one programme's rows, or those of none."""
        async with self.read_sessions() as session, session.begin():
            if programme_id is not None:
                work_for(session.sync_session, programme_id)
            yield session

    @asynccontextmanager
    async def writing(self, programme_id: int | None = None) -> AsyncIterator[WriteSession]:
        """A write session of one programme, or of none; committed at the end, rolled back on an exception."""
        async with self.write_sessions() as session, session.begin():
            if programme_id is not None:
                work_for(session.sync_session, programme_id)
            yield session
        wake(session, self.wakers)

    @asynccontextmanager
    async def migrating(self) -> AsyncIterator[AsyncConnection]:
        """A connection in a transaction that may make tables anew, which other tables refer to.

        SQLite would check references in the middle of that; here they are checked at the end.

        Raises:
            sqlalchemy.exc.IntegrityError: a reference leads nowhere; nothing was changed.
        """
        if not self.is_sqlite:
            async with self._write_engine.begin() as connection:
                yield connection
            return
        engine = _sqlite_engine(
            self.url, begin="BEGIN IMMEDIATE", query_only=False, connections=1, foreign_keys=False
        )
        try:
            async with engine.begin() as connection:
                yield connection
                broken = (await connection.execute(text("PRAGMA foreign_key_check"))).first()
                if broken is not None:
                    raise IntegrityError("PRAGMA foreign_key_check", None, ValueError(f"table {broken[0]}"))
        finally:
            await engine.dispose()

    async def truncate_log(self) -> bool:
        """Have SQLite's log give up the pages as they were before; whether it did. Elsewhere nothing is done.

        Readers of older snapshots keep it from that, and are waited for, for some seconds.
        """
        return not self.is_sqlite or await asyncio.to_thread(_truncate_log, self.url.database or "")

    async def gather_statistics(self) -> None:
        """Have the database learn how many rows there are of what, by which it chooses its ways to them.

        Without it SQLite takes the programme, with which most indexes begin, to be as telling as a mobile
        number, and reads whole tables by indexes that tell nothing. PostgreSQL does it by itself too, some
        time after many rows have changed.
        """
        if self.is_sqlite:
            await asyncio.to_thread(_gather_statistics, self.url.database or "")
            self._statistics += 1
        else:
            async with self._write_engine.begin() as connection:
                await connection.exec_driver_sql("ANALYZE")

    def _renew_after_statistics(self) -> None:
        """SQLite's connections read the statistics as they are opened: older ones are opened anew."""

        def on_connect(_connection: _SqliteConnection, record: ConnectionPoolEntry) -> None:
            record.info["statistics"] = self._statistics

        def on_checkin(_connection: _SqliteConnection | None, record: ConnectionPoolEntry) -> None:
            if record.info.get("statistics") != self._statistics:
                record.invalidate(soft=True)

        for engine in (self._read_engine, self._write_engine):
            event.listen(engine.sync_engine, "connect", on_connect)
            event.listen(engine.sync_engine, "checkin", on_checkin)

    async def is_reachable(self) -> bool:
        """Whether the database answers a trivial query."""
        try:
            async with self.reading() as session:
                await session.execute(text("SELECT 1"))
        except Exception:
            return False
        return True

    async def dispose(self) -> None:
        """Close all connections."""
        await self._write_engine.dispose()
        if self.is_sqlite:
            await self._read_engine.dispose()


@asynccontextmanager
async def conflict_as(problem: Exception) -> AsyncIterator[None]:
    """Raise `problem` where the database refuses a row that breaks a unique constraint.

    The database's own message names the offending value, which may be a card number; it is not passed on.
    """
    try:
        yield
    except IntegrityError:
        raise problem from None


def _truncate_log(path: str) -> bool:
    connection = sqlite3.connect(path, timeout=_LOG_TIMEOUT_S, isolation_level=None)
    try:
        is_busy: int = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        connection.close()
    return not is_busy


def _gather_statistics(path: str) -> None:
    connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_MS / 1000, isolation_level=None)
    try:
        connection.execute(f"PRAGMA analysis_limit = {_SQLITE_ANALYSED_ROWS}")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ANALYZE")
        # The first number of `stat` is the table's rows (SQLite, "The sqlite_stat1 table").
        connection.execute(
            "DELETE FROM sqlite_stat1 WHERE tbl IN (SELECT tbl FROM sqlite_stat1 "
            "GROUP BY tbl HAVING max(CAST(stat AS INTEGER)) < ?)",
            (_SMALL_TABLE_ROWS,),
        )
        connection.execute("COMMIT")
    finally:
        connection.close()


def _sqlite_engine(
    url: URL, *, begin: str, query_only: bool, connections: int, foreign_keys: bool = True
) -> AsyncEngine:
    if url.database is not None:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_async_engine(
        url.set(drivername=SHARING_DRIVER),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=_POOL_TIMEOUT_S,
        hide_parameters=True,
        execution_options={"compiled_cache": SQLITE_STATEMENTS},
    )

    def on_connect(connection: _SqliteConnection, _record: object) -> None:
        # The driver's own implicit BEGIN would start read transactions late and never cover DDL.
        connection.isolation_level = None
        try:
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
            cursor.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
            cursor.execute("PRAGMA synchronous = FULL")
            # What is erased is overwritten, not only forgotten.
            cursor.execute("PRAGMA secure_delete = ON")
            if query_only:
                cursor.execute("PRAGMA query_only = ON")
            cursor.close()
        except BaseException:  # a task may be cancelled here, and the pool has not taken the connection yet
            connection.close()
            raise

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    def on_invalidate(connection: _SqliteConnection | None, _record: object, _fault: object) -> None:
        # A closed connection keeps its transaction, and so the file's lock, for as long as anybody holds a
        # cursor of it: a cancelled task's traceback does.
        if connection is not None:
            connection.rollback()

    def do_connect(
        dialect: Dialect, _record: object, arguments: list[object], settings: dict[str, object]
    ) -> OneStepConnection:
        connection = dialect.connect(*arguments, **settings)
        return OneStepConnection(connection.dbapi, connection.driver_connection)

    event.listen(engine.sync_engine, "do_connect", do_connect)
    event.listen(engine.sync_engine, "connect", on_connect)
    event.listen(engine.sync_engine, "invalidate", on_invalidate)
    event.listen(engine.sync_engine, "begin", on_begin)
    return engine


def _postgresql_engine(url: URL) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=_POSTGRESQL_CONNECTIONS,
        max_overflow=0,
        pool_timeout=_POOL_TIMEOUT_S,
        pool_pre_ping=True,
        hide_parameters=True,
        query_cache_size=KEPT_STATEMENTS,
        # Asks for a type at each connect; a task cancelled there would leave the connection open.
        use_native_hstore=False,
        connect_args={
            "connect_timeout": _CONNECT_TIMEOUT_S,
            # Compiling a statement takes longer than ours run.
            "options": "-c timezone=UTC -c jit=off -c lock_timeout=10s "
            "-c idle_in_transaction_session_timeout=60s",
        },
    )

    def on_checkin(connection: _PostgresqlConnection | None, record: ConnectionPoolEntry) -> None:
        # A task cancelled in mid-query may give its connection back before the server has answered.
        if connection is not None and connection.driver_connection.info.transaction_status != _IDLE:
            record.invalidate()

    event.listen(engine.sync_engine, "checkin", on_checkin)
    return engine
