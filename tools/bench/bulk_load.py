"""Rows by the million into a new database of the host API, as each kind of database takes them fastest.

Until the load is closed nothing is durable and no reference is checked; indexes are made when all rows are
there. Memory stays bounded by `_CACHE_KB`, whatever the number of rows.
"""

import os
import sqlite3
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import URL, Dialect, Index, Table
from sqlalchemy.dialects.postgresql import dialect as postgresql_dialect
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.schema import CreateIndex, DropIndex

Tell = Callable[[str], None]
Row = Sequence[object]

_CACHE_KB = 512 * 1024
_SERIES_AT_ONCE = 500_000
_TELL_EVERY_S = 5.0
_TEHRAN_MS = 12_600_000  # UTC+3:30


class BulkLoad(ABC):
    """A connection that loads.

    Parameters:
        tell: takes a line about how far it has come, now and then.
    """

    dialect: Dialect

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._told_s = time.monotonic()

    @abstractmethod
    def execute(self, statement: str) -> None:
        """Run a statement."""

    @abstractmethod
    def put(self, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Insert rows that were made here."""

    @abstractmethod
    def series(self, first: int, last: int) -> str:
        """What to select `n` from `first` to `last` from."""

    @abstractmethod
    def day(self, ms: str) -> str:
        """The calendar day in Tehran of epoch milliseconds, both expressions of SQL."""

    @abstractmethod
    def instant(self, ms: str) -> str:
        """The same, as instants are kept."""

    @abstractmethod
    def count_on(self, table: str, last: int) -> None:
        """Have the next id of a table be the one behind `last`."""

    @abstractmethod
    def close(self) -> None:
        """Make all of it durable, and ready for queries."""

    def drop_indexes(self, tables: Sequence[Table]) -> None:
        """Drop what `make_indexes` makes again."""
        for table in tables:
            for index in self._indexes(table):
                self.execute(str(DropIndex(index).compile(dialect=self.dialect)))

    def make_indexes(self, tables: Sequence[Table]) -> None:
        """Make the tables' indexes, those of unique constraints excepted, which were there all the time."""
        for table in tables:
            for index in self._indexes(table):
                self.tell(f"index {index.name}")
                self.execute(str(CreateIndex(index).compile(dialect=self.dialect)))

    def _indexes(self, table: Table) -> list[Index]:
        here = {None, self.dialect.name}
        of_this_database = [index for index in table.indexes if index.info.get("dialect") in here]
        return sorted(of_this_database, key=lambda index: index.name or "")

    def put_series(self, table: str, columns: dict[str, str], first: int, last: int, where: str = "") -> None:
        """Insert a row for each `n`; expressions of SQL by column."""
        for begin in range(first, last + 1, _SERIES_AT_ONCE):
            end = min(begin + _SERIES_AT_ONCE - 1, last)
            self.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) "  # noqa: S608  (all of it is ours)
                f"SELECT {', '.join(columns.values())} FROM {self.series(begin, end)} {where}"
            )
            self.tell(f"{end - first + 1:,} of {last - first + 1:,} for {table}")

    def tell(self, line: str) -> None:
        """Tell how far it has come, unless that was told a moment ago."""
        now_s = time.monotonic()
        if now_s - self._told_s >= _TELL_EVERY_S:
            self._told_s = now_s
            self._tell(line)


class _SqliteLoad(BulkLoad):
    dialect = sqlite_dialect()

    def __init__(self, path: Path, tell: Tell) -> None:
        super().__init__(tell)
        # Where sorting spills to: the disk that the file is on.
        os.environ.setdefault("SQLITE_TMPDIR", str(path.parent))
        self._connection = sqlite3.connect(path, isolation_level=None)
        # Without a log, or each page would be written twice.
        for setting in (
            "journal_mode = OFF",
            "synchronous = OFF",
            f"cache_size = -{_CACHE_KB}",
            "foreign_keys = OFF",
        ):
            self.execute(f"PRAGMA {setting}")

    def execute(self, statement: str) -> None:
        self._connection.execute(statement)

    def put(self, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
        kept = [
            table.c[name].type.dialect_impl(self.dialect).bind_processor(self.dialect) for name in columns
        ]
        places = ", ".join("?" * len(columns))
        self.execute("BEGIN")
        self._connection.executemany(
            f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({places})",  # noqa: S608
            (
                [
                    value if process is None else process(value)
                    for process, value in zip(kept, row, strict=True)
                ]
                for row in rows
            ),
        )
        self.execute("COMMIT")

    def series(self, first: int, last: int) -> str:
        return (
            f"(WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s "  # noqa: S608
            f"WHERE n < {last}) SELECT n FROM s)"
        )

    def day(self, ms: str) -> str:
        return f"date(({ms} + {_TEHRAN_MS}) / 1000, 'unixepoch')"

    def instant(self, ms: str) -> str:
        return f"strftime('%Y-%m-%d %H:%M:%f000', ({ms}) / 1000.0, 'unixepoch')"

    def count_on(self, table: str, last: int) -> None:
        self.execute(f"DELETE FROM sqlite_sequence WHERE name = '{table}'")  # noqa: S608
        self.execute(f"INSERT INTO sqlite_sequence (name, seq) VALUES ('{table}', {last})")  # noqa: S608

    def close(self) -> None:
        self.execute("PRAGMA journal_mode = WAL")
        self._connection.close()
        os.sync()


class _PostgresqlLoad(BulkLoad):
    dialect = postgresql_dialect()  # type: ignore[no-untyped-call]

    def __init__(self, url: URL, tell: Tell) -> None:
        super().__init__(tell)
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection = psycopg.connect(address, autocommit=True)
        for setting in (
            "timezone = 'UTC'",
            "synchronous_commit = off",
            "session_replication_role = replica",  # references aren't checked
            f"maintenance_work_mem = '{_CACHE_KB}kB'",
            "work_mem = '128MB'",
        ):
            self.execute(f"SET {setting}")

    def execute(self, statement: str) -> None:
        self._connection.execute(statement.encode())

    def put(self, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
        statement = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN"
        with self._connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            for row in rows:
                copy.write_row(row)

    def series(self, first: int, last: int) -> str:
        return f"generate_series({first}::bigint, {last}) AS s(n)"

    def day(self, ms: str) -> str:
        return f"(to_timestamp(({ms} + {_TEHRAN_MS}) / 1000.0) AT TIME ZONE 'UTC')::date"

    def instant(self, ms: str) -> str:
        return f"to_timestamp(({ms}) / 1000.0)"

    def count_on(self, table: str, last: int) -> None:
        self.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last})")

    def close(self) -> None:
        # As autovacuum leaves it; else it would begin while the server is measured.
        self._tell("vacuum")
        self.execute("VACUUM (ANALYZE)")
        self.execute("CHECKPOINT")
        self._connection.close()


@contextmanager
def bulk_load(url: URL, tell: Tell) -> Iterator[BulkLoad]:
    """Load into the database at `url`, which nobody else uses; of a load that fails nothing is of use."""
    if url.get_backend_name() == "sqlite":
        load: BulkLoad = _SqliteLoad(Path(url.database or ""), tell)
    else:
        load = _PostgresqlLoad(url, tell)
    yield load
    load.close()
