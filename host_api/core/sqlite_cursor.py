"""SQLite statements in one step of the driver's thread, instead of four: cursor, statement, rows, close.

Each step is a hand-over between two threads of one interpreter and takes longer than most statements. Nor is
a cursor ever open between steps, so a cancelled task can't keep one, and with it the file's lock.
"""

import collections
import sqlite3
from collections.abc import Callable, Sequence
from typing import TypeAlias

from aiosqlite import Connection
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_cursor
from sqlalchemy.util.concurrency import await_

_Parameters: TypeAlias = Sequence[object] | dict[str, object]


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """Holds what statements came to; nothing of SQLite's is open in it."""

    __slots__ = ("_description", "_lastrowid", "_rowcount")

    def __init__(self, adapt_connection: AsyncAdapt_aiosqlite_connection) -> None:
        self._adapt_connection = adapt_connection
        self._rows = collections.deque()
        self._description: object = None
        self._rowcount = -1
        self._lastrowid: int | None = None

    @property
    def description(self) -> object:  # type: ignore[override]
        """Of the rows' columns."""
        return self._description

    @property
    def rowcount(self) -> int:
        """Rows that were changed."""
        return self._rowcount

    @property
    def lastrowid(self) -> int | None:  # type: ignore[override]
        """Of the row that was inserted last."""
        return self._lastrowid

    def execute(self, operation: str, parameters: _Parameters | None = None) -> None:  # type: ignore[override]
        """Run a statement and take all its rows."""
        self._run(lambda connection: connection.execute(operation, () if parameters is None else parameters))

    def executemany(self, operation: str, seq_of_parameters: Sequence[_Parameters]) -> None:  # type: ignore[override]
        """Run a statement without rows for each of many parameters."""
        self._run(lambda connection: connection.executemany(operation, seq_of_parameters))

    def close(self) -> None:
        """Forget the rows."""
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        return

    def _run(self, statement: Callable[[sqlite3.Connection], sqlite3.Cursor]) -> None:
        driver: Connection = self._adapt_connection.driver_connection

        def in_thread() -> None:
            cursor = statement(driver._conn)
            try:
                self._description, self._rowcount = cursor.description, cursor.rowcount
                self._lastrowid = cursor.lastrowid
                self._rows = collections.deque(cursor.fetchall() if cursor.description else ())
            finally:
                cursor.close()

        try:
            await_(driver._execute(in_thread))  # type: ignore[no-untyped-call]
        except Exception as fault:
            self._adapt_connection._handle_exception(fault)


class OneStepConnection(AsyncAdapt_aiosqlite_connection):
    """A connection of SQLAlchemy's aiosqlite dialect with such cursors."""

    __slots__ = ()

    _cursor_cls: type[AsyncAdapt_aiosqlite_cursor] = _Cursor
