"""Engines, session types and column types: SQLite embedded by default, PostgreSQL by URL.

Reading and writing have different session types. A read session can't write, by the database's own means
(`PRAGMA query_only`, `READ ONLY` transactions), so a list endpoint can't change anything by mistake.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Protocol

from sqlalchemy import URL, BigInteger, DateTime, Integer, MetaData, event, text
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

_SQLITE_READERS = 8
_POSTGRESQL_CONNECTIONS = 16
_POOL_TIMEOUT_S = 10
_BUSY_TIMEOUT_MS = 10_000
_CONNECT_TIMEOUT_S = 5
_IDLE = 0  # PQTRANS_IDLE of libpq


class Base(DeclarativeBase):
    """All tables of the host API; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant on every database; SQLite, which keeps no offset, stores the UTC wall time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive instants, hand over UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without an offset can't be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware UTC instant."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite counts only a column declared INTEGER as its row id; PostgreSQL needs eight bytes said aloud.
IDENTIFIER_TYPE = BigInteger().with_variant(Integer(), "sqlite")

Identifier = Annotated[int, mapped_column(IDENTIFIER_TYPE, primary_key=True, autoincrement=True)]
Whole = Annotated[int, mapped_column(BigInteger)]
Instant = Annotated[datetime, mapped_column(UtcDateTime)]


class ReadSession(AsyncSession):
    """A session whose transaction the database itself keeps from writing."""


class WriteSession(AsyncSession):
    """A session that may write; whoever opened it commits, never a service."""


AnySession = ReadSession | WriteSession


class _SqliteConnection(Protocol):
    isolation_level: str | None

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
    """

    def __init__(self, url: URL) -> None:
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            # One writing connection: writers queue fairly here instead of polling the file's lock.
            self._write_engine = _sqlite_engine(url, begin="BEGIN IMMEDIATE", query_only=False, connections=1)
            self._read_engine = _sqlite_engine(
                url, begin="BEGIN", query_only=True, connections=_SQLITE_READERS
            )
        else:
            self._write_engine = _postgresql_engine(url)
            self._read_engine = self._write_engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        self.read_sessions = async_sessionmaker(self._read_engine, class_=ReadSession, expire_on_commit=False)
        self.write_sessions = async_sessionmaker(
            self._write_engine, class_=WriteSession, expire_on_commit=False
        )

    @property
    def engine(self) -> AsyncEngine:
        """The engine that may write: for migrations and tests of the schema."""
        return self._write_engine

    @property
    def description(self) -> str:
        """Kind and place of the database for a person, without user or password."""
        if self.is_sqlite:
            return f"SQLite file {self.url.database}"
        return f"PostgreSQL database {self.url.database} at {self.url.host or 'local socket'}"

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadSession]:
        """A read session in one consistent snapshot."""
        async with self.read_sessions() as session, session.begin():
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[WriteSession]:
        """A write session, committed at the end and rolled back on any exception."""
        async with self.write_sessions() as session, session.begin():
            yield session

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


def _sqlite_engine(url: URL, *, begin: str, query_only: bool, connections: int) -> AsyncEngine:
    if url.database is not None:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_async_engine(
        url, pool_size=connections, max_overflow=0, pool_timeout=_POOL_TIMEOUT_S, hide_parameters=True
    )

    def on_connect(connection: _SqliteConnection, _record: object) -> None:
        # The driver's own implicit BEGIN would start read transactions late and never cover DDL.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA synchronous = FULL")
        if query_only:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine.sync_engine, "connect", on_connect)
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
        connect_args={
            "connect_timeout": _CONNECT_TIMEOUT_S,
            "options": "-c timezone=UTC -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s",
        },
    )

    def on_checkin(connection: _PostgresqlConnection | None, record: ConnectionPoolEntry) -> None:
        # A task cancelled in mid-query may give its connection back before the server has answered.
        if connection is not None and connection.driver_connection.info.transaction_status != _IDLE:
            record.invalidate()

    event.listen(engine.sync_engine, "checkin", on_checkin)
    return engine
